/**
 * Which event of the peer machine a received message is. RFC 6733 clause 5.6.2. [6733-5.6]
 *
 * An answer of the base protocol counts even when it breaks its own format (Kamailio's DPA has no
 * Result-Code): what it says by its command code is enough. A CEA that refuses us is I-Rcv-Non-CEA.
 */
import type { CapabilitiesExchangeAnswer } from '../generated/base';
import type { DecodeResult, DiameterHeader } from '../codec/types';
import { admitsRealm, type Admission } from './admission';
import { evaluateCapabilities, type CapabilitiesAvps, type LocalNode } from './capabilities';
import { sameIdentity } from './diameter-identity';
import type { PeerConfig } from './options';
import type { PeerCapabilities } from './peer-machine';
import type { PeerEventName } from './peer-state';

export const COMMAND_CAPABILITIES_EXCHANGE = 257;
export const COMMAND_DEVICE_WATCHDOG = 280;
export const COMMAND_DISCONNECT_PEER = 282;

export function isPeerCommand(commandCode: number): boolean {
  return (
    commandCode === COMMAND_CAPABILITIES_EXCHANGE ||
    commandCode === COMMAND_DEVICE_WATCHDOG ||
    commandCode === COMMAND_DISCONNECT_PEER
  );
}

export function isCapabilitiesAnswer(header: DiameterHeader): boolean {
  return header.commandCode === COMMAND_CAPABILITIES_EXCHANGE && !header.request;
}

export function isWatchdogAnswer(header: DiameterHeader): boolean {
  return header.commandCode === COMMAND_DEVICE_WATCHDOG && !header.request;
}

/**
 * `role` is I for the connection that we initiated, R for the one that we respond on. CEA is `ceaEvent`'s
 * affair.
 */
export function messageEvent(role: 'I' | 'R', header: DiameterHeader): PeerEventName {
  switch (header.commandCode) {
    case COMMAND_CAPABILITIES_EXCHANGE:
      return header.request ? `${role}-Rcv-CER` : `${role}-Rcv-Message`;
    case COMMAND_DEVICE_WATCHDOG:
      return header.request ? `${role}-Rcv-DWR` : `${role}-Rcv-DWA`;
    case COMMAND_DISCONNECT_PEER:
      return header.request ? `${role}-Rcv-DPR` : `${role}-Rcv-DPA`;
    default:
      return `${role}-Rcv-Message`;
  }
}

export type CeaVerdict =
  | { readonly event: 'I-Rcv-CEA'; readonly capabilities: PeerCapabilities }
  | { readonly event: 'I-Rcv-Non-CEA'; readonly reason: string };

/**
 * [6733-5.3] Whether the answer to our CER opens the connection: 2xxx, from whom we expect, with an
 * application in common. `certificate` is the verdict on the one that the connection shows.
 */
export function ceaEvent(
  local: LocalNode,
  expectedOriginHost: string,
  config: PeerConfig | null,
  certificate: Admission,
  result: DecodeResult,
): CeaVerdict {
  if (!result.ok)
    return { event: 'I-Rcv-Non-CEA', reason: `its CEA cannot be read: ${result.failure.message}` };
  const cea = result.message.avps as CapabilitiesExchangeAnswer;
  if (result.message.header.error || cea.resultCode < 2000 || cea.resultCode > 2999) {
    const detail = cea.errorMessage === undefined ? '' : ` (${cea.errorMessage})`;
    return {
      event: 'I-Rcv-Non-CEA',
      reason: `it refuses the connection with Result-Code ${cea.resultCode}${detail}`,
    };
  }
  if (!sameIdentity(cea.originHost, expectedOriginHost)) {
    return {
      event: 'I-Rcv-Non-CEA',
      reason: `it calls itself ${cea.originHost}, configured is ${expectedOriginHost}`,
    };
  }
  if (certificate !== true) return { event: 'I-Rcv-Non-CEA', reason: certificate };
  const realm = config === null ? true : admitsRealm(config, cea.originRealm);
  if (realm !== true) return { event: 'I-Rcv-Non-CEA', reason: realm };
  const verdict = evaluateCapabilities(local, cea);
  if (!verdict.ok) return { event: 'I-Rcv-Non-CEA', reason: verdict.message };
  return { event: 'I-Rcv-CEA', capabilities: peerCapabilities(cea, verdict.applications) };
}

/** What is kept of a CER or CEA. */
export function peerCapabilities(avps: CapabilitiesAvps, applications: readonly number[]): PeerCapabilities {
  return {
    identity: { originHost: avps.originHost, originRealm: avps.originRealm },
    productName: avps.productName ?? '',
    originStateId: avps.originStateId,
    applications,
  };
}
