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
import type { LoadOutcome, LoadRequest } from '../state/ports';
import type { RegistrationStatus } from '../apps/cx/state/registration-status';
import { privateIdentityKey } from '../subscriber/private-identity';
import { findPrivateIdentity, findPublicIdentity } from '../subscriber/subscription';
import type { Connection } from './connection';
import type { StoreEvents } from '../events/hss-events';
import { SharedDataHolder } from './shared-data';
import { statusFromTexts } from './status-row';
import type { CachedSubscription, SubscriptionCache } from './subscription-cache';
import type { TextRow } from './wire/batch-query';
import { WildcardHolder } from './wildcards';

const statement = `
  select i.n, coalesce(s.subscription_key, t.subscription_key), coalesce(s.revision, t.revision), coalesce(s.version, t.version),
    coalesce(s.scscf_name, t.scscf_name), coalesce(s.scscf_diameter_host, t.scscf_diameter_host),
    coalesce(s.scscf_diameter_realm, t.scscf_diameter_realm), coalesce(s.reassignment_pending, t.reassignment_pending),
    coalesce(s.sets, t.sets), coalesce(s.sequence_numbers, t.sequence_numbers), m.image
  from unnest($1::text[], $2::boolean[], $3::boolean[], $4::bigint[], $5::bigint[], $8::bigint[]) with ordinality
    as i (identity, is_private, wants_image, known_key, known_revision, known_version, n)
  left join registration_state s on s.subscription_key = i.known_key and s.revision = i.known_revision
  left join public_identity p on p.identity = case when s.subscription_key is null and not i.is_private then i.identity end
  left join private_identity q on q.identity_key = case when s.subscription_key is null and i.is_private then i.identity end
  left join registration_state t on t.subscription_key = coalesce(p.subscription_key, q.subscription_key)
  left join subscription_image m on m.subscription_key = case when i.wants_image then t.subscription_key end
  where s.version is null or s.version is distinct from i.known_version
  union all
  select 0, w.version, null, v.version,
    case when w.version <> $7 then shared_wildcard_changes(case when w.version > $7 then $7 else -1 end) end, null, null, null, null, null,
    case when v.version <> $6 then shared_changes(case when v.version > $6 then $6 else -1 end) end
  from shared_state v, shared_wildcard_state w`;

/** The first columns of a row, and the rest as it came; status and image only where somebody wants them. */
interface Row {
  readonly key: number | null;
  readonly revision: number;
  /** What is held of the subscription, where the statement was told. */
  readonly known: CachedSubscription | undefined;
  /** Null where the subscription is as it is held. */
  readonly columns: TextRow | null;
  /** Held, where `columns` is null. */
  readonly status: RegistrationStatus | null;
}

const IMAGE = 10;
const nobodys: Row = { key: null, revision: 0, known: undefined, columns: null, status: null };

/** One request on its way through a batch. */
export interface LoadItem {
  readonly request: LoadRequest;
  /** Index of the public identity whose subscription is loaded; 0 until it turned out not to exist. */
  readonly chosen: number;
  /**
   * An earlier round trip did not tell all: what is cached may be out of date, so wildcarded identities are
   * asked for as well.
   */
  readonly again: boolean;
}

/**
 * What a batch says about one request; 'again' where a profile changed in between in a way that needs another
 * look.
 */
export type LoadResult = LoadOutcome | { readonly again: LoadItem };

interface Lookup {
  readonly identity: string;
  readonly isPrivate: boolean;
  readonly wantsImage: boolean;
  readonly known: CachedSubscription | undefined;
  /** That is held now; its version is what the statement is told. */
  readonly status: RegistrationStatus | null;
}

/**
 * How one public identity is looked up: row numbers in the statement, -1 where the chosen subscription's
 * cached image tells.
 */
interface PublicPlan {
  readonly row: number;
  /** The wildcarded identity that it falls in the range of, as far as is known, and its row. */
  readonly wildcard: string | null;
  readonly wildcardRow: number;
}

interface Plan {
  readonly item: LoadItem;
  readonly publicPlans: readonly PublicPlan[];
  readonly privateRow: number;
}

