/** Doubts about what is provisioned come with the success: API, import and command line. */
import { cli } from '../cli/run-cli';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
let folder: string;

beforeAll(async () => {
  api = await startApi({ domains: ['served.example'] });
  folder = await mkdtemp(path.join(tmpdir(), 'hss-warnings-'));
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true });
});

interface Warned {
  readonly id: string;
  readonly warnings?: readonly { readonly pointer: string; readonly detail: string }[];
}

const withMethod = (method: string): Record<string, unknown> => ({
  serviceProfiles: [
    {
      name: 'own',
      initialFilterCriteria: [
        {
          priority: 1,
          triggerPoint: { conditionTypeCnf: true, servicePointTriggers: [{ groups: [0], method }] },
          applicationServer: { serverName: 'sip:as.home.example' },
        },
      ],
    },
  ],
});
const methodAt = '/serviceProfiles/0/initialFilterCriteria/0/triggerPoint/servicePointTriggers/0/method';

const withDigestRealm = (id: string, realm: string): Record<string, unknown> => ({
  privateIdentities: [
    { identity: `${id}@home.example`, authentication: { sipDigest: { realm, password: 'not so secret' } } },
  ],
});

async function warningsOf(id: string, more: Record<string, unknown>): Promise<Warned['warnings']> {
  const answer = await api.request('PUT', `/v1/subscriptions/${id}`, { body: simpleSubscription(id, more) });
  expect(answer.status).toBe(201);
  const stored = (await api.request('GET', `/v1/subscriptions/${id}`)).json();
  expect(stored).not.toHaveProperty('warnings');
  return answer.json<Warned>().warnings;
}

test.each([
  ['invite', /case-sensitive.*INVITE/],
  ['Foo', /case-sensitive/],
  ['INIVTE', /none of the SIP methods/],
])('a filter criterion for method %s is stored with a warning [29.228-B.2.3]', async (method, detail) => {
  const warnings = await warningsOf(`method-${method}`, withMethod(method));
  expect(warnings).toEqual([{ pointer: methodAt, detail: expect.stringMatching(detail) as unknown }]);
});

test('a known method leaves no warning', async () => {
  expect(await warningsOf('method-known', withMethod('SUBSCRIBE'))).toBeUndefined();
});

const withTrigger = (trigger: object): Record<string, unknown> => {
  const body = withMethod('INVITE') as {
    serviceProfiles: { initialFilterCriteria: { triggerPoint: object }[] }[];
  };
  const [criterion] = body.serviceProfiles[0]?.initialFilterCriteria ?? [];
  if (criterion !== undefined)
    criterion.triggerPoint = { conditionTypeCnf: true, servicePointTriggers: [{ groups: [0], ...trigger }] };
  return body;
};

test.each([
  ['sipHeader/content', { sipHeader: { header: 'Event', content: '(presence' } }],
  ['sipHeader/header', { sipHeader: { header: '[A-' } }],
  ['requestUri', { requestUri: '*.example' }],
  ['sessionDescription/content', { sessionDescription: { line: 'm', content: 'a{2,1}' } }],
  ['sessionDescription/line', { sessionDescription: { line: '[z-a]' } }],
  ['method', { method: 'IN VITE' }],
  ['method', { method: '<INVITE>' }],
])('%s that no S-CSCF can read is refused [29.228-F] %#', async (place, trigger) => {
  const answer = await api.request('PUT', '/v1/subscriptions/expression', {
    body: simpleSubscription('expression', withTrigger(trigger)),
  });
  expect(answer.status).toBe(422);
  expect(answer.json()).toMatchObject({ errors: [{ pointer: methodAt.replace(/method$/, place) }] });
});

test.each([
  ['sipHeader/content', { sipHeader: { header: 'Event', content: '\\d+' } }, /undefined|defined meaning/],
  ['requestUri', { requestUri: '^sip:.*' }, /scheme/],
])(
  '%s that implementations read differently is stored with a warning [29.228-F]',
  async (place, trigger, detail) => {
    const warnings = await warningsOf(`doubt-${place.replace('/', '-')}`, withTrigger(trigger));
    expect(warnings).toEqual([
      { pointer: methodAt.replace(/method$/, place), detail: expect.stringMatching(detail) as unknown },
    ]);
  },
);

test('good expressions leave no warning', async () => {
  expect(
    await warningsOf(
      'expression-good',
      withTrigger({ sipHeader: { header: 'Subject', content: '^"?Jo[eé] .*(a|b){2}$' } }),
    ),
  ).toBeUndefined();
});

