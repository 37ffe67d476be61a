/**
 * Subscriptions and shared sets over HTTP on a real database: life cycle, preconditions, merge patch, faults,
 * secrets, problems.
 */
import { registrationOf, statusUnit } from '../support/states';
import { demoData } from '../../src/subscriber/demo-subscribers';
import { keyStart, simpleSubscription, startApi, type RunningApi } from './support/running-api';

interface Problem {
  status: number;
  detail: string;
  errors?: { pointer?: string; parameter?: string; header?: string; detail: string }[];
}

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
}, 60_000);
afterAll(() => api.stop());

const pointers = (problem: Problem): (string | undefined)[] =>
  (problem.errors ?? []).map((fault) => fault.pointer);

describe('subscriptions', () => {
  test('are created, read, replaced and deleted, with an ETag on every answer', async () => {
    const created = await api.request('PUT', '/v1/subscriptions/dave', { body: simpleSubscription('dave') });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/v1/subscriptions/dave');
    const etag = created.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    const read = await api.request('GET', '/v1/subscriptions/dave');
    expect(read.status).toBe(200);
    expect(read.headers.get('etag')).toBe(etag);
    expect(read.json()).toEqual(created.json());
    expect(
      (await api.request('GET', '/v1/subscriptions/dave', { headers: { 'if-none-match': etag } })).status,
    ).toBe(304);
    expect((await api.request('HEAD', '/v1/subscriptions/dave')).headers.get('etag')).toBe(etag);
    const replaced = await api.request('PUT', '/v1/subscriptions/dave', {
      body: simpleSubscription('dave', { registrationAllowed: false }),
    });
    expect(replaced.status).toBe(200);
    expect(replaced.headers.get('etag')).not.toBe(etag);
    expect(replaced.json()['registrationAllowed']).toBe(false);
    expect((await api.request('DELETE', '/v1/subscriptions/dave')).status).toBe(204);
    expect((await api.request('GET', '/v1/subscriptions/dave')).status).toBe(404);
    expect((await api.request('DELETE', '/v1/subscriptions/dave')).status).toBe(404);
  });

  test('the id may be left out of the body, another one is a fault', async () => {
    const { id: _id, ...body } = simpleSubscription('erin');
    expect((await api.request('PUT', '/v1/subscriptions/erin', { body })).status).toBe(201);
    const wrong = await api.request('PUT', '/v1/subscriptions/erin', { body: simpleSubscription('frank') });
    expect(wrong.status).toBe(422);
    expect(pointers(wrong.json<Problem>())).toEqual(['/id']);
  });

  test('are found by IMPI, IMSI and any spelling of an IMPU', async () => {
    const idsOf = async (query: string) =>
      (await api.request('GET', `/v1/subscriptions?${query}`))
        .json<{ items: { id: string }[] }>()
        .items.map((item) => item.id);
    expect(await idsOf('imsi=001010000000003')).toEqual(['carol']);
    expect(await idsOf('impi=bob@ims.mnc001.mcc001.3gppnetwork.org')).toEqual(['bob']);
    expect(await idsOf('impu=tel:%2B1-555-010-0003')).toEqual(['carol']);
    expect(await idsOf('impu=tel:+15550100003')).toEqual(['carol']);
    expect(await idsOf('impu=SIP:alice@IMS.mnc001.mcc001.3gppnetwork.org:5060;transport=tcp')).toEqual([
      'alice',
    ]);
    expect(await idsOf('impu=sip:nobody@example.org')).toEqual([]);
    const both = await api.request('GET', '/v1/subscriptions?imsi=001010000000003&impi=a@b');
    expect(both.status).toBe(400);
  });

  test('are listed with cursors, each exactly once', async () => {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: { id: string }[]; nextCursor: string | null } = (
        await api.request(
          'GET',
          `/v1/subscriptions?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )
      ).json();
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual(expect.arrayContaining(['alice', 'bob', 'carol', 'conference']));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('If-Match and If-None-Match decide', async () => {
    const first = await api.request('PUT', '/v1/subscriptions/grace', {
      body: simpleSubscription('grace'),
      headers: { 'if-none-match': '*' },
    });
    expect(first.status).toBe(201);
    const again = await api.request('PUT', '/v1/subscriptions/grace', {
      body: simpleSubscription('grace'),
      headers: { 'if-none-match': '*' },
    });
    expect(again.status).toBe(412);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    const stale = { 'if-match': '"0"' };
    expect(
      (
        await api.request('PUT', '/v1/subscriptions/grace', {
          body: simpleSubscription('grace'),
          headers: stale,
        })
      ).status,
    ).toBe(412);
    expect(
      (
        await api.request('PATCH', '/v1/subscriptions/grace', {
          body: { registrationAllowed: false },
          headers: stale,
        })
      ).status,
    ).toBe(412);
    expect((await api.request('DELETE', '/v1/subscriptions/grace', { headers: stale })).status).toBe(412);
    expect(
      (
        await api.request('PUT', '/v1/subscriptions/nobody', {
          body: simpleSubscription('nobody'),
          headers: { 'if-match': '*' },
        })
      ).status,
    ).toBe(412);
    expect(
      (
        await api.request('DELETE', '/v1/subscriptions/grace', {
          headers: { 'if-match': `"0", ${first.headers.get('etag') ?? ''}` },
        })
      ).status,
    ).toBe(204);
  });

  test('of changes racing on one ETag exactly one wins', async () => {
    const { headers } = await api.request('PUT', '/v1/subscriptions/heidi', {
      body: simpleSubscription('heidi'),
    });
    const etag = headers.get('etag') ?? '';
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const document = simpleSubscription('heidi', { permittedVisitedNetworks: [`network-${i}`] });
        return (
          await api.request('PUT', '/v1/subscriptions/heidi', {
            body: document,
            headers: { 'if-match': etag },
          })
        ).status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(7);
  });

  test('merge patches without If-Match that race do not undo each other', async () => {
    await api.request('PUT', '/v1/subscriptions/ivan', { body: simpleSubscription('ivan') });
    const patches = [
      { registrationAllowed: false },
      { permittedVisitedNetworks: ['home'] },
      { capabilitySet: 'demo' },
      { chargingSet: 'demo' },
    ];
    const answers = await Promise.all(
      patches.map((body) => api.request('PATCH', '/v1/subscriptions/ivan', { body })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const stored = (await api.request('GET', '/v1/subscriptions/ivan')).json();
    expect(stored).toMatchObject({
      registrationAllowed: false,
      permittedVisitedNetworks: ['home'],
      capabilitySet: 'demo',
      chargingSet: 'demo',
    });
  });

  test('a merge patch keeps the secrets, null removes, and the whole is validated', async () => {
    await api.request('PUT', '/v1/subscriptions/judy', {
      body: simpleSubscription('judy', { capabilitySet: 'demo' }),
    });
    const patched = await api.request('PATCH', '/v1/subscriptions/judy', {
      body: { capabilitySet: null, allowedWafWwsfIdentities: { wafNames: ['waf.example'] } },
    });
    expect(patched.status).toBe(200);
    expect(patched.json()).not.toHaveProperty('capabilitySet');
    expect(patched.json()).toMatchObject({
      allowedWafWwsfIdentities: { wafNames: ['waf.example'], wwsfNames: [] },
    });
    const loaded = await api.store.load({ impus: ['sip:judy@home.example'] });
    expect(loaded.snapshot?.subscription.privateIdentities[0]?.authentication.aka?.k).toEqual(
      expect.stringMatching(/./),
    );
    const faulty = await api.request('PATCH', '/v1/subscriptions/judy', {
      body: { registrationAllowed: 'yes', chargingSet: 7, surprise: true, id: 'other' },
    });
    expect(faulty.status).toBe(422);
    expect(pointers(faulty.json<Problem>()).sort()).toEqual([
      '/chargingSet',
      '/id',
      '/registrationAllowed',
      '/surprise',
    ]);
    expect((await api.request('GET', '/v1/subscriptions/judy')).json()).toEqual(patched.json());
    expect((await api.request('PATCH', '/v1/subscriptions/nobody', { body: {} })).status).toBe(404);
  });

  test('every fault is listed at once with its pointer, and nothing is stored', async () => {
    const secret = 'deadbeefdeadbeefdeadbeefdeadbeefXX';
    const answer = await api.request('PUT', '/v1/subscriptions/mallory', {
      body: {
        privateIdentities: [
          {
            identity: 'no-realm',
            imsi: 'x',
            authentication: { aka: { k: secret, opc: 'cafe', surprise: 1 } },
          },
        ],
        implicitRegistrationSets: [
          {
            name: 'default',
            publicIdentities: [{ identity: 'mailto:x@example.org', serviceProfile: 'demo-default' }],
          },
        ],
        'a/b~c': true,
      },
    });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(pointers(answer.json<Problem>()).sort()).toEqual([
      '/a~1b~0c',
      '/implicitRegistrationSets/0/publicIdentities/0/identity',
      '/privateIdentities/0/authentication/aka/k',
      '/privateIdentities/0/authentication/aka/opc',
      '/privateIdentities/0/authentication/aka/surprise',
      '/privateIdentities/0/identity',
      '/privateIdentities/0/imsi',
    ]);
    expect(answer.text).not.toContain('deadbeef');
    expect((await api.request('GET', '/v1/subscriptions/mallory')).status).toBe(404);
  });

  test('a document that is refused for its shape: what the store has against it is told with it', async () => {
    const answer = await api.request('PUT', '/v1/subscriptions/olga', {
      body: {
        registrationAllowed: 'yes',
        chargingSet: 'none',
        capabilitySet: 7,
        privateIdentities: [{ identity: 'olga@home.example', authentication: {} }, null],
        implicitRegistrationSets: [
          {
            name: 'a',
            publicIdentities: [
              { identity: 'sip:alice@ims.mnc001.mcc001.3gppnetwork.org', serviceProfile: 'nope' },
              { identity: 'http://x', serviceProfile: 5 },
              { identity: 'sip:nul\u0000@x.example', serviceProfile: 'demo-default' },
            ],
          },
          'not a set',
        ],
      },
    });
    expect(answer.status).toBe(422);
    const at = '/implicitRegistrationSets/0/publicIdentities';
    expect(pointers(answer.json<Problem>()).sort()).toEqual([
      '/capabilitySet',
      '/chargingSet',
      `${at}/0/identity`,
      `${at}/0/serviceProfile`,
      `${at}/1/identity`,
      `${at}/1/serviceProfile`,
      `${at}/2/identity`,
      '/implicitRegistrationSets/1',
      '/privateIdentities/1',
      '/registrationAllowed',
    ]);
    for (const body of [
      [],
      7,
      null,
      { implicitRegistrationSets: 7 },
      { serviceProfiles: [7, { sharedIfcSets: 7 }] },
    ]) {
      expect((await api.request('PUT', '/v1/subscriptions/olga', { body })).status).toBe(422);
    }
  });

  test('what the store refuses has a pointer too: other owners 409, missing sets and secrets 422', async () => {
    const taken = await api.request('PUT', '/v1/subscriptions/niaj', {
      body: simpleSubscription('niaj', {
        implicitRegistrationSets: [
          {
            name: 'a',
            publicIdentities: [
              { identity: 'sip:alice@ims.mnc001.mcc001.3gppnetwork.org', serviceProfile: 'demo-default' },
            ],
          },
        ],
      }),
    });
    expect(taken.status).toBe(409);
    expect(pointers(taken.json<Problem>())).toEqual([
      '/implicitRegistrationSets/0/publicIdentities/0/identity',
    ]);
    const missing = await api.request('PUT', '/v1/subscriptions/niaj', {
      body: simpleSubscription('niaj', {
        chargingSet: 'none',
        privateIdentities: [{ identity: 'niaj@home.example', authentication: { aka: {} } }],
      }),
    });
    expect(missing.status).toBe(422);
    expect(pointers(missing.json<Problem>())).toEqual(
      expect.arrayContaining(['/chargingSet', '/privateIdentities/0/authentication/aka/k']),
    );
    expect((await api.request('GET', '/v1/subscriptions/niaj')).status).toBe(404);
  });

  test('characters that XML does not allow are faults, not server errors', async () => {
    const answer = await api.request('PUT', '/v1/subscriptions/olivia', {
      body: simpleSubscription('olivia', { referenceLocation: { accessInfo: 'a\u0000b' } }),
    });
    expect(answer.status).toBe(422);
    expect(pointers(answer.json<Problem>())).toEqual(['/referenceLocation/accessInfo']);
  });

  test('registration state is a sub-resource with sets, flags and sequence numbers', async () => {
    const answer = await api.request('GET', '/v1/subscriptions/carol/registration-status');
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      id: 'carol',
      server: null,
      reassignmentPending: false,
      sets: [
        {
          name: 'default',
          state: 'notRegistered',
          privateIdentities: [{ registered: false }, { registered: false }],
        },
      ],
    });
    expect((await api.request('GET', '/v1/subscriptions/nobody/registration-status')).status).toBe(404);
  });

  test('what is registered shows in the state and in the list of registrations', async () => {
    const { snapshot } = await api.store.load({
      impus: ['sip:bob@ims.mnc001.mcc001.3gppnetwork.org'],
    });
    if (snapshot === null) throw new Error('bob is not there');
    const impi = 'bob@ims.mnc001.mcc001.3gppnetwork.org';
    const server = {
      name: 'sip:scscf.home.example',
      diameterHost: 'scscf.home.example',
      diameterRealm: 'home.example',
    };
    expect(
      await api.store.commit(
        statusUnit(snapshot, {
          ...registrationOf(snapshot),
          server,
          sets: [
            {
              name: 'default',
              state: 'registered',
              privateIdentities: [{ identity: impi, registered: true }],
            },
          ],
        }),
      ),
    ).toBe('committed');
    expect((await api.request('GET', '/v1/subscriptions/bob/registration-status')).json()).toMatchObject({
      server,
      sets: [
        {
          state: 'registered',
          privateIdentities: [{ identity: impi, registered: true, authenticationPendingSince: null }],
        },
      ],
    });
    const list = (await api.request('GET', '/v1/registrations?state=registered')).json<{
      items: { id: string }[];
    }>();
    expect(list.items.map((item) => item.id)).toEqual(['bob']);
    expect(
      (await api.request('GET', '/v1/registrations?state=unregistered')).json<{ items: unknown[] }>().items,
    ).toEqual([]);
    expect((await api.request('GET', '/v1/registrations?cursor=no-such')).status).toBe(400);
  });
});

describe.each([
  [
    'service-profiles',
    { sharedIfcSets: [] },
    { sharedIfcSets: ['demo-presence'] },
    { sharedIfcSets: ['no-such-set'] },
    '/sharedIfcSets/0',
  ],
  ['ifc-sets', { id: 77, initialFilterCriteria: [] }, { id: 78 }, { id: 1 }, '/id'],
  ['capability-sets', { mandatory: [1] }, { optional: [2] }, { mandatory: [-1] }, '/mandatory/0'],
  [
    'charging-sets',
    { primaryEventChargingFunctionName: 'aaa://ecf.example' },
    { primaryChargingCollectionFunctionName: 'aaa://ccf.example' },
    { primaryEventChargingFunctionName: 'http://x' },
    '/primaryEventChargingFunctionName',
  ],
] as const)('shared %s', (segment, body, patch, faulty, pointer) => {
  test('are created, patched, listed and deleted; faults have pointers', async () => {
    const path = `/v1/${segment}/one`;
    const created = await api.request('PUT', path, { body });
    expect(created.status).toBe(201);
    expect((await api.request('PUT', path, { body })).status).toBe(200);
    const patched = await api.request('PATCH', path, {
      body: patch,
      headers: { 'if-match': (await api.request('GET', path)).headers.get('etag') ?? '' },
    });
    expect(patched.status).toBe(200);
    expect(patched.json()).toMatchObject({ name: 'one', ...body, ...patch });
    const refused = await api.request('PATCH', path, { body: faulty });
    expect([409, 422]).toContain(refused.status);
    expect(pointers(refused.json<Problem>())).toEqual([pointer]);
    const list = (await api.request('GET', `/v1/${segment}`)).json<{ items: { name: string }[] }>();
    expect(list.items.map((item) => item.name)).toContain('one');
    expect((await api.request('DELETE', path)).status).toBe(204);
    expect((await api.request('GET', path)).status).toBe(404);
  });
});

test('a shared set that something names cannot be deleted', async () => {
  expect((await api.request('DELETE', '/v1/service-profiles/demo-default')).status).toBe(409);
  expect((await api.request('DELETE', '/v1/ifc-sets/demo-presence')).status).toBe(409);
  expect((await api.request('DELETE', '/v1/charging-sets/demo')).status).toBe(409);
});

describe('problems of HTTP', () => {
  test.each<[string, string, { raw?: string; headers?: Record<string, string> }, number]>([
    ['GET', '/v1/nothing', {}, 404],
    ['POST', '/v1/subscriptions/alice', { raw: '{}' }, 405],
    ['DELETE', '/v1/peers', {}, 405],
    ['GET', '/v1/peers', { headers: { accept: 'text/html' } }, 406],
    ['PUT', '/v1/subscriptions/x', { raw: 'a: 1', headers: { 'content-type': 'text/yaml' } }, 415],
    ['PATCH', '/v1/subscriptions/alice', { raw: '{}', headers: { 'content-type': 'application/json' } }, 415],
    ['PUT', '/v1/subscriptions/x', { raw: '{"id": "x",\n  "k": "465b5ce8" "opc"}' }, 400],
    ['GET', '/v1/subscriptions?limit=0&surprise=1', {}, 400],
    ['GET', '/v1/subscriptions/%E0%A4%A', {}, 400],
    ['PUT', '/v1/subscriptions/x', { raw: '[]' }, 422],
    ['PUT', '/v1/subscriptions/x', { raw: 'null' }, 422],
  ])('%s %.60s %j is a problem with status %i', async (method, path, options, status) => {
    const answer = await api.request(method, path, options);
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status,
      type: 'application/problem+json; charset=utf-8',
    });
    expect(answer.json<Problem>()).toMatchObject({ status, detail: expect.stringMatching(/./) as string });
  });

  test('what is too large is refused', async () => {
    expect(
      (
        await api.request('PUT', '/v1/subscriptions/x', { raw: `{"a": "${'x'.repeat(1_100_000)}"}` })
      ).json<Problem>(),
    ).toMatchObject({ status: 413 });
    expect(
      (await api.request('GET', `/v1/subscriptions/${'x'.repeat(2_000)}`)).json<Problem>(),
    ).toMatchObject({ status: 414 });
  });

  test('malformed JSON names line and column and quotes nothing', async () => {
    const answer = await api.request('PUT', '/v1/subscriptions/x', {
      raw: '{"id": "x",\n  "k": "465b5ce8" "opc"}',
    });
    expect(answer.json<Problem>().detail).toContain('line 2, column 19');
    expect(answer.text).not.toContain('465b5ce8');
  });

  test('405 names what is possible', async () => {
    expect((await api.request('POST', '/v1/subscriptions/alice')).headers.get('allow')).toBe(
      'GET, PUT, PATCH, DELETE, HEAD',
    );
  });
});

test('the description and its page are there, and need nothing from elsewhere', async () => {
  expect((await api.request('GET', '/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' });
  const page = await api.request('GET', '/docs/');
  expect(page.status).toBe(200);
  expect(page.text).toContain('Swagger UI');
  expect(page.text).not.toMatch(/(src|href)="https?:/);
  expect((await api.request('GET', '/docs/json')).json()).toMatchObject({ openapi: '3.1.1' });
});

test('the peers are listed', async () => {
  expect((await api.request('GET', '/v1/peers')).json()).toMatchObject({
    items: [{ originHost: 'scscf.home.example', connectedSince: '1970-01-01T00:00:00.000Z' }],
  });
});

test('no secret has ever been in an answer', () => {
  const { subscriptions } = demoData();
  const secrets = [
    ...subscriptions.flatMap(({ usims }) => usims ?? []).map(({ aka }) => ({ aka })),
    ...subscriptions.flatMap((entry) => entry.privateIdentities).map((entry) => entry.authentication),
  ]
    .flatMap(({ aka, ...others }) => [
      ...[aka?.k, aka?.opc, aka?.op],
      ...('sipDigest' in others ? [others.sipDigest?.password] : []),
    ])
    .filter((secret) => secret !== undefined);
  secrets.push(keyStart, 'ffeeddccbbaa99887766554433221100', 'a64a507ae1a2a98bb88eb4210135dc87');
  // The OpenAPI document shows the first demo user's published keys as an example of a request.
  const bodies = api.seen.filter((text) => !text.includes('"openapi":"3.1.1"'));
  expect(bodies.length).toBeGreaterThan(80);
  for (const secret of secrets)
    expect(bodies.filter((body) => body.toLowerCase().includes(secret.toLowerCase()))).toEqual([]);
});
