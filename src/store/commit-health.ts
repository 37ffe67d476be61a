/**
 * Whether commits work, for readiness: what the last commits of requests came to, and where none was made
 * lately a probe. The probe empties a small table and fills it again, which needs new files, space for them
 * and for the log, so a full disk fails it as it fails a registration. Asked for by whoever asks for
 * readiness: at most one probe in probeMaxAgeMs while all is well, and one in retryMs while it is not.
 */
import { DatabaseError } from 'pg';
import { StoreUnavailableError } from '../state/ports';
import { errorText } from '../shared/error-text';
import { isServerTrouble } from './connection';
import type { ProvisioningPool } from './provisioning/pool';

/** What is believed for this long, whether it comes from requests or from a probe. */
const probeMaxAgeMs = 5_000;
const retryMs = 1_000;
const pagesCount = 4;
/** Nearly a page of PostgreSQL's. */
const paddingOctets = 7_000;

const probe = `insert into shared_commit_probe (page, padding) select n, repeat('x', ${paddingOctets}) from generate_series(1, ${pagesCount}) n`;
const lockTimeout = `set local lock_timeout = ${retryMs}`;
const LOCK_NOT_AVAILABLE = '55P03';
const INSUFFICIENT_PRIVILEGE = '42501';

/** SQLSTATE of what the server said. */
function codeOf(error: unknown): string | undefined {
  const said = error instanceof StoreUnavailableError ? error.cause : error;
  return said instanceof DatabaseError ? said.code : undefined;
}

export class CommitHealth {
  private worksUntilMs = -Infinity;
  private failedUntilMs = -Infinity;
  private problem: string | null = null;
  private emptying: 'truncate' | 'delete from' = 'truncate';
  private probing: Promise<void> | null = null;

  constructor(
    private readonly pool: ProvisioningPool,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** A commit of requests succeeded. It does not outweigh a failure: on a full disk some still do. */
  succeeded(): void {
    if (this.problem === null) this.worksUntilMs = this.nowMs() + probeMaxAgeMs;
  }

  /** A commit of requests failed; conflicts and refused statements are none. */
  failed(error: unknown): void {
    if (!(
      error instanceof StoreUnavailableError ||
      (error instanceof DatabaseError && isServerTrouble(error))
    ))
      return;
    // Not yet the reason to be not ready, but to find out.
    this.worksUntilMs = -Infinity;
  }

  /** True, or why commits do not work. */
  async check(): Promise<true | string> {
    if (this.nowMs() >= this.worksUntilMs && this.nowMs() >= this.failedUntilMs) {
      this.probing ??= this.probe().finally(() => {
        this.probing = null;
      });
      await this.probing;
    }
    return this.problem ?? true;
  }

  private async probe(): Promise<void> {
    try {
      await this.pool.transaction(async (sql) => {
        await sql(lockTimeout, []);
        await sql(`${this.emptying} shared_commit_probe`, []);
        await sql(probe, []);
      }, 1);
      this.problem = null;
      this.worksUntilMs = this.nowMs() + probeMaxAgeMs;
    } catch (error) {
      // Another instance is at it, and finds out for itself; so do we the next time.
      if (codeOf(error) === LOCK_NOT_AVAILABLE) return;
      // A role that does not own the tables may be allowed to delete alone.
      if (codeOf(error) === INSUFFICIENT_PRIVILEGE && this.emptying === 'truncate') {
        this.emptying = 'delete from';
        return this.probe();
      }
      this.problem = `commits fail: ${errorText(error)}`;
      this.failedUntilMs = this.nowMs() + retryMs;
    }
  }
}
