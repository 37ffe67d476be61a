/**
 * RTR and PPR as metrics: requests that left, attempts made again, outcomes, and how many wait [29.228-6.1.3]
 * [29.228-6.2.2].
 */
import { Gauge, type Registry } from 'prom-client';
import { cxKinds, pushOutcomes } from '../apps/cx/outgoing/push';
import { commandOf } from '../state/outgoing-kind';
import type { OutboxEvents } from '../events/hss-events';
import { CellCounter, type CounterCell } from './cells';

/** Of one kind. */
interface KindCells {
  readonly sent: CounterCell;
  readonly postponed: CounterCell;
  readonly outcomes: ReadonlyMap<string, CounterCell>;
}

export class PushMetrics implements OutboxEvents {
  private readonly cells: ReadonlyMap<string, KindCells>;

  /** @param openCount requests that are not completed; the sample is left out (NaN) where it cannot be had */
  constructor(registry: Registry, openCount: () => Promise<number>) {
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
      Object.values(cxKinds).map((kind) => {
        const command = commandOf(kind);
        return [
          kind,
          {
            sent: sent.cell(command),
            postponed: postponed.cell(command),
            outcomes: new Map(pushOutcomes.map((outcome) => [outcome, outcomes.cell(command, outcome)])),
          },
        ];
      }),
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
