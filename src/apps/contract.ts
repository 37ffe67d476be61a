/**
 * What an application brings to the HSS, as data. src/wiring has the one list of applications and loops over it;
 * nothing else knows which there are. A walk through a small one: docs/adding-an-application.md.
 *
 * Two parts are listed where they are used, because TypeScript needs them there or because they run without the
 * rest: configuration sections (src/config/schema.ts) and commands of the command line (src/cli/applications.ts).
 */
import type { AdminPart } from '../admin/contract';
import type { SecretOpener } from '../authentication/secret-opener';
import type { DictionaryTable } from '../diameter/codec/definitions';
import type { Dictionary, TextBounds } from '../diameter/codec/dictionary';
import type { Application } from '../diameter/dispatch/contract';
import type { IncomingRequest } from '../diameter/peer/contract';
import type { MetricsPart } from '../metrics/contract';
import type { OutgoingKind } from '../outbox/contract';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { CampaignReaction } from '../state/campaigns';
import type { DocumentReaction } from '../state/document-reactions';
import type { HeadModule, LoadedModule } from '../state/module';
import type { ChangeReactions, Reaction } from '../state/reactions';

/** `Config`: what it looks at of the configuration. `Store`: what it asks of the store. */
export interface HssApplication<Config, Store> {
  /** Unique; its outgoing kinds begin with it and a dot. */
  readonly name: string;
  /** What it says over Diameter; absent where another role of the process does that, as for the locator. */
  readonly diameter?: DiameterPart<Config, Store>;
  readonly state?: StatePart<Config>;
  readonly admin?: (ports: AdminPorts<Config, Store>) => AdminPart;
  readonly metrics?: (ports: MetricsPorts<Config, Store>) => MetricsPart;
}

/** What it keeps of a subscription, and what changes make it do. */
export interface StatePart<Config = never> extends DocumentPart {
  /** The module of the head row, which one application has. */
  readonly head?: HeadModule;
  readonly modules?: readonly LoadedModule[];
  /** Requests that follow from changes of any application, in the same transaction. */
  readonly reactions?: readonly Reaction[];
  /** In place of its reactions to documents and campaigns, where there is a configuration that they depend on. */
  readonly configured?: (config: Config) => DocumentPart;
}

/** What it does where what is provisioned changes. */
export interface DocumentPart {
  /** Where the document of a subscription changes. */
  readonly documentReactions?: readonly DocumentReaction[];
  /** Where a campaign comes to a subscription. */
  readonly campaignReactions?: readonly CampaignReaction[];
}

export interface DiameterPart<Config, Store> {
  readonly applicationId: number;
  /** Vendors that CER and CEA name it with; none for an application of the IETF [6733-5.3]. */
  readonly vendorIds: readonly number[];
  /** Made of its dictionary file; names AVPs of the base protocol and of applications before it in the list. */
  readonly table: DictionaryTable;
  /** Tables of other applications whose AVPs it names, which need not be in the list themselves. */
  readonly usedTables?: readonly DictionaryTable[];
  /** Most octets of texts that come in. */
  readonly textBounds?: TextBounds;
  /** Commands whose senders are destinations of its own requests: the way they came is the way back. */
  readonly returnCommands?: readonly number[];
  /** Whether it is advertised and served; always, where absent. */
  isServed?(config: Config): boolean;
  /** Its handlers and what it sends, for this configuration. */
  create(ports: DiameterPorts<Config, Store>): RunningApplication;
}

export interface DiameterPorts<Config, Store> {
  readonly config: Config;
  readonly store: Store;
  readonly secrets: SecretOpener;
  /** Of all applications. */
  readonly dictionary: Dictionary;
  readonly node: { readonly originHost: string; readonly originRealm: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunningApplication {
  /** Handlers and features. */
  readonly application: Application;
  /** What it sends through the outbox, by kind. */
  readonly outgoing?: ReadonlyMap<string, OutgoingKind>;
  /** Sees each request that its peer may send. Must be quick and must not throw. */
  readonly observe?: (request: IncomingRequest) => void;
  /**
   * Takes over what other instances have learned; before each round of the outbox.
   * @throws StoreUnavailableError
   */
  readonly refresh?: () => Promise<void>;
}

export interface AdminPorts<Config, Store> {
  readonly config: Config;
  readonly store: Store;
  /** The outbox may have something to send. */
  readonly wake: () => void;
  /** What other applications do where an operator changes the state of a subscription. */
  readonly reactions: ChangeReactions;
}

export interface MetricsPorts<Config, Store> {
  readonly config: Config;
  /** There once the database is; metrics count before that. */
  readonly store: () => Store;
  readonly logger: Logger;
}
