/**
 * A push node: a peer table over real TCP with an outbox worker behind it, on a real database; and
 * subscribers that are registered.
 */
import { registrationOf, statusUnit } from '../support/states';
import { cxFeatureTable } from '../../src/apps/cx/feature-table';
import { createPushContent } from '../../src/apps/cx/push-content';
import { seal, secretOwner, unseal } from '../../src/authentication/sealed-secret';
import { DEFAULT_DECODE_LIMITS } from '../../src/diameter/codec/decode';
import type { ClaimedKind, PushView } from '../../src/outbox/ports';
import type { OutboxEntry } from '../../src/state/ports';
import { cxKinds, type PushPayload } from '../../src/apps/cx/outgoing/push';
import type { SubscriptionDocumentInput } from '../../src/subscriber/subscription-document';
import { CX_APPLICATION } from '../../src/apps/cx/advertised';
import { supportedVendorIds } from '../../src/diameter/peer/capabilities';
import type { IncomingRequest, SendOutcome } from '../../src/diameter/peer/contract';
import { DiameterPeerTable } from '../../src/diameter/peer/peer-table';
import { silentEvents } from '../../src/events/event-spine';
import type { OutgoingKind, PushWorkerSettings } from '../../src/outbox/contract';
import type { CxPushSettings, PeerPushPolicy } from '../../src/apps/cx/outgoing/contract';
import { cxOutgoingKinds } from '../../src/apps/cx/outgoing/kinds';
import { applications, returnCommandsOf } from '../../src/wiring/applications';
import { RouteMemory } from '../../src/outbox/routes';
import { ServerFeatures } from '../../src/apps/cx/outgoing/server-features';
import { PushWorker } from '../../src/outbox/worker';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { TcpTransport } from '../../src/transport/tcp';
import { CxClient } from '../support/cx-client';
import { dictionary } from '../support/cx-messages';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { recordOf, statusOfRecord, type SetRecords, type StatusRecord } from '../support/status-records';
import { putSharedSets, simple } from '../store/documents';

export { seal, secretOwner };

export const realm = 'ims.example';
export const scscfHost = 'scscf1.ims.example';
export const server = { name: 'sip:scscf1.ims.example:6060', diameterHost: scscfHost, diameterRealm: realm };

export const policy: PeerPushPolicy = {
  profileUpdates: 'ppr',
  afterNoAnswer: 'nothing',
  listPublicIdentities: true,
  combinePrivateIdentities: false,
};

/** Cx's kinds as the store knows them, both of the same priority. */
export const claimedKinds: readonly ClaimedKind[] = [
  { kind: cxKinds.RTR, priority: 10, keepsSessionId: true },
  { kind: cxKinds.PPR, priority: 10, keepsSessionId: false },
];

export type NodeSettings = PushWorkerSettings & CxPushSettings;

export const quick: NodeSettings = {
  answerTimeoutMs: 200,
  maxAttemptCount: 2,
  retryFirstMs: 30,
  retryMaxMs: 60,
  giveUpMs: 600_000,
  leaseMs: 1_000,
  pollMs: 30,
  maxPerSecondPerHost: 1_000,
  maxInFlightPerHost: 50,
  keepCompletedMs: 600_000,
  keepCompletedCount: 1_000_000,
  fanOutPerSecond: 1_000,
  imsRestoration: true,
  authenticationPendingMaxAgeMs: 300_000,
  policyOf: () => policy,
};

type Send = DiameterPeerTable['send'];

export interface PushNode {
  readonly port: number;
  readonly worker: PushWorker;
  readonly peers: DiameterPeerTable;
  readonly store: TestStore;
  stop(): Promise<void>;
}

const nodes = new Set<PushNode>();

/** Ends the nodes that a failed or a dying test has left. For afterEach or afterAll. */
export async function endNodes(): Promise<void> {
  await Promise.all(
    [...nodes].map(async (node) => {
      nodes.delete(node);
      // Not waited for: what it waits for may never come.
      void node.worker.stop();
      await node.peers.shutdown('REBOOTING', 100);
      await node.store.close();
    }),
  );
}

export interface NodeOptions {
  readonly originHost?: string;
  readonly settings?: Partial<NodeSettings>;
  /** Of another application, besides those of Cx. */
  readonly kinds?: readonly (readonly [string, OutgoingKind])[];
  /** What happens instead of sending: for crashes. */
  readonly send?: (send: Send) => Send;
  readonly knownFeatures?: ReadonlySet<string>;
}

