/**
 * Loading in batches: one statement finds, for each identity asked for, its owner, the registration state
 * and, where this instance does not hold the current one, the subscription's image; one more row brings what
 * changed of the shared data and of the wildcarded identities.
 *
 * An identity without a row of its own belongs to the wildcarded identity that it falls in the range of,
 * which is found in memory. The statement asks for both at once where the identity is not cached, so a match
 * costs no round trip of its own but where the wildcarded identities changed, or an identity that was cached
 * lost its row.
 *
 * Where the identity is cached the statement tries its key and revision first, one primary-key access: a
 * subscription that still has that revision still owns its identities. Everything else goes through
 * public_identity or private_identity. Where the registration state has the version that is held as well,
 * there is no row: everything is as it was.
 */
import type { LoadOutcome, LoadRequest, SubscriptionSnapshot } from '../state/ports';
import { isRowModule, type StoredModules } from '../state/module';
import { findPrivateIdentity, findPublicIdentity } from '../subscriber/subscription';
import type { Connection } from './connection';
import type { StoreEvents } from '../events/hss-events';
import { SharedDataHolder } from './shared-data';
import { isStorable, LoadPlanner, type LoadItem, type Lookup, type Plan } from './load-plan';
import {
  COLUMN,
  loadStatement,
  loadStatementName,
  lookupKinds,
  SHARED_ROW,
  type LoadStatement,
} from './load-statement';
import type { CachedSubscription, LoadedHead, SubscriptionCache } from './subscription-cache';
import type { Parameter } from './wire/parameters';
import type { TextRow } from './wire/batch-query';
import { WildcardHolder } from './wildcards';

/** The first columns of a row, and the rest as it came; status and image only where somebody wants them. */
interface Row {
  readonly key: number | null;
  readonly revision: number;
  /** What is held of the subscription, where the statement was told. */
  readonly known: CachedSubscription | undefined;
  /** Null where the subscription is as it is held. */
  readonly columns: TextRow | null;
  /** Held, where `columns` is null. */
  readonly head: LoadedHead | null;
  /** Row modules that the columns hold: those that this look-up asked for. */
  readonly wants: readonly boolean[];
}

const nobodys: Row = { key: null, revision: 0, known: undefined, columns: null, head: null, wants: [] };

export type { LoadItem };

/**
 * What a batch says about one request; 'again' where a profile changed in between in a way that needs another
 * look.
 */
export type LoadResult = LoadOutcome | { readonly again: LoadItem };

export const nobody: LoadOutcome = {
  snapshot: null,
  impuOwners: [],
  impuWildcards: [],
  impiOwner: null,
};

/**
 * What is said about one public identity: a row, its own or that of its wildcarded identity (undefined:
 * nobody's); the chosen subscription's image, by the identity to look for in it; or that another round trip
 * has to tell.
 */
type Found =
  | { readonly row: Row | undefined; readonly wildcard: string | null }
  | { readonly image: string; readonly wildcard: string | null }
  | 'again';

const rowOf = (found: Found | undefined): Row | undefined =>
  found !== undefined && found !== 'again' && 'row' in found ? found.row : undefined;
const exists = (found: Found | undefined): boolean =>
  found !== undefined && found !== 'again' && ('image' in found || found.row?.key != null);

const nothingWanted: readonly boolean[] = [];

/** What changed of the shared data, and of the wildcarded identities. */
type Changes = readonly [shared: string | null, wildcards: string | null];
const unchanged: Changes = [null, null];

export class Loader {
  readonly shared = new SharedDataHolder();
  readonly wildcards = new WildcardHolder();

  /** Requests of the batch that were answered from a cached image, and from one that came with it. */
  private cachedCount = 0;
  private loadedCount = 0;

  readonly #statements = new Map<string, LoadStatement>();
  readonly #planner: LoadPlanner;

  constructor(
    private readonly cache: SubscriptionCache,
    private readonly modules: StoredModules,
    private readonly events: Pick<StoreEvents, 'subscriptionsRead'>,
  ) {
    this.#planner = new LoadPlanner(cache, modules.loaded, () => this.wildcards.index);
  }

  /** After a lost connection: a restored or failed-over database may have given a revision a second time. */
  distrust(): void {
    this.cache.clear();
    this.shared.distrust();
    this.wildcards.distrust();
  }

