/** Data formats that several parts of the EPS data share. */
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { limits } from '../../../shared/limits';
import { epsLimits } from '../../limits';
import { ipv6Octets } from '../../ipv6-prefix';
import { msisdn } from '../fields';

/** A PLMN, MCC and MNC [29.272-7.3.9]. */
export const plmn = z.string().regex(/^\d{5,6}$/, 'must be MCC and MNC: 5 or 6 digits');

/** A number in international format, which is sent as a TBCD string. */
export const internationalNumber = msisdn;

/** Whole octets as hexadecimal digits, as the specification that is named codes them. */
export const hexText = (least: number, most: number) =>
  z
    .string()
    .regex(
      new RegExp(`^(?:[0-9A-Fa-f]{2}){${least},${most}}$`),
      least === most
        ? `must be ${least * 2} hexadecimal digits (${least} octet${least === 1 ? '' : 's'})`
        : `must be ${least} to ${most} octets in hexadecimal digits`,
    );

export const ipAddress = z
  .string()
  .refine((text) => isIPv4(text) || isIPv6(text), 'must be an IPv4 or IPv6 address');

/** A static address of a UE; the lower 64 bits of an IPv6 prefix are zero [29.272-7.3.35]. */
export const ueAddress = ipAddress.refine(
  (text) =>
    !isIPv6(text) ||
    ipv6Octets(text)
      ?.subarray(8)
      .every((octet) => octet === 0) !== false,
  'must have zero in the lower 64 bits: it is the prefix of the UE [29.272-7.3.35]',
);

const largestKilobits = 0xffff_ffff;

const bitsPerSecond = z
  .number()
  .int()
  .min(0)
  .max(largestKilobits * 1_000, 'must not be above 4294967295 kbit/s')
  .refine(
    (value) => value <= largestKilobits || value % 1_000 === 0,
    'must be whole kbit/s, because it is above 4294967295 bit/s [29.272-7.3.41]',
  );

/** AMBR. Values that neither AVP can express are refused. */
export const ambr = z.strictObject({
  uplinkBitsPerSecond: bitsPerSecond.describe('Max-Requested-Bandwidth-UL, Extended-Max-Requested-BW-UL'),
  downlinkBitsPerSecond: bitsPerSecond.describe('Max-Requested-Bandwidth-DL, Extended-Max-Requested-BW-DL'),
});

const domainName =
  /^(?=.{1,100}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** An APN without its operator identifier, TS 23.003 9.1.1: what ends in ".gprs" or begins so is none. */
const networkIdentifier = z
  .string()
  .regex(domainName, 'must be an APN: labels separated by dots, at most 100 characters')
  .refine(
    (text) => !/\.gprs$/i.test(text) && !/^(?:rac|lac|sgsn|rnc)/i.test(text),
    'must be an APN network identifier: no operator identifier (.gprs), not "rac", "lac", "sgsn" or "rnc" first (TS 23.003 9.1.1)',
  );
export const wildcardApn = '*';
export const apn = networkIdentifier;
export const serviceSelection = z.union([z.literal(wildcardApn), networkIdentifier], {
  error: 'must be an APN network identifier (labels separated by dots, TS 23.003 9.1.1) or "*"',
});

export const apnOiReplacement = z
  .string()
  .regex(domainName, 'must be labels separated by dots [29.272-7.3.32]');

export const chargingCharacteristics = z
  .string()
  .regex(/^[0-9A-Fa-f]{4}$/, 'must be 4 hexadecimal digits')
  .describe('3GPP-Charging-Characteristics, TS 32.298 [29.272-7.3.1]');

export const diameterIdentity = z
  .string()
  .max(limits.textCharacters)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be a host name or realm');

/** The identity of a P-GW [29.272-7.3.45]. */
export const mip6AgentInfo = z
  .strictObject({
    addresses: z
      .array(ipAddress)
      .max(2)
      .optional()
      .describe('MIP-Home-Agent-Address: one of each family at most [29.272-7.3.42]'),
    host: diameterIdentity.optional().describe('Destination-Host of MIP-Home-Agent-Host [29.272-7.3.43]'),
    realm: z
      .string()
      .regex(
        /^epc\.mnc\d{3}\.mcc\d{3}\.3gppnetwork\.org$/i,
        'must be epc.mnc<MNC>.mcc<MCC>.3gppnetwork.org, each of 3 digits [29.272-7.3.43]',
      )
      .optional()
      .describe('Destination-Realm of MIP-Home-Agent-Host [29.272-7.3.43]'),
  })
  .refine(({ addresses = [], host }) => addresses.length > 0 || host !== undefined, 'needs addresses or host')
  .refine(({ host, realm }) => (host === undefined) === (realm === undefined), {
    error: 'host and realm go together [29.272-7.3.43]',
    path: ['realm'],
  })
  .refine(({ addresses = [] }) => addresses.length < 2 || isOneOfEachFamily(addresses), {
    error: 'has two addresses of one family [29.272-7.3.45]',
    path: ['addresses'],
  });

export const isOneOfEachFamily = (addresses: readonly string[]): boolean =>
  addresses.filter((text) => isIPv4(text)).length <= 1 &&
  addresses.filter((text) => isIPv6(text)).length <= 1;

export const contextIdentifier = z.number().int().min(1).max(epsLimits.contextIdentifierLargest);
/** SCEF-ID [29.336-8.4.5]. */
export const scefId = diameterIdentity.describe('SCEF-ID, TS 29.336 8.4.5');
