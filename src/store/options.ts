/** What the store is opened with, and what it offers. */
import type { KeyRing } from '../authentication/key-ring';
import type { StoreEvents } from '../events/hss-events';
import type { OutboxStore } from '../outbox/ports';
import type { RandomSource } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { CampaignOrders, CampaignReaction } from '../state/campaigns';
import type { BatchedLookup, Database } from '../state/database';
import type { DocumentReaction } from '../state/document-reactions';
import type { StoredModules } from '../state/module';
import type { StateStore } from '../state/ports';
import type { Reaction } from '../state/reactions';
import type { ProfileRules } from '../subscriber/profile-size';
import type { ProvisioningStore } from '../subscriber/provisioning';
import type { RotationProgress } from './provisioning/rotation';

export interface PostgresStoreOptions {
  /**
   * postgresql://... of an outside database, with all its servers (src/shared/database-url.ts), or
   * EmbeddedDatabase.url.
   */
  readonly url: string;
  /** What is kept of a subscription beside its document. */
  readonly modules: StoredModules;
  /** What a change of a document makes applications do, in the same transaction. */
  readonly documentReactions?: readonly DocumentReaction[];
  /** What applications do where a document or a campaign changes the state of another one. */
  readonly stateReactions?: readonly Reaction[];
  /** What campaigns of applications do to subscriptions. */
  readonly campaignReactions?: readonly CampaignReaction[];
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
  /** For outgoing requests. */
  readonly outboxConnections?: number;
  /** For batched look-ups, of a subscription locator; without any they share those for provisioning. */
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
  /** Outgoing requests on their way. */
  readonly outbox: OutboxStore;
  /** For SQL of applications on their own tables and columns. */
  readonly database: Database;
  /** Campaigns that applications order. */
  readonly campaigns: CampaignOrders;
  /**
   * Makes look-ups share round trips, on the connections that are kept for them; without any, each goes alone over
   * those for provisioning. For one kind of look-up.
   */
  batched<Item, Found>(lookup: BatchedLookup<Item, Found>): (item: Item) => Promise<Found>;
  /** Called after each commit of this instance that has something new for the outbox worker. */
  onOutboxWritten(listener: () => void): void;
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

export const storeDefaults = {
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