  /** See StateStore. Only where one entry answers the whole request. */
  held({ impus, impi, imsi, msisdn, modules = [], keyed }: LoadRequest): LoadOutcome | null {
    if (keyed !== undefined) return null;
    const [first] = impus;
    const entry =
      first !== undefined
        ? this.cache.ofImpu(first)
        : impi !== undefined
          ? this.cache.ofImpi(impi)
          : imsi !== undefined
            ? this.cache.ofImsi(imsi)
            : this.cache.ofMsisdn(msisdn);
    if (entry === undefined || entry.head === null) return null;
    for (const impu of impus) if (impu !== first && this.cache.ofImpu(impu) !== entry) return null;
    if (impi !== undefined && first !== undefined && this.cache.ofImpi(impi) !== entry) return null;
    for (const { name } of modules) if (entry.head.states[name] === undefined) return null;
    const { key } = entry;
    return {
      snapshot: this.#snapshot(entry, entry.head),
      impuOwners: impus.map(() => key),
      impuWildcards: impus.map(() => null),
      impiOwner: impi === undefined ? null : key,
    };
  }

  #snapshot({ key, subscription }: CachedSubscription, head: LoadedHead): SubscriptionSnapshot {
    const { version, watchers, states } = head;
    return { key, version, watchers, subscription, shared: this.shared.current, states };
  }

  /** One round trip for all the items. @throws StoreUnavailableError, DatabaseError */
  async run(connection: Connection, items: readonly LoadItem[]): Promise<LoadResult[]> {
    const lookups: Lookup[] = [];
    const plans = items.map((item) => this.#planner.plan(item, lookups));
    const sharedVersion = this.shared.knownVersion;
    const wildcardVersion = this.wildcards.knownVersion;
    const statement = this.#statementFor(lookups);
    const wants = lookups.map(({ modules }) =>
      statement.loadedModules.length === 0
        ? nothingWanted
        : statement.loadedModules.map((module) => modules.includes(module)),
    );
    const rows = await connection.run({
      name: statement.name,
      text: statement.text,
      parameters: [
        { kind: 'texts', values: lookups.map((l) => l.identity) },
        { kind: 'smallints', values: lookups.map((l) => lookupKinds[l.kind]) },
        { kind: 'booleans', values: lookups.map((l) => l.wantsImage) },
        { kind: 'bigints', values: lookups.map((l) => l.known?.key ?? null) },
        { kind: 'bigints', values: lookups.map((l) => l.known?.revision ?? null) },
        { kind: 'bigint', value: sharedVersion },
        { kind: 'bigint', value: wildcardVersion },
        { kind: 'bigints', values: lookups.map((l) => l.head?.version ?? null) },
        ...statement.loadedModules.map((_, m): Parameter => ({
          kind: 'booleans',
          values: wants.map((ofLookup) => ofLookup[m] === true),
        })),
      ],
    });
    const byNumber: Row[] = lookups.map(({ known, head }) =>
      known === undefined || head === null
        ? nobodys
        : { key: known.key, revision: known.revision, known, columns: null, head, wants: nothingWanted },
    );
    for (const columns of rows) {
      const n = Number(columns[COLUMN.n]);
      const key = columns[COLUMN.key];
      const revision = columns[COLUMN.revision];
      if (n === SHARED_ROW) {
        const text = columns[COLUMN.image] ?? null;
        const [shared, wildcards] = text === null ? unchanged : (JSON.parse(text) as Changes);
        this.shared.receive(sharedVersion, Number(columns[COLUMN.version]), shared);
        this.wildcards.receive(wildcardVersion, Number(revision), wildcards);
      } else
        byNumber[n - 1] = {
          key: key == null ? null : Number(key),
          revision: Number(revision),
          known: lookups[n - 1]?.known,
          columns,
          head: null,
          wants: wants[n - 1] ?? nothingWanted,
        };
    }
    const results = plans.map((plan) => this.outcome(plan, byNumber, statement));
    this.events.subscriptionsRead(this.cachedCount, this.loadedCount);
    this.cachedCount = 0;
    this.loadedCount = 0;
    return results;
  }

  /** The text that reads what these look-ups need, and no more. */
  #statementFor(lookups: readonly Lookup[]): LoadStatement {
    const { head, loaded } = this.modules;
    const wanted = loaded.filter((module) => lookups.some(({ modules }) => modules.includes(module)));
    const byUsim = lookups.some(({ kind }) => kind === 'imsi' || kind === 'msisdn');
    const name = loadStatementName(wanted, byUsim);
    const found = this.#statements.get(name) ?? loadStatement(head, wanted, byUsim);
    this.#statements.set(name, found);
    return found;
  }

  /** What the rows of the statement say about each public identity. */
  private found({ item: { request }, publicPlans }: Plan, rows: readonly Row[]): Found[] {
    return publicPlans.map(({ row, wildcard, wildcardRow }, i): Found => {
      const identity = request.impus[i] as string;
      if (row < 0 && isStorable(identity)) return { image: identity, wildcard: null };
      const own = row < 0 ? undefined : rows[row];
      if (own?.key != null) return { row: own, wildcard: null };
      const now = this.wildcards.index.find(identity);
      if (now === null) return { row: undefined, wildcard: null };
      if (now !== wildcard) return 'again';
      if (wildcardRow < 0) return { image: now, wildcard: now };
      const ofWildcard = rows[wildcardRow];
      // It has just come or gone: the index is ahead of this statement.
      return ofWildcard?.key == null ? 'again' : { row: ofWildcard, wildcard: now };
    });
  }

  private outcome(plan: Plan, rows: readonly Row[], statement: LoadStatement): LoadResult {
    const { request, chosen } = plan.item;
    const { impus, impi } = request;
    const again = (index = chosen): LoadResult => ({ again: { request, chosen: index, again: true } });
    const found = this.found(plan, rows);
    // The first that exists chooses, and what an image tells exists as far as is known; not all is known
    // while one has to be asked again.
    let chosenIndex = chosen;
    if (found.length > 0 && !exists(found[chosen])) {
      if (found.includes('again')) return again();
      chosenIndex = found.findIndex(exists);
    }
    const place = found[chosenIndex];
    if (place !== undefined && place !== 'again' && 'image' in place) return again(chosenIndex);
    const row = found.length > 0 ? rowOf(place) : rows[plan.otherRow];
    if (row?.key == null) {
      if (impus.length === 0 && impi === undefined) return nobody;
      if (impi !== undefined && plan.otherRow < 0 && isStorable(impi)) return again();
      return {
        snapshot: null,
        impuOwners: impus.map(() => null),
        impuWildcards: impus.map(() => null),
        impiOwner: impi === undefined ? null : this.ownerIn(plan.otherRow, rows),
      };
    }
    const { key, revision, known, columns } = row;
    const image = columns?.[COLUMN.image] ?? null;
    const current =
      image !== null
        ? this.cache.put(key, revision, image)
        : known?.key === key && known.revision === revision
          ? known
          : this.cache.held(key, revision);
    if (current === undefined) return again(chosenIndex);
    const subscription = current.subscription;
    const owners: (number | null)[] = [];
    const wildcards: (string | null)[] = [];
    for (const one of found) {
      if (one === 'again') return again(chosenIndex);
      // Was in the cached image, which has just been replaced.
      if ('image' in one && findPublicIdentity(subscription, one.image) === undefined)
        return again(chosenIndex);
      owners.push('image' in one ? key : (one.row?.key ?? null));
      wildcards.push(one.wildcard);
    }
    let impiOwner: number | null = null;
    if (impi !== undefined) {
      if (plan.otherRow >= 0) impiOwner = this.ownerIn(plan.otherRow, rows);
      else if (findPrivateIdentity(subscription, impi) !== undefined) impiOwner = key;
      else if (isStorable(impi)) return again(chosenIndex);
    }
    if (image === null) this.cachedCount += 1;
    else this.loadedCount += 1;
    const head = row.head ?? this.#headOf(row, current, statement);
    current.head = head;
    return {
      snapshot: this.#snapshot(current, head),
      impuOwners: owners,
      impuWildcards: wildcards,
      impiOwner,
    };
  }

  /**
   * What the columns of a row say; loaded modules that were not asked for stay as they are held, but those that
   * only the version held vouches for.
   */
  #headOf(
    { columns, wants }: Row,
    { head: before }: CachedSubscription,
    statement: LoadStatement,
  ): LoadedHead {
    const texts = columns ?? [];
    const version = Number(texts[COLUMN.version]);
    const { head } = this.modules;
    const states: Record<string, unknown> = {
      [head.name]: head.parse(version, texts.slice(COLUMN.head, COLUMN.head + statement.headCount)),
    };
    for (const module of this.modules.loaded) {
      const { name } = module;
      const isGone = isRowModule(module) && module.isVouchedByHead === true && before?.version !== version;
      if (!isGone && before?.states[name] !== undefined) states[name] = before.states[name];
    }
    statement.loadedModules.forEach((module, m) => {
      if (wants[m] === true)
        states[module.name] = module.parse(texts[COLUMN.head + statement.headCount + m] ?? null);
    });
    return { version, watchers: Number(texts[COLUMN.watchers]), states };
  }

  private ownerIn(n: number, rows: readonly Row[]): number | null {
    return n >= 0 ? (rows[n]?.key ?? null) : null;
  }
}
