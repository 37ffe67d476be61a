/** What became of lines of the log that nobody reads. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { LogCounts } from '../shared/logger';

/** @param counts asked when scraped */
export function registerLogMetrics(registry: Registry, counts: () => LogCounts): void {
  const total = (name: string, help: string, value: (now: LogCounts) => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value(counts()));
      },
    });
  total(
    'hss_log_dropped_lines_total',
    'Lines that were dropped because the output did not take them',
    (now) => now.droppedLines,
  );
  total(
    'hss_log_summed_lines_total',
    'Lines of which the log has only a count, because there were too many of their kind in a second',
    (now) => now.summedLines,
  );
  new Gauge({
    name: 'hss_log_buffered_bytes',
    help: 'Lines that wait for the output of the log',
    registers: [registry],
    collect() {
      this.set(counts().bufferedOctets);
    },
  });
}
