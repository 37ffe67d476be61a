/**
 * The subscription locator's table through the API, the import stream and `hss slf`, on real databases
 * [29.228-6.4].
 */
import { cli, type CliRun } from '../cli/run-cli';
import { simpleSubscription, startApi, type Answer, type RunningApi } from './support/running-api';

let api: RunningApi;
/** The API of an HSS, with a token. */
let hss: RunningApi;
const token = 'a-token-of-the-other-hss';
beforeAll(async () => {
  [api, hss] = await Promise.all([startApi(), startApi({ token })]);
});
afterAll(async () => {
  await Promise.all([api.stop(), hss.stop()]);
});

const pathOf = (value: string): string => `/v1/locator/entries/${encodeURIComponent(value)}`;
const put = (value: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  api.request('PUT', pathOf(value), { body, headers });
const resolve = (identity: string): Promise<Answer> =>
  api.request('GET', `/v1/locator/resolve?identity=${identity}`);
const slf = (...args: string[]): Promise<CliRun> => cli(['slf', ...args], { env: { HSS_API: api.url } });

test('create, read, replace, delete, in any spelling, with entity tags', async () => {
  const created = await put('SIP:Alice@IMS.Example:5060', {
    kind: 'identity',
    hosts: ['HSS1.ims.example', 'aaa://hss2.ims.example:3869'],
    usage: 'ALL_USER',
    maxCacheSeconds: 30,
  });
  expect([created.status, created.json()]).toEqual([
    201,
    {
      kind: 'identity',
      value: 'sip:Alice@ims.example',
      hosts: ['aaa://hss1.ims.example', 'aaa://hss2.ims.example:3869'],
      usage: 'ALL_USER',
      maxCacheSeconds: 30,
    },
  ]);
  const etag = created.headers.get('etag') ?? '';
  const read = await api.request('GET', pathOf('sip:Alice@ims.example'));
  expect([read.status, read.headers.get('etag'), read.text]).toEqual([200, etag, created.text]);
  expect(
    (await api.request('GET', pathOf('sip:Alice@ims.example'), { headers: { 'if-none-match': etag } }))
      .status,
  ).toBe(304);
  expect(
    (
      await put(
        'sip:Alice@ims.example',
        { kind: 'identity', hosts: ['hss3.ims.example'] },
        { 'if-match': '"1"' },
      )
    ).status,
  ).toBe(412);
  expect(
    (
      await put(
        'sip:Alice@ims.example',
        { kind: 'identity', hosts: ['hss3.ims.example'] },
        { 'if-match': etag },
      )
    ).status,
  ).toBe(200);
  expect(
    (
      await put(
        'sip:Alice@ims.example',
        { kind: 'identity', hosts: ['hss3.ims.example'] },
        { 'if-none-match': '*' },
      )
    ).status,
  ).toBe(412);
  expect((await resolve('sip:Alice@ims.example;transport=udp')).json()).toEqual({
    kind: 'identity',
    value: 'sip:Alice@ims.example',
    hosts: ['aaa://hss3.ims.example'],
  });
  expect((await api.request('DELETE', pathOf('sip:Alice@IMS.example'))).status).toBe(204);
  expect((await api.request('DELETE', pathOf('sip:Alice@IMS.example'))).status).toBe(404);
  expect((await api.request('GET', pathOf('no name of any kind'))).status).toBe(404);
  expect((await resolve('sip:Alice@ims.example')).status).toBe(404);
});

test('faults: every one with its place, and nothing is stored', async () => {
  const answer = await put('ims.example', {
    kind: 'range',
    hosts: ['hss1.ims.example', 'ftp://x', 'AAA://hss1.ims.example'],
  });
  expect(answer.status).toBe(422);
  expect(answer.json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer)).toEqual([
    '/value',
    '/hosts/1',
    '/hosts/2',
  ]);
  const more = await put('ims.example', {
    kind: 'domain',
    value: 'other.example',
    hosts: [],
    surprise: 1,
    maxCacheSeconds: 4_294_967_296,
  });
  expect(
    more
      .json<{ errors: { pointer: string }[] }>()
      .errors.map(({ pointer }) => pointer)
      .sort(),
  ).toEqual(['/hosts', '/maxCacheSeconds', '/surprise', '/value']);
  expect((await api.request('GET', pathOf('ims.example'))).status).toBe(404);
  expect((await resolve('nothing')).json()).toMatchObject({
    status: 400,
    errors: [{ parameter: 'identity' }],
  });
  expect((await api.request('GET', '/v1/locator/resolve')).status).toBe(400);
  expect((await api.request('GET', '/v1/locator/entries?host=ftp://x')).json()).toMatchObject({
    status: 400,
    errors: [{ parameter: 'host' }],
  });
  expect((await api.request('GET', '/v1/locator/entries?kind=nothing')).json()).toMatchObject({
    status: 400,
    errors: [{ parameter: 'kind' }],
  });
});

