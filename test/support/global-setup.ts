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

  async function start(): Promise<EmbeddedDatabase> {
    // What is tested here is what the store does, not what the disk does: no waiting for it.
    const started = await startEmbedded({
      folder: path.join(folder, 'database'),
      settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200' },
    });
    await migrate(started.url, silentLogger);
    return started;
  }

  async function fresh(): Promise<string> {
    server ??= start();
    const { url } = await server;
    const name = `test_${(count += 1)}`;
    const client = new Client({ connectionString: withDatabase(url, 'postgres') });
    await client.connect();
    await client.query(`create database ${name} template ${templateName}`);
    await client.end();
    return withDatabase(url, name);
  }

  const socketPath = path.join(folder, 'offer');
  const listener = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    // One after the other: a template in use cannot be copied.
    turn = turn.then(fresh).then(
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
