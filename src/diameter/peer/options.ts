/**
 * Every bound and time of the peer layer, with its unit and default; and what a peer's configuration says.
 */
import { limits } from '../../shared/limits';
import type { TransportName } from '../../transport/port';
import type { PeerAuthority } from './authority';

export interface PeerOptions {
  /** Twinit of RFC 3539 3.4.1; below 6,000 ms only with `allowShortWatchdog`. */
  readonly watchdogTwinitMs: number;
  /** Largest random part added to or taken from Twinit; RFC 3539 says 2,000 ms. */
  readonly watchdogJitterMs: number;
  /** Lets tests use a Twinit below the RFC's floor of 6 s. */
  readonly allowShortWatchdog: boolean;
  /** All addresses of a peer together. */
  readonly connectTimeoutMs: number;
  /** From the connection to a whole CER, or from our CER to its CEA. */
  readonly capabilitiesTimeoutMs: number;
  /** From our DPR to the DPA; after a DPA of ours until the peer ends the connection. */
  readonly disconnectTimeoutMs: number;
  /**
   * The second connection of a peer waits so long for a DWA on its first, which ends without one; 0 refuses it
   * at once.
   */
  readonly takeoverTimeoutMs: number;
  /** What is queued may take this long to leave when we close. */
  readonly closeGraceMs: number;
  /** First pause before connecting again; doubled with each failure. */
  readonly reconnectInitialMs: number;
  /** Longest pause before connecting again (Tc of RFC 6733 2.1 recommends 30 s). */
  readonly reconnectMaxMs: number;
  /** Random share of the pause that may be added, 0 to 1. */
  readonly reconnectJitterRatio: number;
  /** A connection open this long counts as a success, which sets the pause back to the first. */
  readonly reconnectStableMs: number;
  /** The pause after the peer's DPR with BUSY or DO_NOT_WANT_TO_TALK_TO_YOU (RFC 6733 5.4.3). */
  readonly reconnectUnwantedMs: number;
  /** Peers without configuration are accepted; otherwise their CER is answered with 3010. */
  readonly acceptUnknownPeers: boolean;
  /** Where a peer shows a certificate, it has to be for its Origin-Host. [6733-13.1] */
  readonly checkCertificateIdentity: boolean;
  /** Peers without configuration at the same time. */
  readonly maxUnknownPeers: number;
  /**
   * A peer without configuration that asked nothing for this long is told DO_NOT_WANT_TO_TALK_TO_YOU; 0
   * switches it off.
   */
  readonly unknownPeerIdleLimitMs: number;
  /** Incoming connections, whatever their state. */
  readonly maxConnections: number;
  /** Incoming connections whose CER has not come yet. */
  readonly maxHalfOpenConnections: number;
  readonly maxHalfOpenConnectionsPerAddress: number;
  /** Requests of one peer handed upwards and not yet answered; at the limit its reading is paused. */
  readonly maxRequestsInProgressPerPeer: number;
  /** Messages of one peer handled in one turn of the event loop. */
  readonly maxMessagesPerTurn: number;
  /** Requests of ours that wait for a peer's answer. */
  readonly maxPendingRequestsPerPeer: number;
  /** The longest message sent to a peer whose configuration does not say. */
  readonly maxMessageOctets: number;
}

export const defaultPeerOptions: PeerOptions = {
  watchdogTwinitMs: 30_000,
  watchdogJitterMs: 2_000,
  allowShortWatchdog: false,
  connectTimeoutMs: 10_000,
  capabilitiesTimeoutMs: 10_000,
  disconnectTimeoutMs: 5_000,
  takeoverTimeoutMs: 3_000,
  closeGraceMs: 1_000,
  reconnectInitialMs: 1_000,
  reconnectMaxMs: 30_000,
  reconnectJitterRatio: 0.2,
  reconnectStableMs: 10_000,
  reconnectUnwantedMs: 300_000,
  acceptUnknownPeers: false,
  checkCertificateIdentity: true,
  maxUnknownPeers: 256,
  unknownPeerIdleLimitMs: 0,
  maxConnections: 1_024,
  maxHalfOpenConnections: 128,
  maxHalfOpenConnectionsPerAddress: 16,
  maxRequestsInProgressPerPeer: 2_000,
  maxMessagesPerTurn: 512,
  maxPendingRequestsPerPeer: 1_000,
  maxMessageOctets: limits.sentMessageOctets.default,
};

const WATCHDOG_FLOOR_MS = 6_000;

/** Fills in the defaults. Throws a RangeError that names the option and what is allowed. [3539-3.4.1] */
export function resolvePeerOptions(given: Partial<PeerOptions>): PeerOptions {
  const options = { ...defaultPeerOptions, ...given };
  if (!options.allowShortWatchdog && options.watchdogTwinitMs < WATCHDOG_FLOOR_MS) {
    throw new RangeError(
      `watchdogTwinitMs is ${options.watchdogTwinitMs}, RFC 3539 3.4.1 allows ${WATCHDOG_FLOOR_MS} and more`,
    );
  }
  if (options.watchdogJitterMs < 0 || options.watchdogJitterMs >= options.watchdogTwinitMs) {
    throw new RangeError(
      `watchdogJitterMs is ${options.watchdogJitterMs}, allowed is 0 to less than watchdogTwinitMs`,
    );
  }
  for (const name of [
    'maxRequestsInProgressPerPeer',
    'maxMessagesPerTurn',
    'maxConnections',
    'reconnectInitialMs',
  ] as const) {
    if (!(options[name] >= 1)) throw new RangeError(`${name} is ${options[name]}, allowed is 1 and more`);
  }
  return options;
}

/** A peer as configured. */
export interface PeerConfig {
  /** Its DiameterIdentity; case does not count. */
  readonly originHost: string;
  readonly originRealm: string;
  /** Where to connect to; may be empty when `connect` is false. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Whether we connect to it; it may always connect to us. */
  readonly connect: boolean;
  /** Whether its connections have to come from one of `addresses`, where there are any; not unless given. */
  readonly checkAddress?: boolean;
  /** Whether its connections have to show a certificate that is for its Origin-Host; not unless given. */
  readonly requireCertificate?: boolean;
  /** `tcp` unless given. */
  readonly transport?: TransportName;
  /** The longest message that it is sent; that of the options unless given. */
  readonly maxMessageOctets?: number;
  /** Addresses of ours to connect from; the system chooses where none is given. */
  readonly localAddresses?: readonly string[];
  /** What it may send and for whom; that of a CSCF that speaks for itself unless given. */
  readonly authority?: PeerAuthority;
}
