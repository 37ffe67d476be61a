/**
 * From the configuration to a migrated database and the store on it: the embedded PostgreSQL or an outside
 * one, same code.
 */
import { profileMeasure } from '../apps/cx/user-data-size';
import { createLocatorStore } from '../apps/dx/store/locator';
import { createEquipmentStore } from '../apps/s13/store/equipment';
import { createEquipmentUses } from '../apps/s13/store/uses';
import { applications, modulesOf, storedReactionsOf, type ProductStore } from './applications';
import type { KeyRing } from '../authentication/key-ring';
import type { HssConfig } from '../config/schema';
import { maskUrl } from '../config/mask';
import type { StoreEvents } from '../events/hss-events';
import type { Logger } from '../shared/logger';
import type { ProfileRules } from '../subscriber/profile-size';
import { startEmbedded, type EmbeddedDatabase } from '../store/embedded';
import { migrate } from '../store/migrate';
import { UnfitDatabaseError } from '../shared/unfit-database';
import { readOriginStateId } from '../store/origin-state';
import { createPostgresStore } from '../store/postgres-store';

export interface OpenDatabase {
  readonly store: ProductStore;
  /** [6733-8.16] Another one where the state that was served is lost. */
  readonly originStateId: number;
  /** Holds a password: never log it. */
  readonly url: string;
  /** Closes the store and stops the embedded server. */
  readonly close: () => Promise<void>;
}

/** What is provisioned through this configuration may lead to so much User-Data and no more. */
export const profileRulesOf = ({ cx, identities }: HssConfig): ProfileRules => ({
  measure: profileMeasure,
  maxUserDataOctets: cx.maxUserDataOctets,
  maxFilterCriteriaPerProfileCount: cx.maxFilterCriteriaPerProfileCount,
  refusesLocalNumbers: identities.localNumbers === 'refuse',
});

/**
 * `profileRules`: what documents are held against, asked for each time; without it nothing bounds them. `whole`: the
 * configuration that reactions to changed documents look at; defaults without it.
 * @throws Error that says what to do where the database cannot be had, UnfitDatabaseError where it is of a
 * newer build.
 */
export async function openDatabase(
  config: HssConfig['store'],
  keyRing: () => KeyRing,
  events: StoreEvents,
  logger: Logger,
  role: HssConfig['role'] = 'hss',
  profileRules?: () => ProfileRules,
  list = applications,
  whole?: HssConfig,
): Promise<OpenDatabase> {
  let embedded: EmbeddedDatabase | null = null;
  if (config.url === undefined) embedded = await startEmbedded({ folder: config.dataFolder, logger });
  const url = embedded?.url ?? config.url ?? '';
  try {
    await migrate(url, logger);
    const store = await createPostgresStore({
      url,
      modules: modulesOf(list),
      ...storedReactionsOf(list, whole),
      logger,
      events,
      keyRing,
      ...(profileRules === undefined ? {} : { profileRules }),
      connectTimeoutMs: config.connectTimeoutMs,
      statementTimeoutMs: config.statementTimeoutMs,
      ...connectionsOf(role, config.poolConnections),
      maxBatchCount: config.maxBatchRequests,
      cacheMaxCount: config.cacheSubscriptions,
    });
    return {
      store: {
        ...store,
        locator: createLocatorStore(store),
        equipment: createEquipmentStore(store.database),
        equipmentUses: createEquipmentUses(store.database),
      },
      originStateId: await readOriginStateId(url),
      url,
      close: async () => {
        await store.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    const where =
      config.url === undefined ? `the embedded database in ${config.dataFolder}` : maskUrl(config.url);
    const Kind = error instanceof UnfitDatabaseError ? UnfitDatabaseError : Error;
    throw new Kind(`${where}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * How the pool is divided: a locator alone loads and commits next to nothing, both roles need two connections
 * more.
 */
function connectionsOf(role: HssConfig['role'], count: number) {
  if (role === 'hss') return { provisioningConnections: Math.max(2, count - 6) };
  if (role === 'both') return { locatorConnections: 2, provisioningConnections: Math.max(2, count - 8) };
  return {
    loadConnections: 1,
    commitConnections: 1,
    outboxConnections: 1,
    locatorConnections: 2,
    provisioningConnections: Math.max(2, count - 5),
  };
}

/** A refused connection comes as an AggregateError, whose own message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
