/** Groups, ProSe, V2X, eDRX, paging, communication patterns and monitoring events of Subscription-Data. */
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { unsigned32 } from '../fields';
import { bitNames, v2xPermissionBits } from './bits';
import { diameterIdentity, hexText, plmn, scefId } from './fields';

export const imsiGroupIds = z
  .array(
    z.strictObject({
      groupServiceId: unsigned32.describe('[29.272-7.3.190]'),
      plmn: plmn.describe('Group-PLMN-Id [29.272-7.3.191]'),
      localGroupId: hexText(1, 10).describe('[29.272-7.3.192]'),
    }),
  )
  .max(epsLimits.imsiGroupsCount);

const v2x = {
  permission: bitNames(v2xPermissionBits).optional().describe('V2X-Permission [29.272-7.3.213]'),
  uePc5AmbrBitsPerSecond: unsigned32.optional().describe('UE-PC5-AMBR [29.272-7.3.217]'),
};
export const v2xSubscriptionData = z.strictObject(v2x);

const integer32 = z.number().int().min(0).max(0x7fff_ffff);
export const v2xSubscriptionDataNr = z.strictObject({
  ...v2x,
  uePc5Qos: z
    .strictObject({
      flows: z
        .array(
          z.strictObject({
            fiveQi: integer32.describe('5QI: a PQI here [29.272-7.3.238]'),
            guaranteedBitsPerSecond: integer32.optional().describe('[29.272-7.3.240]'),
            maximumBitsPerSecond: integer32.optional().describe('[29.272-7.3.241]'),
            rangeMetres: integer32.optional().describe('PC5-Range [29.272-7.3.242]'),
          }),
        )
        .min(1)
        .max(epsLimits.pc5FlowsCount)
        .describe('PC5-QoS-Flow [29.272-7.3.237]'),
      linkAmbrBitsPerSecond: integer32.optional().describe('PC5-Link-AMBR [29.272-7.3.243]'),
    })
    .optional()
    .describe('[29.272-7.3.236]'),
});

/** Names of RAT-Type, TS 29.212 5.3.31, with their values. */
export const ratTypes = { utran: 1000, geran: 1001, eutran: 1004, eutranNbIot: 1005, lteM: 1007 } as const;
export type RatType = keyof typeof ratTypes;
const ratNames = Object.keys(ratTypes) as [RatType, ...RatType[]];

const isOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

export const edrxCycleLengths = z
  .array(
    z.strictObject({
      ratType: z.enum(ratNames).describe('[29.272-7.3.13]'),
      value: z.number().int().min(0).max(15).describe('TS 24.008 10.5.5.32 [29.272-7.3.216]'),
    }),
  )
  .max(ratNames.length)
  .refine((entries) => isOnce(entries.map(({ ratType }) => ratType)), 'has a ratType twice');

/** With their values [29.272-7.3.227]. */
export const operationModes = { iu: 1, wbS1: 2, nbS1: 3 } as const;
export type OperationMode = keyof typeof operationModes;
const modeNames = Object.keys(operationModes) as [OperationMode, ...OperationMode[]];

export const pagingTimeWindows = z
  .array(
    z.strictObject({
      operationMode: z.enum(modeNames).describe('[29.272-7.3.227]'),
      length: z.number().int().min(0).max(15).describe('TS 24.008 10.5.5.32 [29.272-7.3.228]'),
    }),
  )
  .max(modeNames.length)
  .refine(
    (entries) => isOnce(entries.map(({ operationMode }) => operationMode)),
    'has an operationMode twice',
  );

const scef = {
  scefReferenceId: unsigned32.describe('SCEF-Reference-ID, TS 29.336 8.4.4'),
  scefId,
};

/** One set in each pattern: what TS 29.336 8.4.32 has besides scheduled times. */
export const aeseCommunicationPatterns = z
  .array(
    z.strictObject({
      ...scef,
      periodic: z.boolean().optional().describe('Periodic-Communication-Indicator, TS 29.336 8.4.33'),
      communicationDurationSeconds: unsigned32.optional().describe('TS 29.336 8.4.34'),
      periodicTimeSeconds: unsigned32.optional().describe('TS 29.336 8.4.35'),
      stationary: z.boolean().optional().describe('Stationary-Indication, TS 29.336 8.4.41'),
      validUntil: z.iso.datetime({ offset: true }).optional().describe('Reference-ID-Validity-Time'),
    }),
  )
  .max(epsLimits.monitoringEventsCount);

const availabilityAfterDdnFailure = 6;

export const monitoringEventConfigurations = z
  .array(
    z
      .strictObject({
        ...scef,
        scefRealm: diameterIdentity.describe('[29.272-7.3.207]'),
        monitoringType: z.number().int().min(0).max(31).describe('Monitoring-Type, TS 29.336 8.4.3'),
        maximumNumberOfReports: unsigned32.optional().describe('TS 29.336 8.4.7'),
        monitoringUntil: z.iso.datetime({ offset: true }).optional().describe('Monitoring-Duration'),
        chargedParty: z.string().min(1).max(128).optional().describe('Charged-Party, TS 29.336 8.4.11'),
      })
      .refine(
        ({ monitoringType, maximumNumberOfReports }) =>
          maximumNumberOfReports === undefined || monitoringType !== availabilityAfterDdnFailure,
        {
          error: 'is not sent for availability after DDN failure (6) [29.272-7.3.195]',
          path: ['maximumNumberOfReports'],
        },
      ),
  )
  .max(epsLimits.monitoringEventsCount);
