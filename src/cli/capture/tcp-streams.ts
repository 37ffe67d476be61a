/**
 * TCP segments of a capture to the octets that each side sent, in order (RFC 9293 3.4): segments may come late, twice
 * or overlap. Where one is missing a new run begins.
 */
import type { TransportPacket } from './packets';

/** Octets that followed each other without a gap. */
export interface Run {
  /** "10.0.0.1:40000 -> 10.0.0.2:3868" */
  readonly path: string;
  readonly octets: Buffer;
  /** Where each segment begins in `octets`, and the frame that brought it. */
  readonly segments: readonly { readonly at: number; readonly frame: number }[];
  /** The connection's first octet is the run's first. */
  readonly isFromStart: boolean;
}

interface Segment {
  /** Relative to the first segment of the stream, so that the counter may wrap. */
  readonly at: number;
  readonly frame: number;
  readonly octets: Buffer;
}

interface Stream {
  readonly path: string;
  readonly base: number;
  readonly hasSyn: boolean;
  readonly segments: Segment[];
}

const [synFlag] = [0x02];

export class TcpStreams {
  private readonly open = new Map<string, Stream>();
  private readonly all: Stream[] = [];

  take({ source, destination, frame, octets }: TransportPacket): void {
    const path = `${source}:${octets.readUInt16BE(0)} -> ${destination}:${octets.readUInt16BE(2)}`;
    const sequence = octets.readUInt32BE(4);
    const data = octets.subarray(((octets[12] ?? 0) >> 4) * 4);
    const isSyn = ((octets[13] ?? 0) & synFlag) !== 0;
    let stream = this.open.get(path);
    // A SYN with another number is another connection between the same ports.
    if (stream === undefined || (isSyn && stream.base !== (sequence + 1) >>> 0)) {
      stream = { path, base: isSyn ? (sequence + 1) >>> 0 : sequence, hasSyn: isSyn, segments: [] };
      this.open.set(path, stream);
      this.all.push(stream);
    }
    // Signed, so that what came before the first one captured stands before it.
    if (data.length > 0 && !isSyn)
      stream.segments.push({ at: (sequence - stream.base) | 0, frame, octets: data });
  }

  runs(): Run[] {
    return this.all.flatMap(runsOf);
  }
}

function runsOf({ path, hasSyn, segments }: Stream): Run[] {
  const sorted = [...segments].sort((a, b) => a.at - b.at || a.frame - b.frame);
  const runs: Run[] = [];
  let parts: Buffer[] = [];
  let marks: { at: number; frame: number }[] = [];
  let start = sorted[0]?.at ?? 0;
  let next = start;
  const finish = (): void => {
    if (parts.length > 0)
      runs.push({ path, octets: Buffer.concat(parts), segments: marks, isFromStart: hasSyn && start === 0 });
  };
  for (const { at, frame, octets } of sorted) {
    if (at > next) {
      finish();
      [parts, marks, start, next] = [[], [], at, at];
    }
    const fresh = octets.subarray(Math.min(octets.length, next - at));
    if (fresh.length === 0) continue;
    marks.push({ at: next - start, frame });
    parts.push(fresh);
    next += fresh.length;
  }
  finish();
  return runs;
}
