/** SCTP DATA chunks of a capture to user messages (RFC 9260 3.3.1 and 6.9): fragments are put together by TSN. */
import type { TransportPacket } from './packets';

export interface SctpMessage {
  /** "10.0.0.1:3868 -> 10.0.0.2:3868, stream 1" */
  readonly path: string;
  /** That completed it. */
  readonly frame: number;
  readonly octets: Buffer;
}

interface Fragment {
  readonly frame: number;
  readonly begins: boolean;
  readonly ends: boolean;
  readonly octets: Buffer;
}

const dataChunk = 0;
const dataHeaderOctets = 16;
const [endFlag, beginFlag] = [0x01, 0x02];

export class SctpMessages {
  /** By path and stream, then by TSN. */
  private readonly fragments = new Map<string, Map<number, Fragment>>();
  /** TSNs seen: a retransmission is no second message. */
  private readonly seen = new Map<string, Set<number>>();
  readonly messages: SctpMessage[] = [];

  take({ source, destination, frame, octets }: TransportPacket): void {
    const path = `${source}:${octets.readUInt16BE(0)} -> ${destination}:${octets.readUInt16BE(2)}`;
    const association = `${path} ${octets.readUInt32BE(4)}`;
    for (let at = 12; at + 4 <= octets.length;) {
      const length = octets.readUInt16BE(at + 2);
      if (length < 4 || at + length > octets.length) return;
      if (octets[at] === dataChunk && length >= dataHeaderOctets)
        this.data(path, association, frame, octets.subarray(at, at + length));
      at += (length + 3) & ~3;
    }
  }

  private data(path: string, association: string, frame: number, chunk: Buffer): void {
    const tsn = chunk.readUInt32BE(4);
    const seen = this.seen.get(association) ?? new Set();
    this.seen.set(association, seen);
    if (seen.has(tsn)) return;
    seen.add(tsn);
    const flags = chunk[1] ?? 0;
    const named = `${path}, stream ${chunk.readUInt16BE(8)}`;
    const key = `${association} ${chunk.readUInt16BE(8)}`;
    const octets = chunk.subarray(dataHeaderOctets);
    const [begins, ends] = [(flags & beginFlag) !== 0, (flags & endFlag) !== 0];
    if (begins && ends) {
      this.messages.push({ path: named, frame, octets });
      return;
    }
    const fragments = this.fragments.get(key) ?? new Map<number, Fragment>();
    this.fragments.set(key, fragments.set(tsn, { frame, begins, ends, octets }));
    const whole = wholeMessage(fragments, tsn);
    if (whole !== null) this.messages.push({ path: named, frame, octets: whole });
  }
}

/** The message that the fragment belongs to, once none is missing; its fragments are then forgotten. */
function wholeMessage(fragments: Map<number, Fragment>, tsn: number): Buffer | null {
  let first = tsn;
  while (fragments.get(first)?.begins === false) first = (first - 1) >>> 0;
  const parts: Buffer[] = [];
  for (let at = first; ; at = (at + 1) >>> 0) {
    const part = fragments.get(at);
    if (part === undefined) return null;
    parts.push(part.octets);
    if (!part.ends) continue;
    for (let used = first; used !== (at + 1) >>> 0; used = (used + 1) >>> 0) fragments.delete(used);
    return Buffer.concat(parts);
  }
}
