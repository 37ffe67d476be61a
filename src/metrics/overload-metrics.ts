/**
 * What the overload layer reports, as metrics: who waits and for how long, what was refused and why, load and
 * reduction (TS 29.228 Annexes H, J and K).
 */
import { Gauge, type Registry } from 'prom-client';
import { PRIORITY_LEVELS, type OverloadSnapshot } from '../diameter/overload/contract';
import type { OverloadEvents } from '../events/hss-events';
import type { RefusalReason } from '../events/names';
import { BoundedLabels } from './bounded-labels';
import { CellCounter, CellHistogram, type CounterCell, type HistogramCell } from './cells';
import { durationBucketsSeconds } from './dispatch-metrics';

/** Values of the label `reason`. */
const reasons: Readonly<Record<RefusalReason, string>> = {
  queueFull: 'queue_full',
  queueTime: 'queue_time',
  pushedOut: 'pushed_out',
};
const priorities = Array.from({ length: PRIORITY_LEVELS }, (_, priority) => String(priority));

export class OverloadMetrics implements OverloadEvents {
  /** By priority. */
  private readonly waits: readonly HistogramCell[];
  private readonly refusals: Readonly<Record<RefusalReason, readonly CounterCell[]>>;
  private readonly reports: BoundedLabels<CounterCell>;

  /** @param snapshot asked when scraped; null while there is nothing to ask. */
  constructor(registry: Registry, maxPeerLabels: number, snapshot: () => OverloadSnapshot | null) {
    const waits = new CellHistogram(
      registry,
      'hss_queue_wait_duration_seconds',
      'How long requests waited for their turn that had to wait, by priority (RFC 7944)',
      durationBucketsSeconds,
      ['priority'],
    );
    this.waits = priorities.map((priority) => waits.cell(priority));
    const refusals = new CellCounter(
      registry,
      'hss_overload_refused_requests_total',
      'Requests answered DIAMETER_TOO_BUSY, by reason and priority',
      ['reason', 'priority'],
    );
    const of = (reason: RefusalReason) =>
      priorities.map((priority) => refusals.cell(reasons[reason], priority));
    this.refusals = { queueFull: of('queueFull'), queueTime: of('queueTime'), pushedOut: of('pushedOut') };
    const reports = new CellCounter(
      registry,
      'hss_overload_reports_total',
      'Answers that carried an OC-OLR AVP, by peer',
      ['peer'],
    );
    this.reports = new BoundedLabels(maxPeerLabels, (peer) => reports.cell(peer));
    registerGauges(registry, snapshot);
  }

  requestWaited(priority: number, waitMs: number): void {
    this.waits[priority]?.observe(waitMs / 1000);
  }

  requestShed(reason: RefusalReason, priority: number): void {
    const cell = this.refusals[reason][priority];
    if (cell !== undefined) cell.value += 1;
  }

  overloadReported(peer: string): void {
    this.reports.get(peer).value += 1;
  }
}

function registerGauges(registry: Registry, snapshot: () => OverloadSnapshot | null): void {
  new Gauge({
    name: 'hss_queued_requests',
    help: 'Requests that wait for their turn, by priority (RFC 7944)',
    labelNames: ['priority'],
    registers: [registry],
    collect() {
      const counts = snapshot()?.queuedByPriority ?? [];
      for (const priority of priorities) this.set({ priority }, counts[Number(priority)] ?? 0);
    },
  });
  const gauge = (name: string, help: string, value: (now: OverloadSnapshot) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const now = snapshot();
        this.set(now === null ? 0 : value(now));
      },
    });
  gauge('hss_queued_bytes', 'Octets of the requests that wait for their turn', (now) => now.queuedOctets);
  gauge('hss_requests_in_flight', 'Requests in work', (now) => now.inFlightCount);
  gauge(
    'hss_load_ratio',
    'Load, 0 idle to 1 fully loaded; Load-Value says it the other way round (RFC 8583)',
    (now) => now.load,
  );
  gauge(
    'hss_overload_reduction_ratio',
    'Part of the traffic that peers are asked to hold back (OC-Reduction-Percentage, RFC 7683), 0 to 1',
    (now) => now.reductionPercent / 100,
  );
}
