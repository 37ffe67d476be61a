/**
 * Campaigns: what goes through many subscriptions in bounded batches, because of a change of a shared set or by
 * an order. The store has the walk, its pace and its progress. An application says whom a campaign concerns and
 * what it does to each of them.
 */
import type { SharedKind, SharedSets } from '../subscriber/provisioning';
import type { Subscription } from '../subscriber/subscription';
import type { Effect, ModuleStates, NamedEpsProfiles } from './document-reactions';
import type { LoadedModule } from './module';

export interface Campaign {
  /** A kind of shared set, or a word of the application for what it orders. */
  readonly kind: string;
  /** What it is about, such as the name of the shared set. */
  readonly name: string;
  /** Unique among all applications. */
  readonly action: string;
}

/** A subscription in its turn, locked. */
export interface CampaignSubject {
  /** The store's own key of the subscription; a change of a row names it. */
  readonly key: number;
  readonly campaign: Campaign;
  readonly subscription: Subscription;
  readonly states: ModuleStates;
  /** Shared service profiles that use the shared set, itself where it is one. */
  readonly sharedProfiles: ReadonlySet<string>;
  /** The EPS profile that the campaign is about. */
  readonly shared: NamedEpsProfiles;
  /**
   * Where the reaction `keepsBefore`: what the shared set was before the change, and before earlier changes whose
   * campaigns had not reached everybody.
   */
  readonly befores: readonly SharedSets[SharedKind][];
}

export interface CampaignReaction {
  /** The actions of the campaigns that it carries out. */
  readonly actions: readonly string[];
  /**
   * An SQL condition on the head row `r`: those that the campaign may concern. A campaign about a shared set goes
   * through its users among them. Any other goes through all head rows, and its condition names `$1`, the name
   * that the campaign is about.
   */
  readonly concerned: string;
  /** Modules beside that of the head row. */
  readonly needs?: readonly LoadedModule[];
  /** What one subscription gets; nothing where it is not concerned after all. */
  react(subject: CampaignSubject): Effect;
  /** Its campaigns keep what the shared set was before. */
  readonly keepsBefore?: boolean;
  /** The action that a change of a shared set asks for, both as the store keeps them; null for none. */
  actionFor?<K extends SharedKind>(kind: K, before: SharedSets[K], after: SharedSets[K]): string | null;
}

/** Orders of an application. */
export interface CampaignOrders {
  /**
   * Begins a campaign; one that goes on is not begun again. @returns its id, null where it concerns nobody
   * @throws StoreUnavailableError
   */
  begin(campaign: Campaign): Promise<number | null>;
}
