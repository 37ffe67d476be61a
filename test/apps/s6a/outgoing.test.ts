/** Requests of the HSS to MMEs and SGSNs: the whole product, a database and scripted nodes over TCP. */
import {
  cancelLocation,
  deleteSubscriberData,
  insertSubscriberData,
  reset,
  type CancelLocationPayload,
} from '../../../src/apps/s6a/outgoing/payloads';
import {
  servingNodes,
  servingNodesChange,
  servingNodesOf,
  type ServingNode,
  type ServingNodes,
} from '../../../src/apps/s6a/state/serving-nodes';
import { S6A_APPLICATION_ID } from '../../../src/apps/s6a/generated/s6a';
import type { OutboxEntry, SubscriptionSnapshot } from '../../../src/state/ports';
import { subscriptionDocument } from '../../../src/subscriber/subscription-document';
import { completed } from '../../outbox/support';
import { endServers, startWhole, type WholeServer } from '../../outbox/whole-server';
import { eventually } from '../../system/support/hss-process';
import { freshDatabase, openStore, type TestStore } from '../../support/database';
import { NodeClient } from './support/node-client';
import { MME1, MME2, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, KEY, twoApns } from './support/subscribers';

let store: TestStore;
let server: WholeServer;
const nodes: NodeClient[] = [];

beforeAll(async () => {
  const url = await freshDatabase();
  store = await openStore(url);
  server = await startWhole(url, {
    diameter: { unknownPeers: 'accept' },
    http: { port: 0 },
  });
}, 90_000);

afterEach(() => {
  for (const node of nodes.splice(0)) {
    expect(node.faults).toEqual([]);
    node.close();
  }
});

afterAll(async () => {
  await endServers();
  await store.close();
});

async function node(origin: typeof MME1, serve?: NodeClient['serve']): Promise<NodeClient> {
  const client = await NodeClient.open(server.diameterPort, origin, serve);
  nodes.push(client);
  return client;
}

let subscribers = 0;

/** A subscriber with an IMSI of its own. */
async function subscriber(eps: Partial<typeof twoApns> = {}): Promise<string> {
  subscribers += 1;
  const imsi = String(Number(IMSI) + subscribers).padStart(15, '0');
  const outcome = await store.putSubscription(
    subscriptionDocument.parse(
      epsSubscriber(
        { imsi, msisdns: [`49171${subscribers}000`], aka: KEY, eps: { ...twoApns, ...eps } },
        { id: `eps${subscribers}` },
      ),
    ),
    {},
  );
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.faults));
  return imsi;
}

async function loaded(imsi: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await store.load({ impus: [], imsi, modules: [servingNodes] });
  if (snapshot === null) throw new Error(`nobody has ${imsi}`);
  return snapshot;
}

const nodesOf = async (imsi: string): Promise<ServingNodes> => servingNodesOf(await loaded(imsi), imsi);

const servedBy = (
  { originHost, originRealm }: typeof MME1,
  more: Partial<ServingNode> = {},
): ServingNode => ({
  host: originHost,
  realm: originRealm,
  visitedPlmnId: '00f110',
  sinceMs: 1_700_000_000_000,
  ulrFlags: 0x22,
  ratType: 1004,
  features: null,
  isPurged: false,
  ...more,
});

/** Sets the nodes, or leaves them, and writes entries in the same transaction. */
async function write(imsi: string, changed: Omit<ServingNodes, 'imsi'> | null, ...entries: OutboxEntry[]) {
  const snapshot = await loaded(imsi);
  const changes = changed === null ? [] : [servingNodesChange(snapshot, { imsi, ...changed })];
  const ids = await store.outbox.enqueue(
    snapshot.key,
    snapshot.version,
    entries,
    changes.length === 0 ? undefined : { snapshot, changes },
  );
  if (ids === 'conflict') throw new Error(ids);
  return ids;
}

const to = ({ originHost, originRealm }: typeof MME1) => ({ host: originHost, realm: originRealm });
const clr = (imsi: string, more: Partial<CancelLocationPayload> = {}): CancelLocationPayload => ({
  imsi,
  kind: 'mme',
  cancellationType: 'MME_UPDATE_PROCEDURE',
  ...more,
});

const outcomeOf = async (
  id: number | undefined,
): Promise<[outcome: string | null, detail: string | null]> => {
  const { outcome, detail } = await completed(store, id ?? 0);
  return [outcome, detail];
};

