/** Features in our requests and in their answers [29.272-7.1.9] [29.272-7.3.10.1]. Pure. */
import { offeredMask } from '../../../diameter/features/feature-lists';
import { VENDOR_3GPP } from '../../../diameter/generated/base';
import { s6aFeatureList1, s6aFeatureList2, type S6aFeature } from '../feature-tables';
import { IDR_FLAGS } from '../flags';
import type { InsertSubscriberDataRequest } from '../generated/s6a';
import type { ServingNode } from '../state/serving-nodes';
import { announcedFeatures, supportedFeatures } from '../supported-features';

type Features = NonNullable<InsertSubscriberDataRequest['supportedFeatures']>;
type FeatureCommand = 'IDR' | 'DSR';

const tables = [s6aFeatureList1, s6aFeatureList2] as const;
const maskOf = (table: (typeof tables)[number], command: FeatureCommand): number =>
  offeredMask({ table, enabled: supportedFeatures }, command);

/** What of this command the node announced, too; nothing for a node that announced nothing. */
export function featuresFor(
  command: FeatureCommand,
  { features }: Pick<ServingNode, 'features'>,
): { readonly supportedFeatures?: Features } {
  if (features === null) return {};
  const lists = tables
    .map((table) => ({
      vendorId: VENDOR_3GPP,
      featureListId: table.featureListId,
      featureList: (maskOf(table, command) & features[table.featureListId as 1 | 2]) >>> 0,
    }))
    .filter(({ featureList }) => featureList !== 0);
  return lists.length === 0 ? {} : { supportedFeatures: lists };
}

/**
 * What the node supports after its answer: "may store this indication, and not send any further [...]"
 * [29.272-7.3.10.1]. An answer tells of the features of its own command only, and of the lists that it names.
 */
export function featuresAfter(
  command: FeatureCommand,
  before: ServingNode['features'],
  answered: Features | undefined,
): ServingNode['features'] {
  const lists = (answered ?? []).filter(({ vendorId }) => vendorId === VENDOR_3GPP);
  if (lists.length === 0) return before;
  const after = { 1: before?.[1] ?? 0, 2: before?.[2] ?? 0 };
  for (const table of tables) {
    const id = table.featureListId as 1 | 2;
    const told = lists.find(({ featureListId }) => featureListId === id)?.featureList;
    const mask = maskOf(table, command);
    if (told !== undefined) after[id] = ((after[id] & ~mask) | (told & mask)) >>> 0;
  }
  return after;
}

/** The feature that a bit of IDR-Flags needs; every bit but "Remove SMS Registration" needs one. */
const featureOfFlag: readonly (readonly [flag: number, feature: S6aFeature])[] = [
  [IDR_FLAGS.ueReachabilityRequest, 'UE-Reachability-Notification'],
  [IDR_FLAGS.tAdsDataRequest, 'T-ADS Data Retrieval'],
  [IDR_FLAGS.epsUserStateRequest, 'State/Location-Information-Retrieval'],
  [IDR_FLAGS.epsLocationInformationRequest, 'State/Location-Information-Retrieval'],
  [IDR_FLAGS.currentLocationRequest, 'State/Location-Information-Retrieval'],
  [IDR_FLAGS.ratTypeRequested, 'State/Location-Information-Retrieval'],
  [IDR_FLAGS.localTimeZoneRequest, 'Local Time Zone Retrieval'],
  [IDR_FLAGS.pCscfRestorationRequest, 'P-CSCF Restoration'],
];

/** Features that these flags need and the node has not announced. */
export function missingFeatures(
  idrFlags: number,
  node: Pick<ServingNode, 'features'>,
): readonly S6aFeature[] {
  const announced = announcedFeatures(node);
  const missing = featureOfFlag.filter(([flag, name]) => (idrFlags & flag) !== 0 && !announced.has(name));
  return [...new Set(missing.map(([, name]) => name))];
}

/** The flags that the node can take [29.272-5.2.2.1.3]. */
export function permittedFlags(idrFlags: number, node: Pick<ServingNode, 'features'>): number {
  const announced = announcedFeatures(node);
  return featureOfFlag.reduce(
    (flags, [flag, name]) => (announced.has(name) ? flags : flags & ~flag),
    idrFlags,
  );
}
