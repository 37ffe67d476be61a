/** What a load generator wants to know of an answer, read without decoding it: its result. */

const HEADER_OCTETS = 20;
const RESULT_CODE = 268;
const EXPERIMENTAL_RESULT = 297;
const EXPERIMENTAL_RESULT_CODE = 298;

/**
 * Offset of the data of the first AVP with that code between `from` and `to`, and its length; -1 where there
 * is none.
 */
export function findAvp(
  bytes: Buffer,
  code: number,
  from: number,
  to: number,
): { readonly at: number; readonly octets: number } | null {
  for (let at = from; at + 8 <= to;) {
    const length = bytes.readUIntBE(at + 5, 3);
    const header = ((bytes[at + 4] ?? 0) & 0x80) === 0 ? 8 : 12;
    if (length < header || at + length > to) return null;
    if (bytes.readUInt32BE(at) === code) return { at: at + header, octets: length - header };
    at += (length + 3) & ~3;
  }
  return null;
}

/**
 * Result-Code, or 100000 + Experimental-Result-Code; 0 where the answer has neither. `from` and `to` bound
 * the message.
 */
export function resultOf(bytes: Buffer, from: number, to: number): number {
  const result = findAvp(bytes, RESULT_CODE, from + HEADER_OCTETS, to);
  if (result !== null && result.octets === 4) return bytes.readUInt32BE(result.at);
  const group = findAvp(bytes, EXPERIMENTAL_RESULT, from + HEADER_OCTETS, to);
  if (group === null) return 0;
  const code = findAvp(bytes, EXPERIMENTAL_RESULT_CODE, group.at, group.at + group.octets);
  return code === null || code.octets !== 4 ? 0 : 100_000 + bytes.readUInt32BE(code.at);
}

/** 2xxx, experimental or not. */
export const isSuccess = (result: number): boolean => Math.floor((result % 100_000) / 1_000) === 2;

export const resultText = (result: number): string =>
  result === 0 ? 'none' : result >= 100_000 ? `experimental ${result - 100_000}` : String(result);
