/**
 * Lines of an equipment file: CSV `value,status[,note]` (RFC 4180 quotes, no line breaks within), or NDJSON with
 * one entry a line. A first line of the names of the columns is passed over.
 */
export type ParsedLine =
  | { readonly entry: unknown }
  | { readonly fault: string }
  /** Nothing to store: empty, a comment, or the names of the columns. */
  | 'nothing';

const MAX_FIELDS = 3;

/** The fields of one line of CSV; null where the quotes do not fit. */
export function csvFields(line: string): string[] | null {
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null) return null;
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}

export function parseLine(text: string): ParsedLine {
  const line = text.replace(/^\ufeff/, '').trim();
  if (line === '' || line.startsWith('#')) return 'nothing';
  if (line.startsWith('{')) return parseJson(line);
  const fields = csvFields(line);
  if (fields === null) return { fault: 'has quotes that do not fit' };
  const [value = '', status = '', note = ''] = fields;
  if (value.toLowerCase() === 'value') return 'nothing';
  if (fields.length > MAX_FIELDS) return { fault: 'has more fields than value,status,note' };
  return { entry: { value, status, ...(note === '' ? {} : { note }) } };
}

/** The entry, or a line of an export: {"equipment": {...}}. */
function parseJson(line: string): ParsedLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { fault: 'is no JSON' };
  }
  const isWrapped = typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'equipment');
  return { entry: isWrapped ? Reflect.get(parsed as object, 'equipment') : parsed };
}
