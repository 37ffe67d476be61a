/** Whole subscribers from lines: POST /v1/subscribers, and imports as CSV or as {"subscriber": {...}}. */
import type { ImportEvent } from '../../src/admin/openapi/views';
import { startApi, type RunningApi } from './support/running-api';

const realm = 'ims.mnc001.mcc001.3gppnetwork.org';
const k = '465b5ce8b199b49faa5f0a2ee238a6bc';
const opc = 'cd63cb71954a9f4e48a5994e37a02baf';
/** Beyond those of the demo users. */
const imsiOf = (n: number): string => `00101${String(n + 5_000).padStart(10, '0')}`;
const keyOf = (n: number): string => n.toString(16).padStart(32, 'a');
const line = (n: number, more: object = {}) => ({
  imsi: imsiOf(n),
  k: keyOf(n),
  opc,
  msisdn: `4917100${String(n).padStart(5, '0')}`,
  ...more,
});

let api: RunningApi;

beforeEach(async () => {
  api = await startApi({ domains: [realm] });
});

afterEach(async () => {
  await api.stop();
});

const exists = async (path: string): Promise<boolean> => (await api.request('GET', path)).status === 200;

async function imported(text: string, type = 'text/csv; charset=utf-8'): Promise<ImportEvent[]> {
  const answer = await api.request('POST', '/v1/import', { raw: text, headers: { 'content-type': type } });
  expect(answer.status).toBe(200);
  return answer.text
    .trim()
    .split('\n')
    .map((event) => JSON.parse(event) as ImportEvent);
}

