/**
 * What makes two messages one request, and how the answer to the one becomes the answer to the other: all but
 * the hop-by-hop identifier, the T bit and what agents on the way write [6733-3] [6733-5.5.4].
 *
 * A request that comes again by another agent has other routing AVPs [6733-6.7], may be addressed otherwise,
 * and may carry another priority or another offer of overload control of that agent (RFC 7944, RFC 7683).
 */
import { AvpCursor } from '../codec/avp-cursor';
import { HEADER_OCTETS, MAX_LENGTH_OCTETS, readUnsigned32 } from '../codec/header';

const HOP_BY_HOP_OFFSET = 12;
const APPLICATION_OFFSET = 8;
const ROUTE_RECORD = 282;
const DESTINATION_REALM = 283;
const PROXY_INFO = 284;
const DESTINATION_HOST = 293;
const DRMP = 301;
const OC_SUPPORTED_FEATURES = 621;
const WORD_OCTETS = 4;
const NOTHING = Buffer.alloc(0);

function isOfAgents(code: number): boolean {
  switch (code) {
    case ROUTE_RECORD:
    case DESTINATION_REALM:
    case PROXY_INFO:
    case DESTINATION_HOST:
    case DRMP:
    case OC_SUPPORTED_FEATURES:
      return true;
    default:
      return false;
  }
}

/** Steps over every request, so it is made once. */
const cursor = new AvpCursor();

/**
 * A number made of the request's application and its AVPs, a word at a time: a retransmission has the same
 * one. `seed`: so that a peer cannot choose which contents meet.
 */
export function contentHash(bytes: Buffer, seed: number): number {
  let hash = seed ^ readUnsigned32(bytes, APPLICATION_OFFSET);
  let counted = HEADER_OCTETS;
  cursor.reset(bytes, HEADER_OCTETS, bytes.length);
  while (cursor.next()) {
    if (cursor.vendorId !== 0 || !isOfAgents(cursor.code)) continue;
    hash = mixed(bytes, counted, cursor.start, hash);
    counted = cursor.after;
  }
  hash = mixed(bytes, counted, bytes.length, hash);
  cursor.reset(NOTHING, 0, 0);
  return hash | 0;
}

function mixed(bytes: Buffer, from: number, to: number, start: number): number {
  let hash = start;
  for (let at = from; at < to; at += WORD_OCTETS) {
    const word = Math.imul(hash ^ readUnsigned32(bytes, at), 0x85ebca6b);
    hash = (word << 13) | (word >>> 19);
  }
  return hash;
}

function proxyInfoOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const avp = AvpCursor.ofMessage(bytes);
  while (avp.next()) if (avp.is(PROXY_INFO, 0)) found.push(avp.whole());
  return found;
}

/**
 * The answer given before, for a copy of its request: the copy's hop-by-hop identifier, and the Proxy-Info
 * that its own agents want back [6733-6.2].
 */
export function answerToCopy(answer: Buffer, copy: Buffer): Buffer {
  const before = proxyInfoOf(answer);
  const wanted = proxyInfoOf(copy);
  const asBefore =
    before.length === wanted.length && before.every((avp, i) => wanted[i]?.equals(avp) === true);
  const bytes = asBefore ? Buffer.from(answer) : withProxyInfo(answer, wanted);
  copy.copy(bytes, HOP_BY_HOP_OFFSET, HOP_BY_HOP_OFFSET, HOP_BY_HOP_OFFSET + WORD_OCTETS);
  return bytes;
}

function withProxyInfo(answer: Buffer, proxyInfo: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [answer.subarray(0, HEADER_OCTETS)];
  const avp = AvpCursor.ofMessage(answer);
  while (avp.next()) if (!avp.is(PROXY_INFO, 0)) parts.push(avp.whole());
  const bytes = Buffer.concat([...parts, ...proxyInfo]);
  if (bytes.length > MAX_LENGTH_OCTETS) return Buffer.from(answer);
  bytes.writeUIntBE(bytes.length, 1, 3);
  return bytes;
}
