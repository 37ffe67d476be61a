/** An import says in one line what it cannot read, and takes what is meant without doubt. */
import { simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

interface Event {
  readonly type: string;
  readonly line?: number;
  readonly name?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

async function importText(raw: string): Promise<Event[]> {
  const answer = await api.request('POST', '/v1/import', {
    raw,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  return answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}
const failuresOf = (events: readonly Event[]): readonly Event[] =>
  events.filter(({ type }) => type === 'failure');

test('a pretty-printed document and a pretty-printed array are taken', async () => {
  const one = await importText(JSON.stringify(simpleSubscription('pretty'), null, 2));
  expect(one.at(-1)).toMatchObject({ type: 'summary', records: 1, created: 1, failed: 0 });
  const list = await importText(
    JSON.stringify([simpleSubscription('first'), simpleSubscription('second')], null, 2),
  );
  expect(list.at(-1)).toMatchObject({ type: 'summary', records: 2, created: 2, failed: 0 });
});

test('a pretty-printed document with a mistake is one failure that names the line of the file', async () => {
  const text = JSON.stringify(simpleSubscription('mistake'), null, 2).replace(
    '"privateIdentities"',
    'privateIdentities',
  );
  const events = await importText(`${JSON.stringify(simpleSubscription('before'))}\n${text}`);
  expect(failuresOf(events)).toMatchObject([
    { line: 2, detail: expect.stringContaining('line 4, column 3') as unknown },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'summary', created: 1, failed: 1 });
});

test('a file of another format is one failure', async () => {
  const events = await importText(
    'id,impi,impu\nalice,a@b.example,sip:a@b.example\nbob,b@b.example,sip:b@b.example\n',
  );
  expect(failuresOf(events)).toMatchObject([
    { line: 1, detail: expect.stringMatching(/^Lines 1 to 3 are not JSON/) as unknown },
  ]);
});

test('a subscription under the name of its kind is taken, as the other kinds are', async () => {
  const wrap = (subscription: unknown): string => JSON.stringify({ subscription });
  expect((await importText(wrap(simpleSubscription('wrapped')))).at(-1)).toMatchObject({
    created: 1,
    failed: 0,
  });
  const shape = await importText(wrap({ ...simpleSubscription('wrapped'), registrationAllowed: 'yes' }));
  expect(failuresOf(shape)).toMatchObject([
    { name: 'wrapped', errors: [{ pointer: '/subscription/registrationAllowed' }] },
  ]);
  const stored = await importText(wrap({ ...simpleSubscription('wrapped'), capabilitySet: 'nowhere' }));
  expect(failuresOf(stored)).toMatchObject([
    { name: 'wrapped', errors: [{ pointer: '/subscription/capabilitySet' }] },
  ]);
});

test.each([
  ['ki', 'k'],
  ['OPc', 'opc'],
  ['indbits', 'indBits'],
])('the unknown property %s is answered with "did you mean %s"', async (wrong, right) => {
  const document = simpleSubscription('meant', {
    privateIdentities: [
      {
        identity: 'meant@home.example',
        authentication: { aka: { k: '0'.repeat(32), opc: '0'.repeat(32), [wrong]: '1' } },
      },
    ],
  });
  const answer = await api.request('PUT', '/v1/subscriptions/meant', { body: document });
  expect(answer.json()).toMatchObject({
    errors: [
      {
        pointer: `/privateIdentities/0/authentication/aka/${wrong}`,
        detail: `is not a known property here; did you mean "${right}"?`,
      },
    ],
  });
});

test('nothing is guessed for a property that is near to none', async () => {
  const answer = await api.request('PUT', '/v1/subscriptions/meant', {
    body: simpleSubscription('meant', { shoeSize: 42 }),
  });
  expect(answer.json()).toMatchObject({
    errors: [{ pointer: '/shoeSize', detail: 'is not a known property here' }],
  });
});

test('so is an unknown query parameter and an unknown member beside a record', async () => {
  expect((await api.request('GET', '/v1/subscriptions?limits=5')).json()).toMatchObject({
    errors: [{ parameter: 'limits', detail: 'is not a known query parameter here; did you mean "limit"?' }],
  });
  const events = await importText(
    JSON.stringify({ ifcSet: { name: 'x', id: 1, initialFilterCriteria: [] }, ifcset: {} }),
  );
  expect(failuresOf(events)).toMatchObject([
    { errors: [{ pointer: '/ifcset', detail: expect.stringContaining('"ifcSet"') as unknown }] },
  ]);
});
