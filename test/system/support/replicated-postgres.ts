/**
 * A primary and its standbys with streaming replication, of the embedded binaries alone (which have no
 * pg_basebackup): what an administrator or Patroni does to them, the test does. Over loopback TCP, each node
 * keeps its port.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { silentLogger } from '../../../src/shared/logger';
import { startEmbedded } from '../../../src/store/embedded';
import { serverAccount } from '../../../src/store/embedded/account';
import { findBinaries } from '../../../src/store/embedded/binaries';
import { passwordFile, startServer, type Place } from '../../../src/store/embedded/server';
import { eventually, temporaryFolder } from './hss-process';
import { alive, hold, signal } from '../../support/processes';

const startMs = 30_000;
const slot = 'standby';
/** What belongs to one server and not to its data. */
const notCopied = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
  'pg_replslot',
  'pg_stat_tmp',
  'pg_notify',
  'run',
  'standby.signal',
  'backup_label',
]);
const madeEmpty = ['pg_wal', 'pg_wal/archive_status', 'pg_replslot', 'pg_stat_tmp', 'pg_notify'];

export interface ReplicationSettings {
  /** A commit waits for the standby, as Patroni's synchronous_mode has it. */
  readonly synchronous: boolean;
  readonly fsync?: boolean;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One server with its data folder. */
export class PostgresNode {
  private child: ChildProcess | null = null;
  role: 'primary' | 'standby' = 'primary';

  private constructor(
    readonly name: string,
    readonly port: number,
    readonly password: string,
    private readonly place: Place,
    private readonly fsync: boolean,
  ) {}

  /** An empty database in a new cluster; does not start it. */
  static async create(name: string, fsync: boolean): Promise<PostgresNode> {
    const folder = join(temporaryFolder(), 'database');
    const embedded = await startEmbedded({ folder });
    await embedded.stop();
    const real = await fs.realpath(folder);
    const password = (await fs.readFile(join(real, 'cluster', passwordFile), 'utf8')).trim();
    return new PostgresNode(name, await freePort(), password, await placeIn(real), fsync);
  }

  /** A place for a copy of another node. */
  static async empty(name: string, of: PostgresNode): Promise<PostgresNode> {
    const folder = join(temporaryFolder(), 'database');
    await fs.mkdir(folder, { recursive: true, mode: 0o711 });
    return new PostgresNode(
      name,
      await freePort(),
      of.password,
      await placeIn(await fs.realpath(folder), of.cluster),
      of.fsync,
    );
  }

  get cluster(): string {
    return join(this.place.folder, 'cluster');
  }

  get url(): string {
    return `postgresql://hss:${this.password}@127.0.0.1:${this.port}/hss`;
  }

  /**
   * Starts the server, as the standby of `primary` where there is one; resolves when it takes connections.
   */
  async start(primary: PostgresNode | null, synchronous: boolean, streams = primary !== null): Promise<void> {
    this.role = primary === null ? 'primary' : 'standby';
    const signalFile = join(this.cluster, 'standby.signal');
    if (primary === null) await fs.rm(signalFile, { force: true });
    else await this.write('standby.signal', '');
    this.child = await startServer(
      this.place,
      this.cluster,
      {
        listen_addresses: '127.0.0.1',
        port: String(this.port),
        fsync: this.fsync ? 'on' : 'off',
        max_connections: '60',
        wal_level: 'replica',
        hot_standby: 'on',
        max_wal_senders: '5',
        max_replication_slots: '5',
        wal_keep_size: '64MB',
        wal_sender_timeout: '5s',
        wal_receiver_timeout: '5s',
        wal_retrieve_retry_interval: '200ms',
        jit: 'off',
        shared_buffers: '32MB',
        log_min_messages: 'fatal',
        ...(primary === null
          ? {}
          : {
              primary_conninfo: `host=127.0.0.1 port=${primary.port} user=hss password=${primary.password} application_name=${this.name} connect_timeout=2`,
              primary_slot_name: slot,
            }),
      },
      null,
    );
    await eventually(
      () =>
        this.sql('select 1').then(
          () => true,
          () => false,
        ),
      `${this.name} is ready`,
      startMs,
    );
    if (primary === null || !streams) return;
    await eventually(
      async () =>
        (
          await primary.sql<[string]>(
            `select state from pg_stat_replication where application_name = '${this.name}'`,
          )
        )[0]?.[0] === 'streaming',
      `${this.name} streams`,
      startMs,
    );
    if (synchronous) await primary.waitForStandby(this.name);
  }

