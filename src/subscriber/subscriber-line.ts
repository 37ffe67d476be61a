/**
 * A whole subscriber from one line: what an operator knows of a SIM card makes a subscription for EPS and the IMS.
 * One function for the command line, the API and imports. Pure.
 *
 * The USIM has the credential and an EPS profile. With an MSISDN there is an IMS subscription, too, for a UE that has
 * no ISIM: the private identity derived from the IMSI uses the USIM's credential [23.003-13.3]. Its registration set
 * has the temporary public identity, barred for all but registration [23.003-13.4B], and the number as SIP URI and
 * as tel URI, aliases of each other [23.003-13.4]. Without an MSISDN nobody could be called: EPS only.
 */
import { z } from 'zod';
import { limits } from '../shared/limits';
import { akaData } from './document/aka';
import { imsi, setName } from './document/fields';
import { shape } from './document/shape';
import {
  defaultEpsProfileName,
  defaultServiceProfileName,
  defaultSetsFor,
  type DefaultSet,
} from './default-sets';
import { homeDomainOf } from './home-domain';
import type { ProvisioningFault } from './provisioning-fault';
import type { SubscriptionDocumentInput } from './subscription-document';

const { k, opc, op, amf, sqn } = akaData.shape;

export const subscriberLine = z
  .strictObject({
    imsi: imsi.describe('TS 23.003 2.2; its first digits are MCC and MNC'),
    k,
    opc,
    op,
    amf,
    sqn,
    msisdn: z
      .string()
      .regex(/^\+?\d{5,15}$/, 'must be 5 to 15 digits')
      .optional()
      .describe('E.164 number with or without "+"; without it the subscriber has EPS only'),
    epsProfile: setName.default(defaultEpsProfileName).describe('Shared EPS profile; the default is made'),
    serviceProfile: setName
      .default(defaultServiceProfileName)
      .describe('Shared service profile of the public identities; the default is made'),
    homeDomain: z
      .string()
      .max(limits.nameCharacters)
      .regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'must be a domain name')
      .optional()
      .describe(
        'Domain of the identities, instead of ims.mnc<MNC>.mcc<MCC>.3gppnetwork.org (TS 23.003 13.2)',
      ),
    mncDigits: z
      .union([z.literal(2), z.literal(3)], 'must be 2 or 3')
      .optional()
      .describe('Length of the MNC, where neither a realm of this HSS nor the MCC tells it'),
    id: shape.shape.id.optional().describe('Name of the subscription; the IMSI when absent'),
  })
  .superRefine((line, context) => {
    if (line.op !== undefined && line.opc !== undefined)
      context.addIssue({ code: 'custom', path: ['op'], message: 'give op or opc, not both' });
    if (line.op !== undefined && line.k === undefined)
      context.addIssue({ code: 'custom', path: ['k'], message: 'is needed to derive OPc from op' });
  });

export type SubscriberLine = z.output<typeof subscriberLine>;

export type WholeSubscriber =
  | {
      readonly ok: true;
      readonly document: SubscriptionDocumentInput;
      /** Shared sets that it names, to be made where they do not exist. */
      readonly defaultSets: readonly DefaultSet[];
    }
  /** Pointers into the line. */
  | { readonly ok: false; readonly faults: readonly ProvisioningFault[] };

/** @param realms that this HSS serves: they may tell how long the MNC is */
export function wholeSubscriber(line: SubscriberLine, realms: readonly string[]): WholeSubscriber {
  const home: ReturnType<typeof homeDomainOf> =
    line.homeDomain === undefined
      ? homeDomainOf(line.imsi, line.mncDigits, realms)
      : { ok: true, domain: line.homeDomain.toLowerCase() };
  if (!home.ok) return { ok: false, faults: [{ pointer: `/${home.property}`, detail: home.detail }] };
  const msisdn = line.msisdn?.replace('+', '');
  const defaultSets = defaultSetsFor({
    epsProfile: line.epsProfile,
    serviceProfile: msisdn === undefined ? undefined : line.serviceProfile,
  });
  const { k, opc, op, amf, sqn } = line;
  const usim = {
    imsi: line.imsi,
    msisdns: msisdn === undefined ? [] : [msisdn],
    aka: {
      ...(k === undefined ? {} : { k }),
      ...(opc === undefined ? {} : { opc }),
      ...(op === undefined ? {} : { op }),
      amf,
      ...(sqn === undefined ? {} : { sqn }),
    },
    eps: { profile: line.epsProfile },
  };
  const document = {
    id: line.id ?? line.imsi,
    usims: [usim],
    ...imsPart(line, msisdn, home.domain),
  };
  return { ok: true, document, defaultSets };
}

function imsPart(
  { imsi, serviceProfile }: SubscriberLine,
  msisdn: string | undefined,
  domain: string,
): Pick<SubscriptionDocumentInput, 'privateIdentities' | 'implicitRegistrationSets'> {
  if (msisdn === undefined) return { privateIdentities: [], implicitRegistrationSets: [] };
  const numbered = { aliasGroup: msisdn, serviceProfile };
  return {
    privateIdentities: [{ identity: `${imsi}@${domain}`, imsi, authentication: { usim: imsi } }],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          { identity: `sip:${imsi}@${domain}`, barred: true, serviceProfile },
          { identity: `sip:+${msisdn}@${domain}`, ...numbered },
          { identity: `tel:+${msisdn}`, ...numbered },
        ],
      },
    ],
  };
}
