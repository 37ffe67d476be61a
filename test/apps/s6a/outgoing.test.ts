/** Requests of the HSS to MMEs and SGSNs: the whole product, a database and scripted nodes over TCP. */
import { cancelLocation, type CancelLocationPayload } from '../../../src/apps/s6a/outgoing/payloads';
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
import { freshDatabase, openStore, type TestStore } from '../../support/database';
import { NodeClient } from './support/node-client';
import { MME1, MME2 } from './support/s6a-hss';
import { epsSubscriber, IMSI, KEY } from './support/subscribers';

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
async function subscriber(): Promise<string> {
  subscribers += 1;
  const imsi = String(Number(IMSI) + subscribers).padStart(15, '0');
  const outcome = await store.putSubscription(
    subscriptionDocument.parse(
      epsSubscriber({ imsi, msisdns: [`49171${subscribers}000`], aka: KEY }, { id: `eps${subscribers}` }),
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
