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
/** Combinations of features whose names are kept, of one list and command. */
const MAX_KEPT_MASKS_COUNT = 1_024;

/** What is said of these offers: those with a feature of the command pair, or (without `command`) with any. */
export function announcedLists(
  offers: readonly FeatureOffer[],
  command?: string,
): readonly AnnouncedFeatureList[] {
  return offers.flatMap((offer) => {
    const { vendorId, featureListId } = offer.table;
    const featureList = offeredMask(offer, command);
    return featureList === 0 ? [] : [{ vendorId, featureListId, featureList }];
  });
}

/** One list of ours: what of it counts for the command pair. */
class OwnList {
  readonly ours: number;
  readonly supported: number;
  readonly #namesByMask = new Map<number, ReadonlySet<string>>();

  constructor(
    readonly offer: FeatureOffer,
    command: string,
  ) {
    this.ours = offeredMask(offer, command);
    this.supported = offeredMask(offer);
  }

  is({ vendorId, featureListId }: ReceivedFeatureList): boolean {
    return vendorId === this.offer.table.vendorId && featureListId === this.offer.table.featureListId;
  }

  common(theirs: number): ReadonlySet<string> {
    const mask = (theirs & this.ours) >>> 0;
    let names = this.#namesByMask.get(mask);
    if (names === undefined) {
      names = new Set(
        this.offer.table.features.filter(({ bit }) => (mask & (1 << bit)) !== 0).map(({ name }) => name),
      );
      // A peer chooses the masks.
      if (this.#namesByMask.size < MAX_KEPT_MASKS_COUNT) this.#namesByMask.set(mask, names);
    }
    return names;
  }
}

/** A negotiator for one command pair: what can be computed once is. */
export function createNegotiator(
  offers: readonly FeatureOffer[],
  command: string,
): (received: readonly ReceivedFeatureList[]) => Negotiation {
  const lists = offers.map((offer) => new OwnList(offer, command));
  const announced = announcedLists(offers, command);
  const silent: Negotiation = { common: nothing, announced, unsupported: false };

  return (received) => {
    if (received.length === 0) return silent;
    const theirs = new Map<OwnList, number>();
    let unsupported = false;
    for (const list of received) {
      const known = lists.find((own) => own.is(list));
      if (known !== undefined) theirs.set(known, (theirs.get(known) ?? 0) | list.featureList);
      // Only a list with the M bit can be unsupported [29.229-7.2.1].
      const missing = list.featureList & ~(known?.supported ?? 0);
      if (list.mandatory && missing !== 0) unsupported = true;
    }
    return { common: commonOf(theirs), announced, unsupported };
  };
}

/** Of several lists their names together; they are few, and seldom more than one. */
function commonOf(theirs: ReadonlyMap<OwnList, number>): ReadonlySet<string> {
  const sets = [...theirs].map(([own, mask]) => own.common(mask)).filter(({ size }) => size > 0);
  const [first = nothing, ...others] = sets;
  return others.length === 0 ? first : new Set(sets.flatMap((names) => [...names]));
}
