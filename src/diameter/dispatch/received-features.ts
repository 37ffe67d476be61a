/**
 * Supported-Features of a request with their M bits, which the negotiation depends on [29.229-7.2.1] and
 * typed objects do not keep.
 */
import { AvpCursor } from '../codec/avp-cursor';
import type { DecodedMessage } from '../codec/types';
import { VENDOR_3GPP } from '../generated/base';
import type { ReceivedFeatureList } from '../features/negotiation';

interface WithSupportedFeatures {
  readonly supportedFeatures?: readonly {
    readonly vendorId: number;
    readonly featureListId: number;
    readonly featureList: number;
  }[];
}

const SUPPORTED_FEATURES = 628;
const none: readonly ReceivedFeatureList[] = [];

export function receivedFeatures(message: DecodedMessage): readonly ReceivedFeatureList[] {
  const lists = (message.avps as WithSupportedFeatures).supportedFeatures;
  if (lists === undefined) return none;
  const mandatory = mandatoryBits(message.bytes);
  return lists.map((list, index) => ({
    vendorId: list.vendorId,
    featureListId: list.featureListId,
    featureList: list.featureList,
    mandatory: mandatory[index] ?? false,
  }));
}

/** The M bit of each Supported-Features AVP at the top level, in order. */
function mandatoryBits(bytes: Buffer): boolean[] {
  const bits: boolean[] = [];
  const avp = AvpCursor.ofMessage(bytes);
  while (avp.next()) if (avp.is(SUPPORTED_FEATURES, VENDOR_3GPP)) bits.push(avp.mandatory);
  return bits;
}
