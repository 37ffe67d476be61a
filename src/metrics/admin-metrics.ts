/** What the HTTP API reports as it happens. */
import { Counter, type Registry } from 'prom-client';

export class AdminMetrics {
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

  accessRefused(reason: 'noToken' | 'wrongToken' | 'host'): void {
    this.#refused.inc({ reason });
  }
}
