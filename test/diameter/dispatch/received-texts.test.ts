/**
 * Texts that a CSCF sends and that would be stored have a bound: a longer one is DIAMETER_INVALID_AVP_VALUE
 * with Failed-AVP, over TCP and a real store, and nothing is changed [6733-7.1.5].
 */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { decodeMessage, DEFAULT_DECODE_LIMITS } from '../../../src/diameter/codec/decode';
import { Dispatcher } from '../../../src/diameter/dispatch/dispatcher';
import { cxLimits } from '../../../src/apps/cx/limits';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import { putSharedSets, simple } from '../../store/documents';
import { cxAnswer, cxRequest, dictionary, wireAvps, type CxCommand } from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../../support/database';
import { cxSettings, Delivered, hss, RecordingEvents, RecordingLogger, scscf, unbounded } from './support';

let store: TestStore;
let dispatcher: Dispatcher;

beforeAll(async () => {
  store = await openStore(await freshDatabase());
  await putSharedSets(store);
  await store.putSubscription(simple('alice', 1), {});
  dispatcher = new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [
      createCxApplication(cxSettings, new Set(['AliasInd']), {
        open: (sealed, owner) => unseal(sealed, owner, testKeyRing),
      }),
    ],
    store,
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger: new RecordingLogger(),
    events: new RecordingEvents(),
    duplicates: { windowMs: 0, maxAnswers: 0, maxOctets: 0 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 10_000,
  });
});
afterAll(() => store.close());

const alice = { userName: 'alice@ims.example', publicIdentity: 'sip:alice@ims.example' };
const sar = (avps: object): Buffer =>
  cxRequest('SAR', scscf, {
    userName: alice.userName,
    publicIdentity: [alice.publicIdentity],
    serverName: 'sip:scscf1.ims.example',
    serverAssignmentType: 1,
    userDataAlreadyAvailable: 0,
    ...avps,
  });
const mar = (avps: object): Buffer =>
  cxRequest('MAR' satisfies CxCommand, scscf, {
    ...alice,
    serverName: 'sip:scscf1.ims.example',
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
    ...avps,
  });

/** What the peer layer does with octets that came, and the answer. */
async function exchange(bytes: Buffer): Promise<Buffer> {
  const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
  if (result.ok) {
    const request = new Delivered(bytes, scscf);
    dispatcher.onRequest(request);
    await request.answered;
    return request.octets;
  }
  const answers: Buffer[] = [];
  dispatcher.onUndecodable({
    ...unbounded,
    peer: scscf,
    failure: result.failure,
    answer: (answer) => answers.push(answer) > 0,
  });
  return answers[0] ?? Buffer.alloc(0);
}

const long = (octets: number): string => `sip:${'x'.repeat(octets - 4)}`;
const name = cxLimits.receivedTextOctets['Server-Name'];
const identity = cxLimits.receivedTextOctets['User-Name'];

test.each([
  ['Server-Name of 60 KB in a SAR', sar({ serverName: long(60_000) }), 602],
  ['Server-Name of 60 KB in a MAR', mar({ serverName: long(60_000) }), 602],
  ['Server-Name, one octet too long', sar({ serverName: long(name + 1) }), 602],
  ['User-Name', sar({ userName: `${'u'.repeat(identity)}@a` }), 1],
  ['Public-Identity', mar({ publicIdentity: long(identity + 1) }), 601],
  ['Wildcarded-Public-Identity', sar({ wildcardedPublicIdentity: long(identity + 1) }), 634],
])('[6733-7.1.5] %s: 5004, Failed-AVP, nothing stored', async (_what, request, code) => {
  const before = await store.getStatus({ id: 'alice' });
  const answer = await exchange(request);
  expect(cxAnswer(answer).result).toBe('5004');
  expect(answer.length).toBeLessThan(8_192);
  const failed = wireAvps(answer).find((avp) => avp.code === 279);
  expect(failed?.data.readUInt32BE(0)).toBe(code);
  expect(await store.getStatus({ id: 'alice' })).toEqual(before);
});

test('[29.228-6.1.2.1] what is as long as it may be is judged by the clause', async () => {
  expect(cxAnswer(await exchange(sar({ userName: `${'u'.repeat(300)}@a` }))).result).toBe(
    'experimental 5001',
  );
  expect(cxAnswer(await exchange(sar({ serverName: long(name) }))).result).toBe('2001');
  expect((await store.getStatus({ id: 'alice' }))?.status.server?.name).toHaveLength(name);
});
