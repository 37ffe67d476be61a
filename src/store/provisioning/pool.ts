/**
 * Connections for provisioning and queries of operators: transactions, bounded tries again after a failure
 * that left nothing behind, errors of the database as StoreUnavailableError.
 */
import net from 'node:net';
import { Client, DatabaseError, Pool, type ClientConfig, type PoolClient } from 'pg';
import { Rollback, type Database, type Sql } from '../../state/database';
import { StoreUnavailableError } from '../../state/ports';
import type { Logger } from '../../shared/logger';
import { errorText } from '../../shared/error-text';
import { isServerTrouble } from '../connection';
import { requireFitting, sessionCheck } from '../schema';
import { isReadOnlyError, requireWritable, type DatabaseServer, type Servers } from '../servers';
import { textTypes } from '../sql-types';
import { sleep } from '../timing';

export interface PoolOptions {
  /** Shared with the hot path, whose connections find the primary. */
  readonly servers: Servers;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** Longest time of one statement in milliseconds. */
  readonly statementTimeoutMs: number;
  readonly logger: Logger;
  /** Whether the hot path reaches the database: while it does not, nobody has to wait here to find out. */
  readonly isUp: () => boolean;
  /** There is something new for the outbox worker, committed. */
  readonly outboxWritten?: () => void;
}

/**
 * Plans that do not depend on statistics, which a table that is being filled does not have: nested loops over
 * keys. One that is kept from the time when the table held a few rows would walk all of it, so plans are made
 * anew after a while; to make them for each execution costs an import more than half of its rate, because a
 * plan then holds the whole batch as constants.
 */
const sessionSettings = [
  'set synchronous_commit = on',
  'set plan_cache_mode = force_generic_plan',
  'set jit = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set enable_seqscan = off',
  'set enable_bitmapscan = off',
  sessionCheck,
].join('; ');

/** Serialisation failure, deadlock, and a unique key that somebody else took in the meantime. */
const retriedCodes = new Set(['40001', '40P01', '23505']);
const planMaxAgeMs = 500;
const maxTries = 6;
const minConnectTries = 2;
/** What the pool says where all of its connections are in use for too long: no fault of the server. */
const noneFree = 'timeout exceeded when trying to connect';
const serverOf = new WeakMap<object, DatabaseServer>();
const retryDelayMs = 10;

export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '23505';

export class ProvisioningPool implements Database {
  private readonly pool: Pool;
  private readonly sockets = new Set<net.Socket>();
  private readonly plannedAtMs = new WeakMap<PoolClient, number>();

  constructor(private readonly options: PoolOptions) {
    const { servers } = options;
    this.pool = new Pool({
      // As long as a statement of those who have the connections may take: a busy database is not one that is
      // away.
      max: options.maxConnections,
      connectionTimeoutMillis: options.connectTimeoutMs + options.statementTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      query_timeout: options.statementTimeoutMs + options.connectTimeoutMs,
      application_name: 'hss-provisioning',
      keepAlive: true,
      idleTimeoutMillis: 60_000,
      stream: () => this.socket(),
      Client: class extends Client {
        constructor(settings?: ClientConfig) {
          super({
            ...settings,
            connectionString: servers.current.url,
            connectionTimeoutMillis: options.connectTimeoutMs,
          });
          serverOf.set(this, servers.current);
        }
      },
      verify: (client, done) => {
        client
          .query(sessionSettings)
          .then((results: unknown) => {
            requireWritable(results);
            requireFitting(results);
          })
          .then(() => done(), done);
      },
    });
    this.pool.on('error', (error) =>
      options.logger.warn({ problem: error.message }, 'idle database connection lost'),
    );
    // Between two statements of a transaction nobody else listens; the next statement fails as well.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Runs statements on one connection, each a transaction of its own. @throws StoreUnavailableError,
   * DatabaseError
   */
  async use<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    if (!this.options.isUp()) throw new StoreUnavailableError('database: not connected');
    const client = await this.connect();
    try {
      if (performance.now() - (this.plannedAtMs.get(client) ?? 0) > planMaxAgeMs) {
        this.plannedAtMs.set(client, performance.now());
        await client.query('discard plans');
      }
      let wroteOutbox = false;
      const sql = Object.assign(statements(client), {
        wroteOutbox: () => {
          wroteOutbox = true;
        },
      });
      const result = await work(sql);
      client.release();
      if (wroteOutbox) this.options.outboxWritten?.();
      return result;
    } catch (error) {
      // Whatever state the connection is in, nobody gets it again.
      client.release(true);
      const server = serverOf.get(client);
      if (isReadOnlyError(error) && server !== undefined) this.options.servers.readOnly(server);
      throw error instanceof DatabaseError && !isServerTrouble(error) ? error : unavailable(error);
    }
  }

  /**
   * Runs statements in one transaction, again where it failed without effect. @throws StoreUnavailableError,
   * DatabaseError
   */
  async transaction<T>(work: (sql: Sql) => Promise<T>, tries = maxTries): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.use(async (sql) => {
          await sql('begin', []);
          try {
            const result = await work(sql);
            await sql('commit', []);
            return result;
          } catch (error) {
            if (error instanceof Rollback) {
              await sql('rollback', []);
              return error.result as T;
            }
            throw error;
          }
        });
      } catch (error) {
        if (attempt >= tries || !(error instanceof DatabaseError) || !retriedCodes.has(error.code ?? ''))
          throw error;
        await sleep(retryDelayMs * attempt);
      }
    }
  }

  /** Ends every connection; one that the server does not end within the connect timeout is cut. */
  async close(): Promise<void> {
    // Does not wait for the connections that it ends.
    await this.pool.end();
    const timer = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, this.options.connectTimeoutMs);
    await Promise.all(
      [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    clearTimeout(timer);
  }

  /**
   * One that is up, or a new one to the primary. Each server is tried, and one a second time: a process that
   * is busy reading an import sees its own timers first.
   */
  private async connect(): Promise<PoolClient> {
    const { servers } = this.options;
    for (let left = Math.max(minConnectTries, servers.list.length); ; left -= 1) {
      const server = servers.current;
      try {
        return await this.pool.connect();
      } catch (error) {
        if (left <= 1 || errorText(error) === noneFree) throw unavailable(error);
        servers.failed(server);
      }
    }
  }

  private socket(): net.Socket {
    const socket = new net.Socket();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  }
}

function statements(client: PoolClient) {
  return async <Row extends unknown[]>(text: string, values: unknown[], name?: string) => {
    const result = await client.query<Row>({
      text,
      values,
      rowMode: 'array',
      types: textTypes,
      ...(name === undefined ? {} : { name }),
    });
    return result.rows;
  };
}

function unavailable(error: unknown): Error {
  if (error instanceof StoreUnavailableError) return error;
  // Faults of ours are no outage.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return error;
  return new StoreUnavailableError(`database: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
