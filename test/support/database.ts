/**
 * A fresh, migrated database for each test file that asks, cloned from a template on one server per run
 * (global-setup.ts).
 */
import net from 'node:net';
import { createKeyRing, type KeyRing } from '../../src/authentication/key-ring';
import {
  createPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from '../../src/store/postgres-store';
import { storedModules } from '../../src/wiring/applications';
import { databaseSocketVariable } from './database-url';

/** URL of a database that nobody else uses. It disappears with the run. */
export function freshDatabase(): Promise<string> {
  const path = process.env[databaseSocketVariable];
  if (path === undefined)
    return Promise.reject(new Error('jest.config.js needs globalSetup: test/support/global-setup.ts'));
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', reject).on('end', () => {
      const { url, error } = JSON.parse(text) as { url?: string; error?: string };
      if (url === undefined) reject(new Error(error));
      else resolve(url);
    });
    socket.end();
  });
}

export const testKeyRing: KeyRing = createKeyRing([{ id: 'test', key: Buffer.alloc(32, 0x5a) }]);

/** A store on that database; close it. */
export function openStore(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
  return createPostgresStore({ url, modules: storedModules, keyRing: () => testKeyRing, ...options });
}
