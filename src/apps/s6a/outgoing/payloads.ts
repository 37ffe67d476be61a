/**
 * What the entries of the outbox for S6a and S6d say. An entry names the IMSI, the node and what is to be done;
 * what depends on the document is looked up when the request is sent.
 */
import type { EpsData } from '../../../subscriber/eps';
import type { OutboxEntry } from '../../../state/ports';
import type { NodeKind, ServingNode } from '../state/serving-nodes';

/** [29.272-7.3.24] */
export type CancellationTypeName =
  'MME_UPDATE_PROCEDURE' | 'SGSN_UPDATE_PROCEDURE' | 'SUBSCRIPTION_WITHDRAWAL' | 'INITIAL_ATTACH_PROCEDURE';

/** CLR [29.272-5.2.1.2]: independent of the document, which may be gone. */
export interface CancelLocationPayload {
  readonly imsi: string;
  readonly kind: NodeKind;
  readonly cancellationType: CancellationTypeName;
  /** CLR-Flags bit 1. */
  readonly isReattachRequired?: boolean;
}

/** A part of the EPS data that can change alone: a property, or the numbers of the USIM. */
export type EpsPart = keyof EpsData | 'msisdns';

/** IDR [29.272-5.2.2.1]. */
export interface InsertSubscriberDataPayload {
  readonly imsi: string;
  readonly kind: NodeKind;
  /** Parts that were added or changed; Subscription-Data is empty where there is none. */
  readonly changed: readonly EpsPart[];
  /** Context-Identifiers of APN configurations that were added or changed; all of them where absent. */
  readonly changedContexts?: readonly number[];
  /** IDR-Flags [29.272-7.3.103]. */
  readonly idrFlags?: number;
}

/** DSR [29.272-5.2.2.2]: what was there before is gone, so the entry has all of it. */
export interface DeleteSubscriberDataPayload {
  readonly imsi: string;
  readonly kind: NodeKind;
  /** DSR-Flags [29.272-7.3.25], all 32 bits. */
  readonly dsrFlags: number;
  readonly contextIdentifiers?: readonly number[];
  /** Hexadecimal digits. */
  readonly traceReference?: string;
  /** Hexadecimal digits, one octet each. */
  readonly tsCodes?: readonly string[];
  readonly ssCodes?: readonly string[];
  readonly externalIdentifiers?: readonly string[];
}

/** RSR [29.272-5.2.4.1]: to a node, about all of its subscribers or about some. */
export interface ResetPayload {
  /** Leading digits of IMSIs [29.272-7.3.50]; absent: everybody. */
  readonly userIds?: readonly string[];
  /** Hexadecimal digits [29.272-7.3.184]. */
  readonly resetIds?: readonly string[];
}

const entry = (
  kind: `s6a.${'CLR' | 'IDR' | 'DSR' | 'RSR'}`,
  { host, realm }: Pick<ServingNode, 'host' | 'realm'>,
  payload: object,
): OutboxEntry => ({
  kind,
  destinationHost: host,
  destinationRealm: realm,
  payload: payload as Readonly<Record<string, unknown>>,
});

type Destination = Pick<ServingNode, 'host' | 'realm'>;

export const cancelLocation = (to: Destination, payload: CancelLocationPayload): OutboxEntry =>
  entry('s6a.CLR', to, payload);

export const insertSubscriberData = (to: Destination, payload: InsertSubscriberDataPayload): OutboxEntry =>
  entry('s6a.IDR', to, payload);

/** To a node; about no subscription. */
export const reset = (to: Destination, payload: ResetPayload): OutboxEntry => entry('s6a.RSR', to, payload);

export const deleteSubscriberData = (to: Destination, payload: DeleteSubscriberDataPayload): OutboxEntry =>
  entry('s6a.DSR', to, payload);
