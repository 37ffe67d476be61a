/**
 * An HSS that cannot keep up, over real connections: its database is held by a lock of somebody else, so that
 * requests pile up. Who is served first, who is refused when, what the answers say of it.
 */
import { storedModules } from '../../../src/wiring/applications';
import { Client } from 'pg';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { DEFAULT_DECODE_LIMITS } from '../../../src/diameter/codec/decode';
import { Dispatcher } from '../../../src/diameter/dispatch/dispatcher';
import type { OverloadSettings } from '../../../src/diameter/overload/contract';
import { OverloadControl } from '../../../src/diameter/overload/overload-control';
import { ProcessSignals } from '../../../src/diameter/overload/process-signals';
import { DiameterTap } from '../../../src/events/diameter-tap';
import { createMetrics, type HssMetrics } from '../../../src/metrics/metrics';
import { DiameterPeerTable } from '../../../src/diameter/peer/peer-table';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import type { PostgresStore } from '../../../src/store/postgres-store';
import { TcpTransport } from '../../../src/transport/tcp';
import { hss, icscf, RecordingLogger, scscf } from '../dispatch/support';
import { parseExposition } from '../../metrics/exposition';
import { FAST, localNode, RawClient } from '../peer/support';
import { putSharedSets, simple } from '../../store/documents';
import { CxClient } from '../../support/cx-client';
import { cxRequest, dictionary, type CxAnswer, type Origin } from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing } from '../../support/database';

const user = { userName: 'alice@ims.example', publicIdentity: 'sip:alice@ims.example' };
const settings: OverloadSettings = {
  queue: { maxInFlightCount: 2, maxQueuedCount: 6, maxQueueMs: 10_000 },
  signals: { queueMs: 100, eventLoopDelayMs: 10_000, roundTripMs: 10_000 },
  reports: { overload: 'host', validitySeconds: 30, maxReductionPercent: 90, load: true },
  // The peers of these tests are not configured.
  trust: { peers: [], trustUnknownPeers: true },
};

let url: string;
let store: PostgresStore;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url, { statementTimeoutMs: 20_000 });
  await putSharedSets(store);
  await store.putSubscription(simple('alice', 1), {});
});

afterAll(() => store.close());

interface Node {
  readonly port: number;
  readonly control: OverloadControl;
  readonly dispatcher: Dispatcher;
  readonly metrics: HssMetrics;
  readonly tap: DiameterTap;
  readonly logger: RecordingLogger;
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** The HSS on a free port. The looks at its signals are the test's. */
async function startHss(queue: Partial<OverloadSettings['queue']> = {}): Promise<Node> {
  const logger = new RecordingLogger();
  const signals = new ProcessSignals();
  signals.start();
  let control: OverloadControl | null = null;
  const metrics = createMetrics(
    { peers: () => [], overload: () => control?.snapshot() ?? null },
    { maxPeerLabels: 8, applications: [] },
  );
  control = new OverloadControl(
    { ...settings, queue: { ...settings.queue, ...queue } },
    { originHost: hss.originHost, dictionary, clock: systemClock, logger, events: metrics.overload, signals },
  );
  const application = createCxApplication(
    {
      imsRestoration: true,
      sendAllRestorationInfo: false,
      pcscfRestoration: false,
      keepServerName: true,
      authenticationPendingMaxAgeMs: 300_000,
      maxAuthenticationVectors: 5,
      alwaysSendUserData: false,
      defaultCapabilities: { mandatory: [], optional: [], serverNames: [] },
      priorities: { emergencyPriority: 0, sessionPriorities: [0, 2, 4, 6, 8] },
    },
    new Set(['SiFC']),
    { open: (sealed, owner) => unseal(sealed, owner, testKeyRing) },
  );
  const dispatcher = new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [application],
    store,
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger,
    events: metrics.dispatch,
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 20_000,
    overload: control,
  });
  const tap = new DiameterTap(logger);
  const table = new DiameterPeerTable({
    local: localNode(hss.originHost),
    dictionary,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    transports: [new TcpTransport({})],
    sink: dispatcher,
    events: metrics.peers,
    tap,
    logger,
    options: { ...FAST, acceptUnknownPeers: true },
  });
  const listener = await table.listen('tcp', { addresses: ['127.0.0.1'], port: 0 });
  stops.push(
    () => Promise.resolve(signals.stop()),
    () => table.shutdown('REBOOTING', 50),
  );
  return { port: listener.local.port, control, dispatcher, metrics, tap, logger };
}

