/**
 * Jest's globalSetup: offers a PostgreSQL to the tests of this run without starting it before one asks
 * (test/support/database.ts). The server is embedded, in a temporary folder, migrated once; each request is
 * answered with a fresh copy of that database.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { silentLogger } from '../../src/shared/logger';
import { startEmbedded, type EmbeddedDatabase } from '../../src/store/embedded';
import { migrate } from '../../src/store/migrate';
import { databaseSocketVariable, withDatabase } from './database-url';

const templateName = 'hss';

/**
 * What is tested here is what the store does, not what the disk does: no waiting for it. The autovacuum would
 * look into some hundred databases by turns; who needs statistics asks for them.
 */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  max_connections: '200',
};

export interface DatabaseOffer {
  close(): Promise<void>;
}

declare global {
  // Jest gives globalSetup and globalTeardown nothing else in common.
  var hssDatabaseOffer: DatabaseOffer | undefined;
}

export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hss-test-'));
  let server: Promise<EmbeddedDatabase> | undefined;
  let count = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let ahead: Promise<string> | undefined;

  async function start(): Promise<EmbeddedDatabase> {
    const started = await startEmbedded({ folder: path.join(folder, 'database'), settings });
    await migrate(started.url, silentLogger);
    return started;
  }

  async function copy(): Promise<string> {
    server ??= start();
    const { url } = await server;
    const name = `test_${(count += 1)}`;
    const client = new Client({ connectionString: withDatabase(url, 'postgres') });
    await client.connect();
    // Copies files: the other strategy writes every page to the write-ahead log too.
    await client.query(`create database ${name} template ${templateName} strategy file_copy`);
    await client.end();
    return withDatabase(url, name);
  }

  /** One after the other: a template in use cannot be copied. */
  function nextCopy(): Promise<string> {
    const made = turn.then(copy);
    turn = made.catch(() => undefined);
    return made;
  }

  /** The one made ahead; the next is made while the test works. */
  function fresh(): Promise<string> {
    const given = ahead ?? nextCopy();
    ahead = nextCopy();
    return given;
  }

  const socketPath = path.join(folder, 'offer');
  const listener = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    fresh().then(
      (url) => socket.end(JSON.stringify({ url })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
    socket.resume();
  });
  await new Promise<void>((resolve) => listener.listen(socketPath, resolve));
  listener.unref();
  process.env[databaseSocketVariable] = socketPath;
  globalThis.hssDatabaseOffer = {
    close: async () => {
      await new Promise((resolve) => listener.close(resolve));
      await turn;
      if (server !== undefined) await (await server).stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
