/**
 * Steps 1 to 3 of Server-Assignment: which identities a SAR is about [29.228-6.1.2.1 step 1]
 * [29.228-6.1.2.1 step 2] [29.228-6.1.2.1 step 3], wildcarded ones included [29.228-6.1.2] [29.228-7.2b].
 *
 * Wildcarded-Public-Identity "shall be used by the HSS to identify the identity affected" (table 6.1.2.1): it
 * takes the place of the Public-Identity, and in a list of those which it stands for; stored Public
 * Identities of the list stay in it. It has to be stored as it is named.
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import type { SubscriptionSnapshot } from '../../state/ports';
import { isWildcardedType } from '../../subscriber/public-identity';
import {
  associatedPrivateIdentities,
  findPublicIdentity,
  isServiceType,
} from '../../subscriber/subscription';
import { ExperimentalResultCode, ServerAssignmentType as Type } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import { refused, type Answer, type NamedPlace, type Request } from './assignment-context';
import { surplusPublicIdentity } from './failed-avps';
import { base, experimental, lookupForm, wildcardForm } from './handler';

/** Types that may name a list of identities, or none but the private one (table 6.1.2.1). */
export const deRegistrationTypes: ReadonlySet<number> = new Set([
  Type.TIMEOUT_DEREGISTRATION,
  Type.USER_DEREGISTRATION,
  Type.DEREGISTRATION_TOO_MUCH_DATA,
  Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
  Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
  Type.ADMINISTRATIVE_DEREGISTRATION,
]);

/** Types for distinct Public User Identities only (step 4). */
export const userTypes: ReadonlySet<number> = new Set([
  Type.REGISTRATION,
  Type.RE_REGISTRATION,
  Type.USER_DEREGISTRATION,
  Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
  Type.AUTHENTICATION_FAILURE,
  Type.AUTHENTICATION_TIMEOUT,
]);

export interface KnownIdentities {
  readonly snapshot: SubscriptionSnapshot;
  /** The identities that the request names. */
  readonly requested: readonly NamedPlace[];
  /**
   * The identities that the request is about: those, or where it names none every one of its private
   * identity.
   */
  readonly places: readonly NamedPlace[];
}

export type Identities =
  ({ readonly ok: true } & KnownIdentities) | { readonly ok: false; readonly decision: Decision<Answer> };

/** The identities to load, in the order in which checkAssignmentIdentities reads what was loaded. */
export function assignmentIdentities({ publicIdentity = [], wildcardedPublicIdentity }: Request): string[] {
  if (wildcardedPublicIdentity === undefined) return publicIdentity.map(lookupForm);
  return [
    wildcardForm(wildcardedPublicIdentity),
    ...(publicIdentity.length > 1 ? publicIdentity.map(lookupForm) : []),
  ];
}

/**
 * What one identity of the request is called, where it stands among those loaded, and by what it is found in
 * the subscription.
 */
interface Named {
  readonly text: string;
  readonly index: number;
  readonly stored: string;
  readonly inRange: boolean;
}

function namedIdentities(request: Request, context: DecisionContext): Named[] {
  const { impuWildcards } = context.loaded;
  const wildcard = request.wildcardedPublicIdentity;
  const loaded = assignmentIdentities(request);
  const texts =
    wildcard === undefined
      ? (request.publicIdentity ?? [])
      : [wildcard, ...(loaded.length > 1 ? (request.publicIdentity ?? []) : [])];
  const named = loaded.map((form, index): Named => {
    const range = impuWildcards[index] ?? null;
    return { text: texts[index] ?? form, index, stored: range ?? form, inRange: range !== null };
  });
  return wildcard === undefined
    ? named
    : named.filter(({ index, stored }) => index === 0 || stored !== loaded[0]);
}

/** Steps 1 to 3. */
export function checkAssignmentIdentities(request: Request, context: DecisionContext): Identities {
  const { snapshot, impuOwners, impiOwner } = context.loaded;
  const no = (decision: Decision<Answer>): Identities => ({ ok: false, decision });
  const unknown = (check: string) =>
    no(refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN), 1, check));
  const named = namedIdentities(request, context);
  const missing = named.find(({ index }) => (impuOwners[index] ?? null) === null);
  if (missing !== undefined) return unknown(`the Public Identity ${missing.text} is unknown`);
  if (request.userName !== undefined && impiOwner === null) return unknown('the Private Identity is unknown');
  if (snapshot === null) return unknown('the identities are unknown');

  const dontMatch = (check: string) =>
    no(refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITIES_DONT_MATCH), 2, check));
  if (request.userName !== undefined && impiOwner !== snapshot.key)
    return dontMatch('the Public and the Private Identity belong to different IMS subscriptions');
  const places: NamedPlace[] = [];
  for (const { text, index, stored, inRange } of named) {
    const place = findPublicIdentity(snapshot.subscription, stored);
    if (place === undefined)
      return dontMatch(`the Public Identity ${text} belongs to another IMS subscription than the first one`);
    if (
      index === 0 &&
      request.wildcardedPublicIdentity !== undefined &&
      (inRange || !isWildcardedType(place.identity.type))
    ) {
      return unknown(`${text} is not stored as a wildcarded Public Identity`);
    }
    if (
      request.userName !== undefined &&
      !associatedPrivateIdentities(snapshot.subscription, place.set).includes(request.userName)
    ) {
      return dontMatch(`the Public Identity ${text} is not associated with the Private Identity`);
    }
    places.push(inRange ? { ...place, nonDistinct: lookupForm(text) } : place);
  }
  // "either only Public User Identities, or only Public Service Identities" [29.228-6.1.2.1]: no private
  // identity goes with both.
  if (new Set(places.map(({ identity }) => isServiceType(identity.type))).size > 1)
    return dontMatch('the request names Public User Identities and Public Service Identities');
  const given = request.publicIdentity ?? [];
  if (given.length > 1 && !deRegistrationTypes.has(request.serverAssignmentType)) {
    return no({
      ...refused(
        request,
        base(ResultCode.DIAMETER_AVP_OCCURS_TOO_MANY_TIMES),
        3,
        `${given.length} Public-Identity AVPs, this Server-Assignment-Type takes one`,
      ),
      failedAvps: [surplusPublicIdentity(given[1] ?? '')],
    });
  }
  return {
    ok: true,
    snapshot,
    requested: places,
    places: places.length > 0 ? places : placesOf(request, snapshot),
  };
}

/**
 * No Public-Identity: every set that the private identity is associated with. What users initiate goes for
 * Public User Identities only, so services keep their state then.
 */
function placesOf(request: Request, snapshot: SubscriptionSnapshot): NamedPlace[] {
  const places: NamedPlace[] = [];
  for (const set of snapshot.subscription.implicitRegistrationSets) {
    const [identity] = set.publicIdentities;
    if (identity === undefined || request.userName === undefined) continue;
    if (isServiceType(identity.type) && userTypes.has(request.serverAssignmentType)) continue;
    if (associatedPrivateIdentities(snapshot.subscription, set).includes(request.userName))
      places.push({ set, identity });
  }
  return places;
}
