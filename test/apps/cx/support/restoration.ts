/**
 * S-CSCF restoration information as an S-CSCF sends it, and as it reads it in the SAA: through the codec both
 * times.
 */
import { encodeAvp, encodeNamed } from '../../../../src/diameter/codec/encode';
import type { Decision } from '../../../../src/diameter/dispatch/contract';
import type { StoredRestorationInfo } from '../../../../src/apps/cx/state/registration-status';
import type { ScscfRestorationInfo, ServerAssignmentAnswer } from '../../../../src/apps/cx/generated/cx';
import { cxAnswer, dictionary, wireAvps, type WireAvp } from '../../../support/cx-messages';

export const SCSCF_RESTORATION_INFO = 639;

/** Of one contact; `contact` tells apart what was sent when. */
export function restorationInfo(
  userName: string,
  contact = 'c1',
  rest: Partial<ScscfRestorationInfo> = {},
): ScscfRestorationInfo {
  return {
    userName,
    restorationInfo: [
      {
        path: Buffer.from('<sip:pcscf.ims.example;lr>'),
        contact: Buffer.from(`<sip:${userName}@198.51.100.1:5060;id=${contact}>`),
        initialCseqSequenceNumber: 4,
        subscriptionInfo: {
          callIdSipHeader: Buffer.from('call'),
          fromSipHeader: Buffer.from('from'),
          toSipHeader: Buffer.from('to'),
          recordRoute: Buffer.from('rr'),
          contact: Buffer.from('c'),
        },
      },
    ],
    ...rest,
  };
}

/** As it is kept. */
export function stored(
  userName: string,
  contact?: string,
  registrationTimeOutMs?: number,
): StoredRestorationInfo {
  const timeOut =
    registrationTimeOutMs === undefined ? {} : { registrationTimeOut: new Date(registrationTimeOutMs) };
  return {
    avp: encodeAvp(
      'SCSCF-Restoration-Info',
      restorationInfo(userName, contact, timeOut),
      dictionary,
    ).toString('base64'),
    ...(registrationTimeOutMs === undefined ? {} : { registrationTimeOutMs }),
  };
}

function answerOctets(decision: Decision<ServerAssignmentAnswer>): Buffer {
  return encodeNamed(
    'SAA',
    { hopByHopId: 1, endToEndId: 1 },
    {
      sessionId: 's',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      resultCode: 2001,
      ...decision.avps,
    },
    dictionary,
    decision.encodedAvps,
  );
}

/** The SCSCF-Restoration-Info AVPs of the SAA. */
export function groups(decision: Decision<ServerAssignmentAnswer>): readonly ScscfRestorationInfo[] {
  return (
    (cxAnswer(answerOctets(decision)).avps as Partial<ServerAssignmentAnswer>).scscfRestorationInfo ?? []
  );
}

export const groupAvps = (decision: Decision<ServerAssignmentAnswer>): WireAvp[] =>
  wireAvps(answerOctets(decision)).filter((avp) => avp.code === SCSCF_RESTORATION_INFO);

/** Who the groups are of, each with its contact's name. */
export const sent = (decision: Decision<ServerAssignmentAnswer>): string[] =>
  groups(decision)
    .map(
      ({ userName, restorationInfo: [info] }) =>
        `${userName} ${/id=(\w+)/.exec(info?.contact.toString() ?? '')?.[1] ?? ''}`,
    )
    .sort();
