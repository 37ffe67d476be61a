/**
 * Listeners that throw. A fault is caught, so that it disturbs neither the other listeners nor the work that is
 * reported. Each is counted; the log has the first one of each listener and event, because a broken listener
 * fails with every message.
 */
import type { Logger } from '../shared/logger';

export class ListenerFaults {
  /** Since the start of the process. */
  count = 0;
  readonly #logged = new WeakMap<object, Set<string>>();

  constructor(private readonly logger: Logger) {}

  caught(listener: object, event: string, error: unknown): void {
    this.count += 1;
    const known = this.#logged.get(listener) ?? new Set();
    if (known.has(event)) return;
    this.#logged.set(listener, known.add(event));
    this.logger.error(
      { err: error, event },
      `A listener of ${event} failed; its further faults with this event are only counted`,
    );
  }
}
