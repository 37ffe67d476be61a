/**
 * The store over PostgreSQL: implements the ports of src/state and src/subscriber/provisioning.ts. One object per
 * process and database.
 */
import { StoreUnavailableError, type LoadOutcome, type LoadRequest, type UnitOfWork } from '../state/ports';
import type { BatchedLookup } from '../state/database';
import { Reactions } from '../state/reactions';
import type { KeyedLookup } from '../state/keyed-module';
import { bulkRandom } from '../shared/bulk-random';
import { systemRandom } from '../shared/clock';
import { silentLogger } from '../shared/logger';
import { Batcher } from './batcher';
import { Campaigns } from './campaigns';
import { commitBatch, drawKind, type BatchOutcome } from './commit';
import { CommitHealth } from './commit-health';
import { Connection } from './connection';
import { silentEvents } from '../events/event-spine';
import type { BatchKind } from '../events/names';
import { KeyedLookups } from './keyed-lookups';
import { Loader, nobody, type LoadItem, type LoadResult } from './load';
import { storeDefaults, type PostgresStore, type PostgresStoreOptions } from './options';
import { PostgresOutbox } from './outbox';
import { KeyHasher } from './provisioning/key-hashes';
import { ProvisioningPool } from './provisioning/pool';
import { ProfileChecks } from './provisioning/profile-checks';
import { rotateSecrets } from './provisioning/rotation';
import { SharedSetStore } from './provisioning/shared-sets';
import { SubscriptionStore } from './provisioning/subscriptions';
import { Servers } from './servers';
import { SubscriptionCache } from './subscription-cache';

export type { PostgresStore, PostgresStoreOptions };

/** A profile that changes again and again while it is being loaded. */
const maxLoadTries = 8;

