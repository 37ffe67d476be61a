/**
 * The conversion functions c2 and c3 that make a GSM triplet of a UMTS quintuplet [33.102-6.8.1.2], for a USIM
 * that is used in GERAN. Pure.
 */
import { requireLength } from './lengths';

const SRES_OCTETS = 4;
const KC_OCTETS = 8;
const KEY_OCTETS = 16;
const MIN_RES_OCTETS = 4;
const MAX_RES_OCTETS = 16;

/**
 * c2: the 32-bit words of XRES, padded with zeros to four of them, xored to SRES. Zeros change nothing, so
 * none are added.
 * @throws RangeError when XRES is not 4 to 16 octets.
 */
export function c2(xres: Buffer): Buffer {
  const { length } = xres;
  if (length < MIN_RES_OCTETS || length > MAX_RES_OCTETS)
    throw new RangeError(`XRES must be ${MIN_RES_OCTETS} to ${MAX_RES_OCTETS} octets, not ${length}`);
  const sres = Buffer.allocUnsafe(SRES_OCTETS);
  for (let i = 0; i < SRES_OCTETS; i++) {
    let octet = 0;
    for (let j = i; j < length; j += SRES_OCTETS) octet ^= xres[j] as number;
    sres[i] = octet;
  }
  return sres;
}

/**
 * c3: both halves of CK and of IK, xored to Kc.
 * @throws RangeError when CK or IK is not 16 octets.
 */
export function c3(ck: Buffer, ik: Buffer): Buffer {
  requireLength('CK', ck, KEY_OCTETS);
  requireLength('IK', ik, KEY_OCTETS);
  const kc = Buffer.allocUnsafe(KC_OCTETS);
  for (let i = 0; i < KC_OCTETS; i++) {
    const second = i + KC_OCTETS;
    kc[i] = (ck[i] as number) ^ (ck[second] as number) ^ (ik[i] as number) ^ (ik[second] as number);
  }
  return kc;
}
