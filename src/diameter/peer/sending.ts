/**
 * The one way out to a peer. No message leaves that is longer than the peer takes: Kamailio's cdp resets the
 * connection at such a message, and with it the work of everybody. An answer that is too long becomes a short
 * one with its error, or DIAMETER_UNABLE_TO_COMPLY [6733-7.1.5]; whoever knows the command does that before
 * (src/diameter/dispatch), so this is the last net.
 */
import { AvpCursor } from '../codec/avp-cursor';
import { encodeFromParts } from '../codec/encode';
import { COMMAND_FLAG_ERROR, decodeHeader, readUnsigned32 } from '../codec/header';
import { ResultCode } from '../generated/base';
import type { PeerEvents } from '../../events/hss-events';
import type { Logger } from '../../shared/logger';
import type { PeerLink } from './peer-link';

/** What a message is sent to: its name in logs and metrics, and the longest message that it takes. */
export interface Recipient {
  readonly name: string;
  readonly maxMessageOctets: number;
}

/** Who hears of what is sent. */
export interface SendingPorts {
  readonly events: Pick<PeerEvents, 'messageTransferred' | 'messageTooLong'>;
  readonly logger: Logger;
}

/** Sends one message and counts it. False where nothing has left. */
export function sendTo(
  ports: SendingPorts,
  to: Recipient,
  link: PeerLink,
  abbreviation: string,
  message: Buffer,
): boolean {
  const bytes = message.length <= to.maxMessageOctets ? message : tooLong(ports, to, abbreviation, message);
  if (bytes === null || !link.send(bytes)) return false;
  ports.events.messageTransferred(to.name, 'out', abbreviation, bytes.length);
  return true;
}

/** Says that a message is too long; what leaves in its place, or null for nothing. */
function tooLong(
  { events, logger }: SendingPorts,
  { name, maxMessageOctets }: Recipient,
  abbreviation: string,
  message: Buffer,
): Buffer | null {
  const octets = message.length;
  events.messageTooLong(name, abbreviation, octets);
  logger.warn(
    { peer: name, command: abbreviation, octets, maxMessageOctets },
    `${abbreviation} of ${octets} octets is not sent, ${name} takes ${maxMessageOctets} (peers[].maxMessageOctets)`,
  );
  const answer = shortAnswer(message);
  return answer !== null && answer.length <= maxMessageOctets ? answer : null;
}

const RESULT_CODE = 268;
const EXPERIMENTAL_RESULT = 297;
const EXPERIMENTAL_RESULT_CODE = 298;
/**
 * User-Name, Vendor-Specific-Application-Id, Session-Id, Origin-Host, Auth-Session-State, Origin-State-Id,
 * Proxy-Info, Origin-Realm: what finds the request again, and what every answer has.
 */
const kept: ReadonlySet<number> = new Set([1, 260, 263, 264, 277, 278, 284, 296]);
/** Result-Code 2xxx is no error, so it does not stay without what it promises. */
const FIRST_ERROR = 3_000;

/**
 * The answer without what makes it long: its error stays, a success becomes DIAMETER_UNABLE_TO_COMPLY. Null
 * for a request.
 */
export function shortAnswer(answer: Buffer): Buffer | null {
  const header = decodeHeader(answer);
  if (header === null || header.request) return null;
  const parts: Buffer[] = [];
  let result: Buffer | null = null;
  for (const avp = AvpCursor.ofMessage(answer); avp.next();) {
    if (avp.vendorId !== 0) continue;
    if (avp.code === RESULT_CODE || avp.code === EXPERIMENTAL_RESULT) {
      if (resultOf(avp) >= FIRST_ERROR) result = avp.whole();
    } else if (kept.has(avp.code)) parts.push(avp.whole());
  }
  parts.splice(1, 0, result ?? unableToComply);
  const flags = (answer[4] ?? 0) & (result === null ? ~COMMAND_FLAG_ERROR : 0xff);
  const { commandCode, applicationId, hopByHopId, endToEndId } = header;
  return encodeFromParts(flags, commandCode, applicationId, hopByHopId, endToEndId, parts);
}

/** The number in a Result-Code, or in the Experimental-Result around an Experimental-Result-Code. */
function resultOf({ code, bytes, dataStart, dataEnd }: AvpCursor): number {
  if (code === RESULT_CODE) return readUnsigned32(bytes, dataStart);
  const inner = new AvpCursor().reset(bytes, dataStart, dataEnd);
  while (inner.next())
    if (inner.is(EXPERIMENTAL_RESULT_CODE, 0)) return readUnsigned32(bytes, inner.dataStart);
  return 0;
}

const unableToComply = Buffer.alloc(12);
unableToComply.writeUInt32BE(RESULT_CODE, 0);
unableToComply.writeUInt32BE(unableToComply.length, 4);
unableToComply[4] = 0x40;
unableToComply.writeUInt32BE(ResultCode.DIAMETER_UNABLE_TO_COMPLY, 8);
