/** Whether this HSS can serve: every check has to pass, in time; the report names those that do not. */
import { systemClock, type Clock } from '../shared/clock';
import { errorText } from '../shared/error-text';

export interface ReadinessCheck {
  /** E.g. database, migrations, diameter. */
  readonly name: string;
  /** True, or in words what is missing; may reject. */
  check(): Promise<true | string>;
  /** A check that stays passed once it has passed (migrations). */
  readonly once?: boolean;
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>;
}

export interface ReadinessOptions {
  readonly timeoutMs: number;
  /** A report this young is given again, so that asking often costs nothing. */
  readonly maxAgeMs: number;
  readonly clock?: Clock;
}

export const defaultReadinessOptions: ReadinessOptions = { timeoutMs: 2_000, maxAgeMs: 500 };

export class Readiness {
  private last: { readonly report: ReadinessReport; readonly atMs: number } | null = null;
  private pending: Promise<ReadinessReport> | null = null;
  private readonly passed = new Set<string>();
  private stoppingDetail: string | null = null;
  private readonly clock: Clock;

  constructor(
    private readonly checks: readonly ReadinessCheck[],
    private readonly options: ReadinessOptions = defaultReadinessOptions,
  ) {
    this.clock = options.clock ?? systemClock;
  }

  /** From now on not ready: load balancers are to look elsewhere while requests in flight are finished. */
  stopping(detail = 'the HSS is stopping'): void {
    this.stoppingDetail = detail;
  }

  async report(): Promise<ReadinessReport> {
    if (this.stoppingDetail !== null)
      return { ready: false, checks: { running: { ok: false, detail: this.stoppingDetail } } };
    if (this.last !== null && this.clock.monotonicMs() - this.last.atMs < this.options.maxAgeMs)
      return this.last.report;
    this.pending ??= this.ask().finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  private async ask(): Promise<ReadinessReport> {
    const results = await Promise.all(
      this.checks.map(async (check) => [check.name, await this.outcome(check)] as const),
    );
    const report = {
      ready: results.every(([, outcome]) => outcome === true),
      checks: Object.fromEntries(
        results.map(([name, outcome]) => [
          name,
          outcome === true ? { ok: true } : { ok: false, detail: outcome },
        ]),
      ),
    };
    this.last = { report, atMs: this.clock.monotonicMs() };
    return report;
  }

  private async outcome(check: ReadinessCheck): Promise<true | string> {
    if (this.passed.has(check.name)) return true;
    const { timeoutMs } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
    });
    try {
      const outcome = await Promise.race([check.check(), late]);
      if (outcome === true && check.once === true) this.passed.add(check.name);
      return outcome;
    } catch (error) {
      return errorText(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
