/** The port through which applications open secrets (sealed-secret.ts). */

/** Opens a sealed secret; throws where the key is not there or the secret was tampered with. */
export interface SecretOpener {
  /** `owner` binds the secret to its place: private identity and field. */
  open(sealed: string, owner: string): Buffer;
  /**
   * What secrets are opened with, another object after the keys were read again: what was opened with the
   * former is to be opened anew. Without it nothing opened is kept.
   */
  keys?(): object;
}
