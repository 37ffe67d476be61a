/**
 * DiameterIdentities that came lately, so that the few hosts and realms that every message names are not made
 * strings again each time. A table of fixed size; what is looked up is compared octet by octet, so a wrong
 * one is never given.
 */

const PLACES = 512;
/** Longer ones are not kept: what a peer makes up shall not cost more memory than this times the places. */
const MAX_OCTETS = 96;

const places: string[] = new Array<string>(PLACES).fill('');

/** The text of octets that are all ASCII. `hash`: any number made of them. */
export function rememberedText(bytes: Buffer, start: number, end: number, hash: number): string {
  const at = (hash ^ (hash >>> 16)) & (PLACES - 1);
  const held = places[at] ?? '';
  if (held.length === end - start && isText(held, bytes, start)) return held;
  const text = bytes.toString('latin1', start, end);
  if (text.length <= MAX_OCTETS) places[at] = text;
  return text;
}

function isText(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