test.each(['sip:alice@home.example', 'SIPS:alice@home.example', 'tel:+49@home.example'])(
  'the private identity %s is a URI and refused, once',
  async (identity) => {
    const answer = await api.request('PUT', '/v1/subscriptions/uri', {
      body: simpleSubscription('uri', { privateIdentities: [{ identity }] }),
    });
    expect(answer.status).toBe(422);
    expect(answer.json<{ errors: unknown }>().errors).toEqual([
      { pointer: '/privateIdentities/0/identity', detail: expect.stringContaining('not a URI') as unknown },
    ]);
  },
);

test('a distinct identity with "!...!" is stored with a warning [29.228-7.2]', async () => {
  const warnings = await warningsOf('bangs', {
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          { identity: 'sip:bangs@home.example', serviceProfile: 'demo-default' },
          { identity: 'sip:chat-!.*!@home.example', serviceProfile: 'demo-default' },
        ],
      },
    ],
  });
  expect(warnings).toEqual([
    {
      pointer: '/implicitRegistrationSets/0/publicIdentities/1/identity',
      detail: expect.stringContaining('wildcardedPublicUserIdentity') as unknown,
    },
  ]);
});

test('a digest realm that is no domain of ours is stored with a warning, ours are not [29.229-6.3.37]', async () => {
  expect(await warningsOf('realm-other', withDigestRealm('realm-other', 'elsewhere.example'))).toEqual([
    {
      pointer: '/privateIdentities/0/authentication/sipDigest/realm',
      detail: expect.stringContaining('realm') as unknown,
    },
  ]);
  expect(await warningsOf('realm-own', withDigestRealm('realm-own', 'home.example'))).toBeUndefined();
  expect(await warningsOf('realm-served', withDigestRealm('realm-served', 'SERVED.example'))).toBeUndefined();
});

test('a private user identity without authentication data is stored with a warning, an application server is not', async () => {
  expect(await warningsOf('no-data', { privateIdentities: [{ identity: 'no-data@home.example' }] })).toEqual([
    { pointer: '/privateIdentities/0/authentication', detail: expect.stringContaining('MAR') as unknown },
  ]);
  const conference = (await api.request('GET', '/v1/subscriptions/conference')).json();
  expect(
    (await api.request('PUT', '/v1/subscriptions/conference', { body: conference })).json(),
  ).not.toHaveProperty('warnings');
});

test('an answer with warnings can be sent again as it is, and a merge patch is answered with them, too', async () => {
  const sent = { body: simpleSubscription('again', withMethod('invite')) };
  const answered = (await api.request('PUT', '/v1/subscriptions/again', sent)).json<Warned>();
  expect(answered.warnings).toHaveLength(1);
  const again = await api.request('PUT', '/v1/subscriptions/again', { body: answered });
  expect([again.status, again.json<Warned>().warnings]).toEqual([200, answered.warnings]);
  const patched = await api.request('PATCH', '/v1/subscriptions/again', {
    body: { registrationAllowed: false },
  });
  expect([patched.status, patched.json<Warned>().warnings]).toEqual([200, answered.warnings]);
});

test('a document that the store refuses has its warnings beside its faults', async () => {
  const body = simpleSubscription('refused', { ...withMethod('invite'), capabilitySet: 'nowhere' });
  const answer = await api.request('PUT', '/v1/subscriptions/refused', { body });
  expect(answer.status).toBe(422);
  expect(answer.json()).toMatchObject({
    errors: [{ pointer: '/capabilitySet' }],
    warnings: [{ pointer: methodAt }],
  });
});

test('K that another subscription has is stored with a warning that names it, and never K [33.102-6.3]', async () => {
  const k = '0f0e0d0c0b0a09080706050403020100';
  const withKey = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    privateIdentities: [
      { identity: `${id}@home.example`, authentication: { aka: { k, opc: '1'.repeat(32) } }, ...more },
    ],
  });
  expect(await warningsOf('key-first', withKey('key-first'))).toBeUndefined();
  const expected = [
    {
      pointer: '/privateIdentities/0/authentication/aka/k',
      detail: 'is the K of a private identity in subscription key-first, too',
    },
  ];
  expect(await warningsOf('key-second', withKey('key-second'))).toEqual(expected);
  // Also where nothing changes, and where K is not given again.
  const again = await api.request('PUT', '/v1/subscriptions/key-second', {
    body: simpleSubscription('key-second', withKey('key-second')),
  });
  expect(again.json<Warned>().warnings).toEqual(expected);
  const patched = await api.request('PATCH', '/v1/subscriptions/key-second', {
    body: { registrationAllowed: false },
  });
  expect(patched.json<Warned>().warnings).toEqual(expected);
  const imported = await api.request('POST', '/v1/import', {
    raw: ['key-third', 'key-fourth']
      .map((id) => JSON.stringify(simpleSubscription(id, withKey(id))))
      .join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(imported.text.match(/"type":"warning"/g)).toHaveLength(2);
  expect(imported.text).toContain('"warnings":2');
  for (const text of api.seen) expect(text.toLowerCase()).not.toContain(k);
  for (const id of ['key-second', 'key-third', 'key-fourth'])
    await api.request('DELETE', `/v1/subscriptions/${id}`);
  const alone = await api.request('PATCH', '/v1/subscriptions/key-first', {
    body: { registrationAllowed: false },
  });
  expect(alone.json<Warned>().warnings).toBeUndefined();
});

