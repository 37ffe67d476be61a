/** Numbers as TBCD strings: the low half of an octet first, filler F, TS 29.002 17.7.8. */

const FILLER = 0xf;

/** E.164 digits as octets, without indicators for the nature of address and the numbering plan [29.272-7.3.39]. */
export function tbcd(digits: string): Buffer {
  const octets = Buffer.alloc(Math.ceil(digits.length / 2));
  for (let i = 0; i < octets.length; i++) {
    const high = 2 * i + 1 < digits.length ? digits.charCodeAt(2 * i + 1) - 48 : FILLER;
    octets[i] = (high << 4) | (digits.charCodeAt(2 * i) - 48);
  }
  return octets;
}

/** The digits of the octets; null where they are no number. */
export function tbcdDigits(octets: Buffer): string | null {
  const halves = octets.toString('hex').replace(/(.)(.)/g, '$2$1');
  const digits = halves.endsWith('f') ? halves.slice(0, -1) : halves;
  return /^\d{1,15}$/.test(digits) ? digits : null;
}