test('import: locator entries between subscriptions and shared sets, faulty lines named; export gives them back', async () => {
  const lines = [
    ...Array.from({ length: 2_500 }, (_, i) => ({
      locator: { kind: 'identity', value: `sip:import${i}@ims.example`, hosts: ['hss1.ims.example'] },
    })),
    { serviceProfile: { name: 'locator-profile' } },
    simpleSubscription('between'),
    {
      locator: {
        kind: 'range',
        value: '+49 30 1000-+49 30 1999',
        hosts: ['hss1.ims.example', 'hss2.ims.example'],
      },
    },
    { locator: { kind: 'identity', value: 'x', hosts: [] } },
    { locator: { kind: 'domain', value: 'import.example', hosts: ['hss1.ims.example'] }, more: 1 },
    { locator: null },
  ];
  const answer = await api.request('POST', '/v1/import', {
    raw: lines.map((line) => JSON.stringify(line)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const events = answer.text
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          type: string;
          line?: number;
          name?: string;
          status?: number;
          errors?: { pointer: string }[];
        },
    );
  expect(
    events
      .filter(({ type }) => type === 'failure')
      .map(({ line, name, status, errors }) => [line, name, status, errors?.map(({ pointer }) => pointer)]),
  ).toEqual([
    [2_504, 'x', 422, ['/locator/hosts', '/locator/value']],
    [2_505, 'import.example', 422, ['/more']],
    [2_506, null, 422, ['/locator']],
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'summary', records: 2_506, created: 2_503, failed: 3 });
  const exported = (await api.request('GET', '/v1/export?what=locator')).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(exported).toHaveLength(2_501);
  expect(exported).toContainEqual({
    locator: {
      kind: 'range',
      value: '+49301000-+49301999',
      hosts: ['aaa://hss1.ims.example', 'aaa://hss2.ims.example'],
    },
  });
  const again = await api.request('POST', '/v1/import', {
    raw: exported.map((line) => JSON.stringify(line)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(JSON.parse(again.text.trim().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'summary',
    unchanged: 2_501,
    failed: 0,
  });
  const values = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: { value: string }[]; nextCursor: string | null } = (
      await api.request(
        'GET',
        `/v1/locator/entries?limit=1000&host=hss1.ims.example${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
    ).json();
    for (const { value } of page.items) values.add(value);
    cursor = page.nextCursor;
  }
  expect(values.size).toBe(2_501);
});

test('hss slf: put, show, list, delete; the kind follows from the value', async () => {
  expect(
    (
      await slf(
        'put',
        '+44*',
        'hss2.ims.example',
        'hss1.ims.example',
        '--usage',
        'ALL_REALM',
        '--max-cache-seconds',
        '5',
      )
    ).stdout,
  ).toMatch(/^range \+44\* created, ETag "\d+"\n$/);
  expect((await slf('put', 'sip:conf-!.*!@ims.example', 'hss2.ims.example')).stdout).toContain(
    'wildcard sip:conf-!.*!@ims.example created',
  );
  expect((await slf('put', 'cli.example', 'hss2.ims.example', '--create')).status).toBe(0);
  expect(await slf('put', 'cli.example', 'hss2.ims.example', '--create')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('HTTP 412') as string,
  });
  expect(await slf('put', 'cli.example', 'ftp://x')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('/hosts/0: is no Diameter identity') as string,
  });
  expect((await slf('put', 'cli.example', 'x', '--max-cache-seconds', '1h')).status).toBe(2);
  const shown = await slf('show', '+44123');
  expect(shown.stdout).toBe(
    'found by    range +44*\nHSS         aaa://hss2.ims.example\n            aaa://hss1.ims.example\nusage       ALL_REALM\ncached for  5 s\n',
  );
  expect(JSON.parse((await slf('show', 'sip:conf-7@ims.example', '--json')).stdout)).toEqual({
    kind: 'wildcard',
    value: 'sip:conf-!.*!@ims.example',
    hosts: ['aaa://hss2.ims.example'],
  });
  expect(await slf('show', 'sip:nobody@nowhere')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('No HSS is known for sip:nobody@nowhere') as string,
  });
  expect((await slf('list', '--kind', 'wildcard')).stdout).toMatch(
    /^KIND +VALUE +HSS +USAGE +SECONDS\nwildcard +sip:conf-!\.\*!@ims\.example +aaa:\/\/hss2\.ims\.example +- +-\n$/,
  );
  expect((await slf('list', '--limit', '2')).stdout).toContain('(the first 2; --limit or --all shows more)');
  expect((await slf('delete', 'cli.example')).stdout).toBe('locator entry cli.example deleted\n');
  expect((await slf('delete', 'cli.example')).status).toBe(1);
});

test('hss slf fill: every identity that an HSS holds, by its API and token; again after changes there, with --prune', async () => {
  await hss.store.importSubscriptions([]);
  const load = (id: string): Promise<Answer> =>
    hss.request('PUT', `/v1/subscriptions/${id}`, {
      headers: { authorization: `Bearer ${token}` },
      body: simpleSubscription(id, {
        implicitRegistrationSets: [
          {
            name: 'a',
            publicIdentities: [
              { identity: `sip:${id}@fill.example`, serviceProfile: 'demo-default' },
              { identity: `tel:+4670${id.length}`, serviceProfile: 'demo-default' },
            ],
          },
          {
            name: 'b',
            publicIdentities: [
              {
                identity: `sip:${id}-!.*!@fill.example`,
                type: 'wildcardedPsi',
                serviceProfile: 'demo-default',
              },
            ],
          },
        ],
      }),
    });
  expect((await load('erin')).status).toBe(201);
  expect((await load('fred-x')).status).toBe(201);
  const fill = (...more: string[]): Promise<CliRun> =>
    cli(
      ['slf', 'fill', '--from', `${hss.url}=hss7.ims.example,aaa://hss8.ims.example:3869`, '--json', ...more],
      { env: { HSS_API: api.url, HSS_FROM_TOKEN: token } },
    );
  const first = await fill();
  expect(first).toMatchObject({ status: 0, stderr: '' });
  const { subscriptions, entries, created } = JSON.parse(first.stdout) as Record<string, number>;
  expect(subscriptions).toBe((await hss.store.counts()).subscriptions);
  expect(created).toBe(entries);
  for (const [identity, kind] of [
    ['sip:erin@fill.example', 'identity'],
    ['tel:%2B46706', 'identity'],
    ['erin@home.example', 'identity'],
    ['sip:erin-9@fill.example', 'wildcard'],
  ]) {
    expect((await resolve(identity ?? '')).json()).toMatchObject({
      kind,
      hosts: ['aaa://hss7.ims.example', 'aaa://hss8.ims.example:3869'],
    });
  }
  expect(JSON.parse((await fill()).stdout)).toMatchObject({
    created: 0,
    replaced: 0,
    unchanged: entries,
    pruned: 0,
  });
  // By hand, and so not for fill to take away.
  await put('+4671*', { kind: 'range', hosts: ['hss7.ims.example'] });
  await put('sip:elsewhere@fill.example', {
    kind: 'identity',
    hosts: ['hss9.ims.example', 'hss7.ims.example'],
  });
  expect(
    (await hss.request('DELETE', '/v1/subscriptions/erin', { headers: { authorization: `Bearer ${token}` } }))
      .status,
  ).toBe(204);
  expect(JSON.parse((await fill('--prune')).stdout)).toMatchObject({ created: 0, failed: 0, pruned: 4 });
  expect((await resolve('sip:erin@fill.example')).status).toBe(404);
  for (const value of ['sip:fred-x@fill.example', '+4671*', 'sip:elsewhere@fill.example'])
    expect((await api.request('GET', pathOf(value))).status).toBe(200);
});

test('hss slf fill says what is wrong: source, token, an HSS that is not there', async () => {
  const fill = (from: string, ...more: string[]): Promise<CliRun> =>
    cli(['slf', 'fill', '--from', from, ...more], { env: { HSS_API: api.url } });
  expect(await fill('http://127.0.0.1:1')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('must be <api-url>=') as string,
  });
  expect(await fill('http://127.0.0.1:1=hss1,ftp://x')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is no Diameter identity') as string,
  });
  expect(await fill(`${hss.url}=hss7.ims.example`, '--from-token', 'x')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('401') as string,
  });
  expect(await fill('http://127.0.0.1:1=hss7.ims.example')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('127.0.0.1:1') as string,
  });
});
