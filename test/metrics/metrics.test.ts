/** What is exposed, and that it follows the conventions that `promtool check metrics` checks. */
import type { PeerSnapshot } from '../../src/diameter/peer/contract';
import { cxMetrics, type CxMetricSources } from '../../src/apps/cx/metrics';
import { LocatorMetrics } from '../../src/apps/dx/metrics';
import { createMetrics, type HssMetrics, type MetricSources } from '../../src/metrics/metrics';
import { lint, parseExposition } from './exposition';

function peer(originHost: string, over: Partial<PeerSnapshot> = {}): PeerSnapshot {
  return {
    originHost,
    originRealm: 'example.org',
    state: 'R-Open',
    watchdog: 'OKAY',
    configured: false,
    protocol: 'tcp',
    remote: '127.0.0.1:1',
    productName: 'x',
    applications: [16777216],
    connectedSinceMs: 0,
    pendingRequests: 0,
    messagesIn: 0,
    messagesOut: 0,
    octetsIn: 0,
    octetsOut: 0,
    ...over,
  };
}

const counts = {
  registeredSets: 7,
  unregisteredSets: 2,
  registeredIdentities: 9,
  unregisteredIdentities: 3,
  subscriptions: 11,
};

function create(
  sources: Partial<MetricSources> = {},
  maxPeerLabels = 64,
  cx: Partial<CxMetricSources> = {},
): HssMetrics {
  return createMetrics(
    { peers: () => [], ...sources },
    {
      maxPeerLabels,
      applications: [
        cxMetrics({ counts: () => Promise.resolve(counts), countsMaxAgeSeconds: 10, ...cx }),
        new LocatorMetrics(),
      ],
    },
  );
}

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

function useAll(metrics: HssMetrics): void {
  metrics.peers.messageTransferred('scscf.example.org', 'in', 'UAR', 300);
  metrics.peers.messageTransferred('scscf.example.org', 'out', 'UAA', 200);
  metrics.peers.messageUndecodable('scscf.example.org', 'missing_avp');
  metrics.peers.peerStateChanged('scscf.example.org', 'Closed', 'R-Open');
  metrics.peers.watchdogStateChanged('scscf.example.org', 'INITIAL', 'OKAY');
  metrics.peers.connectionRefused('192.0.2.1:5', 'too many "connections"\n');
  metrics.dispatch.requestAnswered('UAR', 'DIAMETER_SUCCESS', 'scscf.example.org', 0.2, 1, 2);
  metrics.dispatch.duplicateAnswered('UAR', 'scscf.example.org');
  metrics.dispatch.decisionRetried('SAR');
  metrics.dispatch.decisionNotable('sqnResynchronised');
  metrics.dispatch.decisionNotable('restoration');
  metrics.dispatch.requestUnauthorised('originHost');
  metrics.overload.requestWaited(10, 20);
  metrics.overload.requestShed('queueFull', 15);
  metrics.overload.overloadReported('scscf.example.org');
  metrics.store.storeRoundTrip('load', 12, 1.5);
  metrics.store.storeRoundTrip('commit', 3, 2.5);
  metrics.store.storeConnectionsChanged('load', 3, 4);
  metrics.store.storeUnavailable('commit', 5);
  metrics.store.subscriptionsRead(8, 4);
}

test('everything exposed follows the conventions', async () => {
  const metrics = create({ peers: () => [peer('scscf.example.org')] });
  useAll(metrics);
  const text = await metrics.text();
  expect(lint(text)).toEqual([]);
  expect(text).toContain('too many \\"connections\\"\\n');
});

test('the lint of this test finds what it is there for', () => {
  const bad = [
    '# TYPE hss_requests counter',
    'hss_requests 1',
    '# HELP hss_wait_milliseconds x',
    '# TYPE hss_wait_milliseconds gauge',
    'hss_wait_milliseconds 1',
    '# HELP hss_things_total x',
    '# TYPE hss_things_total gauge',
    'hss_things_total{badLabel="1"} 1',
    'hss_things_total{badLabel="1"} 2',
    '# HELP hss_h x',
    '# TYPE hss_h histogram',
    'hss_h_bucket{le="1"} 2',
    'hss_h_bucket{le="+Inf"} 1',
    'hss_h_sum 1',
    'hss_h_count 2',
  ].join('\n');
  expect(lint(bad)).toEqual([
    'hss_requests: no help text',
    'hss_requests: a counter should end in _total',
    'hss_wait_milliseconds: not a base unit',
    'hss_things_total: only counters end in _total',
    'hss_things_total: label badLabel is not snake_case',
    'hss_things_total: the same series twice',
    'hss_h: buckets must not shrink',
    'hss_h: the +Inf bucket is not the count',
  ]);
});

