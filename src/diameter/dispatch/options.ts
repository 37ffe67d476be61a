/** What the dispatcher is put together from. */
import type { Dictionary } from '../codec/dictionary';
import type { AnsweringNode } from '../codec/error-answer';
import type { OverloadControl } from '../overload/overload-control';
import type { IncomingRequest } from '../peer/contract';
import type { Logger } from '../../shared/logger';
import type { DispatchEvents } from '../../events/hss-events';
import type { Application } from './contract';
import type { DecisionOptions } from './decisions';
import type { DuplicateLimits } from './duplicates';
import type { LocalNode } from './routing';

/** Sees each request that its peer may send, before it is served. Must be quick and must not throw. */
export type RequestObserver = (request: IncomingRequest) => void;

export interface DispatcherOptions extends DecisionOptions {
  readonly node: LocalNode & AnsweringNode;
  readonly applications: readonly Application[];
  readonly dictionary: Dictionary;
  readonly logger: Logger;
  readonly events: DispatchEvents;
  readonly duplicates: DuplicateLimits;
  /** Diameter identities of this process besides that of the node. */
  readonly alsoOurHosts?: readonly string[];
  readonly observers?: readonly RequestObserver[];
  /** Requests in progress in all, those that wait included; above it DIAMETER_TOO_BUSY. */
  readonly maxInProgressCount: number;
  /**
   * Where requests wait, and what answers say of overload and load; without it nothing waits and nothing is
   * said.
   */
  readonly overload?: OverloadControl;
  /** What takes longer is answered DIAMETER_UNABLE_TO_COMPLY, whatever it waits for. */
  readonly maxServiceMs: number;
}