/** One instance on that database, listening on loopback. */
export async function startNode(
  url: string,
  {
    originHost = 'hss1.ims.example',
    settings = {},
    kinds = [],
    send,
    knownFeatures = new Set(),
  }: NodeOptions = {},
): Promise<PushNode> {
  const store = await openStore(url);
  const routes = new RouteMemory(store.outbox, systemClock, returnCommandsOf(applications));
  const features = new ServerFeatures(store.outbox, cxFeatureTable, systemClock, silentLogger);
  const peers = new DiameterPeerTable({
    local: {
      originHost,
      originRealm: realm,
      productName: 'hss',
      vendorId: 0,
      firmwareRevision: 1,
      originStateId: 1,
      hostIpAddresses: [],
      supportedVendorIds: supportedVendorIds([CX_APPLICATION]),
      applications: [CX_APPLICATION],
    },
    dictionary,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    options: { acceptUnknownPeers: true },
    transports: [
      new TcpTransport({
        maxMessageOctets: 65_536,
        writeHighWaterOctets: 65_536,
        writeLimitOctets: 1_048_576,
        incompleteMessageLimitMs: 10_000,
        keepAliveMs: 0,
      }),
    ],
    sink: {
      onRequest: (request: IncomingRequest) => routes.observe(request),
      onUndecodable: () => undefined,
      admission: null,
    },
  });
  const listener = await peers.listen('tcp', { addresses: ['127.0.0.1'], port: 0 });
  const plain: Send = (...args) => peers.send(...args);
  const merged = { ...quick, ...settings };
  const cx = cxOutgoingKinds({
    store,
    features,
    dictionary,
    clock: systemClock,
    profiles: createPushContent(
      { open: (sealed, owner) => unseal(sealed, owner, testKeyRing) },
      () => knownFeatures,
    ),
    node: { originHost, originRealm: realm },
    settings: merged,
  });
  const worker = new PushWorker({
    outbox: store.outbox,
    routes,
    kinds: new Map([...cx, ...kinds]),
    refresh: () => features.refresh(),
    originHost,
    clock: systemClock,
    logger: silentLogger,
    events: silentEvents,
    peers: { snapshot: () => peers.snapshot(), send: send === undefined ? plain : send(plain) },
    settings: merged,
  });
  store.onOutboxWritten(() => worker.wake());
  worker.start();
  const node: PushNode = {
    port: listener.local.port,
    worker,
    peers,
    store,
    stop: async () => {
      nodes.delete(node);
      await worker.stop();
      await peers.shutdown('REBOOTING', 100);
      await store.close();
    },
  };
  nodes.add(node);
  return node;
}

/** A database with the shared sets that simple() names. */
export async function seeded(): Promise<{ url: string; store: TestStore }> {
  const url = await freshDatabase();
  const store = await openStore(url);
  await putSharedSets(store);
  return { url, store };
}

let numbers = 0;

/** Provisions a subscriber and sets its registration state. */
export async function register(
  store: TestStore,
  name: string,
  sets: SetRecords,
  change: Partial<SubscriptionDocumentInput> = {},
): Promise<number> {
  numbers += 1;
  const outcome = await store.putSubscription(simple(name, numbers, change), {});
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.faults));
  return setStatusOf(store, name, { server, sets });
}

export async function setStatusOf(
  store: TestStore,
  name: string,
  change: Partial<StatusRecord>,
  outbox: readonly OutboxEntry[] = [],
): Promise<number> {
  const { snapshot } = await store.load({ impus: [`sip:${name}@ims.example`] });
  if (snapshot === null) throw new Error(`no ${name}`);
  const committed = await store.commit(
    statusUnit(snapshot, statusOfRecord({ ...recordOf(registrationOf(snapshot)), ...change }), outbox),
  );
  if (committed !== 'committed') throw new Error(committed);
  return snapshot.key;
}

export const registeredWith = (...names: string[]): SetRecords => ({
  default: {
    state: 'registered',
    privateIdentities: Object.fromEntries(names.map((name) => [name, { registered: true }])),
  },
});

/** Writes entries as a change of the subscription would. */
export async function enqueue(store: TestStore, name: string, ...entries: PushPayload[]): Promise<number[]> {
  const { snapshot } = await store.load({ impus: [`sip:${name}@ims.example`] });
  if (snapshot === null) throw new Error(`no ${name}`);
  const ids = await store.outbox.enqueue(
    snapshot.key,
    snapshot.version,
    entries.map((entry) => ({ ...entry, destinationHost: scscfHost, destinationRealm: realm })),
  );
  if (ids === 'conflict') throw new Error(ids);
  return [...ids];
}

/** An S-CSCF; with `serve` it can answer what waits for it from the first moment. */
export async function scscf(
  node: PushNode,
  originHost = scscfHost,
  serve: CxClient['serve'] = null,
): Promise<CxClient> {
  const client = await CxClient.connect(node.port, { originHost, originRealm: realm });
  client.serve = serve;
  await client.exchangeCapabilities();
  return client;
}

/** Waits until the entry is completed. */
export async function completed(store: TestStore, id: number, timeoutMs = 10_000): Promise<PushView> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const view = await store.outbox.get(id);
    if (view?.completedAtMs != null) return view;
    if (performance.now() > deadline)
      throw new Error(`entry ${id} is not completed: ${JSON.stringify(view)}`);
    await new Promise((wake) => {
      setTimeout(wake, 15);
    });
  }
}

export const status = async (store: TestStore, name: string): Promise<StatusRecord> => {
  const found = await store.getStatus({ id: name });
  if (found === null) throw new Error(`no ${name}`);
  return recordOf(found.status);
};

/** Never answers: the process that waits is as good as dead. */
export const forever = (): Promise<SendOutcome> => new Promise(() => undefined);
