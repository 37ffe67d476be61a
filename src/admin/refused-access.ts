/**
 * Requests that were not let in: counted each, and told in the log as a number with a few addresses, the first
 * at once and further ones no more often than every ten seconds. No token is ever looked at here.
 */
import type { Logger } from '../shared/logger';

export type RefusedAccess = 'noToken' | 'wrongToken' | 'host';

const LOG_MS = 10_000;
const MAX_ADDRESSES = 5;

export class RefusedAccesses {
  readonly #counts: Record<RefusedAccess, number> = { noToken: 0, wrongToken: 0, host: 0 };
  readonly #addresses = new Set<string>();
  #toldAtMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly logger: Logger,
    private readonly counted: (reason: RefusedAccess) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** `status`: 401 or 403, as it is answered. */
  note(status: number, authorization: string | undefined, address: string): void {
    const reason = status === 403 ? 'host' : authorization === undefined ? 'noToken' : 'wrongToken';
    this.counted(reason);
    this.#counts[reason] += 1;
    if (this.#addresses.size < MAX_ADDRESSES) this.#addresses.add(address);
    const waitMs = this.#toldAtMs + LOG_MS - this.nowMs();
    if (waitMs <= 0) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), waitMs).unref();
  }

  /** What is not told yet. */
  stop(): void {
    if (this.#timer !== null) this.#tell();
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#toldAtMs = this.nowMs();
    const { noToken, wrongToken, host } = this.#counts;
    this.logger.warn(
      { noToken, wrongToken, host, addresses: [...this.#addresses] },
      `${noToken + wrongToken + host} requests to the HTTP API were refused: ${wrongToken} with a wrong token, ${noToken} with none, ${host} with the name of another machine`,
    );
    this.#counts.noToken = this.#counts.wrongToken = this.#counts.host = 0;
    this.#addresses.clear();
  }
}
