/** What `hss decode` was given: a capture file, a hexdump, hexadecimal digits or the octets of messages. */
import { parseHex } from '../../diameter/codec/render';
import { readCaptureFile, type Frame } from './capture-file';
import { beginsMessage, capturedMessages, type CapturedMessage } from './captured-messages';
import { readHexdump } from './hexdump';
import { looksLikeIp } from './packets';

export interface DecodeInput {
  /** What it was taken for. */
  readonly description: string;
  readonly notes: readonly string[];
  /** Messages with the place where each was found; of a capture or a dump of frames. */
  readonly captured: readonly CapturedMessage[] | null;
  /** Otherwise messages one after the other. */
  readonly octets: Buffer;
}

const [ethernet, rawIp] = [1, 101];
/** More is no text that somebody made by hand or with a tool for it. */
const maxTextOctets = 16_777_216;

/** Text where it may be some; what is none is the octets themselves, even where they are no Diameter. */
export function readInput(content: Buffer): DecodeInput {
  const binary = readBinary(content);
  if (binary !== null) return binary;
  const text = content.length <= maxTextOctets ? content.toString('latin1') : '';
  const dump = readHexdump(text);
  if (dump !== null) {
    const inner = readDump(dump.packets);
    return { ...inner, description: `${dump.format}: ${inner.description}` };
  }
  const digits = parseHex(text);
  if (digits === null)
    return { description: 'octets of messages', notes: [], captured: null, octets: content };
  const inner = readBinary(digits);
  return inner === null
    ? { description: 'hexadecimal digits', notes: [], captured: null, octets: digits }
    : { ...inner, description: `hexadecimal digits: ${inner.description}` };
}

/** A capture file, or null. */
function readBinary(octets: Buffer): DecodeInput | null {
  const capture = readCaptureFile(octets);
  if (capture === null) return null;
  const { messages, notes, description } = capturedMessages(capture);
  return { description, notes, captured: messages, octets };
}

/** The octets of a dump are messages, frames, or a capture file. */
function readDump(packets: readonly Buffer[]): DecodeInput {
  const [first = Buffer.alloc(0)] = packets;
  const binary = packets.length === 1 ? readBinary(first) : null;
  if (binary !== null) return binary;
  const linkType = looksLikeIp(first) ? rawIp : looksLikeIp(first.subarray(14)) ? ethernet : null;
  if (beginsMessage(first) || linkType === null)
    return { description: 'octets of messages', notes: [], captured: null, octets: Buffer.concat(packets) };
  const frames = packets.map((octets, i): Frame => ({ number: i + 1, linkType, octets, isCut: false }));
  const { messages, notes } = capturedMessages({ format: 'pcap', frames, isCutOff: false });
  const link = linkType === ethernet ? 'Ethernet frames' : 'IP packets';
  return { description: `${link}, ${frames.length}`, notes, captured: messages, octets: first };
}
