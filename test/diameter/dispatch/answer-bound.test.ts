/**
 * Answers that are longer than their peer takes, over the real store: nothing is committed as if the S-CSCF
 * had got its data, and the operator reads why [29.228-6.1.2.1].
 */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { Dispatcher } from '../../../src/diameter/dispatch/dispatcher';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import { putSharedSets, simple } from '../../store/documents';
import { dictionary } from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../../support/database';
import { manyAliasGroups } from '../../support/large-profile';
import { cxSettings, Delivered, delivered, hss, RecordingEvents, RecordingLogger, scscf } from './support';

const SERVER = 'sip:scscf1.ims.example:6060';
let store: TestStore;
let logger: RecordingLogger;

beforeAll(async () => {
  store = await openStore(await freshDatabase());
  await putSharedSets(store);
});
beforeEach(() => {
  logger = new RecordingLogger();
});
afterAll(() => store.close());

function dispatcher(): Dispatcher {
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [
      createCxApplication(cxSettings, new Set(['AliasInd', 'SiFC']), {
        open: (sealed, owner) => unseal(sealed, owner, testKeyRing),
      }),
    ],
    store,
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger,
    events: new RecordingEvents(),
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 10_000,
  });
}

const sar = (name: string, avps: object = {}): Delivered =>
  delivered(
    'SAR',
    {
      userName: `${name}@ims.example`,
      publicIdentity: [`sip:${name}@ims.example`],
      serverName: SERVER,
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
      ...avps,
    },
    {},
    scscf,
  );

async function serve(to: Dispatcher, request: Delivered) {
  to.onRequest(request);
  return request.result();
}

test('[29.228-6.1.2.1] a SAA that the S-CSCF would be cut off by: UNABLE_TO_COMPLY, no registration, one line that says what to do', async () => {
  expect((await store.putSubscription(manyAliasGroups('ten'), {})).kind).toBe('created');
  const before = await store.getStatus({ id: 'ten' });
  const hssNode = dispatcher();
  const request = sar('ten');
  const answer = await serve(hssNode, request);
  expect(answer).toMatchObject({
    abbreviation: 'SAA',
    result: '5012',
    avps: { userName: 'ten@ims.example' },
  });
  expect(answer.avps['userData']).toBeUndefined();
  const [octets = 0] = request.tooLongOctets;
  expect(octets).toBeGreaterThan(65_536);
  expect(await store.getStatus({ id: 'ten' })).toEqual(before);
  expect(await store.outbox.openCount()).toBe(0);
  const warnings = logger.lines.filter(({ level }) => level === 'warn');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.fields).toMatchObject({ subscription: 'ten', result: 'DIAMETER_UNABLE_TO_COMPLY' });
  expect(warnings[0]?.message).toContain(`${octets} octets`);
  expect(warnings[0]?.message).toContain('65535');
  expect(warnings[0]?.message).toContain('maxMessageOctets');

  // The same on what the instance holds by now, and a change of another kind goes on as ever.
  expect((await serve(hssNode, sar('ten'))).result).toBe('5012');
  expect(await store.getStatus({ id: 'ten' })).toEqual(before);
});

test('[29.228-6.1.2.1] a peer that takes longer messages gets the same profile, and is the S-CSCF then', async () => {
  await store.putSubscription(manyAliasGroups('roomy', 10, { number: 501 }), {});
  const request = sar('roomy');
  request.maxAnswerOctets = 131_072;
  dispatcher().onRequest(request);
  await request.answered;
  expect(request.tooLongOctets).toEqual([]);
  expect(request.octets.length).toBeGreaterThan(65_536);
  expect((await store.getStatus({ id: 'roomy' }))?.status.server?.name).toBe(SERVER);
});

test('[29.229-7.1.1] with AliasInd the profile is sent once and fits', async () => {
  await store.putSubscription(manyAliasGroups('alias', 10, { number: 502 }), {});
  const request = sar('alias', {
    supportedFeatures: [{ vendorId: 10415, featureListId: 1, featureList: 2 }],
  });
  expect((await serve(dispatcher(), request)).result).toBe('2001');
  expect(request.octets.length).toBeLessThan(32_768);
});

test('[29.228-6.1.4] the bound is of every command: a LIA with too many names of S-CSCFs', async () => {
  const serverNames = Array.from({ length: 256 }, (_, i) => `sip:${'s'.repeat(300)}${i}.ims.example`);
  await store.putSubscription(
    simple('names', 503, { capabilities: { mandatory: [], optional: [], serverNames } }),
    {},
  );
  const request = delivered(
    'UAR',
    {
      userName: 'names@ims.example',
      publicIdentity: 'sip:names@ims.example',
      visitedNetworkIdentifier: Buffer.from('ims.example'),
    },
    {},
    scscf,
  );
  expect((await serve(dispatcher(), request)).result).toBe('5012');
  expect(request.tooLongOctets[0]).toBeGreaterThan(65_536);
});
