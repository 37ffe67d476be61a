/**
 * PLMN identities [29.272-7.3.9]: MCC and MNC as digits, "00101" or "310410", and as the 3 octets of the wire (TS
 * 24.008 10.5.1.13).
 */

/** 3 digits of MCC and 2 or 3 of MNC. */
export type PlmnId = string;

const NO_DIGIT = 0xf;

/** The digits of 3 octets; null where they are no PLMN identity. */
export function plmnOf(octets: Buffer): PlmnId | null {
  if (octets.length !== 3) return null;
  const [first, second, third] = octets as unknown as [number, number, number];
  const digits = [first & 0xf, first >> 4, second & 0xf, third & 0xf, third >> 4];
  const last = second >> 4;
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
