/**
 * The store over PostgreSQL: implements the ports of src/state/ports.ts. One object per process and
 * database.
 */
import type { KeyRing } from '../authentication/key-ring';
import {
  StoreUnavailableError,
  type LoadOutcome,
  type LoadRequest,
  type ProvisioningStore,
  type StateStore,
  type UnitOfWork,
} from '../state/ports';
import type { LocatorEntry } from '../apps/dx/locator/entry';
import type { LocatorProvisioning } from '../apps/dx/locator/ports';
import type { OutboxStore } from '../outbox/ports';
import type { AssignedServers } from '../apps/cx/outgoing/campaigns';
import type { ProfileRules } from '../apps/cx/profile-size';
import type { StoredModules } from '../state/module';
import { bulkRandom } from '../shared/bulk-random';
import { systemRandom, type RandomSource } from '../shared/clock';
import { silentLogger, type Logger } from '../shared/logger';
import { Batcher } from './batcher';
import { commitBatch, drawKind, type BatchOutcome } from './commit';
import { CommitHealth } from './commit-health';
import { Connection } from './connection';
import { silentEvents } from '../events/event-spine';
import type { StoreEvents } from '../events/hss-events';
import type { BatchKind } from '../events/names';
import { Loader, type LoadItem, type LoadResult } from './load';
import { LocatorStore } from './locator';
import { LocatorLookups } from './locator-lookup';
import { assignedServers } from './forget-server';
import { PostgresOutbox } from './outbox';
import { KeyHasher } from './provisioning/key-hashes';
import { ProvisioningPool } from './provisioning/pool';
import { ProfileChecks } from './provisioning/profile-checks';
import { rotateSecrets, type RotationProgress } from './provisioning/rotation';
import { SharedSetStore } from './provisioning/shared-sets';
import { SubscriptionStore } from './provisioning/subscriptions';
import { listStatuses } from './registrations';
import { Servers } from './servers';
import { SubscriptionCache } from './subscription-cache';

export interface PostgresStoreOptions {
  /**
   * postgresql://... of an outside database, with all its servers (src/shared/database-url.ts), or
   * EmbeddedDatabase.url.
   */
  readonly url: string;
  /** What is kept of a subscription beside its document. */
  readonly modules: StoredModules;
  /** The ring that seals now; asked for each time, so that it can be exchanged. */
  readonly keyRing: () => KeyRing;
  /**
   * How long the User-Data of what is provisioned may get, asked for each time; without it there is no bound.
   */
  readonly profileRules?: () => ProfileRules;
  readonly random?: RandomSource;
  readonly logger?: Logger;
  readonly events?: StoreEvents;
  readonly connectTimeoutMs?: number;
  /** Longest time of one load or commit statement in milliseconds; a hanging database is noticed after it. */
  readonly statementTimeoutMs?: number;
  /** Longest time of one statement of provisioning in milliseconds. */
  readonly provisioningTimeoutMs?: number;
  readonly loadConnections?: number;
  readonly commitConnections?: number;
  readonly provisioningConnections?: number;
  /** For RTR and PPR. */
  readonly outboxConnections?: number;
  /** For the lookups of a subscription locator; without any they share those for provisioning. */
  readonly locatorConnections?: number;
  /** Most requests that share a round trip. */
  readonly maxBatchCount?: number;
  /** Most requests that wait for a round trip; more are refused at once. */
  readonly maxWaitingCount?: number;
  /** Parsed profiles kept, 0 for none. */
  readonly cacheMaxCount?: number;
  readonly cacheMaxOctets?: number;
}

export interface PostgresStore extends StateStore, ProvisioningStore {
  /** RTR and PPR on their way. */
  readonly outbox: OutboxStore;
  readonly assignedServers: AssignedServers;
  /** Called after each commit of this instance that has something new for the outbox worker. */
  onOutboxWritten(listener: () => void): void;
  /** Which HSSs hold whom, for the subscription locator. */
  readonly locator: LocatorProvisioning;
  /** Connections for loading and for committing are up. */
  isReady(): boolean;
  /** Whether commits work, or why they do not; asks the database where nothing was committed lately. */
  commitsWork(): Promise<true | string>;
  /** Why a connection is not up. */
  problem(): string;
  /**
   * Makes the hashes by which a K is recognised, where they are missing; call it before the first change.
   * @throws SealedSecretError where the ring does not open the key of the hashes
   */
  prepareKeyHashes(): Promise<void>;
  /** Seals every secret anew that is not under the ring's current key. */
  rotateSecrets(ring: KeyRing, onProgress: (progress: RotationProgress) => void): Promise<RotationProgress>;
  /** Finishes what is in flight and closes every connection. */
  close(): Promise<void>;
}

