/**
 * The serving nodes module: which MME and which SGSN serve each IMSI of a subscription, and what they told of
 * the UE [29.272-5.2.1] [29.272-5.2.5]. One row for a subscription, an entry for each IMSI that was ever attached.
 * What nobody told is absent.
 */
import { subscriptionRows, rowChange, type SubscriptionRow } from '../../../state/subscription-rows';
import type { RowChange } from '../../../state/module';
import type { SubscriptionSnapshot } from '../../../state/ports';

/** A UE reaches a network by E-UTRAN through an MME, by UTRAN or GERAN through an SGSN. */
export type NodeKind = 'mme' | 'sgsn';

/** [29.272-7.3.107] */
export type HomogeneousImsVoice = 'supported' | 'notSupported';

/** A location or a state that a node reported, as AVPs with their headers in base64. */
export interface ReportedData {
  readonly atMs: number;
  /** EPS-Location-Information [29.272-7.3.111]: the whole AVP in base64. */
  readonly epsLocationInformation?: string;
  /** EPS-User-State [29.272-7.3.110]: the whole AVP in base64. */
  readonly epsUserState?: string;
  /** Local-Time-Zone [29.272-7.3.156]: the whole AVP in base64. */
  readonly localTimeZone?: string;
  /** [29.272-7.3.13] */
  readonly ratType?: number;
  /** [29.272-7.3.106]: 0 not supported, 1 supported. */
  readonly imsVoiceOverPsSessionsSupported?: number;
  /** Last-UE-Activity-Time [29.272-7.3.108], milliseconds since 1970. */
  readonly lastUeActivityMs?: number;
}

/** One MME or SGSN where an IMSI is registered. */
export interface ServingNode {
  /** Its Origin-Host, as received: the MME-Identity or SGSN-Identity. */
  readonly host: string;
  readonly realm: string;
  /** Visited-PLMN-Id as hexadecimal digits of its 3 octets [29.272-7.3.9]. */
  readonly visitedPlmnId: string;
  /** When it registered. */
  readonly sinceMs: number;
  /** ULR-Flags of its last ULR [29.272-7.3.7]. */
  readonly ulrFlags: number;
  /** RAT-Type of its last ULR [29.272-7.3.13]. */
  readonly ratType: number;
  /** Feature-List by Feature-List-ID [29.272-7.3.10], as the node announced them; null where it named none. */
  readonly features: { readonly 1: number; readonly 2: number } | null;
  /** "UE purged in MME" or "UE purged in SGSN" [29.272-5.2.1.3.3]. */
  readonly isPurged: boolean;
  /** MME-Number-for-MT-SMS or SGSN-Number as hexadecimal digits [29.272-7.3.159] [29.272-7.3.102]. */
  readonly number?: string;
  /** SGSN-Number that a combined node gave over S6a, as hexadecimal digits [29.272-7.3.102]. */
  readonly sgsnNumber?: string;
  /** The MME is registered for SMS, or "SMS in SGSN" is accepted [29.272-5.2.1.1.3]. */
  readonly isRegisteredForSms?: boolean;
  /** Coupled-Node-Diameter-ID [29.272-7.3.177]. */
  readonly coupledNode?: string;
  /** SGs-MME-Identity [29.272-7.3.175]. */
  readonly sgsMmeIdentity?: string;
  /** GMLC-Address [29.272-7.3.109], as text. */
  readonly gmlcAddress?: string;
  /** UE-SRVCC-Capability [29.272-7.3.130]: 0 not supported, 1 supported. */
  readonly ueSrvccCapability?: number;
  readonly homogeneousImsVoice?: HomogeneousImsVoice;
  /** The area of an SGSN is restricted by regional subscription [29.272-7.3.47]. */
  readonly isAreaRestricted?: boolean;
  /** URRP-MME or URRP-SGSN: somebody waits for the UE to be reachable [29.272-5.2.2.1.3]. */
  readonly isReachabilityAwaited?: boolean;
  /** PLMNs in Equivalent-PLMN-List, as visitedPlmnId [29.272-7.3.151]. */
  readonly equivalentPlmns?: readonly string[];
  /** PLMNs in Adjacent-PLMNs, as visitedPlmnId [29.272-7.3.186]. */
  readonly adjacentPlmns?: readonly string[];
  /** Which Subscription-Data it has: a hash of the last that it was sent; for "Skip Subscriber Data". */
  readonly sentDataHash?: string;
  /** Last location known of the UE: of a purge, or of an IDA. */
  readonly reported?: ReportedData;
}

