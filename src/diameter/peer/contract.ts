/**
 * What the peer layer offers upwards (to the dispatcher, the outbox worker, the API and the metrics). Nothing
 * in here knows an application; RFC 6733 clauses 2.5 to 2.9 and 5.
 */
import type { DecodedMessage, DecodeFailure } from '../codec/types';
import type { PathReport } from '../../transport/port';
import type { PeerStateName, WatchdogStateName } from '../../events/names';
import type { PeerAuthority } from './authority';

export interface PeerIdentity {
  /** Origin-Host, as the peer wrote it. */
  readonly originHost: string;
  readonly originRealm: string;
  /** What it may send and for whom; absent for a CSCF that speaks for itself. */
  readonly authority?: PeerAuthority | undefined;
}

/** What is answered, once. */
export interface Answerable {
  /** The longest answer that the peer takes; a longer one never leaves, a short error goes in its place. */
  readonly maxAnswerOctets: number;
  /** Sends the encoded answer if the connection still exists; else drops it and says false. */
  answer(bytes: Buffer): boolean;
  /** Counts an answer of so many octets that whoever made it gives up, because the peer does not take it. */
  answerTooLong(octets: number): void;
}

/** A request from an open peer, decoded or refused; answer it exactly once. */
export interface IncomingRequest extends Answerable {
  readonly peer: PeerIdentity;
  /** Monotonic milliseconds when its last octet was read. */
  readonly receivedAtMs: number;
  readonly message: DecodedMessage;
}

export interface UndecodableRequest extends Answerable {
  readonly peer: PeerIdentity;
  readonly failure: DecodeFailure;
}

/** The encoded answer to a request that was refused as it came in. */
export interface EarlyRefusal {
  /** The abbreviation of the request, e.g. UAR. */
  readonly command: string;
  readonly answer: Buffer;
}

/** A message of an open peer as it came, not decoded. Who takes it calls `deliver` or `refuse`, once. */
export interface ArrivedMessage {
  readonly peer: PeerIdentity;
  readonly bytes: Buffer;
  /** Monotonic milliseconds. */
  readonly receivedAtMs: number;
  /** It is going to wait: until then it counts as in progress with its peer. */
  hold(): void;
  /**
   * Decodes it; what comes of that is in `onRequest` or `onUndecodable` before this returns. Nothing comes
   * where its connection is gone.
   */
  deliver(): void;
  refuse(refusal: EarlyRefusal): void;
}

/** Where messages wait, or are refused, before they cost the time to decode them. */
export interface Admission {
  /** Whether there is no place for a further request; only then is `admit` asked. */
  readonly isBusy: boolean;
  /** True: taken. False: to be decoded now, whatever it is. */
  admit(arrived: ArrivedMessage): boolean;
}

/** Where the peer layer delivers application requests. Must not throw. */
export interface RequestSink {
  /** Null where nothing waits. Whoever puts itself between the peers and a sink hands this on. */
  readonly admission: Admission | null;
  onRequest(request: IncomingRequest): void;
  onUndecodable(request: UndecodableRequest): void;
}

export type SendOutcome =
  | { readonly kind: 'answer'; readonly message: DecodedMessage }
  /** An answer came, but it does not follow its own Command Code Format. */
  | { readonly kind: 'undecodable'; readonly failure: DecodeFailure }
  | { readonly kind: 'timeout' }
  /** Longer than every peer takes that leads there; never sent. */
  | { readonly kind: 'tooLong'; readonly octets: number; readonly maxOctets: number }
  /** No open connection leads there, or the last one was lost before an answer and no other took over. */
  | { readonly kind: 'unroutable'; readonly detail: string };

export interface PeerSnapshot {
  readonly originHost: string;
  readonly originRealm: string;
  readonly state: PeerStateName;
  readonly watchdog: WatchdogStateName;
  readonly configured: boolean;
  readonly protocol: string;
  readonly remote: string;
  readonly productName: string;
  readonly applications: readonly number[];
  readonly connectedSinceMs: number | null;
  readonly pendingRequests: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
}

/** The paths of a peer's connection, where it has several. */
export interface PeerPaths {
  readonly peer: string;
  readonly report: PathReport;
}

export interface PeerTable {
  snapshot(): readonly PeerSnapshot[];
  /** Of connections that have several paths. */
  paths(): readonly PeerPaths[];
  /**
   * Sends an encoded request to `destinationHost` directly if it is an open peer, else through `via` (the
   * peer by which its last request came). The hop-by-hop identifier is assigned here. Fails over within RFC
   * 6733 5.5.4's rules (T bit set).
   */
  send(request: Buffer, destinationHost: string, via: string | null, timeoutMs: number): Promise<SendOutcome>;
  /** Tells every open peer (DPR with `cause`, RFC 6733 5.4.3), waits for the DPAs, closes. */
  shutdown(cause: 'REBOOTING' | 'BUSY' | 'DO_NOT_WANT_TO_TALK_TO_YOU', graceMs: number): Promise<void>;
}
