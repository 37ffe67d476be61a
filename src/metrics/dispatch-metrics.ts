/**
 * What the dispatcher reports, as metrics: answers by command and result name, and how long requests took and
 * where.
 */
import type { Registry } from 'prom-client';
import type { DispatchEvents } from '../events/hss-events';
import type { AuthorityReason } from '../events/names';
import { BoundedLabels } from './bounded-labels';
import { CellCounter, CellHistogram, type CounterCell, type HistogramCell } from './cells';

/**
 * Seconds. From a quarter of a millisecond (a request served from one round trip) to what a CSCF gives up
 * after.
 */
export const durationBucketsSeconds = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

/** Commands and results are few; more can only come from a peer that makes them up. */
const MAX_COMMANDS = 48;
const MAX_RESULTS_PER_COMMAND = 48;
const MAX_NOTABLES = 32;

/** Decision.notable of a verified AUTS, TS 33.102 6.3.5. */
const SQN_RESYNCHRONISED = 'sqnResynchronised';

interface CommandCells {
  readonly results: BoundedLabels<CounterCell>;
  readonly queue: HistogramCell;
  readonly store: HistogramCell;
  readonly total: HistogramCell;
}

export class DispatchMetrics implements DispatchEvents {
  private readonly commands: BoundedLabels<CommandCells>;
  private readonly duplicates: BoundedLabels<CounterCell>;
  private readonly retries: BoundedLabels<CounterCell>;
  private readonly notables: BoundedLabels<CounterCell>;
  private readonly resynchronisations: CounterCell;
  private readonly unauthorisedRequests: Readonly<Record<AuthorityReason, CounterCell>>;

  constructor(registry: Registry) {
    const answers = new CellCounter(
      registry,
      'hss_diameter_answers_total',
      'Answers given to Diameter requests, by command and result name',
      ['command', 'result'],
    );
    const histogram = (name: string, help: string) =>
      new CellHistogram(registry, name, help, durationBucketsSeconds, ['command']);
    const total = histogram(
      'hss_diameter_request_duration_seconds',
      'Time from the last octet of a request to its answer',
    );
    const queue = histogram(
      'hss_diameter_request_queue_duration_seconds',
      'Part of that time spent waiting for a batch',
    );
    const store = histogram(
      'hss_diameter_request_store_duration_seconds',
      'Part of that time spent loading from and committing to the database',
    );
    this.commands = new BoundedLabels(MAX_COMMANDS, (command) => ({
      results: new BoundedLabels(MAX_RESULTS_PER_COMMAND, (result) => answers.cell(command, result)),
      queue: queue.cell(command),
      store: store.cell(command),
      total: total.cell(command),
    }));
    const duplicates = new CellCounter(
      registry,
      'hss_diameter_duplicate_requests_total',
      'Retransmitted requests that got the answer given before',
      ['command'],
    );
    this.duplicates = new BoundedLabels(MAX_COMMANDS, (command) => duplicates.cell(command));
    const retries = new CellCounter(
      registry,
      'hss_decision_retries_total',
      'Decisions made again because the subscription had changed in between',
      ['command'],
    );
    this.retries = new BoundedLabels(MAX_COMMANDS, (command) => retries.cell(command));
    this.resynchronisations = new CellCounter(
      registry,
      'hss_sqn_resynchronisations_total',
      'Sequence numbers set anew after a verified AUTS',
    ).cell();
    const notables = new CellCounter(registry, 'hss_notable_events_total', 'Other decisions worth counting', [
      'event',
    ]);
    const unauthorised = new CellCounter(
      registry,
      'hss_diameter_unauthorised_requests_total',
      'Requests refused because their peer may not send them or not in that name, by reason',
      ['reason'],
    );
    this.unauthorisedRequests = {
      ownIdentity: unauthorised.cell('own_identity'),
      originHost: unauthorised.cell('origin_host'),
      originRealm: unauthorised.cell('origin_realm'),
      command: unauthorised.cell('command'),
    };
    this.notables = new BoundedLabels(MAX_NOTABLES, (event) => notables.cell(event));
  }

  requestAnswered(
    command: string,
    result: string,
    _peer: string,
    queueMs: number,
    storeMs: number,
    totalMs: number,
  ): void {
    const cells = this.commands.get(command);
    cells.results.get(result).value += 1;
    cells.queue.observe(queueMs / 1000);
    cells.store.observe(storeMs / 1000);
    cells.total.observe(totalMs / 1000);
  }

  duplicateAnswered(command: string, _peer: string): void {
    this.duplicates.get(command).value += 1;
  }

  decisionRetried(command: string): void {
    this.retries.get(command).value += 1;
  }

  decisionNotable(what: string): void {
    if (what === SQN_RESYNCHRONISED) this.resynchronisations.value += 1;
    else this.notables.get(what).value += 1;
  }

  requestUnauthorised(reason: AuthorityReason): void {
    this.unauthorisedRequests[reason].value += 1;
  }
}
