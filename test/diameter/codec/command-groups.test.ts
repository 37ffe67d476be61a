/** Grouped AVPs whose format differs by command: from the dictionary's text to octets and back. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import ts from 'typescript';
import { decodeMessage } from '../../../src/diameter/codec/decode';
import type { DictionaryTable } from '../../../src/diameter/codec/definitions';
import { Dictionary, type LinkedFormat } from '../../../src/diameter/codec/dictionary';
import { encodeNamed } from '../../../src/diameter/codec/encode';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import {
  checkDictionary,
  emitTables,
  emitTypes,
  parseDictionary,
} from '../../../scripts/codegen/compile-dictionaries.js';
import { MANDATORY, present, rawAvp, rawMessage, TGPP, u32, VENDOR } from './support';

const TOY = 99;
const HEAD = `
@dictionary toy
@uses base
@application ${TOY} Toy
@avps 10415
  Outer  900001 Grouped    MV
  Middle 900002 Grouped    MV
  Inner  900003 Grouped    MV
  Status 900004 Unsigned32 MV
  Note   900005 UTF8String V
  Aside  900006 Grouped    V
@commands ${TOY}
@command XLR X-Location-Request
<XLR> ::= < Diameter Header: 901, REQ, PXY, ${TOY} >
  [ Outer ]
@command XLA X-Location-Answer
<XLA> ::= < Diameter Header: 901, PXY, ${TOY} >
  { Outer }
@command XIR X-Insert-Request
<XIR> ::= < Diameter Header: 902, REQ, PXY, ${TOY} >
  [ Outer ]
  *[ AVP ]
@command XIA X-Insert-Answer
<XIA> ::= < Diameter Header: 902, PXY, ${TOY} >
  [ Note ]
@groups
Outer ::= < AVP Header: 900001 10415 >
  [ Aside ]
  [ Middle ]
Middle ::= < AVP Header: 900002 10415 >
  *{ Inner }
Inner ::= < AVP Header: 900003 10415 >
  { Status }
  *[ AVP ]
Aside ::= < AVP Header: 900006 10415 >
  [ Note ]
`;
const VARIED = `${HEAD}
@groups XLA XIR
Inner ::= < AVP Header: 900003 10415 >
  { Note }
`;

const base = parseDictionary('base.dia', readFileSync(path.join('dictionary', 'base.dia'), 'utf8'));

/** Through the compiler, as `npm run dictionary` does it. */
function compile(text: string): { readonly types: string; readonly tables: string } {
  const source = parseDictionary('toy.dia', text);
  const avps = checkDictionary(source, [base]);
  return { types: emitTypes(source, [base], avps), tables: emitTables(source, [base], avps) };
}

function toyTable(text: string): DictionaryTable {
  const exported: { toyTable?: DictionaryTable } = {};
  const options = { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } };
  const { outputText } = ts.transpileModule(compile(text).tables, options);
  vm.runInNewContext(outputText, { exports: exported });
  if (exported.toyTable === undefined) throw new Error('the compiled text exports no table');
  return exported.toyTable;
}

/** The lines of an interface. */
function members(types: string, name: string): string[] | undefined {
  const [, body] = new RegExp(`export interface ${name} \\{\\n([^}]*)\\}`).exec(types) ?? [];
  return body
    ?.trim()
    .split('\n')
    .map((line) => line.trim().replace('readonly ', ''));
}

const table = toyTable(VARIED);
const dictionary = new Dictionary([baseTable, table]);

const grouped = (code: number, ...inside: Buffer[]): Buffer => rawAvp(code, MANDATORY | VENDOR, inside);
const outer = (...inner: Buffer[]): Buffer =>
  grouped(900_001, grouped(900_002, ...inner.map((avp) => grouped(900_003, avp))));
const status = rawAvp(900_004, MANDATORY | VENDOR, u32(7));
const note = rawAvp(900_005, VENDOR, Buffer.from('hello'));

/** The octets of a command of the toy application. */
const message = (abbreviation: string, ...avps: Buffer[]): Buffer =>
  rawMessage(avps, {
    code: abbreviation.startsWith('XL') ? 901 : 902,
    flags: abbreviation.endsWith('R') ? 0xc0 : 0x40,
    application: TOY,
  });

/** The values, or what is wrong: the Result-Code, the message and the Failed-AVP. */
function decode(bytes: Buffer): unknown {
  const result = decodeMessage(bytes, dictionary);
  if (result.ok) return present(result.message.avps);
  const { resultCode, message: text, failedAvps } = result.failure;
  return [resultCode, text, failedAvps[0]?.code, failedAvps[0]?.data.toString('hex')];
}

function encode(abbreviation: string, avps: object): Buffer {
  return encodeNamed(abbreviation, { hopByHopId: 1, endToEndId: 2, applicationId: TOY }, avps, dictionary);
}

