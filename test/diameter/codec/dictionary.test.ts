/** The dictionary compiler: what is committed is what the dictionaries say, and a mistake names its place. */
import { decodeMessage } from '../../../src/diameter/codec/decode';
import type { DictionaryTable } from '../../../src/diameter/codec/definitions';
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import { encodeAvp, encodeNamed } from '../../../src/diameter/codec/encode';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { cxTable } from '../../../src/apps/cx/generated/cx-tables';
import {
  checkDictionary,
  compileAll,
  findDrift,
  parseDictionary,
  propertyName,
} from '../../../scripts/codegen/compile-dictionaries.js';

test('the generated code is what dictionary/ compiles to', () => {
  expect(findDrift(compileAll())).toEqual([]);
});

test('drift is found and named with file and line', () => {
  const output = compileAll();
  const [file = '', content = ''] = [...output][0] ?? [];
  output.set(file, content.replace('Never edit', 'Always edit'));
  output.set('src/diameter/generated/absent.ts', '');
  const drift = findDrift(output);
  expect(drift[0]).toMatch(new RegExp(`^${file}:1 differs`));
  expect(drift[1]).toBe('src/diameter/generated/absent.ts is missing');
});

test.each([
  ['Public-Identity', 'publicIdentity'],
  ['SIP-Auth-Data-Item', 'sipAuthDataItem'],
  ['OC-OLR', 'ocOlr'],
  ['DRMP', 'drmp'],
  ['SourceID', 'sourceid'],
  ['Call-ID-SIP-Header', 'callIdSipHeader'],
  ['Digest-HA1', 'digestHa1'],
  ['WebRTC-Web-Server-Function-Name', 'webrtcWebServerFunctionName'],
  ['3GPP2-MEID', 'avp3gpp2Meid'],
  ['5QI', 'avp5qi'],
])('%s becomes %s', (name, property) => {
  expect(propertyName(name)).toBe(property);
});

const HEAD =
  '@dictionary t\n@application 7 Test\n@avps 0\n  User-Name 1 UTF8String M\n  Proxy-Info 284 Grouped M\n  Kind 9 Enumerated -\n@enum Kind\n  ONE 1\n';
const GROUP = '@groups\nProxy-Info ::= < AVP Header: 284 >\n  { User-Name }\n';

function compile(text: string): void {
  checkDictionary(parseDictionary('t.dia', text), []);
}

test('[6733-3.2] qualifiers', () => {
  const source = parseDictionary(
    't.dia',
    '@groups\nG ::= < AVP Header: 1 >\n<A>\n0*1<B>\n{C}\n*{D}\n2*3{E}\n[F]\n*[G]\n*5[H]\n{I} @absence-tolerated ; why\n',
  );
  expect(
    source.groups[0]?.rules.map(({ min, max, absenceTolerated }) => [min, max, absenceTolerated]),
  ).toEqual([
    [1, 1, false],
    [0, 1, false],
    [1, 1, false],
    [1, -1, false],
    [2, 3, false],
    [0, 1, false],
    [0, -1, false],
    [0, 5, false],
    [1, 1, true],
  ]);
});

test.each([
  ['an unknown directive', `${HEAD}@oops\n`, 't.dia:9: unknown directive @oops'],
  ['an unknown type', '@avps 0\nX 1 String M\n', 't.dia:2: unknown AVP type String'],
  [
    'the V flag without vendor',
    '@avps 0\nX 1 Time MV\n',
    "t.dia:2: the V flag and the section's vendor 0 contradict each other",
  ],
  [
    'brackets that do not match',
    `${HEAD}@groups\nProxy-Info ::= < AVP Header: 284 >\n  { User-Name ]\n`,
    't.dia:11: brackets do not match: { User-Name ]',
  ],
  [
    'an optional rule with a minimum',
    `${HEAD}@groups\nProxy-Info ::= < AVP Header: 284 >\n  1*[ User-Name ]\n`,
    't.dia:11: an optional rule starts from 0',
  ],
  [
    'an unknown AVP in a format',
    `${HEAD}@groups\nProxy-Info ::= < AVP Header: 284 >\n  { Nobody }\n`,
    't.dia:10: unknown AVP Nobody',
  ],
  [
    'an AVP twice in a format',
    `${HEAD}${GROUP}  [ User-Name ]\n`,
    't.dia:10: User-Name stands twice in one format',
  ],
  [
    'a group with another code',
    `${HEAD}@groups\nProxy-Info ::= < AVP Header: 285 >\n  { User-Name }\n`,
    't.dia:10: Proxy-Info: the AVP Header contradicts the AVP table',
  ],
  ['a Grouped AVP without format', HEAD, 't.dia:5: Proxy-Info is Grouped but has no format'],
  [
    'two AVPs with one code',
    `${HEAD}@avps 0\n  Other 1 Time M\n${GROUP}`,
    't.dia:10: Other has the code of User-Name',
  ],
  [
    'an Enumerated AVP without values',
    `@avps 0\n  Kind 9 Enumerated -\n`,
    't.dia:2: Kind is Enumerated but has no values',
  ],
  [
    'a request without answer',
    `${HEAD}${GROUP}@commands 7\n@command XXR X-Request\n<XXR> ::= < Diameter Header: 5, REQ >\n`,
    't.dia:14: XXR has no counterpart',
  ],
  [
    'a command of another application',
    `${HEAD}${GROUP}@commands 7\n@command XXR X-Request\n<XXR> ::= < Diameter Header: 5, REQ, 8 >\n`,
    't.dia:14: application 8 in a section for 7',
  ],
])('%s', (_what, text, message) => {
  expect(() => {
    compile(text);
  }).toThrow(message);
});

