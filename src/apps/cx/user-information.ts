/**
 * The user information that a SAA carries: profile, charging information, allowed WAF and WWSF identities and
 * what goes with them, TS 29.228 clause 6.6 [29.228-6.6] and table 6.1.2.2 [29.228-6.1.2]. From the second
 * time on a rendered profile is kept for as long as its subscription's revision is.
 */
import type { SubscriptionSnapshot } from '../../state/ports';
import { chargingInformationOf, findPrivateIdentity, type Subscription } from '../../subscriber/subscription';
import type { ImplicitRegistrationSet } from '../../subscriber/subscription-document';
import {
  LooseRouteIndication,
  PriviledgedSenderIndication,
  type ServerAssignmentAnswer,
} from './generated/cx';
import { SecondUse } from '../../shared/second-use';
import type { NamedPlace } from './assignment-context';
import { ALIAS_IND, SIFC } from './feature-table';
import { renderUserData } from './user-data';

const rendered = new SecondUse<Subscription, Map<string, Buffer>>();

function userData(
  snapshot: SubscriptionSnapshot,
  set: ImplicitRegistrationSet,
  privateIdentity: string,
  features: ReadonlySet<string>,
  named: NamedPlace | undefined,
): Buffer {
  const options = { sharedIfcSets: features.has(SIFC), aliases: features.has(ALIAS_IND) };
  if (named?.nonDistinct !== undefined && named.identity.type === 'wildcardedPublicUserIdentity') {
    // Every identity of the range has a document of its own: none is worth keeping.
    const nonDistinct = { identity: named.nonDistinct, wildcard: named.identity };
    return Buffer.from(
      renderUserData(snapshot.subscription, snapshot.shared, set, privateIdentity, {
        ...options,
        nonDistinct,
      }),
      'utf8',
    );
  }
  let profiles = rendered.get(snapshot.subscription);
  if (profiles === undefined) rendered.derived(snapshot.subscription, (profiles = new Map<string, Buffer>()));
  const key = `${snapshot.shared.version} ${Number(options.sharedIfcSets)}${Number(options.aliases)} ${set.name} ${privateIdentity}`;
  let buffer = profiles.get(key);
  if (buffer === undefined) {
    buffer = Buffer.from(
      renderUserData(snapshot.subscription, snapshot.shared, set, privateIdentity, options),
      'utf8',
    );
    // Renderings of older shared data are of no use any more.
    for (const old of profiles.keys())
      if (!old.startsWith(`${snapshot.shared.version} `)) profiles.delete(old);
    profiles.set(key, buffer);
  }
  return buffer;
}

/**
 * Everything of a successful download; `download` false leaves out what the S-CSCF has already. `named`: the
 * identity of the request, where that matters because it may be in the range of a wildcarded one.
 */
export function userInformation(
  snapshot: SubscriptionSnapshot,
  set: ImplicitRegistrationSet,
  privateIdentity: string,
  features: ReadonlySet<string>,
  download: boolean,
  named?: NamedPlace,
): Partial<ServerAssignmentAnswer> {
  const { subscription, shared } = snapshot;
  const charging = download ? chargingInformationOf(subscription, shared) : undefined;
  const waf = download ? subscription.allowedWafWwsfIdentities : undefined;
  const names = subscription.privateIdentities.map((entry) => entry.identity);
  return {
    userName: privateIdentity,
    ...(download ? { userData: userData(snapshot, set, privateIdentity, features, named) } : {}),
    ...(charging === undefined
      ? {}
      : {
          chargingInformation: {
            primaryEventChargingFunctionName: charging.primaryEventChargingFunctionName,
            secondaryEventChargingFunctionName: charging.secondaryEventChargingFunctionName,
            primaryChargingCollectionFunctionName: charging.primaryChargingCollectionFunctionName,
            secondaryChargingCollectionFunctionName: charging.secondaryChargingCollectionFunctionName,
          },
        }),
    ...(names.length > 1 ? { associatedIdentities: { userName: names } } : {}),
    ...(set.looseRoute ? { looseRouteIndication: LooseRouteIndication.LOOSE_ROUTE_REQUIRED } : {}),
    ...(findPrivateIdentity(subscription, privateIdentity)?.privilegedSender === true
      ? { priviledgedSenderIndication: PriviledgedSenderIndication.PRIVILEDGED_SENDER }
      : {}),
    ...(waf === undefined
      ? {}
      : {
          allowedWafWwsfIdentities: {
            webrtcAuthenticationFunctionName: waf.wafNames,
            webrtcWebServerFunctionName: waf.wwsfNames,
          },
        }),
  };
}