describe('decoding follows the format of the command, two groups deep', () => {
  test('each command takes what its format requires', () => {
    expect(decode(message('XLR', outer(status)))).toEqual({ outer: { middle: { inner: [{ status: 7 }] } } });
    for (const abbreviation of ['XLA', 'XIR'])
      expect(decode(message(abbreviation, outer(note)))).toEqual({
        outer: { middle: { inner: [{ note: 'hello' }] } },
      });
  });

  test('[6733-7.5] what is missing is the AVP that the command requires, in its groups', () => {
    const zeroStatus = rawAvp(900_004, MANDATORY | VENDOR, u32(0));
    const emptyNote = rawAvp(900_005, VENDOR, Buffer.alloc(0));
    const inMiddle = (avp: Buffer): string => grouped(900_002, grouped(900_003, avp)).toString('hex');
    expect(decode(message('XLR', outer(note)))).toEqual([
      5005,
      'XLR: Status is missing, in Inner, in Middle, in Outer',
      900_001,
      inMiddle(zeroStatus),
    ]);
    expect(decode(message('XLA', grouped(900_001, grouped(900_002, grouped(900_003)))))).toEqual([
      5005,
      'XLA: Note is missing, in Inner, in Middle, in Outer',
      900_001,
      inMiddle(emptyNote),
    ]);
  });

  test('[6733-7.1.5] an AVP that the command forbids in the group is named', () => {
    for (const abbreviation of ['XLA', 'XIR'])
      expect(decode(message(abbreviation, outer(note, status)))).toEqual([
        5008,
        `${abbreviation}: Status is not allowed here, in Inner, in Middle, in Outer`,
        900_001,
        grouped(900_002, grouped(900_003, status)).toString('hex'),
      ]);
  });

  test('*[ AVP ] in a group keeps other AVPs where the command has it', () => {
    const unknown = (flags: number): Buffer => rawAvp(987_654, flags, u32(1));
    const inner = (...avps: Buffer[]): Buffer =>
      grouped(900_001, grouped(900_002, grouped(900_003, ...avps)));
    expect(decode(message('XLR', inner(status, note, unknown(0))))).toMatchObject({
      outer: {
        middle: {
          inner: [
            {
              status: 7,
              additionalAvps: [
                { code: 900_005, vendorId: TGPP, mandatory: false },
                { code: 987_654, vendorId: 0, mandatory: false, data: u32(1) },
              ],
            },
          ],
        },
      },
    });
    expect(decode(message('XIR', inner(note, unknown(0))))).toEqual({
      outer: { middle: { inner: [{ note: 'hello' }] } },
    });
    for (const [abbreviation, avp] of [
      ['XLR', status],
      ['XIR', note],
    ] as const)
      expect(decode(message(abbreviation, inner(avp, unknown(MANDATORY))))).toEqual([
        5001,
        `${abbreviation}: AVP 987654 is unknown and has the M bit, in Inner, in Middle, in Outer`,
        900_001,
        grouped(900_002, grouped(900_003, unknown(MANDATORY))).toString('hex'),
      ]);
  });

  test('a group that *[ AVP ] admits has the format of the command, too', () => {
    expect(decode(message('XIR', grouped(900_003, note)))).toMatchObject({
      additionalAvps: [{ code: 900_003 }],
    });
    expect(decode(message('XIR', grouped(900_002, grouped(900_003, status))))).toEqual([
      5008,
      'XIR: Status is not allowed here, in Inner, in Middle',
      900_002,
      grouped(900_003, status).toString('hex'),
    ]);
  });
});

test('encoding follows the format of the command', () => {
  const withStatus = { outer: { middle: { inner: [{ status: 7 }] } } };
  const withNote = { outer: { middle: { inner: [{ note: 'hello' }] } } };
  expect(decode(encode('XLR', withStatus))).toEqual(withStatus);
  expect(decode(encode('XLA', withNote))).toEqual(withNote);
  expect(() => encode('XLR', withNote)).toThrow('Inner: Status is required');
  expect(() => encode('XIR', withStatus)).toThrow('Inner: Note is required');
});

