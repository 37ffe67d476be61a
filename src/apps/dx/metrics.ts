/**
 * The subscription locator as metrics: lookups by what they found, and what became of requests that were sent
 * on [29.228-6.4].
 */
import type { Registry } from 'prom-client';
import type { LocatorEvents } from '../../events/hss-events';
import { CellCounter, type CounterCell } from '../../metrics/cells';
import { noOutgoing, type MetricsPart } from '../../metrics/contract';
import type { ForwardOutcome, LookupOutcome } from './contract';

const lookupOutcomes: readonly LookupOutcome[] = [
  'identity',
  'range',
  'wildcard',
  'domain',
  'unknown',
  'failed',
];
const forwardOutcomes: readonly ForwardOutcome[] = [
  'answered',
  'failedOver',
  'undeliverable',
  'requesterGone',
];

export class LocatorMetrics implements LocatorEvents, MetricsPart {
  readonly outgoing = noOutgoing;
  readonly listener: LocatorEvents = this;
  private lookups: ReadonlyMap<string, CounterCell> = new Map();
  private forwards: ReadonlyMap<string, CounterCell> = new Map();

  register(registry: Registry): void {
    const lookups = new CellCounter(
      registry,
      'hss_locator_lookups_total',
      'Lookups in the subscription locator, by the kind of entry that was found',
      ['outcome'],
    );
    const forwards = new CellCounter(
      registry,
      'hss_locator_forwarded_requests_total',
      'Requests that the locator sent on, by outcome; failedOver counts each further HSS that was tried',
      ['outcome'],
    );
    this.lookups = new Map(lookupOutcomes.map((outcome) => [outcome, lookups.cell(outcome)]));
    this.forwards = new Map(forwardOutcomes.map((outcome) => [outcome, forwards.cell(outcome)]));
  }

  locatorSearched(outcome: string): void {
    const cell = this.lookups.get(outcome);
    if (cell !== undefined) cell.value += 1;
  }

  locatorForwarded(outcome: string): void {
    const cell = this.forwards.get(outcome);
    if (cell !== undefined) cell.value += 1;
  }
}
