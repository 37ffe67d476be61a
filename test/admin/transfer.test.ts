/** Bulk import and export, through the API and through `hss`, on a real database. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cli, type CliRun } from '../cli/run-cli';
import { keyStart, simpleSubscription, startApi, type RunningApi } from './support/running-api';

const secrets = [
  keyStart,
  'ffeeddccbbaa99887766554433221100',
  '465b5ce8b199b49faa5f0a2ee238a6bc',
  'bob-demo-password',
];

let api: RunningApi;
let folder: string;
beforeAll(async () => {
  api = await startApi();
  folder = await mkdtemp(path.join(os.tmpdir(), 'hss-transfer-'));
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true });
});

const hss = (args: string[], stdin?: string): Promise<CliRun> =>
  cli(args, { env: { HSS_API: api.url }, cwd: folder, ...(stdin === undefined ? {} : { stdin }) });

async function importLines(lines: readonly string[]): Promise<Record<string, unknown>[]> {
  const answer = await api.request('POST', '/v1/import', {
    raw: lines.join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(answer.status).toBe(200);
  return answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('2,000 lines, some of them bad: the good ones are stored, the bad ones named with line, name, status and pointers', async () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => JSON.stringify(simpleSubscription(`user-${i}`)));
  lines[6] = '{"id": "user-6", broken}';
  lines[500] = JSON.stringify({
    ...simpleSubscription('user-500'),
    surprise: 1,
    implicitRegistrationSets: [],
  });
  lines[999] = '';
  lines[1_500] = JSON.stringify({
    ...simpleSubscription('user-1500'),
    privateIdentities: [{ identity: 'user-3@home.example' }],
  });
  lines[1_501] = JSON.stringify({ ...simpleSubscription('user-1501'), chargingSet: 'no-such-set' });
  lines[1_502] = JSON.stringify({
    ...simpleSubscription('user-1502'),
    privateIdentities: [{ identity: 'user-1502@home.example', authentication: { aka: {} } }],
  });
  const events = await importLines(lines);
  const failures = new Map(
    events.filter((event) => event['type'] === 'failure').map((event) => [event['line'], event]),
  );
  expect([...failures.keys()].sort((a, b) => Number(a) - Number(b))).toEqual([7, 501, 1_501, 1_502, 1_503]);
  expect(failures.get(7)).toMatchObject({
    name: null,
    status: 400,
    detail: expect.stringContaining('column 18') as string,
  });
  expect(failures.get(501)).toMatchObject({ name: 'user-500', status: 422 });
  expect(
    (failures.get(501)?.['errors'] as { pointer: string }[]).map((fault) => fault.pointer).sort(),
  ).toEqual(['/implicitRegistrationSets', '/surprise']);
  expect(failures.get(1_501)).toMatchObject({
    name: 'user-1500',
    status: 409,
    errors: [{ pointer: '/privateIdentities/0/identity' }],
  });
  expect(failures.get(1_502)).toMatchObject({
    name: 'user-1501',
    status: 422,
    errors: [{ pointer: '/chargingSet' }],
  });
  expect(failures.get(1_503)).toMatchObject({ name: 'user-1502', status: 422 });
  expect(events.some((event) => event['type'] === 'progress')).toBe(true);
  expect(events.at(-1)).toEqual({
    type: 'summary',
    lines: 2_000,
    records: 1_999,
    created: 1_994,
    replaced: 0,
    unchanged: 0,
    failed: 5,
    warnings: 0,
  });
  expect((await api.request('GET', '/v1/subscriptions/user-1999')).status).toBe(200);
  expect((await api.request('GET', '/v1/subscriptions/user-1501')).status).toBe(404);
});

test('shared sets and subscriptions in one stream, each line after those before it', async () => {
  const profile = { name: 'late', sharedIfcSets: ['late-set'] };
  const user = simpleSubscription('late-user', {
    implicitRegistrationSets: [
      { name: 'a', publicIdentities: [{ identity: 'sip:late@home.example', serviceProfile: 'late' }] },
    ],
  });
  const events = await importLines([
    JSON.stringify({ ifcSet: { name: 'late-set', id: 900, initialFilterCriteria: [] } }),
    JSON.stringify({ serviceProfile: profile }),
    JSON.stringify(user),
    JSON.stringify({ serviceProfile: { name: 'bad', sharedIfcSets: ['nothing'] } }),
    JSON.stringify({ capabilitySet: { name: 'bad', mandatory: ['x'] }, more: 1 }),
    '"text"',
    '{}',
  ]);
  const failures = events.filter((event) => event['type'] === 'failure');
  expect(failures.map((event) => event['line'])).toEqual([4, 5, 6, 7]);
  expect(failures[1]).toMatchObject({
    name: 'bad',
    errors: [{ pointer: '/more' }, { pointer: '/capabilitySet/mandatory/0' }],
  });
  expect(events.at(-1)).toMatchObject({ type: 'summary', created: 3, failed: 4 });
});

test('an export imported again changes nothing, in NDJSON and in YAML', async () => {
  for (const name of ['all.ndjson', 'all.yaml']) {
    const exported = await hss(['export', name, '--json']);
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    const { records } = JSON.parse(exported.stdout) as { records: number };
    expect(records).toBeGreaterThan(2_000);
    const again = await hss(['import', name, '--json']);
    expect(again.stderr).toBe('');
    expect(JSON.parse(again.stdout)).toMatchObject({
      records,
      created: 0,
      replaced: 0,
      unchanged: records,
      failed: 0,
      failures: [],
      aborted: null,
    });
  }
  const text = await readFile(path.join(folder, 'all.ndjson'), 'utf8');
  for (const secret of secrets) expect(text.toLowerCase()).not.toContain(secret);
}, 60_000);

test('an export of subscriptions without secrets restores them as they were', async () => {
  const document = simpleSubscription('plain', {
    privateIdentities: [
      { identity: 'plain@home.example', authentication: { giba: { ipv4Address: '192.0.2.1' } } },
    ],
  });
  await api.request('PUT', '/v1/subscriptions/plain', { body: document });
  const before = (await api.request('GET', '/v1/subscriptions/plain')).json();
  const line =
    (await hss(['export', '--what', 'subscriptions'])).stdout
      .split('\n')
      .find((text) => text.includes('"plain"')) ?? '';
  await api.request('DELETE', '/v1/subscriptions/plain');
  expect(await hss(['import', '-'], `${line}\n`)).toMatchObject({ status: 0 });
  expect((await api.request('GET', '/v1/subscriptions/plain')).json()).toEqual(before);
});

test('`hss import` counts failures, names lines of the file and ends with 1', async () => {
  const yaml = `# users\n---\n${JSON.stringify(simpleSubscription('yaml-1'))}\n--- # second\nid: yaml-2\nprivateIdentities: []\n---\nid: [\n---\n`;
  await writeFile(path.join(folder, 'users.yaml'), yaml);
  const run = await hss(['import', 'users.yaml']);
  expect(run.status).toBe(1);
  expect(run.stdout).toContain('line 4 (yaml-2): /privateIdentities must have at least 1 entries');
  expect(run.stdout).toContain('line 4 (yaml-2): /implicitRegistrationSets must have at least 1 entries');
  expect(run.stdout).toMatch(/^line 8: Flow sequence/m);
  expect(run.stdout).toMatch(/^created +1$/m);
  expect(run.stderr).toContain('2 of 3 records failed');
  const limited = JSON.parse(
    (await hss(['import', '-', '--max-failures', '1', '--json'], '{}\n{}\n{}\n')).stdout,
  ) as { failed: number; failures: unknown[] };
  expect(limited).toMatchObject({ failed: 3, failures: [{ line: 1 }] });
  expect(await hss(['import', 'nothing.ndjson'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('nothing.ndjson cannot be read') as string,
  });
});

test('a line longer than the limit fails alone', async () => {
  const events = await importLines([
    JSON.stringify(simpleSubscription('before')),
    `{"id": "${'x'.repeat(1_100_000)}"}`,
    JSON.stringify(simpleSubscription('after')),
  ]);
  expect(events.filter((event) => event['type'] === 'failure')).toMatchObject([
    { line: 2, status: 413, name: null },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'summary', created: 2, failed: 1 });
});

describe('`hss` for single documents and state', () => {
  test('put, get, patch, list and delete a subscription', async () => {
    await writeFile(path.join(folder, 'pat.json'), JSON.stringify(simpleSubscription('pat')));
    expect((await hss(['subscription', 'put', 'pat.json', '--create'])).stdout).toMatch(
      /^subscription pat created, ETag "\d+"$/m,
    );
    expect(await hss(['subscription', 'put', 'pat.json', '--create'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('412') as string,
    });
    expect((await hss(['subscription', 'get', 'pat'])).stdout).toContain('- identity: pat@home.example');
    const patched = JSON.parse(
      (await hss(['subscription', 'patch', 'pat', '--merge', '{registrationAllowed: false}', '--json']))
        .stdout,
    ) as { etag: string; document: unknown };
    expect(patched.document).toMatchObject({ id: 'pat', registrationAllowed: false });
    expect(
      (await hss(['subscription', 'patch', 'pat', '-', '--if-match', '0'], 'registrationAllowed: true'))
        .status,
    ).toBe(1);
    expect((await hss(['subscription', 'list', '--impu', 'sip:pat@home.example'])).stdout).toMatch(
      /^pat +pat@home.example +sip:pat@home.example +no$/m,
    );
    expect(JSON.parse((await hss(['subscription', 'list', '--limit', '3', '--json'])).stdout)).toHaveLength(
      3,
    );
    expect((await hss(['subscription', 'delete', 'pat', '--if-match', patched.etag])).status).toBe(0);
    const faulty = await hss(['subscription', 'put', '-'], 'id: pat\nprivateIdentities: []\n');
    expect(faulty.status).toBe(1);
    expect(faulty.stderr).toContain('/privateIdentities: must have at least 1 entries');
    expect(faulty.stderr).toContain('/implicitRegistrationSets: must have at least 1 entries');
  });

  test('a YAML mistake names its place and quotes nothing', async () => {
    const run = await hss(['subscription', 'put', '-'], 'id: pat\nk: "465b5ce8\n');
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^hss: standard input:\d+:\d+: /);
    expect(run.stderr).not.toContain('465b5ce8');
  });

  test('shared sets', async () => {
    expect((await hss(['profile', 'list'])).stdout).toMatch(/^demo-voicemail +1 +demo-presence/m);
    expect((await hss(['ifc-set', 'get', 'demo-presence', '--json'])).stdout).toContain('"id": 1');
    expect((await hss(['capability-set', 'put', '-'], 'name: cli\nmandatory: [3]\n')).stdout).toContain(
      'capability set cli created',
    );
    expect((await hss(['charging-set', 'list'])).stdout).toContain('aaa://ccf1.');
    expect((await hss(['capability-set', 'delete', 'cli'])).status).toBe(0);
  });

  test.each([
    'carol',
    '001010000000003',
    'carol-tablet@ims.mnc001.mcc001.3gppnetwork.org',
    'tel:+1-555-010-0003',
    '+15550100003',
    'carol.work@ims.mnc001.mcc001.3gppnetwork.org',
  ])("show %s is carol's whole picture", async (name) => {
    const { status, stdout } = await hss(['show', name]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^subscription +carol$/m);
    expect(stdout).toMatch(/^carol-tablet@\S+ +- +SIP Digest/m);
    expect(stdout).toMatch(/^sip:001010000000003@\S+ +distinctPublicUserIdentity +yes +demo-default/m);
    expect(stdout).toMatch(/^demo-voicemail +shared +1 +demo-presence +yes +sip:voicemail-as/m);
    for (const secret of secrets) expect(stdout).not.toContain(secret);
  });

  test('show says when there is nobody; registrations says when nobody is registered', async () => {
    expect(await hss(['show', 'sip:nobody@example.org'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no subscription') as string,
    });
    expect((await hss(['registrations'])).stdout).toContain('Nobody is registered.');
    expect(JSON.parse((await hss(['registrations', '--json'])).stdout)).toMatchObject({
      items: [],
      counts: { registeredSets: 0 },
    });
  });
});

test('no secret has been in any answer', () => {
  for (const secret of secrets)
    expect(api.seen.filter((text) => text.toLowerCase().includes(secret))).toEqual([]);
});