/**
 * Opens the store. Resolves after the first try to connect; isReady tells whether it succeeded, and it goes
 * on trying.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as PostgresStoreOptions;
  const settings = { ...storeDefaults, ...given };
  const servers = new Servers(settings.url);
  const logger = options.logger ?? silentLogger;
  const events = options.events ?? silentEvents;
  const batchers: {
    load?: Batcher<LoadItem, LoadResult>;
    commit?: Batcher<UnitOfWork, BatchOutcome>;
  } = {};
  const connections = (kind: BatchKind, count: number) =>
    Array.from(
      { length: count },
      (_, i) =>
        new Connection({
          servers,
          name: `hss-${kind}-${i + 1}`,
          statementTimeoutMs: settings.statementTimeoutMs,
          connectTimeoutMs: settings.connectTimeoutMs,
          logger,
          changed: () => changed(kind),
        }),
    );
  const changed = (kind: BatchKind): void => {
    if (
      (kind === 'load' || kind === 'commit') &&
      ![...loadConnections, ...commitConnections].every((connection) => connection.isReady)
    )
      loader.distrust();
    if (kind === 'locator') lookups?.changed();
    else batchers[kind]?.connectionsChanged();
    if (kind === 'load') keyedLookups.connectionsChanged();
  };
  const loadConnections = connections('load', settings.loadConnections);
  const commitConnections = connections('commit', settings.commitConnections);
  const locatorConnections = connections('locator', settings.locatorConnections);
  let lookups: { changed(): void; drain(): Promise<void> } | null = null;
  const cache = new SubscriptionCache({
    maxCount: Math.max(1, settings.cacheMaxCount),
    maxOctets: settings.cacheMaxCount === 0 ? 1 : settings.cacheMaxOctets,
  });
  const { maxBatchCount, maxWaitingCount, modules } = settings;
  const loader = new Loader(cache, modules, events);
  const load = (batchers.load = new Batcher<LoadItem, LoadResult>({
    kind: 'load',
    connections: loadConnections,
    maxBatchCount,
    maxWaitingCount,
    events,
    run: (connection, items) => loader.run(connection, items),
    freed: () => keyedLookups.connectionFreed(),
  }));
  const keyedLookups = new KeyedLookups({
    kind: 'load',
    connections: loadConnections,
    maxBatchCount,
    maxWaitingCount,
    events,
    freed: () => load.connectionFreed(),
  });
  const commit = (batchers.commit = new Batcher<UnitOfWork, BatchOutcome>({
    kind: 'commit',
    connections: commitConnections,
    maxBatchCount,
    maxWaitingCount,
    events,
    conflictKey: ({ key }) => key,
    subjectKind: drawKind,
    run: async (connection, units) => {
      let outcomes: BatchOutcome[];
      try {
        outcomes = await commitBatch(connection, units, modules);
      } catch (error) {
        health.failed(error);
        throw error;
      }
      if (outcomes.some((outcome) => outcome !== 'conflict')) health.succeeded();
      units.forEach((unit, i) => {
        if (outcomes[i] !== 'conflict') cache.committed(unit);
        else cache.outdated(unit);
      });
      if (units.some(({ outbox }, i) => outbox.length > 0 && outcomes[i] !== 'conflict')) outboxWritten();
      return outcomes;
    },
  }));
  const outboxListeners: (() => void)[] = [];
  const outboxWritten = (): void => {
    for (const listener of outboxListeners) listener();
  };
  const pool = new ProvisioningPool({
    outboxWritten,
    servers,
    maxConnections: settings.provisioningConnections,
    connectTimeoutMs: settings.connectTimeoutMs,
    statementTimeoutMs: settings.provisioningTimeoutMs,
    logger,
    isUp: () => loadConnections.some((connection) => connection.isReady),
  });
  // With the short time limit of the hot path: a database that hangs must not hold up the worker, nor its
  // end.
  const outboxPool = new ProvisioningPool({
    outboxWritten,
    servers,
    maxConnections: settings.outboxConnections,
    connectTimeoutMs: settings.connectTimeoutMs,
    statementTimeoutMs: settings.statementTimeoutMs,
    logger,
    isUp: () => loadConnections.some((connection) => connection.isReady),
  });
  const health = new CommitHealth(outboxPool);
  const random = bulkRandom(options.random ?? systemRandom);
  const profiles = options.profileRules === undefined ? null : new ProfileChecks(options.profileRules);
  const sealing = { ring: options.keyRing, random };
  const hasher = new KeyHasher(pool, sealing);
  const reactions = options.documentReactions ?? [];
  const stateReactions = new Reactions(options.stateReactions ?? []);
  const campaigns = new Campaigns(modules.head, options.campaignReactions ?? [], stateReactions);
  const rules = { sealing, profiles, modules, reactions, stateReactions };
  const subscriptions = new SubscriptionStore(pool, rules, hasher);
  const sharedSets = new SharedSetStore(pool, campaigns, options.profileRules ?? null);
  const all = [...loadConnections, ...commitConnections, ...locatorConnections];
  await Promise.all(all.map((connection) => connection.open()));

  /** Both at once: neither needs what the other finds. */
  async function loadKeyed(request: LoadRequest, lookups: readonly KeyedLookup[]): Promise<LoadOutcome> {
    const [outcome, keyed] = await Promise.all([
      namesSubscription(request) ? loadOne(request) : nobody,
      keyedLookups.find(lookups),
    ]);
    return { ...outcome, keyed };
  }

  async function loadOne(request: LoadRequest): Promise<LoadOutcome> {
    let item: LoadItem = { request, chosen: 0, again: false };
    for (let attempt = 0; attempt < maxLoadTries; attempt += 1) {
      const result = await load.add(item);
      if (!('again' in result)) return result;
      item = result.again;
    }
    throw new StoreUnavailableError('the profile keeps changing while it is loaded');
  }

  function batched<Item, Found>(lookup: BatchedLookup<Item, Found>): (item: Item) => Promise<Found> {
    if (locatorConnections.length === 0) return (item) => lookUpOne(pool, lookup, item);
    if (lookups !== null) throw new Error('the connections for look-ups are in use');
    const batcher = new Batcher<Item, Found>({
      kind: 'locator',
      connections: locatorConnections,
      maxBatchCount,
      maxWaitingCount,
      events,
      run: (connection, items) => lookup.run((statement) => connection.query(statement), items),
    });
    lookups = {
      changed: () => {
        lookup.distrust();
        batcher.connectionsChanged();
      },
      drain: () => batcher.drain(),
    };
    return (item) => batcher.add(item);
  }

  return {
    load: (request) => (request.keyed === undefined ? loadOne(request) : loadKeyed(request, request.keyed)),
    held: (request) => loader.held(request),
    commit: async (unit) => ((await commit.add(unit)) === 'conflict' ? 'conflict' : 'committed'),
    commitDrawing: (unit) => commit.add(unit),
    getSubscription: (name) => subscriptions.get(name),
    listSubscriptions: (cursor, limit) => subscriptions.list(cursor, limit),
    putSubscription: (document, precondition) => subscriptions.put(document, precondition),
    deleteSubscription: (id, precondition) => subscriptions.delete(id, precondition),
    subscriptionFaultsBesides: (document) => subscriptions.besides(document),
    importSubscriptions: (documents) => subscriptions.import(documents),
    getShared: (kind, name) => sharedSets.get(kind, name),
    listShared: (kind, cursor, limit) => sharedSets.list(kind, cursor, limit),
    putShared: (kind, document, precondition) => sharedSets.put(kind, document, precondition),
    deleteShared: (kind, name, precondition) => sharedSets.delete(kind, name, precondition),
    outbox: new PostgresOutbox(outboxPool, modules, campaigns),
    database: pool,
    campaigns: campaigns.orders(pool),
    batched,
    onOutboxWritten: (listener) => outboxListeners.push(listener),
    isReady: () =>
      loadConnections.some((c) => c.isReady) &&
      commitConnections.some((c) => c.isReady) &&
      (locatorConnections.length === 0 || locatorConnections.some((c) => c.isReady)),
    commitsWork: () => health.check(),
    problem: () => all.find((connection) => !connection.isReady)?.problem ?? 'all connections are up',
    prepareKeyHashes: async () => {
      const filledCount = await hasher.fill(logger);
      if (filledCount > 0) logger.info({ filledCount }, 'noted which K each private identity has');
    },
    rotateSecrets: (ring, onProgress) => rotateSecrets(pool, ring, random, onProgress),
    close: async () => {
      await Promise.all([load.drain(), keyedLookups.drain(), commit.drain(), lookups?.drain()]);
      await Promise.all([...all.map((connection) => connection.close()), pool.close(), outboxPool.close()]);
    },
  };
}

const namesSubscription = ({ impus, impi, imsi, msisdn }: LoadRequest): boolean =>
  impus.length > 0 || impi !== undefined || imsi !== undefined || msisdn !== undefined;

async function lookUpOne<Item, Found>(
  pool: ProvisioningPool,
  lookup: BatchedLookup<Item, Found>,
  item: Item,
): Promise<Found> {
  const [found] = await pool.use((sql) =>
    lookup.run(({ name, text, values }) => sql<unknown[]>(text, values, name), [item]),
  );
  return found as Found;
}
