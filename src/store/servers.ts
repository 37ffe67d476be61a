/**
 * The PostgreSQL servers that store.url names and which of them is the primary: tried in turn, beginning with
 * the one that served last; one that is in recovery or read-only is refused. Shared by every connection of a
 * store, so that all of them follow the first that found the new primary. Who is primary is not decided here:
 * two servers that both take writes at once are prevented by whoever promotes (docs/scaling.md, "Failover").
 */
import { Client, DatabaseError, type ClientConfig } from 'pg';
import { parseDatabaseUrl, type DatabaseServer } from '../shared/database-url';
import { errorText } from '../shared/error-text';

export type { DatabaseServer } from '../shared/database-url';

/** read_only_sql_transaction: what a server says that was made read-only, or is in recovery. */
const READ_ONLY = '25006';

/** Goes with the session settings; true also in recovery. */
export const writableCheck = "select current_setting('transaction_read_only') as read_only";

/** Thrown for a server that answers and is not the primary. */
export class ReadOnlyServerError extends Error {
  constructor() {
    super('the server is a standby or read-only');
  }
}

export const isReadOnlyError = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === READ_ONLY;

/** @throws ReadOnlyServerError. `results`: of one simple query that ends in writableCheck, or in sessionCheck */
export function requireWritable(results: unknown): void {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  const [row] = (last as { readonly rows?: readonly { readonly read_only?: string }[] }).rows ?? [];
  if (row?.read_only !== 'off') throw new ReadOnlyServerError();
}

export class Servers {
  readonly list: readonly DatabaseServer[];
  private at = 0;
  private readonly readOnlyListeners = new Set<(server: DatabaseServer) => void>();

  /** @throws DatabaseUrlError */
  constructor(url: string) {
    this.list = parseDatabaseUrl(url);
  }

  /** The one that served last, or the next to be tried. */
  get current(): DatabaseServer {
    return this.list[this.at] as DatabaseServer;
  }

  /** Moves on from a server that cannot be used, unless somebody has done so already. */
  failed(server: DatabaseServer): void {
    if (server === this.current) this.at = (this.at + 1) % this.list.length;
  }

  serves(server: DatabaseServer): void {
    this.at = Math.max(0, this.list.indexOf(server));
  }

  /** A statement found out that a server takes no writes any more: every connection to it has to go. */
  readOnly(server: DatabaseServer): void {
    this.failed(server);
    for (const listener of this.readOnlyListeners) listener(server);
  }

  onReadOnly(listener: (server: DatabaseServer) => void): void {
    this.readOnlyListeners.add(listener);
  }

  /** The result of the first server that `open` succeeds with. @throws Error with what each of them said */
  async first<T>(open: (server: DatabaseServer) => Promise<T>): Promise<T> {
    const problems: unknown[] = [];
    const from = this.at;
    for (let i = 0; i < this.list.length; i += 1) {
      const server = this.list[(from + i) % this.list.length] as DatabaseServer;
      try {
        const opened = await open(server);
        this.serves(server);
        return opened;
      } catch (error) {
        problems.push(error);
      }
    }
    if (this.list.length === 1) throw problems[0];
    const said = problems.map(
      (problem, i) => `${this.list[(from + i) % this.list.length]?.name}: ${errorText(problem)}`,
    );
    throw new Error(`no primary among the servers: ${said.join('; ')}`, { cause: problems[0] });
  }
}

/**
 * A connection of its own to the primary, for work that is done once: migrations, looks at the start. End it.
 * @throws Error where there is none
 */
export function connectToPrimary(url: string, settings: ClientConfig): Promise<Client> {
  return new Servers(url).first(async (server) => {
    const client = new Client({ ...settings, connectionString: server.url });
    // An error outside of a query also fails the query that follows.
    client.on('error', () => undefined);
    try {
      await client.connect();
      requireWritable(await client.query(writableCheck));
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  });
}
