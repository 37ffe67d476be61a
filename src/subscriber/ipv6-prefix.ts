/**
 * Framed-IPv6-Prefix, RFC 3162 clause 2.3 [29.229-6.3.54]: a reserved octet, the prefix length in bits, the
 * prefix's octets.
 */
import { isIPv6 } from 'node:net';

/** The octets of an IPv6 address in text. @throws RangeError when it is none. */
export function ipv6Octets(address: string): Buffer {
  if (!isIPv6(address)) throw new RangeError(`"${address}" is no IPv6 address`);
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_match, a: string, b: string, c: string, d: string) =>
      `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`,
  );
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const octets = Buffer.alloc(16);
  groups.forEach((group, index) => octets.writeUInt16BE(parseInt(group, 16), index * 2));
  return octets;
}

/** Whether `text` is a prefix in the form 2001:db8::/64. */
export function isIpv6Prefix(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  return isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128;
}

/** @throws RangeError when `prefix` is none. */
export function ipv6PrefixOctets(prefix: string): Buffer {
  if (!isIpv6Prefix(prefix)) throw new RangeError(`"${prefix}" is no IPv6 prefix`);
  const [address = '', length = ''] = prefix.split('/');
  const bits = Number(length);
  const octets = ipv6Octets(address).subarray(0, Math.ceil(bits / 8));
  // Bits beyond the prefix length must be zero.
  const spare = octets.length * 8 - bits;
  const last = octets.length - 1;
  if (spare > 0) octets[last] = (octets[last] ?? 0) & (0xff << spare);
  return Buffer.concat([Buffer.from([0, bits]), octets]);
}
