/**
 * The credential of a K, ready to make vectors: K and OPc opened, the cipher set up, and AMF in its forms.
 *
 * It is kept for subscribers whose profile the store's bounded cache holds, from their second request on:
 * opening the secrets and setting up the cipher cost more than the vector. It is kept by the object of the
 * profile, so a change of the profile ends it; so does a change of the keys that secrets are sealed with.
 */
import { SecondUse } from '../shared/second-use';
import { amfForms, type AmfForms } from './amf';
import { Milenage } from './milenage';
import { secretOwner } from './sealed-secret';
import type { SecretOpener } from './secret-opener';

/** A credential as a document keeps it. */
export interface SealedCredential {
  readonly k: string;
  readonly opc: string;
  /** Four hexadecimal digits. */
  readonly amf: string;
}

/** It holds K for as long as it lives: nothing of it goes to a log. */
export interface OpenedCredential {
  readonly milenage: Milenage;
  readonly amf: AmfForms;
}

const kept = new SecondUse<SealedCredential, { readonly keys: object; readonly opened: OpenedCredential }>();

/**
 * @param holder private identity or IMSI that the secrets are sealed for
 * @throws SealedSecretError when a secret does not open.
 */
export function openCredential(
  holder: string,
  sealed: SealedCredential,
  secrets: SecretOpener,
): OpenedCredential {
  const keys = secrets.keys?.();
  const held = kept.get(sealed);
  if (held !== undefined && held.keys === keys) return held.opened;
  const opened = {
    milenage: new Milenage(
      secrets.open(sealed.k, secretOwner(holder, 'k')),
      secrets.open(sealed.opc, secretOwner(holder, 'opc')),
    ),
    amf: amfForms(Buffer.from(sealed.amf, 'hex')),
  };
  if (keys !== undefined) kept.derived(sealed, { keys, opened });
  return opened;
}
