/**
 * PLMN identities [29.272-7.3.9]: MCC and MNC as digits, "00101" or "310410", and as the 3 octets of the wire (TS
 * 24.008 10.5.1.13).
 */

/** 3 digits of MCC and 2 or 3 of MNC. */
export type PlmnId = string;

const NO_DIGIT = 0xf;

const OCTETS = 3;
/** Every request names a PLMN, and there are few; a peer that makes them up does not fill the memory. */
const known = new Map<number, PlmnId | null>();
const MAX_KNOWN = 10_000;

/** The digits of 3 octets; null where they are no PLMN identity. */
export const plmnOf = (octets: Buffer): PlmnId | null =>
  octets.length === OCTETS ? plmnOfNumber(octets.readUIntBE(0, OCTETS)) : null;

/** The same, of the hexadecimal digits of the octets. */
export const plmnOfHex = (digits: string): PlmnId | null =>
  digits.length === 2 * OCTETS ? plmnOfNumber(Number.parseInt(digits, 16)) : null;

function plmnOfNumber(octets: number): PlmnId | null {
  let plmn = known.get(octets);
  if (plmn === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(octets, (plmn = digitsOf(octets)));
  }
  return plmn;
}

function digitsOf(octets: number): PlmnId | null {
  const half = (at: number): number => (octets >> (4 * at)) & 0xf;
  const digits = [half(4), half(5), half(2), half(0), half(1)];
  const last = half(3);
  if (last !== NO_DIGIT) digits.push(last);
  return digits.every((digit) => digit <= 9) ? digits.join('') : null;
}

/** The 3 octets of the digits. */
export function plmnOctets(plmn: PlmnId): Buffer {
  const digit = (at: number): number => (at < plmn.length ? Number(plmn[at]) : NO_DIGIT);
  return Buffer.from([(digit(1) << 4) | digit(0), (digit(5) << 4) | digit(2), (digit(4) << 4) | digit(3)]);
}

/** The subscriber is at home: the IMSI begins with the PLMN identity (TS 23.003 2.2), or it counts as home. */
export const isHome = (imsi: string, plmn: PlmnId, homePlmns: ReadonlySet<PlmnId>): boolean =>
  imsi.startsWith(plmn) || homePlmns.has(plmn);
