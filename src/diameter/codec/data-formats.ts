/**
 * Syntax of the derived data formats [6733-4.3.1]: what a receiver checks beyond the length.
 *
 * Deviations: DiameterIdentity admits the underscore and upper case, which operators' host names have.
 * UTF8String admits what RFC 3629 admits (not the five and six octet forms of RFC 2279) and no NUL.
 */
import { isUtf8 } from 'node:buffer';
import { rememberedText } from './identity-memory';

const MAX_IDENTITY_OCTETS = 255;
/** Up to here a loop over the octets is cheaper than a call into the runtime. */
const SHORT_STRING_OCTETS = 96;
const DOT = 0x2e;

/** 1 for each octet that an FQDN or realm may hold. */
const IDENTITY_OCTETS = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.') {
  IDENTITY_OCTETS[character.charCodeAt(0)] = 1;
}

/** The text of a UTF8String; null when the octets are not UTF-8 or hold a NUL. */
export function readUtf8(bytes: Buffer, start: number, end: number): string | null {
  if (end - start <= SHORT_STRING_OCTETS) {
    let at = start;
    while (at < end) {
      const octet = bytes[at] ?? 0;
      if (octet === 0) return null;
      if (octet > 0x7f) break;
      at += 1;
    }
    if (at === end) return bytes.toString('latin1', start, end);
  }
  const slice = bytes.subarray(start, end);
  if (!isUtf8(slice) || slice.includes(0)) return null;
  return slice.toString('utf8');
}

/**
 * The text of a DiameterIdentity; null when it is not an FQDN or realm: empty, a foreign character or an
 * empty label.
 */
export function readIdentity(bytes: Buffer, start: number, end: number): string | null {
  const octets = end - start;
  if (octets === 0 || octets > MAX_IDENTITY_OCTETS) return null;
  let previous = DOT;
  let hash = octets;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at] ?? 0;
    if (IDENTITY_OCTETS[octet] === 0 || (octet === DOT && previous === DOT)) return null;
    previous = octet;
    hash = Math.imul(hash, 31) + octet;
  }
  return rememberedText(bytes, start, end, hash);
}

const URI =
  /^aaas?:\/\/([a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(\d{1,5}))?(?:;transport=(tcp|sctp|udp))?(?:;protocol=(diameter|radius|tacacs\+))?$/i;
const MAX_PORT = 65535;

/** Whether the text follows DiameterURI; UDP is refused for the Diameter protocol, as the clause says. */
export function isDiameterUri(text: string): boolean {
  const match = URI.exec(text);
  if (match === null) return false;
  const [, host = '', port, transport, protocol] = match;
  if (host.length > MAX_IDENTITY_OCTETS || (port !== undefined && Number(port) > MAX_PORT)) return false;
  return (
    transport?.toLowerCase() !== 'udp' || (protocol !== undefined && protocol.toLowerCase() !== 'diameter')
  );
}

/** Whether the text begins as an IPFilterRule must: action, direction, protocol, from, to. */
export function isIpFilterRule(text: string): boolean {
  return /^(?:permit|deny) (?:in|out) (?:ip|\d{1,3}) from \S+(?: \S+)? to \S+/.test(text);
}

/** Seconds from 1900-01-01 to 1970-01-01. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800;
const NTP_ERA_SECONDS = 0x1_0000_0000;
const NTP_HIGH_BIT = 0x8000_0000;

/**
 * A Time's 32 bits as a date; a clear high bit counts from 2036-02-07 on (RFC 5905, SNTP's rule until 2104).
 */
export function timeToDate(seconds: number): Date {
  const ntp = seconds >= NTP_HIGH_BIT ? seconds : seconds + NTP_ERA_SECONDS;
  return new Date((ntp - NTP_TO_UNIX_SECONDS) * 1000);
}

/**
 * The 32 bits of a Time; null for a date outside 1968-01-20 to 2104-02-26. Fractions of a second are cut off.
 */
export function dateToTime(date: Date): number | null {
  const ntp = Math.floor(date.getTime() / 1000) + NTP_TO_UNIX_SECONDS;
  if (!(ntp >= NTP_HIGH_BIT && ntp < NTP_ERA_SECONDS + NTP_HIGH_BIT)) return null;
  return ntp >= NTP_ERA_SECONDS ? ntp - NTP_ERA_SECONDS : ntp;
}
