/** `hss subscription add` and `hss import FILE.csv`, against an API with a real database. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startApi, type RunningApi } from '../admin/support/running-api';
import { cli } from './run-cli';

const imsi = '001010000000007';
const domain = 'ims.mnc001.mcc001.3gppnetwork.org';
const k = '465b5ce8b199b49faa5f0a2ee238a6b7';
const opc = 'cd63cb71954a9f4e48a5994e37a02baf';

let api: RunningApi;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hss-add-'));
  api = await startApi({ domains: [domain] });
});

afterEach(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

const hss = (...args: string[]) => cli(['--api', api.url, ...args], { cwd: folder });
const add = (...args: string[]) => hss('subscription', 'add', '--imsi', imsi, '--k', k, ...args);

test('one line makes a subscriber and says what was made with it', async () => {
  const dry = await add('--opc', opc, '--msisdn', '491710000007', '--dry-run');
  expect(dry).toMatchObject({ status: 0, stderr: '' });
  expect(dry.stdout).toBe(`subscription ${imsi} would be created; nothing was changed
the EPS profile internet-ims did not exist and would be made
the service profile default did not exist and would be made
IMSI              ${imsi}
MSISDN            491710000007
EPS profile       internet-ims
private identity  ${imsi}@${domain}
public identity   sip:${imsi}@${domain} (barred)
public identity   sip:+491710000007@${domain}
public identity   tel:+491710000007
`);
  expect((await hss('subscription', 'get', imsi)).status).toBe(1);
  const { status, stdout } = await add('--opc', opc, '--msisdn', '491710000007');
  expect(status).toBe(0);
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(new RegExp(`^subscription ${imsi} created, ETag "`)),
    'the EPS profile internet-ims did not exist and was made',
    'the service profile default did not exist and was made',
  ]);
  expect(stdout).not.toContain(k);
  expect((await hss('show', '+491710000007')).stdout).toContain(imsi);
  expect(await add('--opc', opc)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`There is a subscription "${imsi}" already; nothing was changed.`),
  });
});

test('--json has the document, without secrets', async () => {
  const { stdout } = await add('--op', opc, '--mnc-digits', '3', '--sqn', '96', '--id', 'seven', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    result: 'created',
    subscription: { id: 'seven', usims: [{ imsi, aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } }] },
    made: [{ kind: 'epsProfiles', name: 'internet-ims' }],
  });
  expect(stdout).not.toContain(opc);
});

test.each([
  [['--opc', opc, '--op', opc], 2, 'give --opc or --op, and not both'],
  [[], 2, 'give --opc or --op, and not both'],
  [['--opc', opc, '--sqn', 'x'], 2, '--sqn is not a whole number'],
  [['--opc', opc, '--mnc-digits', '4'], 2, '--mnc-digits'],
  [['--opc', 'cd63'], 1, '  --opc: must be 32 hexadecimal digits (16 octets)'],
  [['--opc', opc, '--msisdn', 'x'], 1, '  --msisdn: must be 5 to 15 digits'],
  [['--opc', opc, '--eps-profile', 'gold'], 1, '/usims/0/eps/profile: there is no EPS profile gold'],
  [['--opc', opc, '--imsi', '405840000000001'], 1, '  --mnc-digits: is needed'],
])('%j is refused with its option', async (options, status, message) => {
  expect(await add(...options)).toMatchObject({ status, stderr: expect.stringContaining(message) });
});

test('hss import takes CSV by the name, by --format and by its header', async () => {
  const header = 'imsi,k,opc,msisdn,eps_profile\n';
  const lineOf = (n: number): string => `00101000000010${n},${k.slice(0, 31)}${n},${opc},4917100010${n},\n`;
  await writeFile(path.join(folder, 'a.csv'), `${header}${lineOf(1)}1010000000102,${k},${opc},,\n`);
  await writeFile(path.join(folder, 'b'), header + lineOf(3));
  const first = await hss('import', 'a.csv');
  expect(first).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('1 of 2 records failed'),
    stdout: expect.stringContaining(
      'line 3 (1010000000102): /imsi begins with no mobile country code (101): were zeros at its beginning lost?',
    ),
  });
  expect(first.stderr).toContain('the EPS profile internet-ims did not exist and was made');
  expect(await hss('import', 'b')).toMatchObject({ status: 0 });
  expect(await hss('import', '--format', 'csv', 'b')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/unchanged +1\n/),
  });
});