const defaults = {
  connectTimeoutMs: 2_000,
  statementTimeoutMs: 2_000,
  provisioningTimeoutMs: 30_000,
  loadConnections: 2,
  commitConnections: 2,
  provisioningConnections: 4,
  outboxConnections: 2,
  locatorConnections: 0,
  maxBatchCount: 256,
  maxWaitingCount: 20_000,
  cacheMaxCount: 5_000,
  cacheMaxOctets: 32 * 1024 * 1024,
};
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
  const settings = { ...defaults, ...given };
  const servers = new Servers(settings.url);
  const logger = options.logger ?? silentLogger;
  const events = options.events ?? silentEvents;
  const batchers: {
    load?: Batcher<LoadItem, LoadResult>;
    commit?: Batcher<UnitOfWork, BatchOutcome>;
    locator?: Batcher<readonly string[], LocatorEntry | null>;
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
    if (kind === 'locator') lookups.distrust();
    batchers[kind]?.connectionsChanged();
  };
  const loadConnections = connections('load', settings.loadConnections);
  const commitConnections = connections('commit', settings.commitConnections);
  const locatorConnections = connections('locator', settings.locatorConnections);
  const lookups = new LocatorLookups();
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
  }));
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
  const locate = (batchers.locator = new Batcher<readonly string[], LocatorEntry | null>({
    kind: 'locator',
    connections: locatorConnections,
    maxBatchCount,
    maxWaitingCount,
    events,
    run: (connection, items) => lookups.run((statement) => connection.query(statement), items),
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
  const subscriptions = new SubscriptionStore(pool, { sealing, profiles }, hasher);
  const sharedSets = new SharedSetStore(pool, options.profileRules ?? null);
  const all = [...loadConnections, ...commitConnections, ...locatorConnections];
  await Promise.all(all.map((connection) => connection.open()));

  async function loadOne(request: LoadRequest): Promise<LoadOutcome> {
    let item: LoadItem = { request, chosen: 0, again: false };
    for (let attempt = 0; attempt < maxLoadTries; attempt += 1) {
      const result = await load.add(item);
      if (!('again' in result)) return result;
      item = result.again;
    }
    throw new StoreUnavailableError('the profile keeps changing while it is loaded');
  }

  return {
    load: loadOne,
    held: (request) => loader.held(request),
    commit: async (unit) => ((await commit.add(unit)) === 'conflict' ? 'conflict' : 'committed'),
    commitDrawing: (unit) => commit.add(unit),
    getSubscription: (name) => subscriptions.get(name),
    listSubscriptions: (cursor, limit) => subscriptions.list(cursor, limit),
    putSubscription: (document, precondition) => subscriptions.put(document, precondition),
    deleteSubscription: (id, precondition) => subscriptions.delete(id, precondition),
    subscriptionFaultsBesides: (document) => subscriptions.besides(document),
    importSubscriptions: (documents) => subscriptions.import(documents),
    getStatus: (name) => subscriptions.status(name),
    listStatuses: (state, cursor, limit) => listStatuses(pool, state, cursor, limit),
    getShared: (kind, name) => sharedSets.get(kind, name),
    listShared: (kind, cursor, limit) => sharedSets.list(kind, cursor, limit),
    putShared: (kind, document, precondition) => sharedSets.put(kind, document, precondition),
    deleteShared: (kind, name, precondition) => sharedSets.delete(kind, name, precondition),
    counts: () => subscriptions.counts(),
    outbox: new PostgresOutbox(outboxPool, modules),
    assignedServers: assignedServers(pool),
    onOutboxWritten: (listener) => outboxListeners.push(listener),
    locator: new LocatorStore(
      pool,
      locatorConnections.length === 0 ? null : (identities) => locate.add(identities),
      lookups,
    ),
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
      await Promise.all([load.drain(), commit.drain(), locate.drain()]);
      await Promise.all([...all.map((connection) => connection.close()), pool.close(), outboxPool.close()]);
    },
  };
}
