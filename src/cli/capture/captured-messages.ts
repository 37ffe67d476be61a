/** The Diameter messages of a capture, in the order in which they were complete, and what was left out. */
import { HEADER_OCTETS, readUnsigned24 } from '../../diameter/codec/header';
import { linkTypeNames, transportOf } from './packets';
import type { CaptureFile } from './capture-file';
import { SctpMessages } from './sctp-messages';
import { TcpStreams, type Run } from './tcp-streams';

export interface CapturedMessage {
  /** "frame 12, TCP 10.0.0.1:40000 -> 10.0.0.2:3868" */
  readonly origin: string;
  readonly frame: number;
  readonly octets: Buffer;
}

export interface Captured {
  readonly messages: readonly CapturedMessage[];
  /** What is not shown and why, one line each. */
  readonly notes: readonly string[];
  /** "pcap file, Ethernet, 12 frames" */
  readonly description: string;
}

/** Whether a Diameter message may begin there, RFC 6733 3. */
export function beginsMessage(octets: Buffer, at = 0): boolean {
  if (octets.length - at < HEADER_OCTETS || octets[at] !== 1) return false;
  const length = readUnsigned24(octets, at + 1);
  return length >= HEADER_OCTETS && length % 4 === 0 && ((octets[at + 4] ?? 0) & 0x0f) === 0;
}

export function capturedMessages(capture: CaptureFile): Captured {
  const skipped = new Map<string, number>();
  const skip = (why: string, count = 1): unknown => skipped.set(why, (skipped.get(why) ?? 0) + count);
  const tcp = new TcpStreams();
  const sctp = new SctpMessages();
  for (const frame of capture.frames) {
    const packet = transportOf(frame);
    if (packet === 'cut short' && !frame.isCut) skip('frames with a malformed packet');
    else if (packet === 'cut short') skip('frames that were captured in part (snap length)');
    else if (packet === 'fragment') skip('fragments of IP packets');
    else if (packet === 'unknown link type')
      skip(`frames of link type ${frame.linkType}, which is not known here`);
    else if (packet !== 'other protocol') (packet.protocol === 'tcp' ? tcp : sctp).take(packet);
  }
  const messages: CapturedMessage[] = [];
  for (const run of tcp.runs()) cutRun(run, messages, skip);
  for (const { path, frame, octets } of sctp.messages) {
    if (beginsMessage(octets)) messages.push({ origin: `frame ${frame}, SCTP ${path}`, frame, octets });
    else skip('SCTP messages that are no Diameter (encrypted?)');
  }
  if (capture.isCutOff) skip('frames that the file does not have whole');
  return {
    messages: messages.sort((a, b) => a.frame - b.frame),
    notes: [...skipped].map(([why, count]) => `${why}: ${count}`),
    description: `${capture.format} file, ${linksOf(capture)}, ${capture.frames.length} ${capture.frames.length === 1 ? 'frame' : 'frames'}`,
  };
}

const linksOf = ({ frames }: CaptureFile): string =>
  [...new Set(frames.map(({ linkType }) => linkTypeNames.get(linkType) ?? `link type ${linkType}`))].join(
    ' and ',
  ) || 'no link type';

/** Messages of one run; after a gap or in the middle of a connection from the first segment that begins one. */
function cutRun(
  { path, octets, segments, isFromStart }: Run,
  messages: CapturedMessage[],
  skip: (why: string, count?: number) => unknown,
): void {
  let at = beginsMessage(octets)
    ? 0
    : (segments.find((segment) => beginsMessage(octets, segment.at))?.at ?? -1);
  if (at < 0) {
    skip(
      octets[0] === 0x16 && octets[1] === 3
        ? 'TCP streams with TLS'
        : 'TCP streams without a Diameter message',
    );
    return;
  }
  if (at > 0 || (!isFromStart && at !== 0)) skip('octets before the first whole message', at);
  let segment = 0;
  // A segment that came late completes what came before it.
  let frame = segments[0]?.frame ?? 0;
  while (beginsMessage(octets, at)) {
    const end = at + readUnsigned24(octets, at + 1);
    if (end > octets.length) break;
    while ((segments[segment + 1]?.at ?? Infinity) < end) {
      segment += 1;
      frame = Math.max(frame, segments[segment]?.frame ?? 0);
    }
    messages.push({ origin: `frame ${frame}, TCP ${path}`, frame, octets: octets.subarray(at, end) });
    at = end;
  }
  if (at < octets.length) skip('octets after the last whole message', octets.length - at);
}
