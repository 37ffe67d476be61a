/** One line for each request that a peer may not send, and few of them where a peer sends many. */
import type { PeerIdentity } from '../peer/contract';
import type { Clock } from '../../shared/clock';
import type { Logger } from '../../shared/logger';
import type { AuthorityFault } from './authority';
import { baseResultName } from './result-names';

const MAX_LINES_PER_SECOND = 10;

export interface UnauthorisedRequest {
  readonly peer: PeerIdentity;
  /** E.g. SAR. */
  readonly command: string;
  readonly originHost: string | undefined;
  readonly sessionId: string | undefined;
}

export class AuthorityLog {
  #second = -1;
  #lines = 0;
  #unsaid = 0;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  refused({ peer, command, originHost, sessionId }: UnauthorisedRequest, fault: AuthorityFault): void {
    const second = Math.floor(this.clock.monotonicMs() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > MAX_LINES_PER_SECOND) {
      this.#unsaid += 1;
      return;
    }
    const unsaid = this.#unsaid;
    this.#unsaid = 0;
    const result = baseResultName(fault.resultCode);
    this.logger.warn(
      {
        peer: peer.originHost,
        command,
        originHost,
        sessionId,
        result,
        reason: fault.reason,
        ...(unsaid === 0 ? {} : { withoutLine: unsaid }),
      },
      `${command} refused with ${result}: ${fault.message} (peers[].role)`,
    );
  }
}
