/**
 * What the Dx application needs. Clause 6.4 of TS 29.228, RFC 6733 clauses 2.8.2, 2.8.3, 6.1 and 6.2.
 */
import type { DecodeResult } from '../../diameter/codec/types';
import type { Dictionary } from '../../diameter/codec/dictionary';
import type { RedirectUsage, LocatorKind } from './locator/entry';
import type { LocatorLookup } from './locator/ports';
import type { DispatchEvents, LocatorEvents } from '../../events/hss-events';
import type { PeerIdentity, RequestSink, SendOutcome } from '../../diameter/peer/contract';
import type { Clock } from '../../shared/clock';
import type { Logger } from '../../shared/logger';

export interface LocatorSettings {
  /** redirect: the requester is told which HSS to ask; proxy: the request is sent there. */
  readonly mode: 'redirect' | 'proxy';
  /**
   * What a request about nobody's identity is answered with: DIAMETER_ERROR_USER_UNKNOWN or
   * DIAMETER_UNABLE_TO_DELIVER.
   */
  readonly unknownIdentity: 'userUnknown' | 'unableToDeliver';
  /** Redirect-Host-Usage and Redirect-Max-Cache-Time of entries that say none [6733-6.13] [6733-6.14]. */
  readonly usage: RedirectUsage;
  readonly maxCacheSeconds: number;
  /** Wait for the answer of each HSS that a request is sent to. */
  readonly answerTimeoutMs: number;
  readonly maxInProgressCount: number;
}

/** The locator as a Diameter node. */
export interface LocatorNode {
  readonly originHost: string;
  readonly originRealm: string;
  readonly servedRealms: readonly string[];
  /** Diameter identities of this process besides that of the locator. */
  readonly alsoOurHosts?: readonly string[];
}

/** The peers as next hops; src/diameter/peer's table is one. */
export interface NextHops {
  openPeer(originHost: string): PeerIdentity | null;
  send(request: Buffer, destinationHost: string, via: string | null, timeoutMs: number): Promise<SendOutcome>;
}

/** An HSS in the same process: what is for it is handed over and not sent. */
export interface LocalHss {
  readonly originHost: string;
  readonly originRealm: string;
  readonly sink: RequestSink;
}

/** Outcomes of `locatorSearched`. */
export type LookupOutcome = LocatorKind | 'unknown' | 'failed';
/**
 * Outcomes of `locatorForwarded`. answered: passed back; failedOver: tried with the next HSS; undeliverable:
 * answered with DIAMETER_UNABLE_TO_DELIVER; requesterGone: nobody to answer.
 */
export type ForwardOutcome = 'answered' | 'failedOver' | 'undeliverable' | 'requesterGone';

export interface LocatorAgentOptions {
  readonly node: LocatorNode;
  readonly settings: LocatorSettings;
  readonly locator: LocatorLookup;
  readonly hops: NextHops;
  readonly localHss: LocalHss | null;
  readonly dictionary: Dictionary;
  readonly decode: (bytes: Buffer) => DecodeResult;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: LocatorEvents & Pick<DispatchEvents, 'requestAnswered' | 'requestUnauthorised'>;
}
