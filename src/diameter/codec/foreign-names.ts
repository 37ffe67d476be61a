/**
 * Names of what our own dictionaries do not define, from the npm package diameter-dictionary (collated from
 * Wireshark). For people only: decoding and encoding never use it, and where it differs from TS 29.229 ours
 * is asked first.
 */
import { readFileSync } from 'node:fs';

export interface ForeignAvp {
  readonly name: string;
  readonly type: string;
  readonly values: ReadonlyMap<number, string>;
}

interface ForeignTables {
  readonly avps: ReadonlyMap<string, ForeignAvp>;
  readonly commands: ReadonlyMap<number, string>;
  readonly applications: ReadonlyMap<number, string>;
}

let tables: ForeignTables | null = null;

/** The AVP's name and type; undefined where the package does not know it either. */
export function foreignAvp(code: number, vendorId: number): ForeignAvp | undefined {
  return load().avps.get(`${vendorId}:${code}`);
}

/** A command's name without its direction, e.g. "Credit-Control". */
export function foreignCommand(code: number): string | undefined {
  return load().commands.get(code);
}

export function foreignApplication(id: number): string | undefined {
  return load().applications.get(id);
}

/** Read at the first use only: 1.4 MB that a running HSS never needs. */
function load(): ForeignTables {
  if (tables !== null) return tables;
  const content: unknown = JSON.parse(readFileSync(require.resolve('diameter-dictionary'), 'utf8'));
  const avps = new Map<string, ForeignAvp>();
  for (const entry of list(content, 'avps')) {
    const key = `${number(entry, 'vendorId')}:${number(entry, 'code')}`;
    if (avps.has(key)) continue;
    const values = new Map(list(entry, 'enums').map((value) => [number(value, 'code'), text(value, 'name')]));
    avps.set(key, { name: text(entry, 'name'), type: text(entry, 'type'), values });
  }
  const commands = new Map(
    list(content, 'commands')
      .reverse()
      .map((entry) => [number(entry, 'code'), text(entry, 'name')]),
  );
  const applications = new Map(
    list(content, 'applications').map((entry) => [number(entry, 'code'), text(entry, 'name')]),
  );
  tables = { avps, commands, applications };
  return tables;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function list(value: unknown, key: string): unknown[] {
  const found = member(value, key);
  return Array.isArray(found) ? [...(found as unknown[])] : [];
}

function number(value: unknown, key: string): number {
  const found = member(value, key);
  return typeof found === 'number' ? found : 0;
}

function text(value: unknown, key: string): string {
  const found = member(value, key);
  return typeof found === 'string' ? found : '';
}
