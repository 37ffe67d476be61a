/**
 * One connection of the hot path that heals itself: while the database is away queries fail at once and the
 * connection is tried again in the background; a statement that takes longer than allowed loses its
 * connection, so that a hanging server costs one time limit and not one per request.
 */
import net from 'node:net';
import { Client, DatabaseError, type QueryArrayConfig } from 'pg';
import { StoreUnavailableError } from '../state/ports';
import { errorText } from '../shared/error-text';
import type { Logger } from '../shared/logger';
import { requireFitting, sessionCheck } from './schema';
import { isReadOnlyError, requireWritable, type DatabaseServer, type Servers } from './servers';
import { textTypes } from './sql-types';
import { sleep } from './timing';
import { BatchQuery, type BatchStatement, type TextRow } from './wire/batch-query';

export interface ConnectionOptions {
  /** Shared by all connections of a store. */
  readonly servers: Servers;
  readonly name: string;
  /** Longest time of one statement in milliseconds. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
  /** Called after each change of isReady. */
  readonly changed: () => void;
}

const retryMs = { first: 50, last: 1_000 };
/**
 * Statements are planned anew this often: a plan made while the tables held a few rows walks them, and they
 * may have grown since.
 */
const planMaxAgeMs = 5_000;
/** The server gives up a little before we do, so that it does not go on with what nobody waits for. */
const serverTimeoutShare = 0.9;

/**
 * Plans that do not depend on statistics: each statement of the hot path is a nested loop over primary keys,
 * probed row by row.
 */
const sessionSettings = (timeoutMs: number) =>
  [
    `set statement_timeout = ${Math.max(1, Math.floor(timeoutMs * serverTimeoutShare))}`,
    'set synchronous_commit = on',
    'set plan_cache_mode = force_generic_plan',
    'set jit = off',
    'set enable_hashjoin = off',
    'set enable_mergejoin = off',
    'set enable_seqscan = off',
    'set enable_bitmapscan = off',
    'set enable_material = off',
    'set enable_memoize = off',
    sessionCheck,
  ].join('; ');

/**
 * Whether an error of the server says that it is going away or out of resources, rather than that the
 * statement was wrong.
 */
export function isServerTrouble(error: DatabaseError): boolean {
  const code = error.code ?? '';
  // 08 connection, 53 resources, 55P03 lock timeout, 57 intervention (57014 statement timeout), 58 system
  // error.
  return /^(08|53|57|58|XX)/.test(code) || code === '55P03' || code === '25006';
}

export class Connection {
  private client: Client | null = null;
  private server: DatabaseServer | null = null;
  private socket: net.Socket | null = null;
  private closing = false;
  private running: Promise<void> = Promise.resolve();
  private lastProblem = 'not connected yet';
  private plannedAtMs = 0;
  busy = false;

  constructor(private readonly options: ConnectionOptions) {
    options.servers.onReadOnly((server) => {
      if (this.client !== null && server === this.server)
        this.lose(this.client, `${server.name} is read-only`);
    });
  }

  get isReady(): boolean {
    return this.client !== null;
  }

  /** Why there is no connection, for the error of who asked. */
  get problem(): string {
    return this.lastProblem;
  }

  /**
   * Connects, and from now on keeps the connection up. Resolves after the first try, whatever its outcome.
   */
  async open(): Promise<void> {
    if (await this.tryConnect()) return;
    this.running = this.reconnect();
  }

  /**
   * Runs a statement and returns its rows as arrays. @throws StoreUnavailableError where the connection is
   * lost or too slow, DatabaseError where the server refuses the statement
   */
  query<Row extends unknown[]>(
    statement: Omit<QueryArrayConfig<unknown[]>, 'rowMode' | 'types'>,
  ): Promise<Row[]> {
    return this.within(async (client) => {
      const result = await client.query<Row>({ ...statement, rowMode: 'array', types: textTypes });
      return result.rows;
    });
  }

  /** Runs a statement of the hot path; its rows as texts. @throws as `query` */
  run(statement: BatchStatement): Promise<readonly TextRow[]> {
    return this.within(
      (client) =>
        new Promise((resolve, reject) => {
          client.query(new BatchQuery(statement, resolve, reject));
        }),
    );
  }

  private async within<Result>(use: (client: Client) => Promise<Result>): Promise<Result> {
    const client = this.client;
    if (client === null) throw new StoreUnavailableError(`database: ${this.lastProblem}`);
    const timer = setTimeout(
      () => this.lose(client, `no answer within ${this.options.statementTimeoutMs} ms`),
      this.options.statementTimeoutMs,
    );
    try {
      if (performance.now() - this.plannedAtMs > planMaxAgeMs) {
        this.plannedAtMs = performance.now();
        await client.query('discard plans');
      }
      return await use(client);
    } catch (error) {
      // Not this statement alone: whatever is asked there now may be behind what another server has
      // committed.
      if (isReadOnlyError(error) && this.client === client && this.server !== null)
        this.options.servers.readOnly(this.server);
      if (error instanceof DatabaseError && !isServerTrouble(error)) throw error;
      throw new StoreUnavailableError(`database: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection; what is in flight fails. */
  async close(): Promise<void> {
    this.closing = true;
    this.lastProblem = 'closed';
    const client = this.client;
    this.client = null;
    if (client !== null) {
      const socket = this.socket;
      const timer = setTimeout(() => socket?.destroy(), this.options.connectTimeoutMs);
      await client.end().catch(() => undefined);
      clearTimeout(timer);
    } else {
      this.socket?.destroy();
    }
    await this.running;
  }

  private lose(client: Client, why: string): void {
    if (this.client !== client) return;
    this.client = null;
    this.lastProblem = why;
    this.socket?.destroy();
    if (this.closing) return;
    this.options.logger.warn(
      { connection: this.options.name, server: this.server?.name, problem: why },
      'database connection lost',
    );
    this.options.changed();
    this.running = this.reconnect();
  }

  private async reconnect(): Promise<void> {
    for (let delayMs = retryMs.first; !this.closing; delayMs = Math.min(2 * delayMs, retryMs.last)) {
      await sleep(delayMs, true);
      if (this.closing || (await this.tryConnect())) return;
    }
  }

  private async tryConnect(): Promise<boolean> {
    try {
      await this.options.servers.first((server) => this.connectTo(server));
      return true;
    } catch (error) {
      this.lastProblem = errorText(error);
      return false;
    }
  }

  private async connectTo(server: DatabaseServer): Promise<void> {
    if (this.closing) throw new Error('closed');
    const socket = new net.Socket();
    this.socket = socket;
    const client = new Client({
      connectionString: server.url,
      connectionTimeoutMillis: this.options.connectTimeoutMs,
      keepAlive: true,
      application_name: this.options.name,
      stream: () => socket,
    });
    client.on('error', (error) => this.lose(client, error.message));
    client.on('end', () => this.lose(client, 'the server closed the connection'));
    const timer = setTimeout(() => socket.destroy(), this.options.connectTimeoutMs);
    try {
      await client.connect();
      const results: unknown = await client.query(sessionSettings(this.options.statementTimeoutMs));
      requireWritable(results);
      requireFitting(results);
      if (this.closing) throw new Error('closed');
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.client = client;
    this.server = server;
    this.plannedAtMs = performance.now();
    this.options.logger.debug({ connection: this.options.name, server: server.name }, 'database connected');
    this.options.changed();
  }
}
