/**
 * Hexdumps: xxd, hexdump -C, hexdump, od -t x1 and what text2pcap reads (Wireshark's "as hex dump"): lines of an offset and
 * octets, perhaps with the characters beside them. An offset of 0 begins another packet.
 */

export interface Hexdump {
  readonly format: string;
  readonly packets: readonly Buffer[];
}

interface Row {
  readonly offset: string;
  readonly hasColon: boolean;
  readonly rest: string;
}

const lineForm = /^\s*([0-9A-Fa-f]{3,16})(:?)(?:\s+(.*))?$/;
const maxRowOctets = 256;

/** Null for what is none. */
export function readHexdump(text: string): Hexdump | null {
  const rows: (Row | '*')[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.trim() === '*') {
      rows.push('*');
      continue;
    }
    const match = lineForm.exec(line);
    if (match === null) return null;
    rows.push({ offset: match[1] ?? '', hasColon: match[2] === ':', rest: (match[3] ?? '').trimEnd() });
  }
  const [first] = rows;
  if (first === undefined || first === '*' || Number(`0x${first.offset}`) !== 0 || first.rest === '')
    return null;
  return assembled(rows, first);
}

function formatOf(first: Row, hasWords: boolean): string {
  if (first.hasColon) return 'xxd';
  if (/\|.*\|$/.test(first.rest)) return 'hexdump -C';
  return hasWords ? 'hexdump (words of two octets)' : 'hexdump with offsets';
}

/** The octets of a row: what stands before the characters, see the forms above. */
function octetsOf({ rest, hasColon }: Row): number[] | null {
  const plain = /\|.*\|$/.test(rest) ? rest.slice(0, rest.indexOf('|')) : rest;
  // xxd separates the characters by two spaces, Wireshark by three; hexdump -C halves by two.
  const [digits = ''] = plain.trim().split(hasColon ? /\s{2,}/ : /\s{3,}/);
  const octets: number[] = [];
  for (const group of digits.split(/\s+/)) {
    if (!/^(?:[0-9A-Fa-f]{2})+$/.test(group) || (!hasColon && group.length > 4)) break;
    for (let at = 0; at < group.length; at += 2) octets.push(Number.parseInt(group.slice(at, at + 2), 16));
  }
  return octets.length === 0 || octets.length > maxRowOctets ? null : octets;
}

function assembled(rows: readonly (Row | '*')[], first: Row): Hexdump | null {
  const hasWords = !first.hasColon && /^[0-9A-Fa-f]{4}(?: +[0-9A-Fa-f]{4})*$/.test(first.rest);
  const radix = radixOf(rows);
  const packets: Buffer[] = [];
  let octets: number[] = [];
  let last: readonly number[] = [];
  let repeats = false;
  const finish = (): void => {
    if (octets.length > 0) packets.push(Buffer.from(octets));
    octets = [];
  };
  for (const row of rows) {
    if (row === '*') {
      repeats = true;
      continue;
    }
    const offset = Number.parseInt(row.offset, radix);
    if (offset === 0) finish();
    while (repeats && last.length > 0 && octets.length + last.length <= offset) octets.push(...last);
    repeats = false;
    // What went beyond the next offset were characters that look like octets, or half a word.
    if (offset < octets.length) octets.length = offset;
    else if (offset > octets.length) return null;
    if (row.rest === '') continue;
    const found = octetsOf(row);
    if (found === null) return null;
    last = hasWords ? found.map((_, i) => found[i ^ 1] ?? 0) : found;
    octets.push(...last);
  }
  finish();
  return packets.length === 0 ? null : { format: formatOf(first, hasWords), packets };
}

/** od writes offsets in octal; 16 octets in its first line make the second one 20. */
function radixOf(rows: readonly (Row | '*')[]): 8 | 16 {
  const [first, second] = rows.filter((row): row is Row => row !== '*');
  const count = first === undefined ? 0 : (octetsOf(first)?.length ?? 0);
  const offset = second?.offset ?? '';
  return count > 8 && /^[0-7]+$/.test(offset) && Number.parseInt(offset, 8) === count ? 8 : 16;
}
