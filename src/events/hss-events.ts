/**
 * What the HSS reports as it happens: the one list of all events. Metrics listen, and so does anything that
 * shows or records what goes on.
 *
 * A layer takes the group of its own events, or a `Pick` of it, so that it knows no listener. An event is a
 * method call with positional arguments: it is synchronous, and it allocates nothing. Names are unique over all
 * groups. The unit is in the name of an argument (`Ms`, `Count`, `octets`). No argument holds a secret.
 */
import type {
  AuthorityReason,
  BatchKind,
  Direction,
  PeerStateName,
  RefusalReason,
  WatchdogStateName,
} from './names';

/** What becomes of requests. `command` is an abbreviation such as UAR, `peer` an Origin-Host. */
export interface DispatchEvents {
  /**
   * `result` is a name such as DIAMETER_SUCCESS (RFC 6733 7.1). `queueMs` is the wait for a batch, `storeMs`
   * load and commit, `totalMs` the time from the last octet of the request to its answer.
   */
  requestAnswered(
    command: string,
    result: string,
    peer: string,
    queueMs: number,
    storeMs: number,
    totalMs: number,
  ): void;
  /** A retransmitted request gets the answer of the first one, at once or with it (RFC 6733 5.5.4). */
  duplicateAnswered(command: string, peer: string): void;
  /** The subscription had changed since it was loaded, so the decision is made again. */
  decisionRetried(command: string): void;
  /** A decision that is worth counting, such as sqnResynchronised; the application names it. */
  decisionNotable(what: string): void;
  /** A peer sent a request that it may not send, or in a name that it may not use. */
  requestUnauthorised(reason: AuthorityReason): void;
}

/**
 * What happens between this node and its peers. `peer` is the Origin-Host as configured or as first named, or
 * `unidentified` for a connection that names no admitted peer.
 */
export interface PeerEvents {
  /** RFC 6733 5.6. */
  peerStateChanged(peer: string, from: PeerStateName, to: PeerStateName): void;
  /** RFC 3539 3.4.1. */
  watchdogStateChanged(peer: string, from: WatchdogStateName, to: WatchdogStateName): void;
  /** A message came whole and readable, or was handed to the transport. */
  messageTransferred(peer: string, direction: Direction, abbreviation: string, octets: number): void;
  /** A message was not sent, because it is longer than the peer takes. */
  messageTooLong(peer: string, abbreviation: string, octets: number): void;
  /**
   * A message cannot be decoded. `kind` says what is wrong; `framing` means that the stream is lost (RFC 6733
   * 7.1.5).
   */
  messageUndecodable(peer: string, kind: string): void;
  /** A connection did not become a peer's; `remote` is `address:port` (RFC 6733 5.3). */
  connectionRefused(remote: string, reason: string): void;
}

/** Requests beyond what is served at once. `priority` is 0 (goes first) to 15 (RFC 7944 9.1). */
export interface OverloadEvents {
  /** A request waited, and has its turn now. */
  requestWaited(priority: number, waitMs: number): void;
  /** A request is answered with DIAMETER_TOO_BUSY. */
  requestShed(reason: RefusalReason, priority: number): void;
  /** An answer with an OC-OLR AVP left for that peer (RFC 7683 7.3). */
  overloadReported(peer: string): void;
}

/** How the database does. */
export interface StoreEvents {
  /** One round trip, which `requestCount` requests shared, is over; it may have failed. */
  storeRoundTrip(kind: BatchKind, requestCount: number, durationMs: number): void;
  /** Connections of that kind that are up, of how many, after each change. */
  storeConnectionsChanged(kind: BatchKind, readyCount: number, totalCount: number): void;
  /** Requests are refused, because the database cannot be reached or is too slow. */
  storeUnavailable(kind: BatchKind, requestCount: number): void;
  /** Subscriptions came from the cache, or had to come from the database. */
  subscriptionsRead(cachedCount: number, loadedCount: number): void;
}

/** Requests of our own. `kind` is what their application calls them, such as cx.RTR. */
export interface OutboxEvents {
  /** A request left; a repeated one counts again. */
  outgoingSent(kind: string): void;
  /** An attempt got no final answer and is made again. */
  outgoingPostponed(kind: string): void;
  /** The request is done with; the application names the outcome. */
  outgoingFinished(kind: string, outcome: string): void;
}

/** The subscription locator. */
export interface LocatorEvents {
  /** A lookup found an entry of the kind `outcome`, or is `unknown` or `failed`. */
  locatorSearched(outcome: string): void;
  /** What became of a request that was sent on; `failedOver` for each further server that is tried. */
  locatorForwarded(outcome: string): void;
}

/** The HTTP API. */
export interface ApiEvents {
  /** A request to the API was not let in: noToken, wrongToken, or host where it names another machine. */
  apiAccessRefused(reason: string): void;
}

export interface HssEvents
  extends DispatchEvents, PeerEvents, OverloadEvents, StoreEvents, OutboxEvents, LocatorEvents, ApiEvents {}
