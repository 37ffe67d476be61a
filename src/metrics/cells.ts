/**
 * Counters and histograms whose labelled children are plain objects: resolved once, counted with one
 * addition, turned into samples only when scraped. prom-client builds a label key for each observation, which
 * is too much for every request.
 */
import { Counter, Histogram, type Registry } from 'prom-client';

/** One time series of a counter. */
export interface CounterCell {
  value: number;
}

declare module 'prom-client' {
  interface Histogram<T extends string> {
    getForPromString(): ReturnType<Histogram<T>['get']>;
  }
}

interface Sample {
  readonly labels: Record<string, string>;
  readonly cell: CounterCell;
}

type CounterSamples = Awaited<ReturnType<Counter['get']>>;
type HistogramSamples = Awaited<ReturnType<Histogram['get']>>;

export class CellCounter extends Counter {
  private readonly samples: Sample[] = [];

  constructor(
    registry: Registry,
    name: string,
    help: string,
    private readonly names: readonly string[] = [],
  ) {
    super({ name, help, labelNames: [...names], registers: [registry] });
  }

  /** A new time series; the caller keeps it and asks once for each set of labels. */
  cell(...values: readonly string[]): CounterCell {
    const cell = { value: 0 };
    this.samples.push({ labels: labelsOf(this.names, values), cell });
    return cell;
  }

  override async get(): Promise<CounterSamples> {
    const base = await super.get();
    return { ...base, values: this.samples.map(({ labels, cell }) => ({ labels, value: cell.value })) };
  }
}

/** One time series of a histogram. */
export class HistogramCell {
  readonly counts: Float64Array;
  sum = 0;

  constructor(
    readonly labels: Record<string, string>,
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? Infinity)) index += 1;
    counts[index] = (counts[index] ?? 0) + 1;
    this.sum += value;
  }
}

export class CellHistogram extends Histogram {
  private readonly cells: HistogramCell[] = [];

  constructor(
    registry: Registry,
    private readonly metricName: string,
    help: string,
    private readonly bounds: readonly number[],
    private readonly names: readonly string[] = [],
  ) {
    super({ name: metricName, help, labelNames: [...names], buckets: [...bounds], registers: [registry] });
  }

  cell(...values: readonly string[]): HistogramCell {
    const cell = new HistogramCell(labelsOf(this.names, values), this.bounds);
    this.cells.push(cell);
    return cell;
  }

  /** What both get() and the text format ask; it is missing in prom-client's types. */
  override async getForPromString(): Promise<HistogramSamples> {
    const base = await super.getForPromString();
    return { ...base, values: this.cells.flatMap((cell) => this.samplesOf(cell)) };
  }

  private samplesOf({ labels, counts, sum }: HistogramCell): HistogramSamples['values'] {
    let total = 0;
    const buckets = Array.from(counts, (count, index) => {
      total += count;
      return {
        metricName: `${this.metricName}_bucket`,
        labels: { ...labels, le: this.bounds[index] ?? '+Inf' },
        value: total,
      };
    });
    return [
      ...buckets,
      { metricName: `${this.metricName}_sum`, labels, value: sum },
      { metricName: `${this.metricName}_count`, labels, value: total },
    ];
  }
}

function labelsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