describe('CLR', () => {
  it('[29.272-5.2.1.2.3] tells the previous MME; the answer changes nothing', async () => {
    const imsi = await subscriber();
    const mme1 = await node(MME1);
    const [id] = await write(imsi, { mme: servedBy(MME2) }, cancelLocation(to(MME1), clr(imsi)));
    expect(await outcomeOf(id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests).toHaveLength(1);
    const [{ abbreviation, header, avps }] = mme1.requests as [(typeof mme1.requests)[number]];
    expect({ abbreviation, applicationId: header.applicationId, proxiable: header.proxiable }).toEqual({
      abbreviation: 'CLR',
      applicationId: S6A_APPLICATION_ID,
      proxiable: true,
    });
    expect(avps).toMatchObject({
      userName: imsi,
      cancellationType: 0,
      clrFlags: 1,
      authSessionState: 1,
      destinationHost: MME1.originHost,
      destinationRealm: MME1.originRealm,
    });
    // [29.272-7.2.2] "shall not be included in any command"
    expect(avps['vendorSpecificApplicationId']).toBeUndefined();
    expect((await nodesOf(imsi)).mme?.host).toBe(MME2.originHost);
  });

  it('[29.272-5.2.1.2.3] is superseded once the UE is back: MME1, MME2, MME1', async () => {
    const imsi = await subscriber();
    // The UE moves to MME2 and back before MME1 can be reached.
    const [first] = await write(imsi, { mme: servedBy(MME2) }, cancelLocation(to(MME1), clr(imsi)));
    const [second] = await write(imsi, { mme: servedBy(MME1) }, cancelLocation(to(MME2), clr(imsi)));
    const mme1 = await node({ ...MME1, originHost: MME1.originHost.toUpperCase() });
    const mme2 = await node(MME2);
    expect(await outcomeOf(first)).toEqual(['superseded', 'mme1.epc.example serves the IMSI again']);
    expect(await outcomeOf(second)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests).toEqual([]);
    expect(mme2.requests.map(({ abbreviation }) => abbreviation)).toEqual(['CLR']);
  });

  it('[29.272-5.2.1.2.3] a withdrawal is sent to the node that serves, and after the subscription is gone', async () => {
    const imsi = await subscriber();
    const withdrawal = clr(imsi, { cancellationType: 'SUBSCRIPTION_WITHDRAWAL', isReattachRequired: true });
    const [id] = await write(imsi, { mme: servedBy(MME1) }, cancelLocation(to(MME1), withdrawal));
    expect((await store.deleteSubscription(`eps${subscribers}`, {})).kind).toBe('deleted');
    // Open5GS answers so where the IMSI is unknown; a standard node says success [29.272-5.2.1.2.2].
    const mme1 = await node(MME1, () => ({
      experimentalResult: { vendorId: 10_415, experimentalResultCode: 5001 },
    }));
    expect(await outcomeOf(id)).toEqual(['success', 'DIAMETER_ERROR_USER_UNKNOWN']);
    expect(mme1.requests.map(({ avps }) => [avps['cancellationType'], avps['clrFlags']])).toEqual([[2, 3]]);
  });
});

/** Feature-List 1 with all bits, and list 2. */
const everyFeature = { 1: 0xffffffff, 2: 0xffffffff };
const LOCATION = 0b1000;

describe('IDR', () => {
  it('[29.272-5.2.2.1.3] has the data of the present document, and keeps what the answer tells', async () => {
    const imsi = await subscriber();
    const mme1 = await node(MME1, () => ({
      resultCode: 2001,
      ratType: 1004,
      imsVoiceOverPsSessionsSupported: 1,
      lastUeActivityTime: new Date('2026-01-02T03:04:05Z'),
      epsLocationInformation: {
        mmeLocationInformation: { trackingAreaIdentity: Buffer.from('00f1100001', 'hex') },
      },
      epsUserState: { mmeUserState: { userState: 4 } },
    }));
    const [id] = await write(
      imsi,
      { mme: servedBy(MME1, { features: everyFeature, sentDataHash: 'of before' }) },
      insertSubscriberData(to(MME1), { imsi, kind: 'mme', changed: ['ambr'], idrFlags: LOCATION }),
    );
    expect(await outcomeOf(id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests.map(({ abbreviation }) => abbreviation)).toEqual(['IDR']);
    expect(mme1.requests[0]?.avps).toMatchObject({
      userName: imsi,
      idrFlags: LOCATION,
      subscriptionData: {
        ambr: { maxRequestedBandwidthUl: 50_000_000, maxRequestedBandwidthDl: 100_000_000 },
      },
      supportedFeatures: [
        { vendorId: 10_415, featureListId: 1 },
        { vendorId: 10_415, featureListId: 2 },
      ],
    });
    const { mme } = await nodesOf(imsi);
    expect(mme?.reported).toMatchObject({
      ratType: 1004,
      imsVoiceOverPsSessionsSupported: 1,
      lastUeActivityMs: Date.parse('2026-01-02T03:04:05Z'),
    });
    expect(Buffer.from(mme?.reported?.epsLocationInformation ?? '', 'base64').toString('hex')).toContain(
      '00f1100001',
    );
    expect(mme?.sentDataHash).toMatch(/^[\w-]{22}$/);
    expect(mme?.features).toEqual(everyFeature);
  });

  it('[29.272-5.2.2.1.3] is not sent where the node no longer serves the IMSI', async () => {
    const imsi = await subscriber();
    const mme1 = await node(MME1);
    const idr = insertSubscriberData(to(MME1), { imsi, kind: 'mme', changed: ['ambr'] });
    const [moved] = await write(imsi, { mme: servedBy(MME2) }, idr);
    expect(await outcomeOf(moved)).toEqual(['superseded', 'the node no longer serves the IMSI']);
    const [purged] = await write(imsi, { mme: servedBy(MME1, { isPurged: true }) }, idr);
    expect(await outcomeOf(purged)).toEqual(['superseded', 'the UE is purged there']);
    expect(mme1.requests).toEqual([]);
  });

  it('[29.272-5.2.2.1.2] a node that has lost the IMSI stays registered, its data count as old', async () => {
    const imsi = await subscriber();
    await node(MME1, () => ({ experimentalResult: { vendorId: 10_415, experimentalResultCode: 5001 } }));
    const [id] = await write(
      imsi,
      { mme: servedBy(MME1, { sentDataHash: 'of before' }) },
      insertSubscriberData(to(MME1), { imsi, kind: 'mme', changed: ['ambr'] }),
    );
    expect(await outcomeOf(id)).toEqual(['userUnknown', 'DIAMETER_ERROR_USER_UNKNOWN']);
    expect((await nodesOf(imsi)).mme).toEqual(servedBy(MME1));
  });

  it('[29.272-7.3.10.1] a barring that the node turns out not to support ends its registration with a CLR', async () => {
    const imsi = await subscriber({ operatorDeterminedBarring: ['allPacketOrientedServices'] });
    const mme1 = await node(MME1, ({ abbreviation }) => ({
      resultCode: 2001,
      ...(abbreviation === 'IDR'
        ? { supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList: 0 }] }
        : {}),
    }));
    const [id] = await write(
      imsi,
      { mme: servedBy(MME1, { features: { 1: 1, 2: 0 } }) },
      insertSubscriberData(to(MME1), { imsi, kind: 'mme', changed: ['operatorDeterminedBarring'] }),
    );
    expect(await outcomeOf(id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    await eventually(() => mme1.requests.length === 2, 'the CLR');
    expect(mme1.requests.map(({ abbreviation, avps }) => [abbreviation, avps['cancellationType']])).toEqual([
      ['IDR', undefined],
      ['CLR', 2],
    ]);
    expect(await nodesOf(imsi)).toEqual({ imsi });
  });
});

describe('DSR and RSR', () => {
  it('[29.272-5.2.2.2.3] the answer tells of a restricted area; a node without the command is final', async () => {
    const imsi = await subscriber();
    const answers: object[] = [{ resultCode: 2001, dsaFlags: 1 }, { resultCode: 3001 }];
    const sgsn = await node(SGSN1, () => answers.shift() ?? null);
    const dsr = deleteSubscriberData(to(SGSN1), { imsi, kind: 'sgsn', dsrFlags: 8, contextIdentifiers: [2] });
    const [first, second] = await write(imsi, { sgsn: servedBy(SGSN1) }, dsr, dsr);
    expect(await outcomeOf(first)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(await outcomeOf(second)).toEqual(['commandUnsupported', 'DIAMETER_COMMAND_UNSUPPORTED']);
    expect(sgsn.requests).toHaveLength(2);
    expect(sgsn.requests[0]?.avps).toMatchObject({ userName: imsi, dsrFlags: 8, contextIdentifier: [2] });
    expect((await nodesOf(imsi)).sgsn?.isAreaRestricted).toBe(true);
  });

  it('[29.272-5.2.4.1.3] an RSR belongs to a node and to no subscription', async () => {
    const mme1 = await node(MME1);
    const [id] = await store.outbox.enqueueWithoutSubscription([
      reset(to(MME1), { userIds: ['00101', '26201'] }),
    ]);
    expect(await outcomeOf(id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests.map(({ abbreviation, avps }) => [abbreviation, avps['userId']])).toEqual([
      ['RSR', ['00101', '26201']],
    ]);
    expect((await store.outbox.get(id ?? 0))?.subscription).toBeNull();
  });
});

describe('orders by hand', () => {
  interface Answer {
    readonly items?: readonly {
      readonly id: number;
      readonly command: string;
      readonly destinationHost: string;
    }[];
    readonly detail?: string;
  }
  async function post(path: string, body: object): Promise<[status: number, answer: Answer]> {
    const answer = await fetch(`${server.apiUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [answer.status, (await answer.json()) as Answer];
  }

  it('[29.272-5.2.2.1.3] asks for the reachability of the UE and remembers that it waits for it', async () => {
    const imsi = await subscriber();
    await write(imsi, { mme: servedBy(MME1, { features: everyFeature }), sgsn: servedBy(SGSN1) });
    const mme1 = await node(MME1);
    const path = `/v1/imsis/${imsi}/update-subscriber`;
    const [refused, { detail }] = await post(path, { flags: ['reachability'] });
    expect([refused, detail]).toEqual([
      409,
      'Nothing is sent: SGSN sgsn1.epc.example has not announced UE-Reachability-Notification.',
    ]);
    const [status, { items = [] }] = await post(path, { flags: ['reachability'], node: 'mme' });
    expect([status, items.map(({ command, destinationHost }) => [command, destinationHost])]).toEqual([
      202,
      [['IDR', MME1.originHost]],
    ]);
    expect(await outcomeOf(items[0]?.id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests[0]?.avps).toMatchObject({ idrFlags: 1, subscriptionData: {} });
    expect((await nodesOf(imsi)).mme?.isReachabilityAwaited).toBe(true);
    const shown = await fetch(`${server.apiUrl}/v1/node-requests/${items[0]?.id}`);
    expect(await shown.json()).toMatchObject({
      command: 'IDR',
      imsi,
      flags: ['reachability'],
      outcome: 'success',
    });
  });

  it('[29.272-5.2.1.2.3] withdraws: the node is forgotten at once and detaches the UE', async () => {
    const imsi = await subscriber();
    await write(imsi, { mme: servedBy(MME1) });
    const mme1 = await node(MME1);
    const [status, { items = [] }] = await post(`/v1/imsis/${imsi}/cancel-location`, { reattach: true });
    expect([status, items.length]).toEqual([202, 1]);
    expect(await nodesOf(imsi)).toEqual({ imsi });
    expect(await outcomeOf(items[0]?.id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(mme1.requests[0]?.avps).toMatchObject({ cancellationType: 2, clrFlags: 3 });
    expect((await post('/v1/imsis/999999999999999/cancel-location', {}))[0]).toBe(404);
  });

  it('[29.272-5.2.4.1.3] resets each node that serves somebody, once', async () => {
    const [first, second] = [await subscriber(), await subscriber()];
    const mme = { originHost: 'reset-mme.epc.example', originRealm: 'epc.example' };
    await write(first, { mme: servedBy(mme) });
    await write(second, { mme: servedBy({ ...mme, originHost: 'RESET-MME.epc.example' }) });
    const client = await node(mme);
    const [status, { items = [] }] = await post('/v1/reset', { node: mme.originHost, userIds: ['00101'] });
    expect([status, items.length]).toEqual([202, 1]);
    expect(await outcomeOf(items[0]?.id)).toEqual(['success', 'DIAMETER_SUCCESS']);
    expect(client.requests.map(({ abbreviation, avps }) => [abbreviation, avps['userId']])).toEqual([
      ['RSR', ['00101']],
    ]);
    expect((await post('/v1/reset', { userIds: ['99'] }))[0]).toBe(409);
  });
});
