/** AVPs as the tests write and read them, and as Erlang does. Which form a value has is said by its type. */

/** Octets are hexadecimal digits, Time and Address text. */
export type AvpValue = string | number | readonly AvpValue[] | Avps;
export interface Avps {
  readonly [name: string]: AvpValue;
}

export type AvpTypes = ReadonlyMap<string, string>;

const textTypes = new Set(['UTF8String', 'DiameterIdentity', 'DiameterURI']);

/** An Erlang term of AVPs: a map. */
export const erlangMap = (avps: Avps, types: AvpTypes): string =>
  `#{${Object.entries(avps)
    .map(([name, value]) => `'${name}' => ${erlangTerm(value, types.get(name), types)}`)
    .join(', ')}}`;

function erlangTerm(value: AvpValue, type: string | undefined, types: AvpTypes): string {
  if (type === undefined) throw new Error('an AVP that no dictionary has');
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object')
    return isList(value)
      ? `[${value.map((item) => erlangTerm(item, type, types)).join(', ')}]`
      : erlangMap(value, types);
  if (type === 'Address') return `{${value.split('.').join(', ')}}`;
  const octets = Buffer.from(value, textTypes.has(type) ? 'utf8' : 'hex');
  return `<<${[...octets].join(', ')}>>`;
}

export const isList = (value: object): value is readonly AvpValue[] => Array.isArray(value);

/** What the node printed of decoded AVPs, with values as tests read them; a list where there are several. */
export const readAvps = (printed: Avps, types: AvpTypes): Avps =>
  Object.fromEntries(
    Object.entries(printed).map(([name, value]) => [name, readValue(value, types.get(name) ?? '', types)]),
  );

function readValue(value: AvpValue, type: string, types: AvpTypes): AvpValue {
  if (type === 'Address' && isPart(value)) return addressText(value);
  if (type === 'Time' && isPart(value, 2)) return timeText(value.flat());
  if (typeof value === 'object') {
    if (!isList(value)) return readAvps(value, types);
    const values = value.map((item) => readValue(item, type, types));
    // Erlang has a list of what is optional, too.
    return values.length === 1 ? (values[0] ?? []) : values;
  }
  if (typeof value !== 'string') return value;
  return textTypes.has(type) ? Buffer.from(value, 'hex').toString('utf8') : value.toLowerCase();
}

/** One value, not a list of them: a tuple of Erlang. */
const isPart = (value: AvpValue, depth = 1): value is readonly AvpValue[] =>
  typeof value === 'object' &&
  isList(value) &&
  (depth === 1 ? typeof value[0] === 'number' : isPart(value[0] ?? 0));

const addressText = (parts: readonly AvpValue[]): string =>
  parts.length === 4 ? parts.map(Number).join('.') : parts.map((part) => Number(part).toString(16)).join(':');

function timeText(parts: readonly unknown[]): string {
  const [year = 0, month = 1, ...rest] = parts.map(Number);
  return new Date(Date.UTC(year, month - 1, ...rest)).toISOString();
}

/** Names of the groups that have an AVP which their format does not name; a Failed-AVP may have any. */
export function unnamedAvps(avps: Avps, inside = 'the message'): string[] {
  return Object.entries(avps).flatMap(([name, value]) => {
    if (name === 'Failed-AVP') return [];
    if (name === 'AVP') return [`in ${inside}: ${JSON.stringify(value)}`];
    return (Array.isArray(value) ? value : [value]).flatMap((item: AvpValue) =>
      typeof item === 'object' && !isList(item) ? unnamedAvps(item, name) : [],
    );
  });
}
