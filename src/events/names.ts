/** Codes and states that events carry and that more than one layer names. */

/** Why a peer may not send a request. */
export type AuthorityReason = 'ownIdentity' | 'originHost' | 'originRealm' | 'command';

/** RFC 6733 clause 5.6 states. */
export type PeerStateName =
  | 'Closed'
  | 'Wait-Conn-Ack'
  | 'Wait-I-CEA'
  | 'Wait-Conn-Ack/Elect'
  | 'Wait-Returns'
  | 'R-Open'
  | 'I-Open'
  | 'Closing';

/** RFC 3539 clause 3.4.1 states. */
export type WatchdogStateName = 'OKAY' | 'SUSPECT' | 'DOWN' | 'REOPEN' | 'INITIAL';

/** As seen from the HSS. */
export type Direction = 'in' | 'out';

/**
 * queueFull: no room, or the wait would be too long; queueTime: the request waited too long; pushedOut: the
 * request gave way to one of higher priority or of a peer with fewer.
 */
export type RefusalReason = 'queueFull' | 'queueTime' | 'pushedOut';

/** What a round trip to the database is for. */
export type BatchKind = 'load' | 'commit' | 'locator';
