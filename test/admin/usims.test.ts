/** USIMs through the HTTP API and the command line: written, found, told whose they are, shown. */
import { cli } from '../cli/run-cli';
import { keyStart, simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const aka = (last: number) => ({ k: keyStart + String(last).padStart(8, '0'), opc: 'ff'.repeat(16) });
const hss = (words: string[]) => cli(['--api', api.url, ...words]);

test('[23.003-2.2] [23.003-3.3] a USIM goes in, is found by IMSI and MSISDN, and its secrets never come out', async () => {
  const body = simpleSubscription('usim1', {
    privateIdentities: [
      { identity: 'usim1@home.example', authentication: { usim: '001010000000101' } },
      { identity: 'isim1@home.example', authentication: { aka: aka(1) } },
    ],
    usims: [
      { imsi: '001010000000101', msisdns: ['49170000101', '49170000102'], aka: { ...aka(2), sqn: 640 } },
      { imsi: '001010000000102', aka: aka(3) },
    ],
  });
  const created = await api.request('PUT', '/v1/subscriptions/usim1', { body });
  expect(created.status).toBe(201);
  const usims = [
    {
      imsi: '001010000000101',
      msisdns: ['49170000101', '49170000102'],
      aka: { algorithm: 'milenage', amf: '8000', indBits: 5 },
    },
    { imsi: '001010000000102', msisdns: [], aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } },
  ];
  expect(created.json()['usims']).toEqual(usims);
  for (const query of ['imsi=001010000000101', 'imsi=001010000000102', 'msisdn=49170000102'])
    expect((await api.request('GET', `/v1/subscriptions?${query}`)).json()['items']).toMatchObject([
      { id: 'usim1', usims },
    ]);
  expect((await api.request('GET', '/v1/subscriptions?msisdn=001010000000101')).json()['items']).toEqual([]);
  for (const query of ['msisdn=%2B49170000102', 'msisdn=49170000102&imsi=001010000000101'])
    expect((await api.request('GET', `/v1/subscriptions?${query}`)).status).toBe(400);
  const status = await api.request('GET', '/v1/subscriptions/usim1/registration-status');
  expect(status.json()['sequenceNumbers']).toEqual({ 'usim1@home.example': 640, '001010000000101': 640 });
  // What comes out goes in again, and a merge patch keeps the secrets.
  const { etag } = Object.fromEntries(created.headers);
  const same = await api.request('PUT', '/v1/subscriptions/usim1', { body: created.json() });
  expect([same.status, same.headers.get('etag')]).toEqual([200, etag]);
  const patched = await api.request('PATCH', '/v1/subscriptions/usim1', {
    body: { usims: usims.map((usim) => ({ ...usim, msisdns: [] })) },
  });
  expect(patched.status).toBe(200);
  expect((await api.request('GET', '/v1/subscriptions?msisdn=49170000102')).json()['items']).toEqual([]);
  await api.request('PUT', '/v1/subscriptions/usim1', { body });
  expect(api.seen.join('\n')).not.toMatch(new RegExp(`${keyStart}|${'ff'.repeat(16)}`, 'i'));
});

test('a SIM is stored as one; a private identity that would use it is refused', async () => {
  const usims = [{ imsi: '001010000000109', aka: { ...aka(9), algorithm: 'gsmMilenage' } }];
  const put = (more: object) =>
    api.request('PUT', '/v1/subscriptions/sim', { body: simpleSubscription('sim', { usims, ...more }) });
  expect((await put({})).status).toBe(201);
  expect((await api.request('GET', '/v1/subscriptions/sim')).json()['usims']).toMatchObject([
    { aka: { algorithm: 'gsmMilenage' } },
  ]);
  const refused = await put({
    privateIdentities: [{ identity: 'sim@home.example', authentication: { usim: '001010000000109' } }],
  });
  expect(refused.json()).toMatchObject({
    status: 422,
    errors: [
      {
        pointer: '/privateIdentities/0/authentication/usim',
        detail: 'is a SIM (gsmMilenage), which cannot do IMS-AKA (TS 33.203 6.1)',
      },
    ],
  });
});

test('an IMSI or an MSISDN of another subscription: 409 with its owner', async () => {
  const answer = await api.request('PUT', '/v1/subscriptions/usim2', {
    body: simpleSubscription('usim2', {
      usims: [
        { imsi: '001010000000101', aka: aka(4) },
        { imsi: '001010000000003', aka: aka(5) },
        { imsi: '001010000000103', msisdns: ['49170000101'], aka: aka(6) },
      ],
    }),
  });
  expect(answer.status).toBe(409);
  expect(answer.json()['errors']).toEqual([
    { pointer: '/usims/0/imsi', detail: 'IMSI 001010000000101 belongs to subscription usim1' },
    { pointer: '/usims/1/imsi', detail: 'IMSI 001010000000003 belongs to subscription carol' },
    { pointer: '/usims/2/msisdns/0', detail: 'MSISDN 49170000101 belongs to subscription usim1' },
  ]);
});

test('hss show finds it by IMSI and MSISDN and shows who uses which USIM, with its SQN', async () => {
  for (const name of ['001010000000101', '001010000000102', '49170000101', '+49170000101']) {
    const { status, stdout } = await hss(['show', name]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^subscription +usim1$/m);
    expect(stdout).toMatch(/^usim1@home\.example +- +Digest-AKAv1-MD5 +640 *$/m);
    expect(stdout).toMatch(/^001010000000101 +49170000101, 49170000102 +usim1@home\.example +640 *$/m);
    expect(stdout).toMatch(/^001010000000102 +- +- +-? *$/m);
  }
  expect((await hss(['show', 'bob'])).stdout).not.toContain('USIM');
  expect((await hss(['subscription', 'list', '--msisdn', '49170000101'])).stdout).toMatch(/^usim1 /m);
});
