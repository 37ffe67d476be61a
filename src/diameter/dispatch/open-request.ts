/** A request that the dispatcher serves, and what it reads of every request. */
import type { IncomingRequest } from '../peer/contract';
import type { Decision } from './contract';
import type { Entry } from './duplicates';
import type { Route } from './routes';

/** What every request of an application carries, as far as it is needed here. */
export interface Addressed {
  readonly sessionId: string;
  readonly originHost: string;
  readonly originRealm: string;
  readonly destinationRealm?: string;
  readonly destinationHost?: string;
}

/** A request that is being served. */
export interface OpenRequest {
  readonly request: IncomingRequest;
  readonly route: Route;
  readonly entry: Entry;
  /** Since when it is worked on, in monotonic milliseconds. */
  sinceMs: number;
  /** Of its deadline. */
  place: number;
  /** Where its time went, in milliseconds. */
  queueMs: number;
  storeMs: number;
  /** The answer that was encoded last, and the decision that it is of: to be sent once that is committed. */
  encoded: Buffer | null;
  encodedFor: Decision<unknown> | null;
  /** Also true when its time was up; what is decided then is dropped. */
  answered: boolean;
}