test('shared service profiles and iFC sets are looked at as well', async () => {
  const [profile] = withMethod('invite')['serviceProfiles'] as [Record<string, unknown>];
  const answer = await api.request('PUT', '/v1/service-profiles/own', { body: profile });
  expect(answer.json<Warned>().warnings).toMatchObject([
    { pointer: methodAt.replace('/serviceProfiles/0', '') },
  ]);
  const set = { name: 'own', id: 77, initialFilterCriteria: profile['initialFilterCriteria'] };
  expect((await api.request('PUT', '/v1/ifc-sets/own', { body: set })).json<Warned>().warnings).toHaveLength(
    1,
  );
});

test('an import names them by line and counts them', async () => {
  const lines = [
    simpleSubscription('import-doubt', withMethod('invite')),
    simpleSubscription('import-sound'),
    { ifcSet: { name: 'imported', id: 78, initialFilterCriteria: [] } },
  ];
  const answer = await api.request('POST', '/v1/import', {
    raw: lines.map((line) => JSON.stringify(line)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const events = answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    {
      type: 'warning',
      line: 1,
      name: 'import-doubt',
      warnings: [{ pointer: methodAt, detail: expect.any(String) as unknown }],
    },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'summary', created: 3, failed: 0, warnings: 1 });
});

test('the command line shows them on standard error, in yellow on a terminal only', async () => {
  const file = path.join(folder, 'doubt.json');
  await writeFile(file, JSON.stringify(simpleSubscription('cli-doubt', withMethod('invite'))));
  const env = { HSS_API: api.url };
  const plain = await cli(['subscription', 'put', file], { env });
  expect(plain).toMatchObject({ status: 0, stdout: expect.stringContaining('created') as unknown });
  expect(plain.stderr).toMatch(new RegExp(`^warning: ${methodAt}: .*\n$`));
  const coloured = await cli(['subscription', 'put', file], { env, isTerminal: true });
  expect(coloured.stderr.startsWith('\u001b[33mwarning: ')).toBe(true);
  expect(coloured.stderr.endsWith('\u001b[39m\n')).toBe(true);
  expect(
    (await cli(['subscription', 'put', file], { env: { ...env, NO_COLOR: '1' }, isTerminal: true })).stderr,
  ).toMatch(/^warning: /);
  const json = await cli(['--json', 'subscription', 'put', file], { env });
  expect(JSON.parse(json.stdout)).toMatchObject({ id: 'cli-doubt', warnings: [{ pointer: methodAt }] });
  expect((JSON.parse(json.stdout) as { document: unknown }).document).not.toHaveProperty('warnings');

  const imported = await cli(['import', file], { env });
  expect(imported.stderr).toContain(`line 1 (cli-doubt): warning: ${methodAt}: `);
  expect(imported.stdout).toMatch(/warnings\s+1/);
});

test('a local number without phone-context is stored with a warning, and found as it is written', async () => {
  const numbers = (identity: string): Record<string, unknown> => ({
    serviceProfiles: [{ name: 'own' }],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          { identity: 'sip:local@home.example', serviceProfile: 'own' },
          { identity, serviceProfile: 'own' },
        ],
      },
    ],
  });
  const warnings = await warningsOf('local', numbers('tel:0398765432100'));
  expect(warnings).toEqual([
    {
      pointer: '/implicitRegistrationSets/0/publicIdentities/1/identity',
      detail: expect.stringMatching(/local number without phone-context/) as unknown,
    },
  ]);
  const found = async (impu: string) =>
    (await api.request('GET', `/v1/subscriptions?impu=${encodeURIComponent(impu)}`)).json<{
      items: { id: string }[];
    }>().items;
  expect((await found('tel:0398765432100')).map(({ id }) => id)).toEqual(['local']);
  expect(await found('tel:+398765432100')).toEqual([]);
  const loaded = await api.store.load({ impus: ['tel:0398765432100'] });
  expect(loaded.snapshot?.subscription.id).toBe('local');
});
