/** EPS data through the HTTP API and the command line: profiles, EPS-only subscriptions, faults, export and import. */
import { cli } from '../cli/run-cli';
import { keyStart, simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const aka = (last: number) => ({ k: keyStart + String(last).padStart(8, '0'), opc: 'ff'.repeat(16) });
const hss = (words: string[]) => cli(['--api', api.url, ...words]);
const ambr = { uplinkBitsPerSecond: 1_000_000, downlinkBitsPerSecond: 2_000_000 };
const apnConfigurationProfile = {
  defaultContextIdentifier: 1,
  apnConfigurations: [{ contextIdentifier: 1, serviceSelection: 'internet', pdnType: 'ipv4' }],
};

test('[29.272-7.3.2] an EPS profile is put, patched, listed and refused as other shared sets', async () => {
  const body = { name: 'lab', ambr, apnConfigurationProfile };
  const created = await api.request('PUT', '/v1/eps-profiles/lab', { body });
  expect([created.status, created.json()]).toEqual([201, body]);
  const patched = await api.request('PATCH', '/v1/eps-profiles/lab', {
    body: { icsIndicator: true, ambr: { uplinkBitsPerSecond: 5 } },
  });
  const changed = { ...body, icsIndicator: true, ambr: { ...ambr, uplinkBitsPerSecond: 5 } };
  expect([patched.status, patched.json()]).toEqual([200, changed]);
  expect((await api.request('GET', '/v1/eps-profiles')).json()['items']).toContainEqual(changed);
  const faulty = await api.request('PUT', '/v1/eps-profiles/lab', {
    body: {
      name: 'lab',
      apnConfigurationProfile: { ...apnConfigurationProfile, defaultContextIdentifier: 2 },
    },
  });
  expect([faulty.status, faulty.json()['errors']]).toEqual([
    422,
    [
      {
        pointer: '/apnConfigurationProfile/defaultContextIdentifier',
        detail: 'is the contextIdentifier of no APN configuration [29.272-7.3.34]',
      },
      { pointer: '/ambr', detail: 'is needed beside apnConfigurationProfile [29.272-7.3.2]' },
    ],
  ]);
  const { stdout } = await hss(['eps-profile', 'list']);
  expect(stdout).toMatch(/^lab +internet +5 +2000000 *$/m);
  expect(stdout).toMatch(/^demo-default +internet, ims +500000000 +1000000000 *$/m);
});

test('[29.272-7.3.2] a subscription with EPS only goes in and out, and hss show shows it', async () => {
  const body = {
    id: 'meter',
    usims: [{ imsi: '001010000000201', aka: aka(1), eps: { profile: 'lab', activeTimeSeconds: 20 } }],
  };
  expect((await api.request('PUT', '/v1/subscriptions/meter', { body })).status).toBe(201);
  const stored = (await api.request('GET', '/v1/subscriptions/meter')).json();
  expect(stored).toMatchObject({
    privateIdentities: [],
    implicitRegistrationSets: [],
    usims: [{ eps: { profile: 'lab', activeTimeSeconds: 20 } }],
  });
  const same = await api.request('PUT', '/v1/subscriptions/meter', { body: stored });
  expect(same.status).toBe(200);
  expect((await api.request('GET', '/v1/subscriptions/meter/registration-status')).status).toBe(200);
  expect((await hss(['subscription', 'list'])).stdout).toMatch(/^meter /m);
  const { status, stdout } = await hss(['show', '001010000000201']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^001010000000201 +lab +activeTimeSeconds *$/m);
  expect((await api.request('DELETE', '/v1/eps-profiles/lab')).status).toBe(409);
});

test('every fault of EPS data beside those of the rest, with its place', async () => {
  const body = {
    ...simpleSubscription('faulty'),
    chargingSet: 7,
    usims: [
      { imsi: '001010000000301', aka: aka(2), eps: { profile: 'none', ueUsageType: 256 } },
      { imsi: '001010000000302', aka: aka(3), eps: { aMsisdn: '49170', stnSr: 'x' } },
    ],
  };
  const answer = await api.request('PUT', '/v1/subscriptions/faulty', { body });
  expect(answer.status).toBe(422);
  const errors = answer.json()['errors'] as { pointer: string; detail: string }[];
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    '/chargingSet',
    '/usims/0/eps/profile',
    '/usims/0/eps/ueUsageType',
    '/usims/1/eps/aMsisdn',
    '/usims/1/eps/stnSr',
  ]);
});

test('what is exported is imported again without a change', async () => {
  const { text: stdout } = await api.request('GET', '/v1/export');
  const records = stdout.split('\n').filter((line) => line !== '');
  const profile = records.findIndex((line) => line.startsWith('{"epsProfile":{"name":"lab"'));
  expect(profile).toBeGreaterThanOrEqual(0);
  expect(records.findIndex((line) => line.includes('"meter"'))).toBeGreaterThan(profile);
  const answer = await api.request('POST', '/v1/import', {
    raw: stdout,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const summary = JSON.parse(answer.text.trim().split('\n').at(-1) ?? '') as object;
  expect(summary).toMatchObject({ type: 'summary', created: 0, replaced: 0, failed: 0 });
});
