/**
 * S-CSCF restoration information [29.228-7.21]: taken from a SAR, kept with the registration of one private
 * identity in one implicit registration set, given back in a SAA [29.228-6.1.2] [29.228-6.1.2.1]. It is kept
 * as the AVP that came, so that nothing in it gets lost that only S-CSCFs understand; only its M bit is
 * cleared [29.229-6.3].
 *
 * Kept whenever the HSS implements IMS Restoration Procedures (note 3 of 6.1.2.1), given to S-CSCFs that
 * announce IMSRestorationInd [29.229-7.1.1]. Readings and the handling of Registration-Time-Out:
 * docs/decisions/0004-restoration.md.
 */
import { AvpCursor } from '../../diameter/codec/avp-cursor';
import { AVP_FLAG_MANDATORY } from '../../diameter/codec/header';
import { samePrivateIdentity } from '../../subscriber/private-identity';
import { registrationOf } from './state/registration';
import {
  privateIdentityStatus,
  registeredWith,
  type RegistrationSetStatus,
  type RegistrationStatus,
  type StoredRestorationInfo,
} from './state/registration-status';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import { MultipleRegistrationIndication, ServerAssignmentType } from './generated/cx';
import { cxLimits } from './limits';
import type { Answer, Assignment } from './assignment-context';
import { IMS_RESTORATION_IND } from './feature-table';

const SCSCF_RESTORATION_INFO = 639;

/** IMS Restoration Procedures are supported, by the HSS and by the S-CSCF that asks [29.229-7.1.1]. */
export function restorationSupported({ settings, context }: Assignment): boolean {
  return settings.imsRestoration && context.features.has(IMS_RESTORATION_IND);
}

/**
 * What is kept after a registration: undefined where nothing is; `notable` says that what came was not taken.
 */
export interface RestorationAfter {
  readonly restoration: StoredRestorationInfo | undefined;
  readonly notable?: 'restorationInfoTooLarge' | 'restorationInfoOfAnotherIdentity';
}

/**
 * REGISTRATION and RE_REGISTRATION: the information of the request takes the place of what was kept; without
 * any, nothing changed since ("if any of the related restoration information changed ... the S-CSCF shall
 * send this information element", table 6.1.2.1). What cannot be taken leaves nothing behind: the older
 * information is wrong by then.
 */
export function restorationAfterRegistration(
  { request, settings, snapshot, bytes }: Assignment,
  kept: StoredRestorationInfo | undefined,
): RestorationAfter {
  // While restoration is switched off changes go unseen, so what is kept from before is no longer to be
  // trusted.
  if (!settings.imsRestoration) return { restoration: undefined };
  const info = request.scscfRestorationInfo;
  if (info === undefined) return { restoration: kept };
  if (request.userName === undefined || !samePrivateIdentity(info.userName, request.userName))
    return { restoration: undefined, notable: 'restorationInfoOfAnotherIdentity' };
  const avp = restorationAvp(bytes);
  const octets = avp?.length ?? 0;
  const others = keptOctets(registrationOf(snapshot)) - octetsOf(kept);
  if (
    avp === null ||
    octets > cxLimits.restorationInfoOctets ||
    others + octets > cxLimits.restorationInfoPerSubscriptionOctets
  ) {
    return { restoration: undefined, notable: 'restorationInfoTooLarge' };
  }
  const text = avp.toString('base64');
  const timeOut = info.registrationTimeOut?.getTime();
  if (kept !== undefined && kept.avp === text && kept.registrationTimeOutMs === timeOut)
    return { restoration: kept };
  return { restoration: { avp: text, ...(timeOut === undefined ? {} : { registrationTimeOutMs: timeOut }) } };
}

/**
 * "If it is REGISTRATION and ... multiple registration indication is included in the request and the Public
 * User Identity is stored as registered in the HSS, and there is restoration information related to the
 * Private User Identity": then that is not overwritten. Information of a registration whose
 * Registration-Time-Out has passed does not stand in the way of a new one [29.229-6.3.71].
 */
export function keepsRestoration(assignment: Assignment, set: RegistrationSetStatus): boolean {
  const { request, context } = assignment;
  if (request.serverAssignmentType !== ServerAssignmentType.REGISTRATION || !restorationSupported(assignment))
    return false;
  if (
    request.multipleRegistrationIndication !== MultipleRegistrationIndication.MULTIPLE_REGISTRATION ||
    set.state !== 'registered'
  )
    return false;
  const kept = privateIdentityStatus(set, request.userName ?? '')?.restoration;
  return (
    kept !== undefined &&
    (kept.registrationTimeOutMs === undefined || kept.registrationTimeOutMs > context.nowMs)
  );
}

/**
 * SCSCF-Restoration-Info AVPs for a SAA: those of all private identities registered with the set, or of one
 * of them.
 */
export function restorationGroups(
  assignment: Assignment,
  set: RegistrationSetStatus,
  onlyOf?: string,
): { encodedAvps?: Readonly<Record<string, Buffer>> } {
  if (!restorationSupported(assignment)) return {};
  const groups: Buffer[] = [];
  for (const { identity, restoration } of set.privateIdentities) {
    if (restoration !== undefined && (onlyOf === undefined || identity === onlyOf))
      groups.push(Buffer.from(restoration.avp, 'base64'));
  }
  return groups.length === 0 ? {} : { encodedAvps: { scscfRestorationInfo: Buffer.concat(groups) } };
}

/**
 * Associated-Registered-Identities: where others than the private identity of the request are registered, too
 * (table 6.1.2.2) [29.228-7.22].
 */
export function associatedRegistered(assignment: Assignment, set: RegistrationSetStatus): Partial<Answer> {
  const registered = restorationSupported(assignment) ? registeredWith(set) : [];
  return registered.length > 1 ? { associatedRegisteredIdentities: { userName: registered } } : {};
}

/** The SCSCF-Restoration-Info AVP of a message that was decoded before, copied, with header and padding. */
function restorationAvp(message: Buffer): Buffer | null {
  const cursor = AvpCursor.ofMessage(message);
  while (cursor.next()) {
    if (!cursor.is(SCSCF_RESTORATION_INFO, VENDOR_3GPP)) continue;
    const avp = Buffer.from(cursor.whole());
    avp[4] = (avp[4] ?? 0) & ~AVP_FLAG_MANDATORY;
    return avp;
  }
  return null;
}

const octetsOf = (info: StoredRestorationInfo | undefined): number =>
  info === undefined ? 0 : Math.ceil((info.avp.length * 3) / 4);

function keptOctets(status: RegistrationStatus): number {
  let octets = 0;
  for (const set of status.sets)
    for (const { restoration } of set.privateIdentities) octets += octetsOf(restoration);
  return octets;
}
