/**
 * What the store reports, as metrics: round trips, how many requests shared them, failures, connections, the
 * profile cache.
 */
import { Gauge, type Registry } from 'prom-client';
import type { StoreEvents } from '../events/hss-events';
import type { BatchKind } from '../events/names';
import { CellCounter, CellHistogram, type CounterCell, type HistogramCell } from './cells';
import { durationBucketsSeconds } from './dispatch-metrics';

const batchSizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

interface OperationCells {
  readonly size: HistogramCell;
  readonly duration: HistogramCell;
  readonly failures: CounterCell;
  ready: number;
  total: number;
}

export class StoreMetrics implements StoreEvents {
  private readonly cells: Readonly<Record<BatchKind, OperationCells>>;
  private readonly hits: CounterCell;
  private readonly misses: CounterCell;

  constructor(registry: Registry) {
    const size = new CellHistogram(
      registry,
      'hss_store_batch_size',
      'Requests that shared one round trip to the database',
      batchSizeBuckets,
      ['operation'],
    );
    const duration = new CellHistogram(
      registry,
      'hss_store_batch_duration_seconds',
      'Duration of a round trip to the database',
      durationBucketsSeconds,
      ['operation'],
    );
    const failures = new CellCounter(
      registry,
      'hss_store_failed_requests_total',
      'Requests refused because the database could not be reached or was too slow',
      ['operation'],
    );
    const of = (operation: BatchKind): OperationCells => ({
      size: size.cell(operation),
      duration: duration.cell(operation),
      failures: failures.cell(operation),
      ready: 0,
      total: 0,
    });
    const cells = { load: of('load'), commit: of('commit'), locator: of('locator') };
    this.cells = cells;
    const lookups = new CellCounter(
      registry,
      'hss_store_cache_lookups_total',
      'Lookups in the cache of parsed subscriptions',
      ['outcome'],
    );
    this.hits = lookups.cell('hit');
    this.misses = lookups.cell('miss');
    new Gauge({
      name: 'hss_store_connections',
      help: 'Connections of the pool to the database, by operation and state',
      labelNames: ['operation', 'state'],
      registers: [registry],
      collect() {
        for (const [operation, { ready, total }] of Object.entries(cells)) {
          this.set({ operation, state: 'ready' }, ready);
          this.set({ operation, state: 'down' }, total - ready);
        }
      },
    });
  }

  storeRoundTrip(kind: BatchKind, requestCount: number, durationMs: number): void {
    const cells = this.cells[kind];
    cells.size.observe(requestCount);
    cells.duration.observe(durationMs / 1000);
  }

  storeConnectionsChanged(kind: BatchKind, readyCount: number, totalCount: number): void {
    const cells = this.cells[kind];
    cells.ready = readyCount;
    cells.total = totalCount;
  }

  storeUnavailable(kind: BatchKind, requestCount: number): void {
    this.cells[kind].failures.value += requestCount;
  }

  subscriptionsRead(cachedCount: number, loadedCount: number): void {
    this.hits.value += cachedCount;
    this.misses.value += loadedCount;
  }
}
