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
import type { AssignedServers } from '../../src/apps/cx/outgoing/campaigns';
import { createCxStore } from '../../src/apps/cx/store';
import type { Registrations } from '../../src/apps/cx/store/registrations';
import type { LocatorProvisioning } from '../../src/apps/dx/locator/ports';
import { createLocatorStore } from '../../src/apps/dx/store/locator';
import type { EquipmentProvisioning, EquipmentUses } from '../../src/apps/s13/equipment/ports';
import { createEquipmentStore } from '../../src/apps/s13/store/equipment';
import { createEquipmentUses } from '../../src/apps/s13/store/uses';
import { storedModules, storedReactions } from '../../src/wiring/applications';
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

/** The store with what applications read of it. */
export interface TestStore extends PostgresStore, Registrations {
  readonly assignedServers: AssignedServers;
  readonly locator: LocatorProvisioning;
  readonly equipment: EquipmentProvisioning;
  readonly equipmentUses: EquipmentUses;
}

/** A store on that database; close it. */
export async function openStore(
  url: string,
  options: Partial<PostgresStoreOptions> = {},
): Promise<TestStore> {
  const store = await createPostgresStore({
    url,
    modules: storedModules,
    ...storedReactions,
    keyRing: () => testKeyRing,
    ...options,
  });
  const { registrations, assignedServers } = createCxStore(store);
  return {
    ...store,
    ...registrations,
    assignedServers,
    locator: createLocatorStore(store),
    equipment: createEquipmentStore(store.database),
    equipmentUses: createEquipmentUses(store.database),
  };
}
