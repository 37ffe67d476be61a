/** Mistakes in files that the command line reads: told with line and column, and never with the text itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseDocument } from 'yaml';
import { importRecord } from '../../src/admin/openapi/import-record';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import { unquotedTexts } from '../../src/cli/unquoted-texts';
import { simpleSubscription, startApi, type RunningApi } from '../admin/support/running-api';
import { cli } from './run-cli';

const key = '11111111111111111111111111111e11';
const yamlOf = (id: string, { opc = `"${'0'.repeat(32)}"`, more = '' } = {}): string => `id: ${id}
privateIdentities:
  - identity: ${id}@home.example
    authentication:
      aka:
        k: 00112233445566778899aabbccddeeff
        opc: ${opc}
implicitRegistrationSets:
  - name: default
    publicIdentities:
      - identity: sip:${id}@home.example
        serviceProfile: demo-default
${more}`;

describe('texts without quotes', () => {
  const places = (text: string, isPatch = false): string[] =>
    unquotedTexts(parseDocument(text), subscriptionDocument, isPatch).map(
      ({ place, readAs }) => `${place}: ${readAs}`,
    );

  test.each([
    [`opc: ${key}`, 'a number'],
    [`k: ${'1'.repeat(32)}`, 'a number'],
    [`op: 0x${'1'.repeat(30)}`, 'a number'],
    ['amf: 8000', 'a number'],
    ['k: null', 'null'],
    ['k: true', 'true or false'],
  ])('%s', (line, readAs) => {
    const text = `privateIdentities: [{authentication: {aka: {\n  ${line}\n  }}}]`;
    const name = line.split(':')[0] ?? '';
    expect(places(text)).toEqual([`privateIdentities[0].authentication.aka.${name}: ${readAs}`]);
  });

  test('every place of a text, each by name', () => {
    expect(places(yamlOf('123'))).toEqual(['id: a number']);
    expect(
      places(`
privateIdentities:
  - imsi: 001010000000001
implicitRegistrationSets:
  - privateIdentities: [12]
    publicIdentities:
      - displayName: 007
permittedVisitedNetworks: [1.5]`),
    ).toEqual([
      'privateIdentities[0].imsi: a number',
      'implicitRegistrationSets[0].privateIdentities[0]: a number',
      'implicitRegistrationSets[0].publicIdentities[0].displayName: a number',
      'permittedVisitedNetworks[0]: a number',
    ]);
  });

  test('numbers, switches and null where they belong are left alone, and null in a merge patch', () => {
    expect(places('registrationAllowed: false\npermittedVisitedNetworks: null\nunknown: 12')).toEqual([]);
    expect(places('capabilities: {mandatory: [1, 2]}')).toEqual([]);
    expect(places('capabilitySet: null', true)).toEqual([]);
  });

  test('the id of an iFC set is a number, that of a subscription is none', () => {
    const record = (text: string): number => unquotedTexts(parseDocument(text), importRecord({})).length;
    expect(record('ifcSet: {name: a, id: 12}')).toBe(0);
    expect(record('subscription: {id: 12}')).toBe(1);
    expect(record('id: 12')).toBe(1);
  });
});

describe('with a running HSS', () => {
  let api: RunningApi;
  let folder: string;
  const hss = (args: readonly string[], stdin?: string | Buffer) =>
    cli(args, { env: { HSS_API: api.url }, cwd: folder, ...(stdin === undefined ? {} : { stdin }) });

  beforeAll(async () => {
    api = await startApi();
    folder = await mkdtemp(path.join(tmpdir(), 'hss-mistakes-'));
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true });
  });

  test('put and patch say which text has to be in quotes, with line and column', async () => {
    await writeFile(path.join(folder, 'bad.yaml'), yamlOf('bad', { opc: key }));
    const put = await hss(['subscription', 'put', 'bad.yaml']);
    expect(put.status).toBe(1);
    expect(put.stderr).toBe(
      'hss: bad.yaml:7:14: privateIdentities[0].authentication.aka.opc has to be in quotes: without them it is read as a number\n',
    );
    const patch = await hss(['subscription', 'patch', 'alice', '--merge', '{capabilitySet: 12}']);
    expect(patch.stderr).toContain('--merge:1:17: capabilitySet has to be in quotes');
  });

  test('an import says it by line and stores the others', async () => {
    const text = [yamlOf('one'), yamlOf('two', { opc: key }), yamlOf('three')].join('---\n');
    await writeFile(path.join(folder, 'some.yaml'), text);
    const run = await hss(['import', 'some.yaml']);
    expect(run.stdout).toContain('line 20: privateIdentities[0].authentication.aka.opc has to be in quotes');
    expect(run.stdout).not.toContain(key);
    expect(run.stdout).toMatch(/created +2\nreplaced +0\nunchanged +0\nfailed +1/);
  });

  test('an import finds out that it is YAML, whatever the file is called', async () => {
    const run = await hss(['import', '-', '--json'], `# users\n${yamlOf('four')}---\n${yamlOf('five')}`);
    expect(JSON.parse(run.stdout)).toMatchObject({ records: 2, created: 2, failed: 0 });
    const json = await hss(['import', '-', '--json'], JSON.stringify([simpleSubscription('six')], null, 2));
    expect(JSON.parse(json.stdout)).toMatchObject({ records: 1, created: 1, failed: 0 });
  });

  test('what is packed or no text at all is one line', async () => {
    await writeFile(path.join(folder, 'users.gz'), gzipSync('{}'));
    expect(await hss(['import', 'users.gz'])).toMatchObject({
      status: 1,
      stderr: 'hss: users.gz is packed with gzip: gunzip -c users.gz | hss import -\n',
    });
    expect((await hss(['import', '-'], Buffer.from([1, 0, 2]))).stderr).toBe(
      'hss: standard input is neither NDJSON, YAML nor CSV: it is no text\n',
    );
  });
});