describe('POST /v1/subscribers', () => {
  test('makes the subscription and the default sets, once; no secret comes out', async () => {
    const made = await api.request('POST', '/v1/subscribers', { body: line(7) });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/subscriptions/${imsiOf(7)}`);
    expect(made.json()['made']).toEqual([
      { kind: 'epsProfiles', name: 'internet-ims' },
      { kind: 'serviceProfiles', name: 'default' },
    ]);
    const stored = await api.request('GET', `/v1/subscriptions/${imsiOf(7)}`);
    expect(stored.json()).toEqual(made.json()['subscription']);
    expect(stored.headers.get('etag')).toBe(made.headers.get('etag'));
    const second = await api.request('POST', '/v1/subscribers', { body: line(8) });
    expect(second.json()['made']).toEqual([]);
    for (const text of api.seen) for (const secret of [keyOf(7), opc]) expect(text).not.toContain(secret);
  });

  test('a dry run says what would be and changes nothing', async () => {
    const dry = await api.request('POST', '/v1/subscribers?dryRun=true', { body: line(7, { sqn: 64 }) });
    expect(dry.status).toBe(200);
    expect(dry.json()['made']).toHaveLength(2);
    expect(await exists(`/v1/subscriptions/${imsiOf(7)}`)).toBe(false);
    expect(await exists('/v1/eps-profiles/internet-ims')).toBe(false);
    const made = await api.request('POST', '/v1/subscribers', { body: line(7, { sqn: 64 }) });
    expect(made.json()).toEqual(dry.json());
    for (const path of ['/v1/subscribers', '/v1/subscribers?dryRun=true'])
      expect((await api.request('POST', path, { body: line(7) })).json()).toMatchObject({
        status: 409,
        detail: `There is a subscription "${imsiOf(7)}" already; nothing was changed.`,
      });
  });

  test.each(['', '?dryRun=true'])('faults%s: in the line, and of what is stored', async (query) => {
    const post = (body: object) => api.request('POST', `/v1/subscribers${query}`, { body });
    expect((await post(line(7, { k: 'x', mncDigits: 1 }))).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/k' }, { pointer: '/mncDigits', detail: 'must be 2 or 3' }],
    });
    expect((await post(line(7, { imsi: '405840000000001' }))).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/mncDigits' }],
    });
    expect((await post(line(7, { epsProfile: 'gold' }))).json()).toMatchObject({
      errors: [{ pointer: '/usims/0/eps/profile', detail: 'there is no EPS profile gold' }],
    });
    await api.request('POST', '/v1/subscribers', { body: line(8) });
    expect((await post(line(7, { msisdn: line(8).msisdn }))).status).toBe(query === '' ? 409 : 422);
  });

  test('a default set that exists stays as it is', async () => {
    await api.request('PUT', '/v1/service-profiles/default', { body: { capabilitySet: 'demo' } });
    const made = await api.request('POST', '/v1/subscribers', { body: line(7) });
    expect(made.json()['made']).toEqual([{ kind: 'epsProfiles', name: 'internet-ims' }]);
  });
});

describe('CSV', () => {
  test('each line is a subscriber; faults have their line and their column', async () => {
    const events = await imported(
      [
        'imsi,k,opc,op,msisdn,amf,sqn,eps_profile,service_profile,id',
        `${imsiOf(1)},${keyOf(1)},${opc},,+491710000001,,,,,`,
        '',
        `"${imsiOf(2)}",${keyOf(2)},${opc},,491710000002,9000,32,internet-ims,,two`,
        `${imsiOf(3)},${keyOf(3)},,,491710000003,,x,,,`,
        `${imsiOf(4)},${keyOf(4)}`,
        `"${imsiOf(5)},${keyOf(5)},${opc},,,,,,,`,
        `${imsiOf(6)},${keyOf(6)},${opc},,491710000001,,,,,`,
        `1010000000007,${keyOf(7)},${opc},,,,,,,`,
        `${imsiOf(8)},${keyOf(8)},${opc},,,,,,,`,
      ].join('\r\n'),
    );
    const failures = events.flatMap((event) => (event.type === 'failure' ? [event] : []));
    expect(
      failures.map(({ line: at, name, errors, detail }) => [at, name, errors[0]?.pointer ?? detail]),
    ).toEqual(
      expect.arrayContaining([
        [5, imsiOf(3), '/sqn'],
        [6, null, 'The line has 2 cells, and the header has 10.'],
        [7, null, 'The line is not CSV: a quotation mark is at a wrong place.'],
        [8, imsiOf(6), '/usims/0/msisdns/0'],
        [9, '1010000000007', '/imsi'],
      ]),
    );
    expect(failures).toHaveLength(5);
    expect(events.at(-1)).toMatchObject({ type: 'summary', lines: 10, records: 8, created: 3, failed: 5 });
    expect(events).toContainEqual({
      type: 'warning',
      line: 2,
      name: imsiOf(1),
      warnings: [
        { pointer: '', detail: 'the EPS profile internet-ims did not exist and was made' },
        { pointer: '', detail: 'the service profile default did not exist and was made' },
      ],
    });
    const two = await api.request('GET', '/v1/subscriptions/two');
    expect(two.json()).toMatchObject({ usims: [{ imsi: imsiOf(2), aka: { amf: '9000' } }] });
    const eight = await api.request('GET', `/v1/subscriptions/${imsiOf(8)}`);
    expect(eight.json()).toMatchObject({ privateIdentities: [], implicitRegistrationSets: [] });
  });

  test.each([
    [
      'an unknown column',
      `imsi;k;opcc\n${imsiOf(1)};${k};${opc}\n`,
      '/opcc',
      'is no column here; did you mean "opc"?',
    ],
    ['a column twice', 'imsi,k,K\n', '/K', 'is there twice'],
    ['no IMSI', 'k,opc\n', '/imsi', 'is missing among the columns'],
  ])('%s: nothing is imported', async (_, text, pointer, detail) => {
    const events = await imported(text);
    expect(events).toMatchObject([
      { type: 'failure', line: 1, errors: [{ pointer, detail }] },
      { type: 'summary', records: 1, failed: 1, created: 0 },
    ]);
  });

  test('a spreadsheet with semicolons and a byte order mark; many lines', async () => {
    const lines = Array.from(
      { length: 700 },
      (__, i) => `${imsiOf(i)};${keyOf(i)};${opc};4917${i + 100_000}`,
    );
    const events = await imported(`\ufeffIMSI;K;OPc;MSISDN\n${lines.join('\n')}`);
    expect(events.at(-1)).toMatchObject({ lines: 701, records: 700, created: 700, failed: 0 });
    expect(await imported(`IMSI;K;OPc;MSISDN\n${lines.join('\n')}`).then((all) => all.at(-1))).toMatchObject({
      unchanged: 700,
    });
  });
});

test('a line of NDJSON may be a whole subscriber, too', async () => {
  const events = await imported(
    [{ subscriber: line(1) }, { subscriber: line(2, { k: 'x' }) }]
      .map((one) => JSON.stringify(one))
      .join('\n'),
    'application/x-ndjson',
  );
  expect(events).toContainEqual(
    expect.objectContaining({ line: 2, errors: [expect.objectContaining({ pointer: '/subscriber/k' })] }),
  );
  expect(await exists(`/v1/subscriptions/${imsiOf(1)}`)).toBe(true);
});
