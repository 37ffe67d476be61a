/**
 * A PostgreSQL that nobody starts again but the test: killed, held still and let go as a whole, backends
 * included.
 */
import type { ChildProcess } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { Client } from 'pg';
import { silentLogger } from '../../../src/shared/logger';
import { startEmbedded } from '../../../src/store/embedded';
import { serverAccount } from '../../../src/store/embedded/account';
import { findBinaries } from '../../../src/store/embedded/binaries';
import { startServer, type Place } from '../../../src/store/embedded/server';
import { eventually, temporaryFolder } from './hss-process';
import { alive, hold, signal } from '../../support/processes';

export class OwnPostgres {
  private child: ChildProcess | null = null;
  private held: number[] = [];

  private constructor(
    readonly url: string,
    private readonly place: Place,
    private readonly cluster: string,
  ) {}

  /** Makes a cluster with an empty database and starts a server on it. */
  static async create(): Promise<OwnPostgres> {
    const folder = join(temporaryFolder(), 'database');
    const embedded = await startEmbedded({ folder });
    await embedded.stop();
    const cluster = join(await fs.realpath(folder), 'cluster');
    const account = await serverAccount(cluster);
    const socketFolder = new URLSearchParams(embedded.url.split('?')[1]).get('host') ?? '';
    const place: Place = {
      folder: await fs.realpath(folder),
      socketFolder,
      account,
      binaries: await findBinaries(folder, account, silentLogger),
    };
    const postgres = new OwnPostgres(embedded.url, place, cluster);
    await postgres.start();
    return postgres;
  }

  /** Starts the server; resolves when it takes connections. */
  async start(): Promise<void> {
    await fs.mkdir(this.place.socketFolder, { recursive: true, mode: 0o700 });
    if (this.place.account !== null)
      await fs.chown(this.place.socketFolder, this.place.account.uid, this.place.account.gid);
    const settings = { listen_addresses: '', port: '5432', fsync: 'off', max_connections: '50' };
    this.child = await startServer(this.place, this.cluster, settings, null);
    await eventually(() => this.answers(), 'PostgreSQL is ready', 30_000);
  }

  /** In the URL, in clear. */
  get password(): string {
    return /^postgresql:\/\/[^:]+:([^@]+)@/.exec(this.url)?.[1] ?? '';
  }

  /** SIGKILL for all of it. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const processes = await hold(child.pid);
    const end = once(child, 'exit');
    for (const pid of processes) signal(pid, 'SIGKILL');
    this.held = [];
    await end;
    this.child = null;
    await eventually(() => processes.every((pid) => !alive(pid)), 'the backends are gone');
  }

  /** SIGSTOP: whoever asks gets no answer and no error. */
  async hold(): Promise<void> {
    if (this.child?.pid !== undefined) this.held = await hold(this.child.pid);
  }

  letGo(): void {
    for (const pid of this.held.splice(0)) signal(pid, 'SIGCONT');
  }

  private async answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => undefined);
    return client
      .connect()
      .then(() => client.end())
      .then(
        () => true,
        () => false,
      );
  }
}
