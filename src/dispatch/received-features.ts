/**
 * Supported-Features of a request with their M bits, which the negotiation depends on [29.229-7.2.1] and
 * typed objects do not keep.
 */
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_HEADER_OCTETS,
  HEADER_OCTETS,
  padded,
  readUnsigned24,
  readUnsigned32,
} from '../codec/header';
import type { DecodedMessage } from '../codec/types';
import type { ReceivedFeatureList } from '../features/negotiation';

interface WithSupportedFeatures {
  readonly supportedFeatures?: readonly {
    readonly vendorId: number;
    readonly featureListId: number;
    readonly featureList: number;
  }[];
}

const SUPPORTED_FEATURES = 628;
const VENDOR_3GPP = 10_415;
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

/**
 * The M bit of each Supported-Features AVP at the top level, in order; the message was decoded before, so
 * lengths are right.
 */
function mandatoryBits(bytes: Buffer): boolean[] {
  const bits: boolean[] = [];
  for (let offset = HEADER_OCTETS; offset + AVP_HEADER_OCTETS <= bytes.length;) {
    const flags = bytes[offset + 4] ?? 0;
    const isList =
      readUnsigned32(bytes, offset) === SUPPORTED_FEATURES &&
      (flags & AVP_FLAG_VENDOR) !== 0 &&
      readUnsigned32(bytes, offset + AVP_HEADER_OCTETS) === VENDOR_3GPP;
    if (isList) bits.push((flags & AVP_FLAG_MANDATORY) !== 0);
    offset += Math.max(padded(readUnsigned24(bytes, offset + 5)), AVP_HEADER_OCTETS);
  }
  return bits;
}
