/**
 * Octets in pieces of any size to lines, without ever holding more than one line of at most `maxLineOctets`.
 */

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Null for a line that was longer than allowed; its octets were dropped as they came. */
  readonly octets: Buffer | null;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

function trimmed(octets: Buffer): Buffer {
  return octets.at(-1) === carriageReturn ? octets.subarray(0, -1) : octets;
}

export async function* splitLines(
  input: AsyncIterable<Uint8Array>,
  maxLineOctets: number,
): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = [];
  let heldOctets = 0;
  let number = 0;
  const take = (last: Buffer): Line => {
    number += 1;
    const tooLong = heldOctets + last.length > maxLineOctets;
    const octets = tooLong ? null : trimmed(parts.length === 0 ? last : Buffer.concat([...parts, last]));
    parts = [];
    heldOctets = 0;
    return { number, octets };
  };
  for await (const piece of input) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    heldOctets += rest.length;
    if (heldOctets > maxLineOctets) parts = [];
    else if (rest.length > 0) parts.push(rest);
  }
  if (heldOctets > 0) yield take(Buffer.alloc(0));
}