/** Holds what every load reads, until it is released. */
async function lockDatabase(): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('begin; lock table subscription_state, public_identity in access exclusive mode');
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    await client.query('commit');
    await client.end();
  };
  stops.push(release);
  return release;
}

async function connectTo(node: Node, origin: Origin): Promise<CxClient> {
  const client = await CxClient.open(node.port, origin);
  stops.push(() => Promise.resolve(client.close()));
  return client;
}

const ask = (client: CxClient, avps: object = {}): Promise<CxAnswer> =>
  client.request('UAR', { ...user, visitedNetworkIdentifier: Buffer.from('ims.example'), ...avps });
const locate = (client: CxClient, avps: object = {}): Promise<CxAnswer> =>
  client.request('LIR', { publicIdentity: user.publicIdentity, ...avps });
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 8_000; !condition(); await pause(5))
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`);
}

const queued = ({ control }: Node): number =>
  control.snapshot().queuedByPriority.reduce((sum, count) => sum + count, 0);

async function sample(
  metrics: HssMetrics,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const samples = parseExposition(await metrics.text()).flatMap((family) => family.samples);
  return samples.find(
    (entry) =>
      entry.name === name && Object.entries(labels).every(([label, value]) => entry.labels[label] === value),
  )?.value;
}

test('[29.228-J.2.3] [29.228-J.2.4] [29.228-H.1] the highest priority is served first, the lowest refused first and at once', async () => {
  const node = await startHss();
  const client = await connectTo(node, icscf);
  const release = await lockDatabase();
  const order: string[] = [];
  const noted = (name: string, answer: Promise<CxAnswer>): Promise<CxAnswer> =>
    answer.then((received) => {
      order.push(`${name} ${received.result}`);
      return received;
    });
  const all: Promise<CxAnswer>[] = [ask(client), ask(client)];
  all.push(
    noted('low 1', ask(client, { drmp: 15 })),
    noted('low 2', ask(client, { drmp: 15 })),
    noted('lower than default', ask(client, { drmp: 11 })),
  );
  all.push(
    noted('plain 1', ask(client)),
    noted('plain 2', ask(client)),
    noted('session 4', locate(client, { sessionPriority: 4 })),
  );
  await until(() => queued(node) === 6, 'six wait');
  expect(await sample(node.metrics, 'hss_queued_requests', { priority: '15' })).toBe(2);
  expect(await sample(node.metrics, 'hss_queued_requests', { priority: '10' })).toBe(2);
  all.push(
    noted('emergency', ask(client, { uarFlags: 1 })),
    noted('session 0, drmp 5', locate(client, { sessionPriority: 0, drmp: 5 })),
    noted('lowest', ask(client, { drmp: 15 })),
  );
  // While the database is still held: those of the lowest priority gave way.
  await until(() => order.length === 3, 'three are refused');
  expect([...order].sort()).toEqual(['low 1 3004', 'low 2 3004', 'lowest 3004']);
  await release();
  const answers = await Promise.all(all);
  expect(order.slice(3).map((line) => line.replace(/ [^ ]+$/, '').replace(/ experimental$/, ''))).toEqual([
    'emergency',
    'session 0, drmp 5',
    'session 4',
    'plain 1',
    'plain 2',
    'lower than default',
  ]);
  const busy = answers.filter(({ result }) => result === '3004');
  expect(busy).toHaveLength(3);
  for (const { header } of busy)
    expect(header).toMatchObject({ error: true, request: false, proxiable: true });
  expect(
    answers.filter(({ result }) => /^experimental 200[1-4]$|^2001$|^experimental 5003$/.test(result)),
  ).toHaveLength(8);
  expect(
    await sample(node.metrics, 'hss_overload_refused_requests_total', {
      reason: 'pushed_out',
      priority: '15',
    }),
  ).toBe(2);
  expect(
    await sample(node.metrics, 'hss_overload_refused_requests_total', {
      reason: 'queue_full',
      priority: '15',
    }),
  ).toBe(1);
  expect(await sample(node.metrics, 'hss_queue_wait_duration_seconds_count', { priority: '0' })).toBe(1);
  await node.dispatcher.whenIdle();
  expect(node.dispatcher.inProgressCount).toBe(0);
  expect(node.control.snapshot().inFlightCount).toBe(0);
});

test('a peer that sends ten times as much does not starve another', async () => {
  const node = await startHss({ maxQueuedCount: 12 });
  const hog = await connectTo(node, icscf);
  const other = await connectTo(node, scscf);
  const release = await lockDatabase();
  const flood = Array.from({ length: 60 }, () => ask(hog));
  await until(() => queued(node) === 12, 'the queue is full');
  const few = Array.from({ length: 6 }, () => locate(other));
  await until(() => node.control.snapshot().queuedByPriority[10] === 12, 'the queue stays full');
  await pause(50);
  await release();
  const [hogs, others] = [await Promise.all(flood), await Promise.all(few)];
  expect(others.filter(({ result }) => result === '3004')).toEqual([]);
  // Two that were being served, and half of the queue.
  expect(hogs.filter(({ result }) => result !== '3004')).toHaveLength(8);
});

test('no request waits longer than allowed: DIAMETER_TOO_BUSY while the database is still held', async () => {
  const node = await startHss({ maxQueueMs: 200 });
  const client = await connectTo(node, icscf);
  const release = await lockDatabase();
  const served = [ask(client), ask(client)];
  const started = performance.now();
  const waiting = await Promise.all([ask(client), ask(client, { drmp: 0 })]);
  const took = performance.now() - started;
  expect(waiting.map(({ result }) => result)).toEqual(['3004', '3004']);
  expect(took).toBeGreaterThan(190);
  expect(took).toBeLessThan(600);
  await release();
  for (const answer of await Promise.all(served)) expect(answer.result).not.toBe('3004');
  // Refused is not remembered: the same subscriber is served when there is room again.
  expect((await ask(client)).result).not.toBe('3004');
});

test('the tap sees a request that is refused before it is decoded, and its DIAMETER_TOO_BUSY, byte for byte', async () => {
  const node = await startHss({ maxQueuedCount: 0 });
  const client = await connectTo(node, icscf);
  const refused = await RawClient.open(node.port, scscf.originHost);
  stops.push(() => Promise.resolve(refused.socket.destroy()));
  const release = await lockDatabase();
  const served = [ask(client), ask(client)];
  await until(() => node.control.snapshot().inFlightCount === 2, 'no place is left');
  const seen: { direction: string; peer: string | null; octets: Buffer }[] = [];
  node.tap.attach(({ direction, peer, octets }) =>
    seen.push({ direction, peer, octets: Buffer.from(octets) }),
  );
  // The decoder would refuse the unknown AVP with the M bit.
  const request = cxRequest('LIR', scscf, {
    publicIdentity: user.publicIdentity,
    additionalAvps: [{ code: 4_000, vendorId: 0, mandatory: true, data: Buffer.alloc(4) }],
  });
  refused.write(request);
  await until(() => refused.result('LIA') !== undefined, 'an answer');
  expect(refused.result('LIA')).toBe(3004);
  expect(seen).toEqual([
    { direction: 'in', peer: scscf.originHost, octets: request },
    { direction: 'out', peer: scscf.originHost, octets: refused.octets.at(-1) },
  ]);
  await release();
  await Promise.all(served);
});

interface Olr {
  readonly ocSequenceNumber: bigint;
  readonly ocReductionPercentage: number;
  readonly ocValidityDuration: number;
  readonly ocReportType: number;
}
const olrOf = (answer: CxAnswer): Olr | undefined => answer.avps['ocOlr'] as Olr | undefined;
const loadOf = (answer: CxAnswer): number =>
  Number((answer.avps['load'] as { loadValue: bigint }[])[0]?.loadValue);
const capable = { ocSupportedFeatures: { ocFeatureVector: 1n } };

test('[29.228-H.2] [29.228-K.2] overload: reports for peers that announce it, until it is over; Load falls and rises', async () => {
  const node = await startHss({ maxQueuedCount: 2 });
  const taking = await connectTo(node, icscf);
  const plain = await connectTo(node, scscf);
  const looks = (count: number): void => {
    for (let i = 0; i < count; i += 1) node.control.look();
  };
  await pause(200);
  looks(1);
  await pause(200);
  looks(1);
  const before = await ask(taking, capable);
  expect(before.avps['ocSupportedFeatures']).toEqual({ ocFeatureVector: 1n });
  expect(olrOf(before)).toBeUndefined();
  expect(loadOf(before)).toBeGreaterThan(10_000);

  const release = await lockDatabase();
  const waiting = Array.from({ length: 4 }, () => locate(plain));
  await until(() => queued(node) === 2, 'two wait');
  let percent = 0;
  for (let round = 0; round < 3; round += 1) {
    const refused = await ask(taking, { ...capable, drmp: 15 });
    expect(refused.result).toBe('3004');
    await pause(120);
    looks(4);
    percent = node.control.snapshot().reductionPercent;
  }
  expect(percent).toBeGreaterThan(0);
  // An answer with the E bit tells it too.
  const told = await ask(taking, { ...capable, drmp: 15 });
  const codes = (told.avps['additionalAvps'] as { code: number; vendorId: number }[])
    .filter(({ vendorId }) => vendorId === 0)
    .map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining([621, 623, 650]));
  await release();
  await Promise.all(waiting);

  const during = await ask(taking, capable);
  expect(olrOf(during)).toMatchObject({
    ocReportType: 0,
    ocReductionPercentage: percent,
    ocValidityDuration: 30,
  });
  const silent = await locate(plain);
  expect(silent.avps['ocSupportedFeatures']).toBeUndefined();
  expect(olrOf(silent)).toBeUndefined();
  expect(loadOf(silent)).toBeLessThan(1_000);
  // Three rounds of refusals at most, the one by the E bit and the ordinary answer.
  expect(
    await sample(node.metrics, 'hss_overload_reports_total', { peer: icscf.originHost }),
  ).toBeGreaterThanOrEqual(2);
  expect(
    await sample(node.metrics, 'hss_overload_reports_total', { peer: scscf.originHost }),
  ).toBeUndefined();
  expect(await sample(node.metrics, 'hss_overload_reduction_ratio')).toBeCloseTo(percent / 100);

  looks(4 * 30);
  // How busy the process is shows over real time only.
  for (let i = 0; i < 8; i += 1) {
    await pause(50);
    looks(1);
  }
  const after = await ask(taking, capable);
  expect(olrOf(after)).toMatchObject({ ocReductionPercentage: 0, ocValidityDuration: 0 });
  expect((olrOf(after)?.ocSequenceNumber ?? 0n) > (olrOf(during)?.ocSequenceNumber ?? 0n)).toBe(true);
  expect(loadOf(after)).toBeGreaterThan(loadOf(silent));
  expect(
    node.logger.lines.filter(({ level, message }) => level === 'warn' && message.startsWith('overload')),
  ).not.toEqual([]);
});

test('refusals do not flood the log: one line with their number', async () => {
  const node = await startHss({ maxQueuedCount: 0 });
  const client = await connectTo(node, icscf);
  const release = await lockDatabase();
  const served = [ask(client), ask(client)];
  const refused = await Promise.all(Array.from({ length: 50 }, () => ask(client)));
  expect(new Set(refused.map(({ result }) => result))).toEqual(new Set(['3004']));
  node.control.look();
  node.control.look();
  const lines = node.logger.lines.filter(
    ({ level, message }) => level !== 'debug' && message.includes('TOO_BUSY'),
  );
  expect(lines.map(({ fields }) => fields['count'])).toEqual([50]);
  await release();
  await Promise.all(served);
});
