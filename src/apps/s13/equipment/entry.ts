/**
 * What the EIR knows: a status for one piece of equipment, for one with one software version, for a range of
 * IMEIs or for all of a type. The value alone names the entry and says which of them it is about.
 */
import { z } from 'zod';
import { IMEI_DIGITS, IMEISV_DIGITS, TAC_DIGITS } from './imei';

/** PERMITTEDLISTED, PROHIBITEDLISTED and TRACKINGLISTED [29.272-7.3.51]. */
export const equipmentStatuses = ['permitted', 'prohibited', 'tracking'] as const;
export type EquipmentStatusName = (typeof equipmentStatuses)[number];

/** The names of the lists before Release 17, for help texts. */
export const formerListNames = 'permitted (white list), prohibited (black list) or tracking (grey list)';

const NOTE_CHARACTERS = 256;
const VALUE_CHARACTERS = 64;
/** Serial numbers of one TAC. */
const SERIAL_DIGITS = IMEI_DIGITS - TAC_DIGITS;

export type CanonicalValue =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

const fault = (reason: string): CanonicalValue => ({ ok: false, reason });

/** The value as it is stored: without check digits. */
export function canonicalValue(text: string): CanonicalValue {
  const [, from, to] = /^([0-9]{14})[0-9]?-([0-9]{14})[0-9]?$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined)
    return from <= to ? { ok: true, value: `${from}-${to}` } : fault('is a range that ends before it begins');
  if (!/^[0-9]+$/.test(text)) return fault('is no IMEI, IMEISV, TAC or range <IMEI>-<IMEI>');
  if (text.length === TAC_DIGITS || text.length === IMEISV_DIGITS) return { ok: true, value: text };
  if (text.length === IMEI_DIGITS || text.length === IMEI_DIGITS + 1)
    return { ok: true, value: text.slice(0, IMEI_DIGITS) };
  return fault('must have 8 digits (TAC), 14 or 15 (IMEI), 16 (IMEISV), or be a range <IMEI>-<IMEI>');
}

/** First and last IMEI of a canonical range or TAC; null for a value about one IMEI. */
export function spanOf(value: string): { readonly first: string; readonly last: string } | null {
  const [first = '', last] = value.split('-');
  if (last !== undefined) return { first, last };
  if (first.length !== TAC_DIGITS) return null;
  return { first: first + '0'.repeat(SERIAL_DIGITS), last: first + '9'.repeat(SERIAL_DIGITS) };
}

/** What a canonical value is about, for people. */
export function kindOf(value: string): 'range' | 'TAC' | 'IMEISV' | 'IMEI' {
  if (value.includes('-')) return 'range';
  if (value.length === TAC_DIGITS) return 'TAC';
  return value.length === IMEISV_DIGITS ? 'IMEISV' : 'IMEI';
}

const shape = z.strictObject({
  value: z
    .string()
    .min(1)
    .max(VALUE_CHARACTERS)
    .describe(
      '8 digits: all equipment of a TAC; 14: one IMEI (a 15th, the check digit, is dropped); 16: an IMEI with one software version (IMEISV); <IMEI>-<IMEI>: a range. The most specific entry counts [29.272-6.2.1.3]',
    ),
  status: z.enum(equipmentStatuses).describe(`${formerListNames} [29.272-7.3.51]`),
  note: z.string().min(1).max(NOTE_CHARACTERS).optional().describe('For people, such as why'),
});

export const equipmentEntry = shape.superRefine(({ value }, context) => {
  const canonical = canonicalValue(value);
  if (!canonical.ok) context.addIssue({ code: 'custom', path: ['value'], message: canonical.reason });
});

/** Canonical. */
export interface EquipmentEntry {
  readonly value: string;
  readonly status: EquipmentStatusName;
  readonly note?: string | undefined;
}

/** A checked document in the form that is stored. @throws Error for one that was not checked */
export function canonicalEntry({ value, status, note }: z.output<typeof equipmentEntry>): EquipmentEntry {
  const canonical = canonicalValue(value);
  if (!canonical.ok) throw new Error(`equipment entry not checked: ${canonical.reason}`);
  return { value: canonical.value, status, ...(note === undefined ? {} : { note }) };
}
