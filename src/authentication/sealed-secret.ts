/**
 * Secrets at rest (K, OPc, HA1): AES-256-GCM, NIST SP 800-38D, under a ring of keys so that a key can be
 * replaced while secrets sealed with the older ones still open. The text form is
 *
 *     v1.<key id>.<base64url of: IV (12 octets) || ciphertext || tag (16 octets)>
 *
 * Version, key id and owner are authenticated with it. The owner says what the secret belongs to (private
 * identity and field), so a sealed text that someone copies to another subscriber or field does not open
 * there. Pure: the IV's randomness arrives as an argument. A random IV of 96 bits is good for 2^32 secrets
 * under one key (SP 800-38D, 8.3). No error here holds a secret or a key.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomSource } from '../shared/clock';
import { KEY_ID_PATTERN, type KeyRing } from './key-ring';

const VERSION = 'v1';
const IV_OCTETS = 12;
const TAG_OCTETS = 16;
const CIPHER = 'aes-256-gcm';

/**
 * Why a sealed secret does not open. malformed: not of the form above. unknownKey: no key of that id in the
 * ring. notAuthentic: altered, sealed for another owner, or another key under the same id.
 */
export type UnsealFailure = 'malformed' | 'unknownKey' | 'notAuthentic';

/** A sealed secret that cannot be opened. The message names the owner and the key id, nothing else. */
export class SealedSecretError extends Error {
  override readonly name = 'SealedSecretError';
  constructor(
    readonly reason: UnsealFailure,
    message: string,
  ) {
    super(message);
  }
}

/**
 * What a secret belongs to, for seal and unseal. The parts are joined so that no two lists of parts give the
 * same owner.
 * @example secretOwner('alice@ims.example', 'k')
 */
export function secretOwner(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

/** Seals a secret with the ring's current key. Two seals of the same secret differ. */
export function seal(plain: Buffer, owner: string, ring: KeyRing, random: RandomSource): string {
  const { id, key } = ring.current;
  const iv = random.bytes(IV_OCTETS);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_OCTETS });
  cipher.setAAD(additionalData(id, owner));
  const ciphertext = cipher.update(plain);
  // In counter mode final() yields no octets, it only completes the tag.
  cipher.final();
  return `${VERSION}.${id}.${Buffer.concat([iv, ciphertext, cipher.getAuthTag()]).toString('base64url')}`;
}

/**
 * Opens a sealed secret.
 * @throws SealedSecretError, see UnsealFailure.
 */
export function unseal(sealed: string, owner: string, ring: KeyRing): Buffer {
  const { keyId, body } = parseSealed(sealed, owner);
  const key = ring.keys.get(keyId);
  if (key === undefined) {
    throw new SealedSecretError(
      'unknownKey',
      `the secret of ${owner} is sealed with key '${keyId}', which is not in the key ring`,
    );
  }
  const plain = open(key, keyId, owner, body);
  if (plain === undefined) {
    throw new SealedSecretError(
      'notAuthentic',
      `the secret of ${owner} does not open with key '${keyId}': it was altered, belongs to another owner, or the key is another one`,
    );
  }
  return plain;
}

/**
 * Whether the secret should be sealed anew because its key is no longer the current one.
 * @throws SealedSecretError 'malformed'.
 */
export function needsRotation(sealed: string, ring: KeyRing): boolean {
  return parseSealed(sealed, 'an owner not given').keyId !== ring.current.id;
}

/**
 * The same secret under the ring's current key; the text itself when that is what it has.
 * @throws SealedSecretError, see UnsealFailure.
 */
export function rotate(sealed: string, owner: string, ring: KeyRing, random: RandomSource): string {
  return needsRotation(sealed, ring) ? seal(unseal(sealed, owner, ring), owner, ring, random) : sealed;
}

function parseSealed(sealed: string, owner: string): { keyId: string; body: Buffer } {
  const [version, keyId, text, ...rest] = sealed.split('.');
  if (
    version !== VERSION ||
    keyId === undefined ||
    text === undefined ||
    rest.length > 0 ||
    !KEY_ID_PATTERN.test(keyId)
  ) {
    throw new SealedSecretError(
      'malformed',
      `the secret of ${owner} is not of the form ${VERSION}.<key id>.<base64url>`,
    );
  }
  const body = Buffer.from(text, 'base64url');
  // Node skips what is not base64url; encoding it again shows whether anything was.
  if (body.length < IV_OCTETS + TAG_OCTETS || body.toString('base64url') !== text) {
    throw new SealedSecretError(
      'malformed',
      `the secret of ${owner} has a body that is too short or not base64url`,
    );
  }
  return { keyId, body };
}

/** The plain octets, or undefined when the tag does not fit. */
function open(key: KeyObject, keyId: string, owner: string, body: Buffer): Buffer | undefined {
  const tagAt = body.length - TAG_OCTETS;
  const decipher = createDecipheriv(CIPHER, key, body.subarray(0, IV_OCTETS), { authTagLength: TAG_OCTETS });
  decipher.setAAD(additionalData(keyId, owner));
  decipher.setAuthTag(body.subarray(tagAt));
  const plain = decipher.update(body.subarray(IV_OCTETS, tagAt));
  try {
    decipher.final();
  } catch {
    // The only way that final() can fail here is a tag that does not fit; its octets must not be used.
    plain.fill(0);
    return undefined;
  }
  return plain;
}

/** The key id has no dot, so where each part ends is certain. */
function additionalData(keyId: string, owner: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${owner}`, 'utf8');
}
