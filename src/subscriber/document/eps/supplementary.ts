/** Supplementary and short message services, location services [29.272-7.3.84] [29.272-7.3.99] [29.272-7.3.101]. */
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { unsigned32 } from '../fields';
import { hexText, internationalNumber } from './fields';

/** In the order of their values [29.272-7.3.89]. */
export const notificationsToUeUser = [
  'notifyLocationAllowed',
  'notifyAndVerifyLocationAllowedIfNoResponse',
  'notifyAndVerifyLocationNotAllowedIfNoResponse',
  'locationNotAllowed',
] as const;
/** [29.272-7.3.92] */
export const gmlcRestrictions = ['gmlcList', 'homeCountry'] as const;
/** [29.272-7.3.93] */
export const plmnClients = [
  'broadcastService',
  'oAndMHplmn',
  'oAndMVplmn',
  'anonymousLocation',
  'targetUeSubscribedService',
] as const;

const service = {
  ssCode: hexText(1, 1).describe('SS-Code, TS 29.002 17.7.5 [29.272-7.3.87]'),
  ssStatus: hexText(1, 1).describe(
    'SS-Status, TS 29.002 17.7.4: bits 3 to 0 are Q, P, R and A [29.272-7.3.88]',
  ),
};

const restriction = {
  gmlcRestriction: z.enum(gmlcRestrictions).optional().describe('[29.272-7.3.92]'),
  notificationToUeUser: z.enum(notificationsToUeUser).optional().describe('[29.272-7.3.89]'),
};

const oncePerCode = (entries: readonly { ssCode: string }[]): boolean =>
  new Set(entries.map(({ ssCode }) => ssCode.toLowerCase())).size === entries.length;

export const lcsInfo = z.strictObject({
  gmlcNumbers: z
    .array(internationalNumber)
    .max(epsLimits.lcsEntriesCount)
    .optional()
    .describe('[29.272-7.3.85]'),
  privacyExceptions: z
    .array(
      z.strictObject({
        ...service,
        notificationToUeUser: restriction.notificationToUeUser,
        externalClients: z
          .array(
            z.strictObject({
              clientIdentity: internationalNumber.describe('[29.272-7.3.91]'),
              ...restriction,
            }),
          )
          .max(epsLimits.lcsEntriesCount)
          .optional()
          .describe('[29.272-7.3.90]'),
        plmnClients: z
          .array(z.enum(plmnClients))
          .max(plmnClients.length)
          .optional()
          .describe('[29.272-7.3.93]'),
        serviceTypes: z
          .array(
            z.strictObject({ serviceTypeIdentity: unsigned32.describe('[29.272-7.3.95]'), ...restriction }),
          )
          .max(epsLimits.lcsEntriesCount)
          .optional()
          .describe('[29.272-7.3.94]'),
      }),
    )
    .max(epsLimits.lcsEntriesCount)
    .refine(oncePerCode, 'has an ssCode twice')
    .optional()
    .describe('LCS-PrivacyException, for S6d [29.272-7.3.86]'),
  moLr: z
    .array(z.strictObject(service))
    .max(epsLimits.lcsEntriesCount)
    .refine(oncePerCode, 'has an ssCode twice')
    .optional()
    .describe('[29.272-7.3.96]'),
});

export const teleserviceList = z
  .array(hexText(1, 1))
  .max(epsLimits.teleservicesCount)
  .refine((codes) => new Set(codes).size === codes.length, 'has a code twice')
  .describe('TS-Codes, TS 29.002 17.7.9: 21 is SM MT-PP, 22 is SM MO-PP [29.272-7.3.99] [29.272-7.3.100]');

export const callBarringInfo = z
  .array(z.strictObject(service))
  .max(epsLimits.callBarringsCount)
  .refine(oncePerCode, 'has an ssCode twice')
  .describe('Of short messages: 92 is BAOC, 93 is BOIC, 94 is BOICExHC [29.272-7.3.101]');