describe('linking', () => {
  const formatOf = (abbreviation: string): LinkedFormat => {
    const command = dictionary.findCommandByAbbreviation(abbreviation, TOY);
    if (command === undefined) throw new Error(`no ${abbreviation}`);
    return command.format;
  };
  const avpIn = (format: LinkedFormat | null | undefined, property: string) =>
    format?.rules.find((rule) => rule.property === property)?.avp;

  test('only groups that contain the varied one are made anew; a command without such formats shares all', () => {
    const common = avpIn(formatOf('XLR'), 'outer');
    const own = avpIn(formatOf('XLA'), 'outer');
    expect(common).toBe(dictionary.findAvpByName('Outer', TOY));
    expect(dictionary.findCommandByAbbreviation('XLR', TOY)?.ownAvps).toBeNull();
    expect(own).not.toBe(common);
    expect(avpIn(own?.format, 'middle')).not.toBe(avpIn(common?.format, 'middle'));
    expect(avpIn(own?.format, 'aside')).toBe(avpIn(common?.format, 'aside'));
    expect({ ...own, format: null }).toEqual({ ...common, format: null });
  });

  test('a table whose commands contradict its groups makes no dictionary', () => {
    const varied = table.groups.filter(({ commands }) => commands !== undefined);
    const twice = { ...table, groups: [...table.groups, ...varied] };
    expect(() => new Dictionary([baseTable, twice])).toThrow('XLA has two formats of Inner');
    const unknown = {
      ...table,
      groups: [...table.groups, ...varied.map((one) => ({ ...one, commands: ['ULA'] }))],
    };
    expect(() => new Dictionary([baseTable, unknown])).toThrow('Inner in the unknown command ULA');
  });

  test('a group may contain itself', () => {
    const text = VARIED.replace('  { Note }', '  { Note }\n  [ Inner ]');
    const recursive = new Dictionary([baseTable, toyTable(text)]);
    const nested = { outer: { middle: { inner: [{ note: 'a', inner: { note: 'b' } }] } } };
    const header = { hopByHopId: 1, endToEndId: 2, applicationId: TOY };
    const result = decodeMessage(encodeNamed('XLA', header, nested, recursive), recursive);
    expect(result.ok && present(result.message.avps)).toEqual(nested);
  });
});

describe('types', () => {
  test('commands that see the same share a type; groups that contain it have one, too', () => {
    const { types } = compile(VARIED);
    expect(members(types, 'XLocationRequest')).toEqual(['outer?: Outer;']);
    expect(members(types, 'XLocationAnswer')).toEqual(['outer: OuterInXlaAndXir;']);
    expect(members(types, 'XInsertRequest')?.[0]).toBe('outer?: OuterInXlaAndXir;');
    expect(members(types, 'OuterInXlaAndXir')).toEqual(['aside?: Aside;', 'middle?: MiddleInXlaAndXir;']);
    expect(members(types, 'MiddleInXlaAndXir')).toEqual(['inner: readonly InnerInXlaAndXir[];']);
    expect(members(types, 'InnerInXlaAndXir')).toEqual(['note: string;']);
    expect(members(types, 'Inner')?.[0]).toBe('status: number;');
    expect(types).toContain('/** Inner, AVP 900003 of vendor 10415, in XLA and XIR. */');
  });

  test('commands that see different things have different types', () => {
    const { types, tables } = compile(
      `${VARIED}@groups XIR\nAside ::= < AVP Header: 900006 10415 >\n  { Note }\n`,
    );
    expect(members(types, 'XLocationAnswer')).toEqual(['outer: OuterInXla;']);
    expect(members(types, 'OuterInXla')).toEqual(['aside?: Aside;', 'middle?: MiddleInXlaAndXir;']);
    expect(members(types, 'OuterInXir')).toEqual(['aside?: AsideInXir;', 'middle?: MiddleInXlaAndXir;']);
    expect(tables).toContain("avp: 'Aside', commands: ['XIR'],");
    expect(tables).toContain("avp: 'Inner', commands: ['XLA', 'XIR'],");
    expect(tables).not.toContain("avp: 'Outer', commands:");
  });
});

const FORMAT = 'Inner ::= < AVP Header: 900003 10415 >\n  [ Note ]\n';

test.each([
  ['an unknown command', `@groups ULA\n${FORMAT}`, 'unknown command ULA'],
  ['two formats in one command', `@groups XLR\n${FORMAT}${FORMAT}`, 'Inner has two formats in XLR'],
  ['a command without the group', `@groups XIA\n${FORMAT}`, 'XIA contains no Inner'],
  ['a second format for all others', `@groups\n${FORMAT}`, 'Inner has two formats'],
])('%s: refused, with file and line', (_what, groups, fault) => {
  const text = `${HEAD}${groups}`;
  const line = text.slice(0, text.lastIndexOf('::=')).split('\n').length;
  expect(() => compile(text)).toThrow(`toy.dia:${line}: ${fault}`);
});

test('a group of another dictionary and one without a format for all others are refused', () => {
  const foreign = `${HEAD}@groups XLR\nProxy-Info ::= < AVP Header: 284 >\n  [ Proxy-Host ]\n`;
  expect(() => compile(foreign)).toThrow('Proxy-Info is of another dictionary: define it again');
  const alone = VARIED.replace('Aside ::=', '@groups XLR\nAside ::=');
  expect(() => compile(alone)).toThrow('Aside is Grouped but has no format');
});
