/** Where and by which access a subscriber may be served: barring, access restrictions, networks, zones and CSGs. */
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { accessRestrictionBits, bitNames } from './bits';
import { apn, hexText, plmn } from './fields';

/** Each PLMN stands in a list once. */
const byPlmn = <T extends z.ZodType<{ plmn: string }>>(entry: T) =>
  z
    .array(entry)
    .max(epsLimits.plmnsCount)
    .superRefine((entries, context) => {
      const seen = new Set<string>();
      entries.forEach((value, i) => {
        if (seen.has(value.plmn))
          context.addIssue({ code: 'custom', path: [i, 'plmn'], message: 'occurs twice in this list' });
        seen.add(value.plmn);
      });
    });

const partsOfEutran = ['lteMNotAllowed', 'wbEutranExceptLteMNotAllowed'] as const;

export const accessRestrictions = bitNames(accessRestrictionBits).refine(
  (names) => !names.includes('wbEutranNotAllowed') || !partsOfEutran.some((part) => names.includes(part)),
  'has lteMNotAllowed or wbEutranExceptLteMNotAllowed beside wbEutranNotAllowed [29.272-7.3.31 note 2]',
);

export const accessRestrictionsByPlmn = byPlmn(
  z.strictObject({
    plmn: plmn.describe('[29.272-7.3.9]'),
    accessRestrictions: accessRestrictions.describe('[29.272-7.3.31]'),
  }),
);

export const allowedVisitedNetworks = z.union(
  [
    z.literal('all'),
    byPlmn(
      z.strictObject({
        plmn: plmn.describe('[29.272-7.3.9]'),
        apns: z
          .array(apn)
          .max(epsLimits.apnConfigurationsCount)
          .optional()
          .describe('The APNs of the profile that may be used there; absent, all of them'),
      }),
    ),
  ],
  { error: 'must be "all" or a list of {plmn, apns}, where plmn has 5 or 6 digits and stands once' },
);

export const forbiddenVisitedNetworks = z.array(plmn).max(epsLimits.plmnsCount);

export const regionalSubscriptionZoneCodes = byPlmn(
  z.strictObject({
    plmn: plmn.describe('[29.272-7.3.9]'),
    zoneCodes: z
      .array(hexText(2, 2))
      .min(1)
      .max(epsLimits.zoneCodesPerPlmnCount)
      .describe('Up to 10 in a PLMN, TS 23.003 4.4 [29.272-7.3.52]'),
  }),
);

export const csgSubscriptionData = z
  .array(
    z.strictObject({
      plmn: plmn.describe('Visited-PLMN-Id where the CSG is [29.272-7.3.9]'),
      csgId: z
        .number()
        .int()
        .min(0)
        .max(2 ** 27 - 1)
        .describe('27 bits, TS 23.003 4.7 [29.272-7.3.79]'),
      expirationDate: z.iso.datetime({ offset: true }).optional().describe('[29.272-7.3.80]'),
      apns: z
        .array(apn)
        .max(epsLimits.apnConfigurationsCount)
        .optional()
        .describe('APNs that may be accessed by LIPA from the CSG [29.272-7.3.78]'),
    }),
  )
  .max(epsLimits.csgsCount)
  .superRefine((entries, context) => {
    const seen = new Set<string>();
    entries.forEach(({ plmn: network, csgId }, i) => {
      const key = `${network} ${csgId}`;
      if (seen.has(key))
        context.addIssue({ code: 'custom', path: [i, 'csgId'], message: 'occurs twice for this PLMN' });
      seen.add(key);
    });
  });

export const equivalentPlmns = byPlmn(
  z.strictObject({
    plmn: plmn.describe('The registered PLMN'),
    equivalents: z.array(plmn).min(1).max(epsLimits.equivalentPlmnsCount).describe('[29.272-7.3.151]'),
  }),
);

/** Barring of roaming, TS 23.015: the HSS decides on it and sends none of it. */
export const roamingBarrings = ['outsideHplmn', 'outsideHplmnCountry'] as const;
