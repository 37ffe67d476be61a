/**
 * All metrics of one HSS in one registry. Names follow Prometheus' conventions: prefix hss_, base units,
 * _total for counters.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PeerPaths, PeerSnapshot } from '../diameter/peer/contract';
import type { HssEvents } from '../events/hss-events';
import type { LogCounts } from '../shared/logger';
import { productVersion } from '../shared/version';
import type { OverloadSnapshot } from '../diameter/overload/contract';
import { AdminMetrics } from './admin-metrics';
import type { MetricsPart } from './contract';
import { DispatchMetrics } from './dispatch-metrics';
import { registerPathMetrics } from './path-metrics';
import { OverloadMetrics } from './overload-metrics';
import { registerLogMetrics } from './log-metrics';
import { PeerMetrics } from './peer-metrics';
import { PushMetrics } from './push-metrics';
import { StoreMetrics } from './store-metrics';

/** What is asked when scraped. All are functions, so that metrics can exist before what they look at. */
export interface MetricSources {
  readonly peers: () => readonly PeerSnapshot[];
  /** Connections with several paths. */
  readonly paths?: () => readonly PeerPaths[];
  /** Requests of the HSS's own that are not completed. */
  readonly openPushes?: () => Promise<number>;
  readonly log?: () => LogCounts;
  /** Null while there is nothing that waits. */
  readonly overload?: () => OverloadSnapshot | null;
}

export interface MetricOptions {
  readonly maxPeerLabels: number;
  /** What applications bring. */
  readonly applications: readonly MetricsPart[];
}

export interface HssMetrics {
  readonly registry: Registry;
  /** All of the following and those of applications; subscribe each to the events. */
  readonly listeners: readonly Partial<HssEvents>[];
  readonly dispatch: DispatchMetrics;
  readonly peers: PeerMetrics;
  readonly store: StoreMetrics;
  readonly push: PushMetrics;
  readonly overload: OverloadMetrics;
  readonly admin: AdminMetrics;
  /** The text format of Prometheus; calls that come together share one collection. */
  text(): Promise<string>;
}

/** prom-client's own gauges whose names end in _total, which is for counters only. */
const misnamedDefaults = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

const noLines: LogCounts = { droppedLines: 0, summedLines: 0, bufferedOctets: 0 };

export function createMetrics(sources: MetricSources, options: MetricOptions): HssMetrics {
  const registry = new Registry();
  new Gauge({
    name: 'hss_build_info',
    help: 'Version of the HSS, always 1',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: productVersion }, 1);
  const dispatch = new DispatchMetrics(registry);
  const peers = new PeerMetrics(registry, options.maxPeerLabels, sources.peers);
  registerPathMetrics(registry, options.maxPeerLabels, sources.paths ?? (() => []));
  const store = new StoreMetrics(registry);
  const push = new PushMetrics(
    registry,
    options.applications.map(({ outgoing }) => outgoing),
    sources.openPushes ?? (() => Promise.resolve(0)),
  );
  const overload = new OverloadMetrics(registry, options.maxPeerLabels, sources.overload ?? (() => null));
  registerLogMetrics(registry, sources.log ?? (() => noLines));
  const admin = new AdminMetrics(registry);
  for (const application of options.applications) application.register(registry);
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);
  let collecting: Promise<string> | null = null;
  const text = () => {
    collecting ??= registry.metrics().finally(() => {
      collecting = null;
    });
    return collecting;
  };
  const brought = options.applications.flatMap(({ listener }) => listener ?? []);
  const listeners = [dispatch, peers, store, push, overload, admin, ...brought];
  return { registry, listeners, dispatch, peers, store, push, overload, admin, text };
}
