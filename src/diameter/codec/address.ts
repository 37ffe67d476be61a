/**
 * The Address format: two octets of address family, then the address [6733-4.3.1]. IPv4 and IPv6 (families 1
 * and 2 of IANA's registry) are text in the manner of RFC 5952; any other family is `hex:<family>:<octets>`.
 */
import { isIPv4, isIPv6 } from 'node:net';

export const FAMILY_IPV4 = 1;
export const FAMILY_IPV6 = 2;
export const IPV4_OCTETS = 4;
export const IPV6_OCTETS = 16;
const FAMILY_OCTETS = 2;
const IPV6_GROUPS = 8;

/** The address in `bytes` from `start` (the family) to `end`; its length has been checked. */
export function readAddress(bytes: Buffer, start: number, end: number): string {
  const family = bytes.readUInt16BE(start);
  const at = start + FAMILY_OCTETS;
  if (family === FAMILY_IPV4) return formatIPv4(bytes, at);
  if (family === FAMILY_IPV6) return formatIPv6(bytes, at);
  return `hex:${family}:${bytes.toString('hex', at, end)}`;
}

/** Family and octets of an address in text; null when it is none. */
export function parseAddress(text: string): { readonly family: number; readonly octets: Buffer } | null {
  if (isIPv4(text)) return { family: FAMILY_IPV4, octets: Buffer.from(text.split('.').map(Number)) };
  if (isIPv6(text)) return { family: FAMILY_IPV6, octets: parseIPv6(text) };
  const match = /^hex:(\d{1,5}):((?:[0-9a-f]{2})*)$/i.exec(text);
  if (match === null || Number(match[1]) > 0xffff) return null;
  return { family: Number(match[1]), octets: Buffer.from(match[2] ?? '', 'hex') };
}

/** Four octets in dotted decimal. */
export function formatIPv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
}

/**
 * Sixteen octets as RFC 5952 clause 4 writes them: lower case, the longest run of two or more zero groups as
 * "::".
 */
export function formatIPv6(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let i = 0; i < IPV6_GROUPS; i += 1)
    groups.push(((bytes[offset + 2 * i] ?? 0) << 8) | (bytes[offset + 2 * i + 1] ?? 0));
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < IPV6_GROUPS; i += 1) {
    let length = 0;
    while (i + length < IPV6_GROUPS && groups[i + length] === 0) length += 1;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
    if (length > 0) i += length - 1;
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (bestStart < 0) return text(groups);
  return `${text(groups.slice(0, bestStart))}::${text(groups.slice(bestStart + bestLength))}`;
}

function parseIPv6(text: string): Buffer {
  const octets = Buffer.alloc(IPV6_OCTETS);
  let plain = text.replace(/%.*$/, '');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  if (dotted !== null) {
    const [high, low] = [
      Number(dotted[2]) * 256 + Number(dotted[3]),
      Number(dotted[4]) * 256 + Number(dotted[5]),
    ];
    plain = `${dotted[1] ?? ''}${high.toString(16)}:${low.toString(16)}`;
  }
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  first.forEach((group, index) => octets.writeUInt16BE(group, 2 * index));
  last.forEach((group, index) => octets.writeUInt16BE(group, 2 * (IPV6_GROUPS - last.length + index)));
  return octets;
}
