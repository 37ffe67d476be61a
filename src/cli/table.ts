/**
 * Plain tables for a terminal: left-aligned columns two spaces apart, numbers right-aligned, no trailing
 * blanks.
 */

export type Cell = string | number | boolean | null | undefined;

/** `rows` below `headings`; an empty table says `empty`. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  empty = '(none)',
): string {
  if (rows.length === 0) return empty;
  const texts = rows.map((row) => headings.map((_, column) => cellText(row[column])));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = headings.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || row[column] === null || row[column] === undefined),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, column) =>
        numeric[column] === true ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(headings), ...texts.map(line)].join('\n');
}

/** Names and values under one another. */
export function fields(entries: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`.trimEnd()).join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  // Control characters from elsewhere must not steer the terminal.
  return String(cell).replace(/\p{Cc}/gu, '?');
}
