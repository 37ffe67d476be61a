/** What the octets of an import look like, where neither an option nor the file's name says it. */
import { CommandError } from './exit-status';

export type ImportFormat = 'ndjson' | 'yaml' | 'csv';

/** Undefined where the name says nothing. */
export const formatOfName = (file: string): ImportFormat | undefined =>
  /\.ya?ml$/i.test(file) ? 'yaml' : /\.csv$/i.test(file) ? 'csv' : undefined;

const packed: readonly (readonly [magic: readonly number[], what: string, unpack: string])[] = [
  [[0x1f, 0x8b], 'gzip', 'gunzip -c'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd', 'zstd -dc'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'xz -dc'],
  [[0x50, 0x4b, 0x03, 0x04], 'zip', 'unzip -p'],
];

/** A line of column names with imsi among them. */
const isCsvHeader = (line: string): boolean =>
  /^[\w"-]+(?:[,;\t][\w"-]+)+\s*$/.test(line) && /(?:^|[^A-Za-z])imsi(?![A-Za-z])/i.test(line);

/** The program that packed it and the one that unpacks it, or null. */
export function packedWith(octets: Uint8Array): { readonly what: string; readonly unpack: string } | null {
  const found = packed.find(([magic]) => magic.every((octet, i) => octets[i] === octet));
  return found === undefined ? null : { what: found[1], unpack: found[2] };
}

/** @throws CommandError for what is no text at all */
export function formatOf(beginning: Uint8Array, name: string): ImportFormat {
  const by = packedWith(beginning);
  if (by !== null)
    throw new CommandError(
      `${name} is packed with ${by.what}: ${by.unpack} ${name === 'standard input' ? 'FILE' : name} | hss import -`,
    );
  if (beginning.includes(0)) throw new CommandError(`${name} is neither NDJSON, YAML nor CSV: it is no text`);
  const text = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const first =
    text.split('\n').find((line) => line.trim() !== '' && !line.trimStart().startsWith('#')) ?? '';
  if (isCsvHeader(first)) return 'csv';
  return /^(?:---|%YAML|- |["']?[A-Za-z][\w-]*["']?:(?:\s|$))/.test(first) ? 'yaml' : 'ndjson';
}

/** The same octets, and what they begin with. */
export async function begun(
  input: AsyncIterable<Uint8Array>,
): Promise<{ readonly beginning: Uint8Array; readonly octets: AsyncIterable<Uint8Array> }> {
  const iterator = input[Symbol.asyncIterator]();
  const first = await iterator.next();
  const beginning = first.done === true ? new Uint8Array() : Buffer.from(first.value);
  return { beginning, octets: rejoined(beginning, iterator) };
}

async function* rejoined(
  beginning: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield beginning;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
