/** Private identities with their authentication data, TS 23.008 clauses 3.1 and 3.1A. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { subscriberLimits } from '../limits';
import { isIpv6Prefix } from '../ipv6-prefix';
import { akaData, checkAka, isSim } from './aka';
import { hexOctets, imsi, privateIdentityName, type Report } from './fields';

/** Authentication-Scheme names as on the wire, [29.229-6.3.9]. */
export const authenticationSchemes = [
  'Digest-AKAv1-MD5',
  'SIP Digest',
  'NASS-Bundled',
  'Early IMS Security',
] as const;
export type AuthenticationScheme = (typeof authenticationSchemes)[number];

const sipDigest = z.strictObject({
  realm: z.string().min(1).max(limits.nameCharacters).describe('Digest-Realm [29.229-6.3.37]'),
  password: z
    .string()
    .min(1)
    .max(limits.nameCharacters)
    .optional()
    .describe(
      'HA1s for MD5 and SHA-256 are made of it (user name: the Private User Identity); it is not stored.',
    ),
  ha1: hexOctets(16).optional().describe('H(A1) for MD5, RFC 7616 3.4.2 [29.229-6.3.41]'),
  ha1Sha256: hexOctets(32)
    .optional()
    .describe('H(A1) for SHA-256, sent as Alternate-Digest-HA1 [29.229-6.3.73]'),
});

const giba = z
  .strictObject({
    ipv4Address: z.ipv4().optional().describe('Framed-IP-Address [29.229-6.3.53]'),
    ipv6Prefix: z
      .string()
      .max(limits.nameCharacters)
      .refine(isIpv6Prefix, 'must be an IPv6 prefix (2001:db8::/64)')
      .optional()
      .describe('Framed-IPv6-Prefix [29.229-6.3.54]'),
    interfaceId: hexOctets(8).optional().describe('Framed-Interface-Id [29.229-6.3.55]'),
  })
  .refine(
    (v) => v.ipv4Address !== undefined || v.ipv6Prefix !== undefined,
    'needs ipv4Address or ipv6Prefix',
  );

export const privateIdentity = z.strictObject({
  identity: privateIdentityName.describe('Private User Identity or Private Service Identity [29.228-7.3]'),
  type: z.enum(['privateUserIdentity', 'privateServiceIdentity']).default('privateUserIdentity'),
  imsi: imsi.optional().describe('TS 23.003 2.2; sent in User-Data [29.228-E]'),
  privilegedSender: z.boolean().default(false).describe('Priviledged-Sender-Indication [29.229-6.3.58]'),
  authentication: z
    .strictObject({
      defaultScheme: z
        .enum(authenticationSchemes)
        .optional()
        .describe(
          'What "Unknown" in a MAR stands for [29.228-6.3.1 step 4]; when absent the setting cx.defaultScheme, else SIP Digest, else NASS-Bundled, whichever is provisioned.',
        ),
      aka: akaData.optional().describe('A credential of its own, as an ISIM has it'),
      usim: imsi
        .optional()
        .describe(
          'IMSI of the USIM in usims whose credential it uses, instead of aka of its own (TS 33.203 6.1)',
        ),
      sipDigest: sipDigest.optional(),
      nassBundled: z
        .strictObject({
          lineIdentifiers: z
            .array(z.string().min(1).max(limits.nameCharacters))
            .min(1)
            .max(subscriberLimits.lineIdentifiersCount)
            .describe('Line-Identifier [29.229-6.3.42]'),
        })
        .optional(),
      giba: giba.optional().describe('GPRS-IMS-Bundled Authentication, TS 33.203 T'),
    })
    .prefault({}),
});

export type PrivateIdentity = z.output<typeof privateIdentity>;

/** What one property of the authentication data alone cannot tell. */
export function checkAuthentication(entry: PrivateIdentity, at: (string | number)[], report: Report): void {
  const { aka, usim, sipDigest: digest, nassBundled, giba: gibaData, defaultScheme } = entry.authentication;
  checkAka(aka, [...at, 'aka'], report);
  if (isSim(aka))
    report([...at, 'aka', 'algorithm'], 'is that of a SIM, which cannot do IMS-AKA (TS 33.203 6.1)');
  if (aka !== undefined && usim !== undefined) report([...at, 'usim'], 'give aka or usim, not both');
  if (digest?.password !== undefined && (digest.ha1 !== undefined || digest.ha1Sha256 !== undefined)) {
    report([...at, 'sipDigest', 'password'], 'give password or ready-made ha1/ha1Sha256, not both');
  }
  if (digest?.ha1Sha256 !== undefined && digest.ha1 === undefined) {
    report([...at, 'sipDigest', 'ha1'], 'is needed beside ha1Sha256 [29.228-6.3 table 6.3.7 note 2]');
  }
  const present: Record<AuthenticationScheme, boolean> = {
    'Digest-AKAv1-MD5': aka !== undefined || usim !== undefined,
    'SIP Digest': digest !== undefined,
    'NASS-Bundled': nassBundled !== undefined,
    'Early IMS Security': gibaData !== undefined,
  };
  if (defaultScheme !== undefined && !present[defaultScheme])
    report([...at, 'defaultScheme'], 'names a scheme that has no data here');
}
