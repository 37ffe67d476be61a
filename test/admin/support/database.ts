/** A migrated database of its own for one test file. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../../src/shared/logger';
import { startEmbedded } from '../../../src/store/embedded';
import { migrate } from '../../../src/store/migrate';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hss-admin-test-'));
  const embedded = await startEmbedded({ folder });
  await migrate(embedded.url, silentLogger);
  return { url: embedded.url, drop: async () => { await embedded.stop(); await rm(folder, { recursive: true, force: true }); } };
}
