/** What the HTTP API reports as it happens. */
import { Counter, type Registry } from 'prom-client';
import type { ApiEvents } from '../events/hss-events';

export class AdminMetrics implements ApiEvents {
  readonly #refused: Counter<'reason'>;

  constructor(registry: Registry) {
    this.#refused = new Counter({
      name: 'hss_api_refused_access_total',
      help: 'Requests to the HTTP API that were not let in: without a token, with a wrong one, or with the Host of another machine',
      labelNames: ['reason'],
      registers: [registry],
    });
    for (const reason of ['noToken', 'wrongToken', 'host']) this.#refused.inc({ reason }, 0);
  }

  apiAccessRefused(reason: string): void {
    this.#refused.inc({ reason });
  }
}