/** Terminal-Information [29.272-7.3.3]. */
export interface Terminal {
  /** 14 digits; a 15th digit is dropped [29.272-5.2.1.1.3]. */
  readonly imei: string;
  /** 2 digits. */
  readonly softwareVersion?: string;
  readonly atMs: number;
}

/** A P-GW that is dynamically allocated to an APN [29.272-5.2.5.1.3]. */
export interface DynamicPdnGw {
  /** The APN in lower case; null for emergency PDN connections. */
  readonly apn: string | null;
  readonly contextIdentifier?: number;
  /** MIP-Home-Agent-Address, as texts [29.272-7.3.42]. */
  readonly addresses?: readonly string[];
  /** MIP-Home-Agent-Host [29.272-7.3.43]. */
  readonly host?: string;
  readonly realm?: string;
  /** Visited-Network-Identifier [29.272-7.3.105], as hexadecimal digits. */
  readonly visitedNetworkIdentifier?: string;
}

/** Everything of one IMSI. */
export interface ServingNodes {
  readonly imsi: string;
  readonly mme?: ServingNode;
  readonly sgsn?: ServingNode;
  readonly terminal?: Terminal;
  readonly pdnGws?: readonly DynamicPdnGw[];
}

/** By IMSI: those that are or were attached. */
export type ServingNodesByImsi = readonly ServingNodes[];

export const servingNodes = subscriptionRows<ServingNodesByImsi>({
  name: 'servingNodes',
  table: 'serving_nodes',
  columns: [{ name: 'nodes', type: 'jsons' }],
  parse: ([nodes]) => nodes as ServingNodesByImsi,
  format: (nodes) => [JSON.stringify(nodes)],
  isVouchedByHead: true,
});

type States = Pick<SubscriptionSnapshot, 'states'>;

const rowOf = ({ states }: States): SubscriptionRow<ServingNodesByImsi> =>
  states[servingNodes.name] as SubscriptionRow<ServingNodesByImsi>;

/** What is known of the IMSI; without nodes where it was never attached. */
export const servingNodesOf = (snapshot: States, imsi: string): ServingNodes =>
  rowOf(snapshot).row?.find((entry) => entry.imsi === imsi) ?? { imsi };

/** Of all IMSIs of the subscription that are or were attached. */
export const allServingNodes = (snapshot: States): ServingNodesByImsi => rowOf(snapshot).row ?? [];

/** The change that leaves these and nothing else. */
export const servingNodesRow = (
  key: number,
  snapshot: States,
  nodes: ServingNodesByImsi,
): RowChange<ServingNodesByImsi> => rowChange(servingNodes, key, rowOf(snapshot), nodes);

/**
 * The change that gives an IMSI these nodes. IMSIs that the subscription no longer has are dropped.
 */
export function servingNodesChange(
  snapshot: SubscriptionSnapshot,
  changed: ServingNodes,
): RowChange<ServingNodesByImsi> {
  const before = rowOf(snapshot);
  const imsis = new Set(snapshot.subscription.usims?.map(({ imsi }) => imsi));
  const others = (before.row ?? []).filter(({ imsi }) => imsi !== changed.imsi && imsis.has(imsi));
  return rowChange(servingNodes, snapshot.key, before, [...others, changed]);
}
