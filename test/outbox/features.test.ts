/**
 * What an S-CSCF announces in its SARs decides how PPRs to it are made, at every instance and after a restart
 * [29.229-7.2] [29.229-7.2.1].
 */
import type { TestStore } from '../support/database';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import type { CxClient } from '../support/cx-client';
import { passTime } from '../support/passing-time';
import { completed, enqueue, register, registeredWith, seeded, server } from './support';
import { connected, endServers, startWhole } from './whole-server';

type Request = DecodedMessage<Record<string, unknown>>;

const SIFC = 1;
const announces = (featureList: number) => ({
  supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList }],
});
const ppr = {
  kind: 'cx.PPR' as const,
  payload: { cause: 'manual' as const, setName: 'default', parts: ['userData' as const] },
};

let url: string;
let store: TestStore;

beforeEach(async () => {
  ({ url, store } = await seeded());
  await register(store, 'anna', registeredWith('anna@ims.example'));
}, 60_000);
afterEach(async () => {
  await endServers();
  await store.close();
  jest.restoreAllMocks();
});

const sar = async (client: CxClient, serverAssignmentType: number, more: object = {}): Promise<void> => {
  const { result } = await client.request('SAR', {
    userName: 'anna@ims.example',
    publicIdentity: ['sip:anna@ims.example'],
    serverName: server.name,
    serverAssignmentType,
    userDataAlreadyAvailable: 1,
    ...more,
  });
  expect(result).toBe('2001');
};

/**
 * One PPR, as the S-CSCF got it: the feature list it was made with, and whether the shared set is named or
 * sent in full.
 */
async function pushed(
  client: CxClient,
  answer: (request: Request) => object = () => ({ resultCode: 2001 }),
): Promise<(string | number | undefined)[]> {
  const got: Request[] = [];
  client.serve = (request) => {
    got.push(request);
    return answer(request);
  };
  const [id = 0] = await enqueue(store, 'anna', ppr);
  await completed(store, id);
  const [request] = got;
  const body = String(request?.avps['userData']);
  const lists = request?.avps['supportedFeatures'] as { featureList: number }[] | undefined;
  return [
    lists?.[0]?.featureList,
    body.includes('<SharedIFCSetID>7</SharedIFCSetID>')
      ? 'named'
      : body.includes('sip:as.ims.example')
        ? 'in full'
        : body,
  ];
}

test('SiFC of a SAR: shared iFC sets are named and the request says so; an S-CSCF that announces nothing gets them in full', async () => {
  const hss = await startWhole(url);
  const client = await connected(hss);
  await sar(client, 2);
  expect(await pushed(client)).toEqual([undefined, 'in full']);
  await sar(client, 2, announces(SIFC));
  expect(await pushed(client)).toEqual([SIFC, 'named']);
  // What it says of other features, or when it de-registers, is not about the profile.
  await sar(client, 2, announces(SIFC | 0b1100));
  expect(await pushed(client)).toEqual([SIFC, 'named']);
  await sar(client, 2);
  expect(await pushed(client)).toEqual([undefined, 'in full']);
  client.close();
}, 30_000);

test('what we do not offer is not used', async () => {
  const hss = await startWhole(url, { cx: { features: { sharedIfcSets: false } } });
  const client = await connected(hss);
  await sar(client, 2, announces(0b10));
  expect(await pushed(client)).toEqual([0b10, 'in full']);
  client.close();
}, 30_000);

test('learned at one instance, used by the other and by the one that is started later', async () => {
  const [first, second] = [
    await startWhole(url, { diameter: { originHost: 'hss1.ims.example' } }),
    await startWhole(url, { diameter: { originHost: 'hss2.ims.example' } }),
  ];
  const asking = await connected(first);
  await sar(asking, 2, announces(SIFC));
  // What is new is written with the next look.
  passTime(5_001);
  const deadline = performance.now() + 15_000;
  while ((await store.outbox.serverFeatures(10)).length === 0 && performance.now() < deadline)
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
  expect(await store.outbox.serverFeatures(10)).toEqual([
    expect.objectContaining({ originHost: 'scscf1.ims.example', command: 'SAR', featureList: SIFC }),
  ]);
  asking.close();
  await first.stop();
  await second.stop();
  const restarted = await startWhole(url, { diameter: { originHost: 'hss3.ims.example' } });
  const client = await connected(restarted);
  expect(await pushed(client)).toEqual([SIFC, 'named']);
  client.close();
}, 60_000);

test('[29.229-7.2.1] a refused feature is not used for PPR again, whatever SARs say, until a PPA lists it', async () => {
  const hss = await startWhole(url);
  const client = await connected(hss);
  await sar(client, 2, announces(SIFC));
  const refuse = ({ avps }: Request) =>
    avps['supportedFeatures'] === undefined
      ? { resultCode: 2001 }
      : { experimentalResult: { vendorId: 10_415, experimentalResultCode: 5011 } };
  expect(await pushed(client, refuse)).toEqual([SIFC, 'named']);
  await sar(client, 2, announces(SIFC));
  expect(await pushed(client)).toEqual([undefined, 'in full']);
  expect(await pushed(client, () => ({ resultCode: 2001, ...announces(SIFC) }))).toEqual([
    undefined,
    'in full',
  ]);
  expect(await pushed(client)).toEqual([SIFC, 'named']);
  client.close();
}, 30_000);
