/**
 * The embedded PostgreSQL: a real server from the binaries inside the npm package, on a folder named in the
 * configuration, reachable through a Unix socket in a private folder only. Made on the first start, started
 * as a child process, started again if it dies, stopped in order; what a killed HSS or a killed server left
 * behind is cleared at the next start.
 */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { silentLogger, type Logger } from '../shared/logger';
import { giveCluster, serverAccount } from './embedded/account';
import { findBinaries } from './embedded/binaries';
import { stopServer, takeCluster, takeFolder } from './embedded/ownership';
import {
  hand,
  initialise,
  passwordFile,
  startServer,
  userName,
  watchOver,
  type Place,
} from './embedded/server';
import { logTail, watchLog } from './embedded/server-log';
import { sleep } from './timing';

export interface EmbeddedOptions {
  /** The store's own folder; made if missing. Everything is inside. */
  readonly folder: string;
  readonly logger?: Logger;
  /** PostgreSQL settings beyond the defaults below. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a start may take, crash recovery included, in milliseconds. */
  readonly readyTimeoutMs?: number;
  /** How long a PostgreSQL that cannot be seen from here may take to end; as long as a shutdown by default. */
  readonly foreignServerWaitMs?: number;
}

export interface EmbeddedDatabase {
  /** For `pg`: postgresql://hss:...@/hss?host=<socket folder>. Holds the password: mask it. */
  readonly url: string;
  /** Process id of the server; changes when it had to be started again. */
  pid(): number | undefined;
  /** Stops the server in order (fast shutdown). */
  stop(): Promise<void>;
}

const databaseName = 'hss';
const port = 5432;
/** sockaddr_un's sun_path holds 108 octets on Linux, 104 on macOS, with the terminating zero. */
const socketPathOctets = 103;
const defaultReadyTimeoutMs = 60_000;
const readyPollMs = 15;
const restartDelayMs = { first: 100, last: 3_000 };

const bytesPerMib = 1024 * 1024;
const sharedBuffersMib = { least: 128, most: 4_096 };
/**
 * Of the machine's memory: what a million subscribers need to be served without asking the operating system
 * for pages. Taken only as it is used.
 */
const sharedBuffersShare = 1 / 8;

/** @param memoryOctets of the machine, or of the container that we are in */
export function sharedBuffers(memoryOctets: number): string {
  const mib = Math.floor((memoryOctets * sharedBuffersShare) / bytesPerMib);
  return `${Math.min(sharedBuffersMib.most, Math.max(sharedBuffersMib.least, mib))}MB`;
}

/** What a container allows is 0 or very much where nothing does. */
const memoryOctets = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: String(port),
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: sharedBuffers(memoryOctets()),
  max_connections: '50',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  checkpoint_timeout: '10min',
  jit: 'off',
  log_min_messages: 'warning',
  // Neither the text of a statement nor the row that it was about: they hold sealed secrets.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  logging_collector: 'off',
  log_checkpoints: 'off',
  password_encryption: 'scram-sha-256',
};

/** A folder for the socket whose path is short enough: inside the data folder, else a private one in /tmp. */
function socketFolder(folder: string): string {
  const inside = path.join(folder, 'run');
  const fits = Buffer.byteLength(path.join(inside, `.s.PGSQL.${port}`)) <= socketPathOctets;
  if (fits) return inside;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return path.join('/tmp', `hss-${process.getuid?.() ?? 0}-${name}`);
}

async function makeSocketFolder(place: Place): Promise<void> {
  // Whoever may have made it before us, a folder in /tmp is only used if nobody else can have put anything
  // there.
  await fs.rm(place.socketFolder, { recursive: true, force: true });
  await fs.mkdir(place.socketFolder, { mode: 0o700 });
  await hand(place, place.socketFolder);
}

