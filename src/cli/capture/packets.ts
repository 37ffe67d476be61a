/**
 * From a captured frame to the TCP segment or the SCTP packet in it: Ethernet with VLAN tags, Linux cooked captures
 * (both versions), loopback and raw IP; IPv4 and IPv6 with extension headers; SCTP over UDP (RFC 6951). Fragments of
 * IP packets are not put together.
 */
import { formatIPv4, formatIPv6 } from '../../diameter/codec/address';
import type { Frame } from './capture-file';

export interface TransportPacket {
  readonly protocol: 'tcp' | 'sctp';
  readonly frame: number;
  readonly source: string;
  readonly destination: string;
  /** Beginning with the TCP or SCTP header; `source` and `destination` name addresses without ports. */
  readonly octets: Buffer;
}

/** Why a frame gives none. */
export type Skipped = 'other protocol' | 'fragment' | 'cut short' | 'unknown link type';

export const linkTypeNames: ReadonlyMap<number, string> = new Map([
  [0, 'loopback'],
  [1, 'Ethernet'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [101, 'raw IP'],
  [108, 'loopback'],
  [113, 'Linux cooked'],
  [228, 'raw IPv4'],
  [229, 'raw IPv6'],
  [276, 'Linux cooked v2'],
]);

const [ipv4Type, ipv6Type] = [0x0800, 0x86dd];
const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const [tcpProtocol, udpProtocol, sctpProtocol, fragmentHeader] = [6, 17, 132, 44];
/** Hop-by-Hop, Routing, Destination Options, Mobility. */
const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 60, 135]);
const sctpOverUdpPort = 9899;

/** The IP packet in a frame. */
function ipPacketOf({ linkType, octets }: Frame): Buffer | Skipped {
  const afterType = (at: number): Buffer | Skipped => {
    let place = at;
    while (place + 2 <= octets.length && vlanTypes.has(octets.readUInt16BE(place))) place += 4;
    if (place + 2 > octets.length) return 'cut short';
    const type = octets.readUInt16BE(place);
    return type === ipv4Type || type === ipv6Type ? octets.subarray(place + 2) : 'other protocol';
  };
  switch (linkType) {
    case 0:
    case 108:
      return octets.subarray(4);
    case 1:
      return afterType(12);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return octets;
    case 113:
      return afterType(14);
    case 276: {
      if (octets.length < 20) return 'cut short';
      const type = octets.readUInt16BE(0);
      return type === ipv4Type || type === ipv6Type ? octets.subarray(20) : 'other protocol';
    }
    default:
      return 'unknown link type';
  }
}

interface IpPayload {
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly octets: Buffer;
}

function readIpv4(packet: Buffer): IpPayload | Skipped {
  const headerOctets = ((packet[0] ?? 0) & 0x0f) * 4;
  if (headerOctets < 20 || packet.length < headerOctets) return 'cut short';
  // Zero where the network card splits what it sends itself.
  const total = packet.readUInt16BE(2) || packet.length;
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0) return 'fragment';
  if (total > packet.length) return 'cut short';
  return {
    protocol: packet[9] ?? 0,
    source: formatIPv4(packet, 12),
    destination: formatIPv4(packet, 16),
    octets: packet.subarray(headerOctets, total),
  };
}

function readIpv6(packet: Buffer): IpPayload | Skipped {
  if (packet.length < 40) return 'cut short';
  const end = 40 + packet.readUInt16BE(4) || packet.length;
  if (end > packet.length) return 'cut short';
  let next = packet[6] ?? 0;
  let at = 40;
  while (extensionHeaders.has(next)) {
    if (at + 8 > end) return 'cut short';
    next = packet[at] ?? 0;
    at += ((packet[at + 1] ?? 0) + 1) * 8;
  }
  if (next === fragmentHeader) return 'fragment';
  return {
    protocol: next,
    source: `[${formatIPv6(packet, 8)}]`,
    destination: `[${formatIPv6(packet, 24)}]`,
    octets: packet.subarray(Math.min(at, end), end),
  };
}

/** Whether octets may begin an IP packet. */
export const looksLikeIp = (octets: Buffer): boolean => {
  const version = (octets[0] ?? 0) >> 4;
  const read = version === 4 ? readIpv4(octets) : version === 6 ? readIpv6(octets) : 'other protocol';
  return typeof read !== 'string';
};

export function transportOf(frame: Frame): TransportPacket | Skipped {
  const packet = ipPacketOf(frame);
  if (typeof packet === 'string') return packet;
  const version = (packet[0] ?? 0) >> 4;
  const ip = version === 4 ? readIpv4(packet) : version === 6 ? readIpv6(packet) : 'other protocol';
  if (typeof ip === 'string') return ip;
  const { source, destination, octets } = ip;
  const found = { frame: frame.number, source, destination };
  if (ip.protocol === tcpProtocol)
    return octets.length < 20 ? 'cut short' : { protocol: 'tcp', ...found, octets };
  if (ip.protocol === sctpProtocol)
    return octets.length < 12 ? 'cut short' : { protocol: 'sctp', ...found, octets };
  if (ip.protocol !== udpProtocol || octets.length < 20) return 'other protocol';
  const isSctp = octets.readUInt16BE(0) === sctpOverUdpPort || octets.readUInt16BE(2) === sctpOverUdpPort;
  return isSctp ? { protocol: 'sctp', ...found, octets: octets.subarray(8) } : 'other protocol';
}
