/**
 * HSS-based P-CSCF restoration [29.228-6.1.2.1] [29.229-6.3.63] [29.229-6.3.74]: an S-CSCF that found a
 * P-CSCF failed says so with UNREGISTERED_USER or ADMINISTRATIVE_DEREGISTRATION, and the HSS passes it on to
 * the user's serving nodes. Only where the feature is on; else SAR-Flags are not looked at.
 *
 * The user is the Private Identity of the request, else the one that the set is registered with, else the
 * first associated one. The IMSI is that of the Private Identity, else that of the USIM that it uses.
 */
import type { Decision } from '../../diameter/dispatch/contract';
import type { ServingNodePort } from './serving-nodes';
import type { OutboxEntry, SubscriptionSnapshot } from '../../state/ports';
import { registrationOf } from './state/registration';
import { registeredWith, setStatus } from './state/registration-status';
import {
  associatedPrivateIdentities,
  findPrivateIdentity,
  type IdentityPlace,
} from '../../subscriber/subscription';
import { ExperimentalResultCode, ServerAssignmentType } from './generated/cx';
import { refused, type Answer, type Request } from './assignment-context';
import { experimental } from './handler';
import type { CxSettings } from './settings';

/** SAR-Flags bit 0 [29.229-6.3.63]. */
const P_CSCF_RESTORATION_INDICATION = 1;

/**
 * Whether the request has a P-CSCF-Restoration-Indication that counts: the bit, the type it goes with, and
 * our support.
 */
export function hasRestorationIndication(request: Request, settings: CxSettings): boolean {
  if (!settings.pcscfRestoration || ((request.sarFlags ?? 0) & P_CSCF_RESTORATION_INDICATION) === 0)
    return false;
  return (
    request.serverAssignmentType === ServerAssignmentType.UNREGISTERED_USER ||
    request.serverAssignmentType === ServerAssignmentType.ADMINISTRATIVE_DEREGISTRATION
  );
}

export type Indication =
  | { readonly supported: true; readonly requests: readonly OutboxEntry[] }
  | { readonly supported: false; readonly decision: Decision<Answer> };

/**
 * "check whether at least one of the serving node(s) for corresponding user support this feature": first of
 * all checks of step 5.
 */
export function checkServingNodes(
  request: Request,
  snapshot: SubscriptionSnapshot,
  place: IdentityPlace | undefined,
  servingNodes: ServingNodePort,
): Indication {
  const privateIdentity =
    request.userName ??
    (place === undefined
      ? undefined
      : (registeredWith(setStatus(registrationOf(snapshot), place.set.name))[0] ??
        associatedPrivateIdentities(snapshot.subscription, place.set)[0]));
  const entry =
    privateIdentity === undefined ? undefined : findPrivateIdentity(snapshot.subscription, privateIdentity);
  const imsi = entry?.imsi ?? entry?.authentication.usim;
  if (imsi === undefined || !servingNodes.supportsPcscfRestoration(snapshot, imsi)) {
    return {
      supported: false,
      decision: refused(
        request,
        experimental(ExperimentalResultCode.DIAMETER_ERROR_SERVING_NODE_FEATURE_UNSUPPORTED),
        5,
        imsi === undefined
          ? 'P-CSCF restoration for a Private Identity without IMSI, which no serving node knows'
          : 'no serving node of the user supports the P-CSCF restoration mechanism',
      ),
    };
  }
  return { supported: true, requests: servingNodes.restorePcscf(snapshot, imsi) };
}
