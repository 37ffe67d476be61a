/** What became of the requests of one kind: what was served, what was refused, and how long each took. */
import { isSuccess, resultText } from '../load/answers';
import { Histogram, type LatencySummary } from '../load/histogram';

const DIAMETER_TOO_BUSY = 3004;

export interface KindResult {
  /** What the peer wanted to send. */
  readonly due: number;
  readonly sent: number;
  /** Not sent because the HSS had asked for less by OC-OLR. */
  readonly heldBack: number;
  /** Not sent because the connection was full. */
  readonly stuck: number;
  /** 2xxx. */
  readonly served: number;
  /** DIAMETER_TOO_BUSY. */
  readonly refused: number;
  /** Any other result, by its code. */
  readonly others: Readonly<Record<string, number>>;
  readonly unanswered: number;
  /** From when each was due. */
  readonly servedLatency: LatencySummary;
  readonly refusedLatency: LatencySummary;
}

export class KindTally {
  due = 0;
  sent = 0;
  heldBack = 0;
  stuck = 0;
  unanswered = 0;
  private readonly served = new Histogram();
  private readonly refused = new Histogram();
  private readonly others = new Map<number, number>();

  get servedCount(): number {
    return this.served.count;
  }

  /** `result` as `resultOf` gives it. */
  answered(result: number, latencyMs: number): void {
    if (result === DIAMETER_TOO_BUSY) this.refused.record(latencyMs * 1_000);
    else if (isSuccess(result)) this.served.record(latencyMs * 1_000);
    else this.others.set(result, (this.others.get(result) ?? 0) + 1);
  }

  result(): KindResult {
    const { due, sent, heldBack, stuck, unanswered } = this;
    return {
      due,
      sent,
      heldBack,
      stuck,
      unanswered,
      served: this.served.count,
      refused: this.refused.count,
      others: Object.fromEntries([...this.others].map(([result, count]) => [resultText(result), count])),
      servedLatency: this.served.summary(),
      refusedLatency: this.refused.summary(),
    };
  }
}