const nobody: LoadOutcome = {
  snapshot: null,
  publicIdentityOwners: [],
  publicIdentityWildcards: [],
  privateIdentityOwner: null,
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

/** PostgreSQL's text has no NUL, so no identity stored has one. */
const isStorable = (identity: string): boolean => !identity.includes('\0');

export class Loader {
  readonly shared = new SharedDataHolder();
  readonly wildcards = new WildcardHolder();

  /** Requests of the batch that were answered from a cached image, and from one that came with it. */
  private cachedCount = 0;
  private loadedCount = 0;

  constructor(
    private readonly cache: SubscriptionCache,
    private readonly events: Pick<StoreEvents, 'subscriptionsRead'>,
  ) {}

  /** After a lost connection: a restored or failed-over database may have given a revision a second time. */
  distrust(): void {
    this.cache.clear();
    this.shared.distrust();
    this.wildcards.distrust();
  }

  /** See RegistrationStore. Only where one entry answers the whole request. */
  held({ publicIdentities, privateIdentity }: LoadRequest): LoadOutcome | null {
    const [first] = publicIdentities;
    const entry = first === undefined ? undefined : this.cache.ofPublicIdentity(first);
    if (entry === undefined || entry.status === null) return null;
    for (const identity of publicIdentities)
      if (identity !== first && this.cache.ofPublicIdentity(identity) !== entry) return null;
    if (privateIdentity !== undefined && this.cache.ofPrivateIdentity(privateIdentity) !== entry) return null;
    const { key, subscription, status } = entry;
    return {
      snapshot: { key, subscription, shared: this.shared.current, status },
      publicIdentityOwners: publicIdentities.map(() => key),
      publicIdentityWildcards: publicIdentities.map(() => null),
      privateIdentityOwner: privateIdentity === undefined ? null : key,
    };
  }

  /** One round trip for all the items. @throws StoreUnavailableError, DatabaseError */
  async run(connection: Connection, items: readonly LoadItem[]): Promise<LoadResult[]> {
    const lookups: Lookup[] = [];
    const plans = items.map((item) => this.plan(item, lookups));
    const sharedVersion = this.shared.knownVersion;
    const wildcardVersion = this.wildcards.knownVersion;
    const rows = await connection.run({
      name: 'hss_load',
      text: statement,
      parameters: [
        { kind: 'texts', values: lookups.map((l) => l.identity) },
        { kind: 'booleans', values: lookups.map((l) => l.isPrivate) },
        { kind: 'booleans', values: lookups.map((l) => l.wantsImage) },
        { kind: 'bigints', values: lookups.map((l) => l.known?.key ?? null) },
        { kind: 'bigints', values: lookups.map((l) => l.known?.revision ?? null) },
        { kind: 'bigint', value: sharedVersion },
        { kind: 'bigint', value: wildcardVersion },
        { kind: 'bigints', values: lookups.map((l) => l.status?.version ?? null) },
      ],
    });
    const byNumber: Row[] = lookups.map(({ known, status }) =>
      known === undefined || status === null
        ? nobodys
        : { key: known.key, revision: known.revision, known, columns: null, status },
    );
    for (const columns of rows) {
      const n = Number(columns[0]);
      const [, key, revision, version, wildcards] = columns;
      if (n === 0) {
        this.shared.receive(sharedVersion, Number(version), columns[IMAGE] ?? null);
        this.wildcards.receive(wildcardVersion, Number(key), wildcards ?? null);
      } else
        byNumber[n - 1] = {
          key: key == null ? null : Number(key),
          revision: Number(revision),
          known: lookups[n - 1]?.known,
          columns,
          status: null,
        };
    }
    const results = plans.map((plan) => this.outcome(plan, byNumber));
    this.events.subscriptionsRead(this.cachedCount, this.loadedCount);
    this.cachedCount = 0;
    this.loadedCount = 0;
    return results;
  }

  private plan(item: LoadItem, lookups: Lookup[]): Plan {
    const { publicIdentities, privateIdentity } = item.request;
    const add = (
      identity: string,
      isPrivate: boolean,
      wantsImage: boolean,
      known: CachedSubscription | undefined,
    ): number => {
      if (!isStorable(identity)) return -1;
      return lookups.push({ identity, isPrivate, wantsImage, known, status: known?.status ?? null }) - 1;
    };
    const first = publicIdentities[item.chosen];
    const rangeOf = (identity: string, known: CachedSubscription | undefined): string | null =>
      known === undefined || item.again ? this.wildcards.index.find(identity) : null;
    const firstKnown = first === undefined ? undefined : this.cache.ofPublicIdentity(first);
    const firstWildcard = first === undefined ? null : rangeOf(first, firstKnown);
    const entry =
      firstKnown ??
      (firstWildcard !== null
        ? this.cache.ofPublicIdentity(firstWildcard)
        : first === undefined && privateIdentity !== undefined
          ? this.cache.ofPrivateIdentity(privateIdentity)
          : undefined);
    // Not a second time: of a subscription that is gone each identity would for ever be looked for in the
    // image of the others.
    const trusted = (known: CachedSubscription | undefined): boolean =>
      known !== undefined && known === entry && !item.again;
    // What nobody knows yet is most likely in the image that comes for the first one; where it is not, that
    // costs another round trip.
    const expected = (known: CachedSubscription | undefined): boolean =>
      trusted(known) || (known === undefined && !item.again);
    const publicPlans = publicIdentities.map((identity, i): PublicPlan => {
      const chooses = i === item.chosen;
      const known = chooses ? firstKnown : this.cache.ofPublicIdentity(identity);
      const wildcard = chooses ? firstWildcard : rangeOf(identity, known);
      const row =
        !chooses && (wildcard === null ? expected(known) : trusted(known))
          ? -1
          : add(identity, false, chooses, known);
      if (wildcard === null) return { row, wildcard, wildcardRow: -1 };
      const knownWildcard = this.cache.ofPublicIdentity(wildcard);
      const told = !chooses && trusted(knownWildcard);
      return { row, wildcard, wildcardRow: told ? -1 : add(wildcard, false, chooses, knownWildcard) };
    });
    let privateRow = -1;
    if (privateIdentity !== undefined) {
      const chooses = first === undefined;
      const known = chooses ? entry : this.cache.ofPrivateIdentity(privateIdentity);
      if (chooses || !expected(known))
        privateRow = add(privateIdentityKey(privateIdentity), true, chooses, known);
    }
    return { item, publicPlans, privateRow };
  }

  /** What the rows of the statement say about each public identity. */
  private found({ item: { request }, publicPlans }: Plan, rows: readonly Row[]): Found[] {
    return publicPlans.map(({ row, wildcard, wildcardRow }, i): Found => {
      const identity = request.publicIdentities[i] as string;
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

  private outcome(plan: Plan, rows: readonly Row[]): LoadResult {
    const { request, chosen } = plan.item;
    const { publicIdentities, privateIdentity } = request;
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
    const row = found.length > 0 ? rowOf(place) : rows[plan.privateRow];
    if (row?.key == null) {
      if (publicIdentities.length === 0 && privateIdentity === undefined) return nobody;
      if (privateIdentity !== undefined && plan.privateRow < 0 && isStorable(privateIdentity)) return again();
      return {
        snapshot: null,
        publicIdentityOwners: publicIdentities.map(() => null),
        publicIdentityWildcards: publicIdentities.map(() => null),
        privateIdentityOwner: this.ownerIn(plan.privateRow, rows),
      };
    }
    const { key, revision, known, columns } = row;
    const image = columns?.[IMAGE] ?? null;
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
    let privateIdentityOwner: number | null = null;
    if (privateIdentity !== undefined) {
      if (plan.privateRow >= 0) privateIdentityOwner = this.ownerIn(plan.privateRow, rows);
      else if (findPrivateIdentity(subscription, privateIdentity) !== undefined) privateIdentityOwner = key;
      else if (isStorable(privateIdentity)) return again(chosenIndex);
    }
    if (image === null) this.cachedCount += 1;
    else this.loadedCount += 1;
    const status = row.status ?? statusFromTexts(columns ?? []);
    current.status = status;
    return {
      snapshot: { key, subscription, shared: this.shared.current, status },
      publicIdentityOwners: owners,
      publicIdentityWildcards: wildcards,
      privateIdentityOwner,
    };
  }

  private ownerIn(n: number, rows: readonly Row[]): number | null {
    return n >= 0 ? (rows[n]?.key ?? null) : null;
  }
}
