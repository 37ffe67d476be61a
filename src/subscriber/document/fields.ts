/** Data formats that several sections of the subscription document share. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { subscriberLimits } from '../limits';

export const hexOctets = (octets: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[0-9A-Fa-f]{${octets * 2}}$`),
      `must be ${octets * 2} hexadecimal digits (${octets} octets)`,
    );

export const setName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, ".", "_" or "-"')
  .max(limits.nameCharacters);

export const sipUri = z
  .string()
  .max(subscriberLimits.impuOctets)
  .regex(/^sips?:[^\s]+$/i, 'must be a SIP URI (sip:...)');
export const diameterUri = z
  .string()
  .max(limits.textCharacters)
  .regex(
    /^aaas?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(;[a-z]+=[a-z0-9]+)*$/i,
    'must be a DiameterURI (aaa://host[:port][;transport=..][;protocol=..])',
  );
export const unsigned32 = z.number().int().min(0).max(0xffff_ffff);

/** An IMSI, TS 23.003 2.2. */
export const imsi = z.string().regex(/^\d{6,15}$/, 'must be 6 to 15 digits');

/** An MSISDN, TS 23.003 3.3: country code and national number. */
export const msisdn = z.string().regex(/^\d{5,15}$/, 'must be 5 to 15 digits, without "+"');

/** A Private User Identity is a NAI, TS 23.003 13.3. */
export const privateIdentityName = z
  .string()
  .min(3)
  .max(subscriberLimits.privateIdentityOctets)
  .regex(
    /^(?!(?:sips?|tel|urn|im|pres|mailto|https?|aaas?):)[^\s@]+@[^\s@]+$/i,
    'must be a Network Access Identifier (user@realm), not a URI',
  );

/** Where a fault is told that one property alone cannot show. */
export type Report = (path: (string | number)[], message: string) => void;