test('tables that contradict each other make no dictionary', () => {
  expect(() => new Dictionary([baseTable, baseTable])).toThrow('dictionary base is given twice');
  expect(() => new Dictionary([cxTable])).toThrow('there is no dictionary base');
  expect(() => new Dictionary([])).toThrow('answer with the E bit');
});

describe('names belong to an application', () => {
  const command = (abbreviation: string, code: number, applicationId: number, request: boolean) => ({
    abbreviation,
    name: `Command-${abbreviation}`,
    code,
    applicationId,
    request,
    proxiable: true,
    error: false,
    rules: [{ avp: 'User-Data', property: 'userData', min: 0, max: 1 }],
    build: ([userData]: readonly unknown[]) => ({ userData }),
    take: (message: { readonly userData?: unknown }, to: unknown[]) => {
      to[0] = message.userData;
    },
  });
  const application = (
    name: string,
    id: number,
    commandCode: number,
    userDataCode: number,
  ): DictionaryTable => ({
    name,
    uses: ['base'],
    applications: [{ id, name }],
    vendors: [],
    avps: [
      { name: 'User-Data', code: userDataCode, vendorId: 10415, type: 'OctetString', mandatory: true },
      { name: 'Class', code: 25, vendorId: 0, type: 'OctetString', mandatory: false },
    ],
    groups: [],
    enumerations: {},
    commands: [command('PUR', commandCode, id, true), command('PUA', commandCode, id, false)],
    errorAnswer: null,
  });
  // As Sh (29.329 6.1.3, 6.3.2) and S6a (29.272 7.2.13) stand beside each other.
  const sh = application('sh', 16_777_217, 307, 702);
  const other = application('other', 16_777_251, 321, 606);
  const both = new Dictionary([baseTable, sh, other]);

  test('an abbreviation means the command of the application that the header names', () => {
    const code = (applicationId: number): number =>
      encodeNamed('PUR', { hopByHopId: 1, endToEndId: 2, applicationId }, {}, both).readUIntBE(5, 3);
    expect([code(16_777_217), code(16_777_251)]).toEqual([307, 321]);
  });

  test('a name means the AVP of the application, in formats and alone', () => {
    const userData = (applicationId: number): number =>
      encodeAvp('User-Data', Buffer.from('x'), both, applicationId).readUInt32BE(0);
    expect([userData(16_777_217), userData(16_777_251)]).toEqual([702, 606]);
    const header = { hopByHopId: 1, endToEndId: 2, applicationId: 16_777_251 };
    const bytes = encodeNamed('PUR', header, { userData: Buffer.from('x') }, both);
    expect(bytes.readUInt32BE(20)).toBe(606);
    const decoded = decodeMessage(bytes, both);
    expect(decoded.ok && decoded.message.avps).toEqual({ userData: Buffer.from('x') });
  });

  test('an application sends an AVP of another table with its own M bit', () => {
    const flags = (applicationId?: number): number =>
      encodeAvp('Class', Buffer.from('x'), both, applicationId)[4] ?? 0;
    expect([flags(), flags(16_777_217)]).toEqual([0x40, 0]);
  });

  test('what contradicts another table is refused', () => {
    const avps = [{ name: 'Ours', code: 25, vendorId: 0, type: 'OctetString' as const, mandatory: false }];
    expect(() => new Dictionary([baseTable, { ...sh, avps }])).toThrow('Ours is already defined');
    expect(() => new Dictionary([baseTable, sh, { ...sh, name: 'again' }])).toThrow('PUR is already defined');
    const enumerations = { 'Auth-Session-State': { 1: 'SOMETHING_ELSE' } };
    expect(() => new Dictionary([baseTable, { ...sh, enumerations }])).toThrow('1 of Auth-Session-State is');
  });
});
