/** Checks of equipment as metrics, by outcome. */
import type { Registry } from 'prom-client';
import type { DispatchEvents } from '../../events/hss-events';
import { CellCounter, type CounterCell } from '../../metrics/cells';
import { noOutgoing, type MetricsPart } from '../../metrics/contract';
import { checkOutcomes } from './me-identity-check';

type Heard = Pick<DispatchEvents, 'decisionNotable'>;

export class EquipmentMetrics implements Heard, MetricsPart {
  readonly outgoing = noOutgoing;
  readonly listener: Heard = this;
  private checks: ReadonlyMap<string, CounterCell> = new Map();

  register(registry: Registry): void {
    const checks = new CellCounter(
      registry,
      'hss_equipment_checks_total',
      'Checks of mobile equipment, by outcome (TS 29.272 6.2.1.3)',
      ['outcome'],
    );
    this.checks = new Map(
      Object.entries(checkOutcomes).map(([outcome, notable]) => [notable, checks.cell(outcome)]),
    );
  }

  decisionNotable(what: string): void {
    const cell = this.checks.get(what);
    if (cell !== undefined) cell.value += 1;
  }
}
