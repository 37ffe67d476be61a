/**
 * Our dictionaries as Erlang/OTP's diameter reads them. Both notations are that of the standards, so lines of
 * AVPs, formats and values go over as they are; what differs is the directives around them. An AVP goes over
 * where a command leads to it.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Avp {
  readonly code: number;
  readonly type: string;
  readonly flags: string;
  readonly vendor: number;
}

interface Source {
  readonly avps: Map<string, Avp>;
  /** Formats of Grouped AVPs and of commands, without the name before "::=". */
  readonly groups: Map<string, string>;
  readonly commands: Map<string, string>;
  /** Values of Enumerated AVPs, a line each. */
  readonly values: Map<string, string[]>;
}

const folder = resolve(__dirname, '../../../dictionary');
const vendor3gpp = 10415;

/** AVPs of base.dia that are newer than RFC 6733, whose AVPs Erlang brings: RFC 7683, 7944 and 8583. */
const isNewerThanBase = (code: number): boolean => code === 301 || code >= 600;

function read(name: string): Source {
  const source: Source = { avps: new Map(), groups: new Map(), commands: new Map(), values: new Map() };
  let [section = '', subject = ''] = ['', ''];
  for (const line of readFileSync(resolve(folder, `${name}.dia`), 'utf8').split('\n')) {
    const text = line.replace(/;.*/, '').trim();
    const directive = /^@(\S+)\s*(\S*)/.exec(text);
    if (directive !== null) [, section = '', subject = ''] = directive;
    else if (text !== '') takeLine(source, section, subject, text);
  }
  return source;
}

function takeLine(source: Source, section: string, subject: string, text: string): void {
  const words = text.split(/\s+/);
  if (section === 'avps') {
    const [name = '', code, type = '', flags = ''] = words;
    source.avps.set(name, { code: Number(code), type, flags, vendor: Number(subject) });
  } else if (section === 'command') {
    // Erlang takes the application from @id.
    const format = text.replace(/^<.*?>\s*::=/, '').replace(/(Diameter Header: .*), \d{6,} >/, '$1 >');
    source.commands.set(subject, `${source.commands.get(subject) ?? ''}\n  ${format}`);
  } else if (section === 'groups') {
    const [name, format] = text.includes('::=') ? text.split(/\s*::=/) : [lastOf(source.groups), text];
    if (name === undefined) throw new Error(`no group before ${text}`);
    source.groups.set(name, `${source.groups.get(name) ?? ''}\n  ${format ?? ''}`);
  } else if (section === 'enum') {
    source.values.set(subject, [...(source.values.get(subject) ?? []), text]);
  }
}

const lastOf = (map: ReadonlyMap<string, unknown>): string | undefined => [...map.keys()].at(-1);

/** The AVPs that a format names. */
const namedIn = (format: string): string[] =>
  [...format.matchAll(/[<[{]\s*([\w-]+)\s*[>\]}]/g)].map(([, name = '']) => name).filter((n) => n !== 'AVP');

/** Erlang wants what is fixed first, then what is required; the order on the wire is free but for the fixed. */
function ordered(format: string): string {
  const rank = (rule: string): number => ['<', '{', '['].findIndex((bracket) => rule.includes(bracket));
  const rules = format.match(/[\d*]*\s*(<[^>]*>|\{[^}]*\}|\[[^\]]*\])/g) ?? [];
  return [...rules]
    .sort((a, b) => rank(a) - rank(b))
    .map((rule) => `\n  ${rule.trim()}`)
    .join('');
}

export interface ErlangDictionary {
  /** Also that of the module. */
  readonly name: string;
  readonly text: string;
  /** The type of each AVP that the text names. */
  readonly types: ReadonlyMap<string, string>;
}

/** The dictionary `name` with what it uses of `others`; of two definitions the first is taken. */
export function erlangDictionary(
  name: string,
  application: number,
  others: readonly string[],
): ErlangDictionary {
  const sources = [name, ...others].map(read);
  const find = <T>(pick: (source: Source) => ReadonlyMap<string, T>, key: string): T | undefined =>
    sources.map((source) => pick(source).get(key)).find((found) => found !== undefined);
  const commands = [...(sources[0]?.commands ?? [])];
  const avps = new Map<string, Avp>();
  const visit = (wanted: string): void => {
    if (avps.has(wanted)) return;
    const avp = find(({ avps: all }) => all, wanted);
    if (avp === undefined) throw new Error(`no dictionary defines ${wanted}`);
    avps.set(wanted, avp);
    for (const member of namedIn(find(({ groups }) => groups, wanted) ?? '')) visit(member);
  };
  for (const [, format] of commands) for (const member of namedIn(format)) visit(member);
  const base = read('base').avps;
  const own = [...avps].filter(([avp, { code }]) => !base.has(avp) || isNewerThanBase(code));
  const others3gpp = own.filter(([, { vendor, flags }]) => flags.includes('V') && vendor !== vendor3gpp);
  if (others3gpp.length > 0) throw new Error(`of another vendor: ${others3gpp.map(([n]) => n).join(', ')}`);
  const groups = own.flatMap(([avp]) => {
    const format = find(({ groups: all }) => all, avp);
    return format === undefined ? [] : [`${avp} ::=${ordered(format)}`];
  });
  const values = own.flatMap(([avp]) => {
    const lines = find(({ values: all }) => all, avp);
    return lines === undefined ? [] : [`@enum ${avp}`, ...lines.map((line) => `  ${line}`)];
  });
  const module = `epc_${name}`;
  return {
    name: module,
    types: new Map([...avps].map(([avp, { type }]) => [avp, type])),
    text: [
      `@id ${application}`,
      `@name ${module}`,
      `@prefix ${module}`,
      `@vendor ${vendor3gpp} TGPP`,
      '@inherits diameter_gen_base_rfc6733',
      '@avp_types',
      ...own.map(([avp, { code, type, flags }]) => `  ${avp} ${code} ${type} ${flags}`),
      '@messages',
      ...commands.map(([abbreviation, format]) => `${abbreviation} ::=${ordered(format)}`),
      '@grouped',
      ...groups,
      ...values,
      '',
    ].join('\n'),
  };
}