/** One try to connect; the error's message while it is not ready. */
async function tryConnect(host: string, password: string, database: string): Promise<Client> {
  const client = new Client({
    host,
    port,
    user: userName,
    password,
    database,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function waitUntilReady(
  place: Place,
  child: ChildProcess,
  password: string,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`PostgreSQL did not start: ${await logTail(place.folder)}`);
    try {
      await (await tryConnect(place.socketFolder, password, 'postgres')).end();
      return;
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL is not ready after ${timeoutMs} ms: ${await logTail(place.folder)}`, {
          cause: error,
        });
    }
    await sleep(readyPollMs);
  }
}

async function ensureDatabase(place: Place, password: string): Promise<void> {
  const client = await tryConnect(place.socketFolder, password, 'postgres');
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** Makes the cluster where there is none, and sees to it that it is the account's. */
async function prepareCluster(
  place: Place,
  cluster: string,
  logger: Logger,
  foreignServerWaitMs?: number,
): Promise<void> {
  const { account, folder } = place;
  const there = await fs.stat(cluster).catch(() => null);
  const isOurs = there !== null && (account === null || there.uid === account.uid);
  if (isOurs) return;
  // Also against an initdb that a killed HSS left behind.
  const lock = await takeCluster(folder, cluster, logger, foreignServerWaitMs);
  try {
    if (there === null) await initialise(place, cluster, lock);
    else if (account !== null) await giveCluster(cluster, account, logger);
  } finally {
    lock.release();
  }
}

/** Keeps the server running until it is told to stop. */
class Supervisor {
  private child: ChildProcess | undefined;
  private endWatch: () => void = () => undefined;
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly cluster: string,
    private readonly password: string,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly readyTimeoutMs: number,
    private readonly logger: Logger,
    private readonly foreignServerWaitMs?: number,
  ) {}

  pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws Error where the server does not become ready */
  async start(): Promise<void> {
    const lock = await takeCluster(this.place.folder, this.cluster, this.logger, this.foreignServerWaitMs);
    let child: ChildProcess;
    try {
      child = await startServer(this.place, this.cluster, this.settings, lock);
    } finally {
      // The server has it now.
      lock.release();
    }
    if (child.pid !== undefined) this.endWatch = watchOver(this.place, child.pid);
    this.child = child;
    try {
      await waitUntilReady(this.place, child, this.password, this.readyTimeoutMs);
    } catch (error) {
      this.endWatch();
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        await stopServer(child.pid);
      throw error;
    }
    const died = (code: number | null, signal: NodeJS.Signals | null) => {
      this.endWatch();
      if (this.stopping) return;
      this.logger.error({ code, signal }, 'the embedded PostgreSQL died; starting it again');
      this.restarting = this.restart();
    };
    if (child.exitCode !== null || child.signalCode !== null) died(child.exitCode, child.signalCode);
    else child.once('exit', died);
    child.unref();
  }

  private async restart(): Promise<void> {
    for (
      let delayMs = restartDelayMs.first;
      !this.stopping;
      delayMs = Math.min(2 * delayMs, restartDelayMs.last)
    ) {
      await sleep(delayMs);
      if (this.stopping) return;
      try {
        await this.start();
        this.logger.info({ pid: this.pid() }, 'the embedded PostgreSQL runs again');
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'the embedded PostgreSQL could not be started; trying again');
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.restarting;
    const child = this.child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const end = new Promise((resolve) => child.once('exit', resolve));
      await stopServer(child.pid);
      await end;
    }
    this.endWatch();
  }
}

/**
 * Starts the embedded server, making its cluster first where there is none. @throws Error that says what to
 * do
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const logger = options.logger ?? silentLogger;
  await fs.mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await fs.realpath(options.folder);
  const cluster = path.join(folder, 'cluster');
  const account = await serverAccount(cluster, logger);
  // The server's account has to find its own folders in ours, and nothing else.
  await fs.chmod(folder, account === null ? 0o700 : 0o711);
  const giveBack = await takeFolder(folder);
  try {
    const binaries = await findBinaries(folder, account, logger);
    const place: Place = { folder, socketFolder: socketFolder(folder), account, binaries };
    await makeSocketFolder(place);
    await prepareCluster(place, cluster, logger, options.foreignServerWaitMs);
    const password = (await fs.readFile(path.join(cluster, passwordFile), 'utf8')).trim();
    const supervisor = new Supervisor(
      place,
      cluster,
      password,
      { ...defaultSettings, ...options.settings },
      options.readyTimeoutMs ?? defaultReadyTimeoutMs,
      logger,
      options.foreignServerWaitMs,
    );
    await supervisor.start();
    const endLogWatch = watchLog(folder, (error) =>
      logger.warn({ err: error }, 'server.log of the embedded PostgreSQL cannot be kept short'),
    );
    try {
      await ensureDatabase(place, password);
    } catch (error) {
      endLogWatch();
      await supervisor.stop();
      throw error;
    }
    return {
      url: `postgresql://${userName}:${encodeURIComponent(password)}@/${databaseName}?host=${encodeURIComponent(place.socketFolder)}&port=${port}`,
      pid: () => supervisor.pid(),
      stop: async () => {
        endLogWatch();
        await supervisor.stop();
        await fs.rm(place.socketFolder, { recursive: true, force: true });
        await giveBack();
      },
    };
  } catch (error) {
    await giveBack();
    throw error;
  }
}
