/**
 * Capture files: pcap (draft-ietf-opsawg-pcap) in both byte orders, with microseconds or nanoseconds, and pcapng
 * (draft-ietf-opsawg-pcapng) with its Enhanced, Simple and obsolete Packet Blocks. Only what leads to the frames is
 * read. A file that was cut off gives the frames before its end.
 */

/** LINKTYPE_ numbers of the two drafts' registry. */
export type LinkType = number;

export interface Frame {
  /** From 1, as Wireshark counts. */
  readonly number: number;
  readonly linkType: LinkType;
  readonly octets: Buffer;
  /** The interface kept only the beginning of it. */
  readonly isCut: boolean;
}

export interface CaptureFile {
  readonly format: 'pcap' | 'pcapng';
  readonly frames: readonly Frame[];
  /** The file ends within a frame. */
  readonly isCutOff: boolean;
}

const pcapHeaderOctets = 24;
const recordHeaderOctets = 16;
const blockMinOctets = 12;
const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;
const [interfaceBlock, packetBlock, simplePacketBlock, enhancedPacketBlock] = [1, 2, 3, 6];

interface Numbers {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

const numbers = (octets: Buffer, isLittle: boolean): Numbers => ({
  u16: (at) => (isLittle ? octets.readUInt16LE(at) : octets.readUInt16BE(at)),
  u32: (at) => (isLittle ? octets.readUInt32LE(at) : octets.readUInt32BE(at)),
});

/** Null for what is no capture file. */
export function readCaptureFile(octets: Buffer): CaptureFile | null {
  if (octets.length < blockMinOctets) return null;
  const magic = octets.readUInt32BE(0);
  if (magic === sectionHeader) return readPcapng(octets);
  const isBig = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const isLittle = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1;
  return (isBig || isLittle) && octets.length >= pcapHeaderOctets ? readPcap(octets, isLittle) : null;
}

function readPcap(octets: Buffer, isLittle: boolean): CaptureFile {
  const { u32 } = numbers(octets, isLittle);
  const linkType = u32(20) & 0xffff;
  const frames: Frame[] = [];
  let at = pcapHeaderOctets;
  for (; at + recordHeaderOctets <= octets.length;) {
    const [captured, original] = [u32(at + 8), u32(at + 12)];
    const start = at + recordHeaderOctets;
    if (start + captured > octets.length) break;
    frames.push({
      number: frames.length + 1,
      linkType,
      octets: octets.subarray(start, start + captured),
      isCut: captured < original,
    });
    at = start + captured;
  }
  return { format: 'pcap', frames, isCutOff: at !== octets.length };
}

function readPcapng(octets: Buffer): CaptureFile | null {
  let view = numbers(octets, true);
  let interfaces: { readonly linkType: LinkType; readonly snapOctets: number }[] = [];
  const frames: Frame[] = [];
  const add = (index: number, start: number, captured: number, original: number, end: number): void => {
    const linkType = interfaces[index]?.linkType;
    if (linkType === undefined || start + captured > end) return;
    frames.push({
      number: frames.length + 1,
      linkType,
      octets: octets.subarray(start, start + captured),
      isCut: captured < original,
    });
  };
  let at = 0;
  while (at + blockMinOctets <= octets.length) {
    const isSection = octets.readUInt32BE(at) === sectionHeader;
    if (isSection) {
      // Each section has its own byte order and its own interfaces.
      const isLittle = octets.readUInt32LE(at + 8) === byteOrderMagic;
      if (!isLittle && octets.readUInt32BE(at + 8) !== byteOrderMagic)
        return at === 0 ? null : cutOff(frames);
      view = numbers(octets, isLittle);
      interfaces = [];
    }
    const [type, length] = [view.u32(at), view.u32(at + 4)];
    const end = at + length - 4;
    if (length < blockMinOctets || length % 4 !== 0 || at + length > octets.length) return cutOff(frames);
    const body = at + 8;
    if (type === interfaceBlock && body + 8 <= end)
      interfaces.push({ linkType: view.u16(body), snapOctets: view.u32(body + 4) });
    else if (type === enhancedPacketBlock && body + 20 <= end)
      add(view.u32(body), body + 20, view.u32(body + 12), view.u32(body + 16), end);
    else if (type === packetBlock && body + 20 <= end)
      add(view.u16(body), body + 20, view.u32(body + 12), view.u32(body + 16), end);
    else if (type === simplePacketBlock && body + 4 <= end) {
      const original = view.u32(body);
      const snap = interfaces[0]?.snapOctets || original;
      add(0, body + 4, Math.min(original, snap, end - body - 4), original, end);
    }
    at += length;
  }
  return { format: 'pcapng', frames, isCutOff: at !== octets.length };
}

const cutOff = (frames: readonly Frame[]): CaptureFile => ({ format: 'pcapng', frames, isCutOff: true });