  /** Starts a standby again while its primary is away. */
  async restartWithout(primary: PostgresNode): Promise<void> {
    await this.start(primary, false, false);
  }

  /** From now on a commit waits for the standby. */
  async waitForStandby(standby: string): Promise<void> {
    await this.setting('synchronous_standby_names', standby);
    await eventually(
      async () =>
        (
          await this.sql<[string]>(
            `select sync_state from pg_stat_replication where application_name = '${standby}'`,
          )
        )[0]?.[0] === 'sync',
      `${standby} is synchronous`,
    );
  }

  /** As an administrator does in a running server. */
  async setting(name: string, value: string): Promise<void> {
    await this.sql(`alter system set ${name} = '${value}'`);
    await this.sql('select pg_reload_conf()');
  }

  /**
   * A copy of a running primary in this node's folder: a base backup as the documentation describes it for
   * programs of one's own.
   */
  async copyFrom(primary: PostgresNode): Promise<void> {
    await fs.rm(this.cluster, { recursive: true, force: true });
    // Keeps the log from the beginning of the copy until the standby has read it.
    await primary.sql(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`,
    );
    await primary.sql(`select pg_create_physical_replication_slot('${slot}', true)`);
    const client = await primary.connect();
    try {
      await client.query("select pg_backup_start('copy', true)");
      await copyFolder(primary.cluster, this.cluster, this.place);
      const { rows } = await client.query<{ labelfile: string }>(
        'select labelfile from pg_backup_stop(false)',
      );
      await this.write('backup_label', rows[0]?.labelfile ?? '');
      await this.write('postgresql.auto.conf', '');
    } finally {
      await client.end();
    }
  }

  /** What Patroni does with a standby whose primary is gone. Resolves when it takes writes. */
  async promote(): Promise<void> {
    const [row] = await this.sql<[boolean]>('select pg_promote(true, 30)');
    if (row?.[0] !== true) throw new Error(`${this.name} was not promoted`);
    this.role = 'primary';
  }

  /** SIGKILL for all of it. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const processes = await hold(child.pid);
    const end = once(child, 'exit');
    for (const pid of processes) signal(pid, 'SIGKILL');
    await end;
    this.child = null;
    await eventually(() => processes.every((pid) => !alive(pid)), `${this.name} is gone`);
  }

  async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async sql<Row extends unknown[]>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>({ text, values, rowMode: 'array' })).rows;
    } finally {
      await client.end();
    }
  }

  private async write(name: string, text: string): Promise<void> {
    await fs.writeFile(join(this.cluster, name), text, { mode: 0o600 });
    await give(this.place, join(this.cluster, name));
  }
}

async function placeIn(folder: string, ownerOf = join(folder, 'cluster')): Promise<Place> {
  const account = await serverAccount(ownerOf);
  const socketFolder = join(folder, 'run');
  await fs.mkdir(socketFolder, { recursive: true, mode: 0o700 });
  const place = {
    folder,
    socketFolder,
    account,
    binaries: await findBinaries(folder, account, silentLogger),
  };
  await give(place, socketFolder);
  return place;
}

async function give({ account }: Place, file: string): Promise<void> {
  if (account !== null) await fs.chown(file, account.uid, account.gid);
}

/** Files may go while they are copied: what happens to them is in the log that follows. */
async function copyFolder(from: string, to: string, place: Place, top = true): Promise<void> {
  await fs.mkdir(to, { mode: 0o700 });
  await give(place, to);
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    if (top && notCopied.has(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target, place, false);
    else if (entry.isFile()) {
      try {
        await fs.copyFile(source, target);
        await give(place, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }
  if (!top) return;
  for (const name of madeEmpty) {
    await fs.mkdir(join(to, name), { recursive: true, mode: 0o700 });
    await give(place, join(to, name));
  }
}

/** A primary, and a standby that has streamed everything. */
export async function replicated({
  synchronous,
  fsync = false,
}: ReplicationSettings): Promise<[primary: PostgresNode, standby: PostgresNode]> {
  const primary = await PostgresNode.create('node1', fsync);
  await primary.start(null, synchronous);
  const standby = await PostgresNode.empty('node2', primary);
  await standby.copyFrom(primary);
  await standby.start(primary, synchronous);
  return [primary, standby];
}

/** For the HSS: both, in either order. */
export const urlOf = (nodes: readonly PostgresNode[]): string =>
  `postgresql://hss:${nodes[0]?.password}@${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}/hss?target_session_attrs=read-write`;
