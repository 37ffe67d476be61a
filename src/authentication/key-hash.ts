/**
 * Which K it is, without saying K: 128 bits of HMAC-SHA-256 (RFC 2104) under a key that only this database's
 * owner has. Two private identities with the same K have the same hash. Pure.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { RandomSource } from '../shared/clock';

/** As long as the output of SHA-256 [RFC 2104 clause 3]. */
const KEY_OCTETS = 32;
/** As many as an uuid of PostgreSQL holds. */
const HASH_DIGITS = 32;

/** The hash of K in 32 hexadecimal digits. */
export type HashOfK = (k: Buffer) => string;

export const createHashKey = (random: RandomSource): Buffer => random.bytes(KEY_OCTETS);

/** @param hashKey of createHashKey */
export function hashOfKWith(hashKey: Buffer): HashOfK {
  const key: KeyObject = createSecretKey(hashKey);
  return (k) => createHmac('sha256', key).update(k).digest('hex').slice(0, HASH_DIGITS);
}