test("an application's requests have its label for their kind; other kinds count nothing", async () => {
  const metrics = create();
  metrics.push.outgoingSent('cx.RTR');
  metrics.push.outgoingPostponed('cx.PPR');
  metrics.push.outgoingFinished('cx.RTR', 'refused');
  metrics.push.outgoingSent('RTR');
  expect(await sample(metrics, 'hss_push_requests_total', { command: 'RTR' })).toBe(1);
  expect(await sample(metrics, 'hss_push_retries_total', { command: 'PPR' })).toBe(1);
  expect(await sample(metrics, 'hss_push_outcomes_total', { command: 'RTR', outcome: 'refused' })).toBe(1);
});

test('requests and answers by command and result name, durations split', async () => {
  const metrics = create();
  useAll(metrics);
  metrics.dispatch.requestAnswered('UAR', 'DIAMETER_ERROR_USER_UNKNOWN', 'scscf.example.org', 0.1, 0.4, 0.6);
  expect(await sample(metrics, 'hss_diameter_requests_total', { command: 'UAR' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_requests_total', { command: 'UAA' })).toBeUndefined();
  expect(
    await sample(metrics, 'hss_diameter_answers_total', { command: 'UAR', result: 'DIAMETER_SUCCESS' }),
  ).toBe(1);
  expect(
    await sample(metrics, 'hss_diameter_answers_total', {
      command: 'UAR',
      result: 'DIAMETER_ERROR_USER_UNKNOWN',
    }),
  ).toBe(1);
  expect(await sample(metrics, 'hss_diameter_request_duration_seconds_count', { command: 'UAR' })).toBe(2);
  expect(await sample(metrics, 'hss_diameter_request_duration_seconds_sum', { command: 'UAR' })).toBeCloseTo(
    0.0026,
  );
  expect(
    await sample(metrics, 'hss_diameter_request_duration_seconds_bucket', { command: 'UAR', le: '0.001' }),
  ).toBe(1);
  expect(
    await sample(metrics, 'hss_diameter_request_duration_seconds_bucket', { command: 'UAR', le: '+Inf' }),
  ).toBe(2);
  expect(
    await sample(metrics, 'hss_diameter_request_store_duration_seconds_sum', { command: 'UAR' }),
  ).toBeCloseTo(0.0014);
  expect(
    await sample(metrics, 'hss_diameter_request_queue_duration_seconds_sum', { command: 'UAR' }),
  ).toBeCloseTo(0.0003);
  expect(await sample(metrics, 'hss_diameter_duplicate_requests_total', { command: 'UAR' })).toBe(1);
  expect(await sample(metrics, 'hss_decision_retries_total', { command: 'SAR' })).toBe(1);
  expect(await sample(metrics, 'hss_sqn_resynchronisations_total')).toBe(1);
  expect(await sample(metrics, 'hss_notable_events_total', { event: 'restoration' })).toBe(1);
});

test('traffic, decode errors, peers by state and watchdog', async () => {
  const peers = [
    peer('scscf.example.org', { configured: true, pendingRequests: 3 }),
    peer('icscf.example.org', { state: 'I-Open', watchdog: 'SUSPECT' }),
    peer('gone.example.org', { state: 'Closed', watchdog: 'DOWN', configured: true }),
  ];
  const metrics = create({ peers: () => peers });
  useAll(metrics);
  expect(
    await sample(metrics, 'hss_diameter_messages_total', {
      peer: 'scscf.example.org',
      direction: 'in',
      command: 'UAR',
    }),
  ).toBe(1);
  expect(
    await sample(metrics, 'hss_diameter_bytes_total', { peer: 'scscf.example.org', direction: 'out' }),
  ).toBe(200);
  expect(
    await sample(metrics, 'hss_diameter_decode_errors_total', {
      peer: 'scscf.example.org',
      kind: 'missing_avp',
    }),
  ).toBe(1);
  expect(await sample(metrics, 'hss_diameter_peers', { state: 'R-Open' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_peers', { state: 'Closing' })).toBe(0);
  expect(await sample(metrics, 'hss_diameter_watchdogs', { state: 'SUSPECT' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_watchdog_state_changes_total', { state: 'OKAY' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_peer_up', { peer: 'icscf.example.org' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_peer_up', { peer: 'gone.example.org' })).toBe(0);
  expect(await sample(metrics, 'hss_diameter_peer_pending_requests', { peer: 'scscf.example.org' })).toBe(3);
  peers.splice(1, 1);
  expect(await sample(metrics, 'hss_diameter_peer_up', { peer: 'icscf.example.org' })).toBeUndefined();
});

test('the store: batch sizes, durations, connections, failures, cache', async () => {
  const metrics = create();
  useAll(metrics);
  expect(await sample(metrics, 'hss_store_batch_size_sum', { operation: 'load' })).toBe(12);
  expect(await sample(metrics, 'hss_store_batch_size_bucket', { operation: 'load', le: '8' })).toBe(0);
  expect(await sample(metrics, 'hss_store_batch_size_bucket', { operation: 'load', le: '16' })).toBe(1);
  expect(await sample(metrics, 'hss_store_batch_duration_seconds_sum', { operation: 'commit' })).toBeCloseTo(
    0.0025,
  );
  expect(await sample(metrics, 'hss_store_connections', { operation: 'load', state: 'ready' })).toBe(3);
  expect(await sample(metrics, 'hss_store_connections', { operation: 'load', state: 'down' })).toBe(1);
  expect(await sample(metrics, 'hss_store_failed_requests_total', { operation: 'commit' })).toBe(5);
  expect(await sample(metrics, 'hss_store_cache_lookups_total', { outcome: 'hit' })).toBe(8);
});

test('labels that come from outside are bounded: the remainder is "other"', async () => {
  const metrics = create(
    {
      peers: () =>
        Array.from({ length: 10 }, (_, index) => peer(`p${index}.example.org`, { pendingRequests: 1 })),
    },
    3,
  );
  for (let index = 0; index < 500; index += 1) {
    metrics.peers.messageTransferred(`p${index}.example.org`, 'in', `cmd${index}`, 10);
    metrics.peers.messageUndecodable(`p${index}.example.org`, `kind${index}`);
    metrics.peers.connectionRefused('x', `reason ${index}`);
    metrics.dispatch.requestAnswered(`cmd${index}`, 'DIAMETER_SUCCESS', 'p', 0, 0, 0);
    metrics.dispatch.requestAnswered('UAR', `RESULT_${index}`, 'p', 0, 0, 0);
    metrics.dispatch.decisionNotable(`what${index}`);
  }
  expect(await sample(metrics, 'hss_diameter_bytes_total', { peer: 'other', direction: 'in' })).toBe(4_970);
  expect(await sample(metrics, 'hss_diameter_peer_up', { peer: 'other' })).toBe(7);
  expect(await sample(metrics, 'hss_diameter_peer_pending_requests', { peer: 'other' })).toBe(7);
  const text = await metrics.text();
  expect(text.split('\n').length).toBeLessThan(4_000);
  expect(lint(text)).toEqual([]);
});

test('registrations are counted by the database at most every countsMaxAgeSeconds', async () => {
  let nowMs = 0;
  let asked = 0;
  let fails = false;
  const metrics = create({}, 1, {
    counts: () => {
      asked += 1;
      return fails
        ? Promise.reject(new Error('the database is away'))
        : Promise.resolve({ ...counts, registeredSets: asked });
    },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
  });
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBe(1);
  expect(await sample(metrics, 'hss_registration_sets', { state: 'unregistered' })).toBe(2);
  expect(await sample(metrics, 'hss_public_identities', { state: 'registered' })).toBe(9);
  expect(await sample(metrics, 'hss_public_identities', { state: 'unregistered' })).toBe(3);
  expect(await sample(metrics, 'hss_subscriptions')).toBe(11);
  nowMs = 9_999;
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBe(1);
  expect(asked).toBe(1);
  nowMs = 10_000;
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBe(2);
  nowMs = 20_000;
  fails = true;
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBeUndefined();
  expect(await sample(metrics, 'hss_subscriptions')).toBeNaN();
  nowMs = 30_000;
  fails = false;
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBe(4);
});

test('event-loop delay and process metrics are there', async () => {
  const metrics = create();
  for (const name of [
    'nodejs_eventloop_lag_p99_seconds',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'hss_build_info',
  ]) {
    expect(await sample(metrics, name)).toBeDefined();
  }
});

test('metrics of several instances in one process do not disturb one another', async () => {
  const first = create();
  const second = create();
  first.dispatch.requestAnswered('UAR', 'DIAMETER_SUCCESS', 'p', 0, 0, 0);
  expect(await sample(first, 'hss_diameter_answers_total', { command: 'UAR' })).toBe(1);
  expect(await sample(second, 'hss_diameter_answers_total', { command: 'UAR' })).toBeUndefined();
});

test('paths of SCTP associations: which are up, how they do, what was sent again; peers beyond the labels are left out', async () => {
  const path = (address: string, state: 'active' | 'inactive') => ({
    address,
    state,
    smoothedRttMs: 12,
    retransmissionTimeoutMs: 400,
    congestionWindowOctets: 4_380,
  });
  const report = {
    paths: [path('192.0.2.1', 'active'), path('2001:db8::1', 'inactive')],
    retransmissionsCount: 5,
  };
  const metrics = create(
    {
      paths: () => [
        { peer: 'a.example.org', report },
        { peer: 'b.example.org', report },
      ],
    },
    1,
  );
  expect(await sample(metrics, 'hss_diameter_path_up', { peer: 'a.example.org', path: '192.0.2.1' })).toBe(1);
  expect(await sample(metrics, 'hss_diameter_path_up', { peer: 'a.example.org', path: '2001:db8::1' })).toBe(
    0,
  );
  expect(await sample(metrics, 'hss_diameter_path_round_trip_seconds', { path: '192.0.2.1' })).toBe(0.012);
  expect(
    await sample(metrics, 'hss_diameter_path_retransmission_timeout_seconds', { path: '192.0.2.1' }),
  ).toBe(0.4);
  expect(await sample(metrics, 'hss_diameter_association_retransmissions', { peer: 'a.example.org' })).toBe(
    5,
  );
  expect(await sample(metrics, 'hss_diameter_path_up', { peer: 'b.example.org' })).toBeUndefined();
  expect(lint(await metrics.text())).toEqual([]);
});

test('a database that hangs does not hold up a scrape: everything but what it has to count is there', async () => {
  const metrics = create({}, 64, { counts: () => new Promise(() => undefined) });
  const started = performance.now();
  expect(await sample(metrics, 'hss_build_info')).toBe(1);
  expect(await sample(metrics, 'hss_registration_sets', { state: 'registered' })).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(9_000);
});

test('what waits, load and reduction are as they stand when scraped', async () => {
  const queuedByPriority = Array.from({ length: 16 }, (_, priority) => (priority === 10 ? 7 : 0));
  const metrics = create({
    overload: () => ({
      queuedByPriority,
      queuedOctets: 2_100,
      inFlightCount: 12,
      load: 0.75,
      reductionPercent: 35,
    }),
  });
  useAll(metrics);
  expect(await sample(metrics, 'hss_queued_requests', { priority: '10' })).toBe(7);
  expect(await sample(metrics, 'hss_queued_requests', { priority: '0' })).toBe(0);
  expect(await sample(metrics, 'hss_queued_bytes')).toBe(2_100);
  expect(await sample(metrics, 'hss_requests_in_flight')).toBe(12);
  expect(await sample(metrics, 'hss_load_ratio')).toBe(0.75);
  expect(await sample(metrics, 'hss_overload_reduction_ratio')).toBe(0.35);
  expect(await sample(metrics, 'hss_queue_wait_duration_seconds_sum', { priority: '10' })).toBeCloseTo(0.02);
  expect(
    await sample(metrics, 'hss_overload_refused_requests_total', { reason: 'queue_full', priority: '15' }),
  ).toBe(1);
  expect(await sample(metrics, 'hss_overload_reports_total', { peer: 'scscf.example.org' })).toBe(1);
});

test('requests that their peer may not send are counted by reason, from zero', async () => {
  const metrics = create();
  for (const reason of ['originHost', 'originHost', 'command', 'ownIdentity'] as const)
    metrics.dispatch.requestUnauthorised(reason);
  const name = 'hss_diameter_unauthorised_requests_total';
  const counts = { origin_host: 2, command: 1, own_identity: 1, origin_realm: 0 };
  for (const [reason, count] of Object.entries(counts))
    expect([reason, await sample(metrics, name, { reason })]).toEqual([reason, count]);
});
