/**
 * Features negotiation of one request [29.229-7.2] [29.229-7.2.1]. Pure. The answer always carries our
 * complete list for the command pair and is built from the features that both sides support.
 *
 * Cases of 7.2.1: all of the request's features supported; no Supported-Features in the request; a feature
 * unsupported and the AVP's M bit set -> DIAMETER_ERROR_FEATURE_UNSUPPORTED with our lists; without the M bit
 * an unknown feature is ignored. Reading: a feature that we support in another command pair is supported, and
 * has no effect here. Peers send one list in all their requests, so a feature of another command is no error.
 */
import { offeredMask, type FeatureOffer } from './feature-lists';

/** Supported-Features as a request carries it, with the AVP's M bit where the codec kept it. */
export interface ReceivedFeatureList {
  readonly vendorId: number;
  readonly featureListId: number;
  readonly featureList: number;
  readonly mandatory: boolean;
}

export interface AnnouncedFeatureList {
  readonly vendorId: number;
  readonly featureListId: number;
  readonly featureList: number;
}

export interface Negotiation {
  /** Names of the features that both sides support for this command pair. */
  readonly common: ReadonlySet<string>;
  /** What the answer carries; empty where we support no feature of this command pair. */
  readonly announced: readonly AnnouncedFeatureList[];
  /** True -> DIAMETER_ERROR_FEATURE_UNSUPPORTED. */
  readonly unsupported: boolean;
}

const nothing: ReadonlySet<string> = new Set();

/** A negotiator for one command pair: what can be computed once is. */
export function createNegotiator(
  offer: FeatureOffer,
  command: string,
): (received: readonly ReceivedFeatureList[]) => Negotiation {
  const ours = offeredMask(offer, command);
  const supported = offeredMask(offer);
  const { vendorId, featureListId, features } = offer.table;
  const announced: readonly AnnouncedFeatureList[] =
    ours === 0 ? [] : [{ vendorId, featureListId, featureList: ours }];
  const silent: Negotiation = { common: nothing, announced, unsupported: false };
  const commonByMask = new Map<number, ReadonlySet<string>>();

  const namesOf = (mask: number): ReadonlySet<string> => {
    let names = commonByMask.get(mask);
    if (names === undefined) {
      names = new Set(
        features.filter((feature) => (mask & (1 << feature.bit)) !== 0).map((feature) => feature.name),
      );
      commonByMask.set(mask, names);
    }
    return names;
  };

  return (received) => {
    if (received.length === 0) return silent;
    let theirs = 0;
    let unsupported = false;
    for (const list of received) {
      const known = list.vendorId === vendorId && list.featureListId === featureListId;
      if (known) theirs |= list.featureList;
      const missing = known ? list.featureList & ~supported : list.featureList;
      if (list.mandatory && missing !== 0) unsupported = true;
    }
    return { common: namesOf((theirs & ours) >>> 0), announced, unsupported };
  };
}
