/**
 * The keys that secrets at rest are sealed with: one current key and the older ones that still open what they
 * sealed. Pure: reading the file or the environment is the caller's. Keys are held as KeyObjects, which print
 * and serialise as nothing. No error here holds a key or a part of one.
 *
 * Text form of a ring, one key to a line (or separated by commas, for an environment variable), the current
 * one first:
 *
 *     # comment
 *     2026-08:<64 hexadecimal digits, or base64 of 32 octets>
 *     2025-01:<...>
 *
 * A line without "id:" gets an id from a fingerprint of the key, so a single key needs no name.
 */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { RandomSource } from '../shared/clock';

/** AES-256. */
const KEY_OCTETS = 32;
const FINGERPRINT_DIGITS = 8;
const MAX_KEYS = 64;

/** What a key id may be; it stands between dots in every sealed secret. */
export const KEY_ID_PATTERN = /^[A-Za-z0-9_-]{1,32}$/;

export interface KeyRing {
  readonly current: { readonly id: string; readonly key: KeyObject };
  /** All keys by id, the current one included. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** Key material that cannot be used: what is wrong and where, never the material itself. */
export class KeyMaterialError extends Error {
  override readonly name = 'KeyMaterialError';
}

/** 32 new octets from the random source. */
export function createKey(random: RandomSource): Buffer {
  return random.bytes(KEY_OCTETS);
}

/**
 * A key from 64 hexadecimal digits, or from base64 or base64url of 32 octets; space around it is ignored.
 * @throws KeyMaterialError when it is neither.
 */
export function parseKey(text: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  // 32 octets are 43 base64 digits, the last of which carries two unused bits, and one "=" that may be left
  // out.
  if (/^[A-Za-z0-9+/_-]{42}[AEIMQUYcgkosw048]=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64');
  throw new KeyMaterialError(
    `a key is 64 hexadecimal digits or base64 of ${KEY_OCTETS} octets; this text of ${trimmed.length} characters is neither`,
  );
}

/**
 * An id for a key that was given none: eight hexadecimal digits of SHA-256, which say nothing about a random
 * key.
 */
export function fingerprintKeyId(key: Buffer): string {
  return createHash('sha256').update('hss key id').update(key).digest('hex').slice(0, FINGERPRINT_DIGITS);
}

/**
 * A ring of these keys, the first being the current one.
 * @throws KeyMaterialError when there is none, too many, a wrong length, a wrong id or an id twice.
 */
export function createKeyRing(
  entries: ReadonlyArray<{ readonly id: string; readonly key: Buffer }>,
): KeyRing {
  const keys = new Map<string, KeyObject>();
  for (const { id, key } of entries) {
    if (!KEY_ID_PATTERN.test(id))
      throw new KeyMaterialError('a key id has 1 to 32 letters, digits, "_" or "-"');
    if (key.length !== KEY_OCTETS)
      throw new KeyMaterialError(`key '${id}' must be ${KEY_OCTETS} octets, not ${key.length}`);
    if (keys.has(id)) throw new KeyMaterialError(`key id '${id}' is there twice`);
    keys.set(id, createSecretKey(key));
  }
  const id = entries[0]?.id;
  const key = id === undefined ? undefined : keys.get(id);
  if (id === undefined || key === undefined) throw new KeyMaterialError('a key ring needs at least one key');
  if (keys.size > MAX_KEYS)
    throw new KeyMaterialError(`a key ring has at most ${MAX_KEYS} keys, not ${keys.size}`);
  return { current: { id, key }, keys };
}

/**
 * A ring from the text form above.
 * @throws KeyMaterialError naming the entry (counted from 1, comments and empty lines left out) and what is
 * wrong with it.
 */
export function parseKeyRing(text: string): KeyRing {
  const lines = text.split(/\r?\n/).filter((line) => !line.trim().startsWith('#'));
  const entries = lines
    .flatMap((line) => line.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return createKeyRing(entries.map(parseEntry));
}

/**
 * The text form of the ring with a new current key in front, for rotation by command; the older keys stay.
 * The result is secret: write it where only the service can read it.
 */
export function formatKeyRing(
  ring: KeyRing,
  newCurrent?: { readonly id: string; readonly key: Buffer },
): string {
  const older = [ring.current.id, ...[...ring.keys.keys()].filter((id) => id !== ring.current.id)];
  const entries = older.map((id) => ({ id, key: ring.keys.get(id)?.export() ?? Buffer.alloc(0) }));
  const all = newCurrent === undefined ? entries : [newCurrent, ...entries];
  createKeyRing(all);
  return all.map(({ id, key }) => `${id}:${key.toString('hex')}\n`).join('');
}

function parseEntry(entry: string, index: number): { id: string; key: Buffer } {
  const colon = entry.indexOf(':');
  try {
    const key = parseKey(entry.slice(colon + 1));
    return { id: colon < 0 ? fingerprintKeyId(key) : entry.slice(0, colon).trim(), key };
  } catch (error) {
    if (error instanceof KeyMaterialError)
      throw new KeyMaterialError(`entry ${index + 1} of the key ring: ${error.message}`);
    throw error;
  }
}
