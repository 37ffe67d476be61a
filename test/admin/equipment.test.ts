/** The equipment table and uses through the API, the import stream and `hss equipment`, on real databases. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, type CliRun } from '../cli/run-cli';
import { startApi, type Answer, type RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const imei = '35693803564380';
const imsi = '001010000000001';
const pathOf = (value: string): string => `/v1/equipment/entries/${value}`;
const put = (value: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  api.request('PUT', pathOf(value), { body, headers });
const get = (path: string): Promise<Answer> => api.request('GET', `/v1/equipment/${path}`);
const equipment = (args: string, stdin?: string): Promise<CliRun> =>
  cli(['equipment', ...args.split(' ')], {
    env: { HSS_API: api.url },
    ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }),
  });

test('create, read, replace, delete, with or without the check digit, with entity tags', async () => {
  const created = await put(`${imei}9`, { status: 'prohibited', note: 'stolen' });
  expect([created.status, created.json()]).toEqual([
    201,
    { value: imei, status: 'prohibited', note: 'stolen' },
  ]);
  const etag = created.headers.get('etag') ?? '';
  const read = await api.request('GET', pathOf(imei));
  expect([read.status, read.headers.get('etag'), read.text]).toEqual([200, etag, created.text]);
  expect((await api.request('GET', pathOf(imei), { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await put(imei, { status: 'permitted' }, { 'if-match': '"1"' })).status).toBe(412);
  expect((await put(imei, { status: 'permitted' }, { 'if-match': etag })).json()).toEqual({
    value: imei,
    status: 'permitted',
  });
  expect((await api.request('DELETE', pathOf(imei))).status).toBe(204);
  expect((await api.request('DELETE', pathOf(imei))).status).toBe(404);
  expect((await api.request('GET', pathOf(imei))).status).toBe(404);
});

test.each([
  [imei, { status: 'white' }, '/status'],
  [imei, { status: 'permitted', notes: 'x' }, '/notes'],
  [imei, {}, '/status'],
  [imei, { status: 'permitted', note: '' }, '/note'],
  [imei, { status: 'permitted', note: 'x'.repeat(257) }, '/note'],
  [imei, { status: 'permitted', value: '35693803' }, '/value'],
  ['123', { status: 'permitted' }, '/value'],
  [`${imei}-35693803000000`, { status: 'permitted' }, '/value'],
])('%s with %j is refused, the fault at %s', async (value, body, pointer) => {
  const answer = await put(value, body);
  expect(answer.status).toBe(422);
  expect(answer.json<{ errors: { pointer: string }[] }>().errors.map((fault) => fault.pointer)).toContain(
    pointer,
  );
});

test('the list has pages and a filter', async () => {
  await put('11111111', { status: 'permitted' });
  await put('11111112', { status: 'tracking' });
  await put('11111113', { status: 'permitted' });
  const first = (await get('entries?status=permitted&limit=1')).json<{
    items: object[];
    nextCursor: string;
  }>();
  expect(first.items).toEqual([{ value: '11111111', status: 'permitted' }]);
  const rest = await get(`entries?status=permitted&limit=1&cursor=${first.nextCursor}`);
  expect(rest.json()).toEqual({ items: [{ value: '11111113', status: 'permitted' }], nextCursor: null });
  expect((await get('entries?status=black')).status).toBe(400);
  expect((await get('entries?cursor=%00')).status).toBe(400);
});

test('which entry counts', async () => {
  await put('22222222', { status: 'permitted' });
  await put('2222222200000007', { status: 'prohibited' });
  expect((await get('status?imei=222222220000009')).json()).toEqual({
    value: '22222222',
    status: 'permitted',
  });
  expect((await get('status?imei=22222222000000&softwareVersion=07')).json()).toMatchObject({
    value: '2222222200000007',
  });
  expect((await get('status?imei=33333333333333')).status).toBe(404);
  for (const query of ['', '?imei=1', `?imei=${imei}01`, `?imei=${imei}&softwareVersion=7`])
    expect((await get(`status${query}`)).status).toBe(400);
});

test('uses by user and by equipment', async () => {
  await api.store.equipmentUses.record({ imsi, imei, softwareVersion: '01', peer: 'mme.epc.example' });
  await api.store.equipmentUses.record({ imsi: '001010000000002', imei, peer: 'mme.epc.example' });
  const page = (await get(`uses?imei=${imei}9&limit=1`)).json<{ items: object[]; nextCursor: string }>();
  expect(page.items).toEqual([
    {
      imsi: '001010000000002',
      imei,
      firstAt: expect.stringMatching(/^20.*Z$/) as unknown,
      lastAt: expect.stringMatching(/^20.*Z$/) as unknown,
      peer: 'mme.epc.example',
    },
  ]);
  expect((await get(`uses?imei=${imei}&limit=1&cursor=${page.nextCursor}`)).json()).toMatchObject({
    items: [{ imsi, softwareVersion: '01' }],
    nextCursor: null,
  });
  for (const query of ['', '?imsi=abc', '?imei=1', `?imsi=${imsi}&cursor=YWJj`])
    expect((await get(`uses${query}`)).status).toBe(400);
  const shown = await equipment(`uses --imsi ${imsi}`);
  expect([shown.status, shown.stdout]).toEqual([
    0,
    expect.stringMatching(new RegExp(`${imsi} +${imei} +01 `)),
  ]);
  expect((await equipment('uses')).status).toBe(2);
  expect((await equipment('uses --imsi 001019999999999')).stdout).toContain('No recorded uses');
});

test('hss equipment add, show, list, remove', async () => {
  const of = '44444444000000';
  expect((await equipment(`add ${of}1 --status prohibited --note stolen`)).stdout).toBe(
    `IMEI ${of} created: prohibited\n`,
  );
  expect((await equipment(`add ${of} --status tracking --software-version 02`)).stdout).toContain(
    `IMEISV ${of}02 created`,
  );
  expect((await equipment('add 44444444 --status permitted')).stdout).toContain('TAC 44444444 created');
  expect((await equipment(`show ${of}`)).stdout).toMatch(
    /status +prohibited\nby +IMEI 44444444000000\nnote +stolen/,
  );
  expect((await equipment(`show ${of}02`)).stdout).toContain('tracking');
  expect((await equipment(`show ${of} --software-version 02`)).stdout).toContain('tracking');
  expect((await equipment('list --status tracking --all')).stdout).toContain(`IMEISV  ${of}02`);
  expect((await equipment(`remove ${of} --software-version 02`)).status).toBe(0);
  expect((await equipment(`remove ${of}`)).status).toBe(0);
  expect((await equipment(`show ${of}`)).stdout).toContain('TAC 44444444');
  expect((await equipment('show 12')).status).toBe(1);
  expect((await equipment(`add ${of} --status white`)).status).toBe(2);
  expect((await equipment(`add ${of}`)).status).toBe(2);
  expect((await equipment('add 44444444 --status permitted --software-version 02')).status).toBe(2);
});

test('hss equipment import takes CSV and NDJSON, and names the lines at fault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hss-equipment-'));
  try {
    const file = join(folder, 'list.csv');
    writeFileSync(
      file,
      'value,status,note\n55555555,permitted,"all, of them"\n\n# stolen\n555555550000001,prohibited\n5,prohibited\n55555556,"permitted\n',
    );
    const run = await equipment(`import ${file}`);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('line 6 (5): /equipment/value must have 8 digits');
    expect(run.stdout).toContain('line 7: has quotes that do not fit');
    expect(run.stdout).toMatch(/created +2\n/);
    expect((await api.request('GET', pathOf('55555555'))).json()).toEqual({
      value: '55555555',
      status: 'permitted',
      note: 'all, of them',
    });
    const lines =
      '{"value":"55555555000000","status":"tracking"}\n{"equipment":{"value":"66666666","status":"permitted"}}\n';
    expect((await equipment('import -', lines)).stdout).toMatch(/created +1\nreplaced +1\n/);
    expect((await equipment(`import ${join(folder, 'none')}`)).stderr).toContain('cannot be read');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('import and export of the API have the table', async () => {
  const line = { equipment: { value: '77777777', status: 'tracking', note: 'why' } };
  const imported = await api.request('POST', '/v1/import', {
    raw: `${JSON.stringify(line)}\n{"equipment":{"value":"7","status":"permitted"}}\n`,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(imported.text).toContain('"pointer":"/equipment/value"');
  expect(imported.text).toMatch(/"created":1,.*"failed":1/);
  const exported = await api.request('GET', '/v1/export?what=equipment');
  expect(exported.text).toContain(JSON.stringify(line));
});
