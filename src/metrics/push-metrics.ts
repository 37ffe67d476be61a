/**
 * Requests of the HSS's own as metrics: those that left, attempts made again, outcomes, and how many wait.
 * The applications say which commands and outcomes there are.
 */
import { Gauge, type Registry } from 'prom-client';
import type { OutboxEvents } from '../events/hss-events';
import { CellCounter, type CounterCell } from './cells';
import type { OutgoingLabels } from './contract';

/** Of one kind. */
interface KindCells {
  readonly sent: CounterCell;
  readonly postponed: CounterCell;
  readonly outcomes: ReadonlyMap<string, CounterCell>;
}

export class PushMetrics implements OutboxEvents {
  private readonly cells: ReadonlyMap<string, KindCells>;

  /** @param openCount requests that are not completed; the sample is left out (NaN) where it cannot be had */
  constructor(registry: Registry, applications: readonly OutgoingLabels[], openCount: () => Promise<number>) {
    const sent = new CellCounter(
      registry,
      'hss_push_requests_total',
      'RTR and PPR that left, repeated ones included',
      ['command'],
    );
    const postponed = new CellCounter(
      registry,
      'hss_push_retries_total',
      'Attempts without a final answer that are made again',
      ['command'],
    );
    const outcomes = new CellCounter(
      registry,
      'hss_push_outcomes_total',
      'RTR and PPR that are done with, by outcome',
      ['command', 'outcome'],
    );
    this.cells = new Map(
      applications.flatMap((application) =>
        Object.entries(application.commands).map(([kind, command]): [string, KindCells] => [
          kind,
          {
            sent: sent.cell(command),
            postponed: postponed.cell(command),
            outcomes: new Map(
              application.outcomes.map((outcome) => [outcome, outcomes.cell(command, outcome)]),
            ),
          },
        ]),
      ),
    );
    new Gauge({
      name: 'hss_push_open',
      help: 'RTR and PPR of all instances that are not done with',
      registers: [registry],
      async collect() {
        this.set(await openCount().catch(() => NaN));
      },
    });
  }

  outgoingSent(kind: string): void {
    const cells = this.cells.get(kind);
    if (cells !== undefined) cells.sent.value += 1;
  }

  outgoingPostponed(kind: string): void {
    const cells = this.cells.get(kind);
    if (cells !== undefined) cells.postponed.value += 1;
  }

  outgoingFinished(kind: string, outcome: string): void {
    const cell = this.cells.get(kind)?.outcomes.get(outcome);
    if (cell !== undefined) cell.value += 1;
  }
}
