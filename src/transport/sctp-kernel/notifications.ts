/**
 * What the kernel tells of an association between its messages: struct sctp_assoc_change and
 * sctp_paddr_change (RFC 6458 6.1).
 *
 * They are read like data and carry their mark outside of the octets, where node:net does not look. They are
 * told from a Diameter message by their octets: a notification is a record of its own, starts with a type
 * from 0x8001 on and repeats the length of the record. Read as a Diameter header, SCTP_ASSOC_CHANGE would be
 * version 1 with a length of 8 MiB in a record of some 20 octets with undefined command flags set; all others
 * would be other versions. A peer that forges one ends its own association. Pure.
 */
import type { PathEvent } from '../sctp-options';
import { decodeAddress, getU16, getU32 } from './structs';

export type Notification =
  | { readonly kind: 'up'; readonly outboundStreamsCount: number }
  | { readonly kind: 'restarted' }
  | { readonly kind: 'lost'; readonly detail: string; readonly aborted: boolean }
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'path'; readonly address: string; readonly change: PathEvent['change'] }
  | { readonly kind: 'other' };

const FIRST_TYPE = 0x8000;
const LAST_TYPE = 0x80ff;
const ASSOC_CHANGE = 0x8001;
const PEER_ADDR_CHANGE = 0x8002;
/** Type, flags and length. */
const PREFIX_OCTETS = 8;
const ASSOC_CHANGE_OCTETS = 20;
const PEER_ADDR_CHANGE_OCTETS = 148;
/** sac_info holds an ABORT chunk, which fits in a packet. */
const LONGEST_OCTETS = 2_048;

/** Error causes of RFC 9260 3.3.10, where an ABORT names one. */
const causes: Readonly<Record<number, string>> = {
  1: 'invalid stream identifier',
  2: 'missing mandatory parameter',
  3: 'stale cookie',
  4: 'out of resources',
  5: 'unresolvable address',
  6: 'unrecognised chunk type',
  7: 'invalid mandatory parameter',
  8: 'unrecognised parameters',
  9: 'no user data',
  10: 'cookie received while shutting down',
  11: 'restart with new addresses',
  12: 'user-initiated abort',
  13: 'protocol violation',
};

const pathChanges: readonly PathEvent['change'][] = [
  'available',
  'unreachable',
  'removed',
  'added',
  'made primary',
  'confirmed',
  'potentially failed',
];

/** Null for octets that are the peer's data. */
export function decodeNotification(record: Buffer): Notification | null {
  if (record.length < PREFIX_OCTETS || record.length > LONGEST_OCTETS) return null;
  const type = getU16(record, 0);
  if (type < FIRST_TYPE || type > LAST_TYPE || getU32(record, 4) !== record.length) return null;
  if (type === ASSOC_CHANGE && record.length >= ASSOC_CHANGE_OCTETS) return associationChange(record);
  if (type === PEER_ADDR_CHANGE && record.length >= PEER_ADDR_CHANGE_OCTETS) return pathChange(record);
  return { kind: 'other' };
}

function associationChange(record: Buffer): Notification {
  const error = record.readUInt16BE(10);
  const cause = error === 0 ? '' : ` (${causes[error] ?? `cause ${error}`})`;
  switch (getU16(record, 8)) {
    case 0:
      return { kind: 'up', outboundStreamsCount: getU16(record, 12) };
    // The ABORT itself follows where there was one; without it the retransmissions were used up.
    case 1:
      return {
        kind: 'lost',
        aborted: record.length > ASSOC_CHANGE_OCTETS || error !== 0,
        detail:
          record.length > ASSOC_CHANGE_OCTETS || error !== 0
            ? `aborted by the peer${cause}`
            : 'the peer does not answer any more',
      };
    case 2:
      return { kind: 'restarted' };
    case 3:
      return { kind: 'shutdown' };
    case 4:
      return { kind: 'refused', detail: `the association cannot be set up${cause}` };
    default:
      return { kind: 'other' };
  }
}

function pathChange(record: Buffer): Notification {
  const address = decodeAddress(record, 8)?.address;
  const change = pathChanges[getU32(record, 136)];
  return address === undefined || change === undefined
    ? { kind: 'other' }
    : { kind: 'path', address, change };
}
