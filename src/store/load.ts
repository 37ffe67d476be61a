/**
 * Loading in batches: one statement finds, for each identity asked for, its owner, the registration state and, where this
 * instance does not hold the current one, the subscription's image; one more row brings what changed of the shared data.
 *
 * Where the identity is cached the statement tries its key and revision first, one primary-key access: a subscription that still
 * has that revision still owns its identities. Everything else goes through public_identity or private_identity.
 */
import type { LoadOutcome, LoadRequest } from '../domain/ports';
import { findPrivateIdentity, findPublicIdentity } from '../domain/subscription';
import type { Connection } from './connection';
import type { StoreEvents } from './events';
import { SharedDataHolder } from './shared-data';
import { statusFromColumns } from './status-row';
import type { CachedSubscription, SubscriptionCache } from './subscription-cache';

const statement = `
  select i.n, coalesce(s.subscription_key, t.subscription_key), coalesce(s.revision, t.revision), coalesce(s.version, t.version),
    coalesce(s.scscf_name, t.scscf_name), coalesce(s.scscf_diameter_host, t.scscf_diameter_host),
    coalesce(s.scscf_diameter_realm, t.scscf_diameter_realm), coalesce(s.reassignment_pending, t.reassignment_pending),
    coalesce(s.sets, t.sets), coalesce(s.sequence_numbers, t.sequence_numbers), m.image
  from unnest($1::text[], $2::boolean[], $3::boolean[], $4::bigint[], $5::bigint[]) with ordinality
    as i (identity, is_private, wants_image, known_key, known_revision, n)
  left join registration_state s on s.subscription_key = i.known_key and s.revision = i.known_revision
  left join public_identity p on p.identity = case when s.subscription_key is null and not i.is_private then i.identity end
  left join private_identity q on q.identity = case when s.subscription_key is null and i.is_private then i.identity end
  left join registration_state t on t.subscription_key = coalesce(p.subscription_key, q.subscription_key)
  left join subscription_image m on m.subscription_key = case when i.wants_image then t.subscription_key end
  union all
  select 0, null, null, v.version, null, null, null, null, null, null,
    case when v.version <> $6 then shared_changes(case when v.version > $6 then $6 else -1 end) end
  from shared_state v`;

type Row = [
  n: number, key: number | null, revision: number | null, version: number, name: string | null, host: string | null, realm: string | null,
  reassignmentPending: boolean, sets: string, sequenceNumbers: string, image: string | null,
];

/** One request on its way through a batch. */
export interface LoadItem {
  readonly request: LoadRequest;
  /** Index of the public identity whose subscription is loaded; 0 until it turned out not to exist. */
  readonly chosen: number;
}

/** What a batch says about one request; 'again' where a profile changed in between in a way that needs another look. */
export type LoadResult = LoadOutcome | { readonly again: LoadItem };

interface Lookup {
  readonly identity: string;
  readonly isPrivate: boolean;
  readonly wantsImage: boolean;
  readonly known: CachedSubscription | undefined;
}

/** The lookups of one request: row numbers in the statement, -1 where the chosen subscription's cached image tells. */
interface Plan {
  readonly item: LoadItem;
  readonly publicRows: number[];
  readonly privateRow: number;
  /** Row of the lookup that chooses the subscription; -1 where nothing can. */
  readonly chosenRow: number;
}

const nobody: LoadOutcome = { snapshot: null, publicIdentityOwners: [], privateIdentityOwner: null };

/** PostgreSQL's text has no NUL, so no identity stored has one. */
const isStorable = (identity: string): boolean => !identity.includes('\0');

export class Loader {
  readonly shared = new SharedDataHolder();

  constructor(private readonly cache: SubscriptionCache, private readonly events: StoreEvents) {}

  /** After a lost connection: a restored or failed-over database may have given a revision a second time. */
  distrust(): void {
    this.cache.clear();
    this.shared.distrust();
  }

  /** One round trip for all the items. @throws StoreUnavailableError, DatabaseError */
  async run(connection: Connection, items: readonly LoadItem[]): Promise<LoadResult[]> {
    const lookups: Lookup[] = [];
    const plans = items.map((item) => this.plan(item, lookups));
    const sharedVersion = this.shared.knownVersion;
    const rows = await connection.query<Row>({
      name: 'hss_load', text: statement,
      values: [
        lookups.map((l) => l.identity), lookups.map((l) => l.isPrivate), lookups.map((l) => l.wantsImage),
        lookups.map((l) => l.known?.key ?? null), lookups.map((l) => l.known?.revision ?? null), sharedVersion,
      ],
    });
    const byNumber: (Row | undefined)[] = new Array<Row | undefined>(lookups.length);
    for (const row of rows) {
      if (row[0] === 0) this.shared.receive(sharedVersion, row[3], row[10]);
      else byNumber[row[0] - 1] = row;
    }
    let cached = 0;
    let loaded = 0;
    for (const { chosenRow } of plans) {
      const row = chosenRow >= 0 ? byNumber[chosenRow] : undefined;
      if (row?.[1] == null) continue;
      if (row[10] === null) cached += 1;
      else loaded += 1;
    }
    this.events.profiles(cached, loaded);
    return plans.map((plan) => this.outcome(plan, byNumber, lookups));
  }

  private plan(item: LoadItem, lookups: Lookup[]): Plan {
    const { publicIdentities, privateIdentity } = item.request;
    const add = (identity: string, isPrivate: boolean, wantsImage: boolean, known: CachedSubscription | undefined): number => {
      if (!isStorable(identity)) return -1;
      return lookups.push({ identity, isPrivate, wantsImage, known }) - 1;
    };
    const first = publicIdentities[item.chosen];
    const entry = first !== undefined ? this.cache.ofPublicIdentity(first)
      : privateIdentity !== undefined ? this.cache.ofPrivateIdentity(privateIdentity) : undefined;
    const publicRows = publicIdentities.map((identity, i) => {
      if (i === item.chosen) return add(identity, false, true, entry);
      const known = this.cache.ofPublicIdentity(identity);
      return known !== undefined && known === entry ? -1 : add(identity, false, false, known);
    });
    let privateRow = -1;
    if (privateIdentity !== undefined) {
      const chooses = first === undefined;
      const known = chooses ? entry : this.cache.ofPrivateIdentity(privateIdentity);
      if (chooses || known === undefined || known !== entry) privateRow = add(privateIdentity, true, chooses, known);
    }
    return { item, publicRows, privateRow, chosenRow: first !== undefined ? publicRows[item.chosen] ?? -1 : privateRow };
  }

  private outcome(plan: Plan, rows: readonly (Row | undefined)[], lookups: readonly Lookup[]): LoadResult {
    const { request, chosen } = plan.item;
    const { publicIdentities, privateIdentity } = request;
    let row = plan.chosenRow >= 0 ? rows[plan.chosenRow] : undefined;
    let chosenIndex = chosen;
    if (row?.[1] == null) {
      // The first that exists chooses; where its image is not at hand the request goes once more, for that one.
      chosenIndex = plan.publicRows.findIndex((n) => n >= 0 && rows[n]?.[1] != null);
      row = chosenIndex >= 0 ? rows[plan.publicRows[chosenIndex] ?? -1] : undefined;
    }
    if (row?.[1] == null || row[2] === null) {
      if (publicIdentities.length === 0 && privateIdentity === undefined) return nobody;
      return { snapshot: null, publicIdentityOwners: publicIdentities.map(() => null), privateIdentityOwner: this.ownerIn(plan.privateRow, rows) };
    }
    const [, key, revision, version, name, host, realm, reassignmentPending, sets, sequenceNumbers, image] = row;
    const known = lookups[row[0] - 1]?.known;
    const current = image !== null ? this.cache.put(key, revision, image)
      : known?.key === key && known.revision === revision ? known : this.cache.held(key, revision);
    if (current === undefined) return { again: { request, chosen: chosenIndex } };
    const subscription = current.subscription;
    const owners: (number | null)[] = [];
    for (let i = 0; i < publicIdentities.length; i += 1) {
      const identity = publicIdentities[i] as string;
      const n = plan.publicRows[i] ?? -1;
      if (n >= 0) owners.push(rows[n]?.[1] ?? null);
      else if (findPublicIdentity(subscription, identity) !== undefined) owners.push(key);
      // Was in the cached image, which has just been replaced.
      else if (isStorable(identity)) return { again: { request, chosen: chosenIndex } };
      else owners.push(null);
    }
    let privateIdentityOwner: number | null = null;
    if (privateIdentity !== undefined) {
      if (plan.privateRow >= 0) privateIdentityOwner = this.ownerIn(plan.privateRow, rows);
      else if (findPrivateIdentity(subscription, privateIdentity) !== undefined) privateIdentityOwner = key;
      else if (isStorable(privateIdentity)) return { again: { request, chosen: chosenIndex } };
    }
    return {
      snapshot: {
        key, subscription, shared: this.shared.current,
        status: statusFromColumns([version, name, host, realm, reassignmentPending, sets, sequenceNumbers]),
      },
      publicIdentityOwners: owners, privateIdentityOwner,
    };
  }

  private ownerIn(n: number, rows: readonly (Row | undefined)[]): number | null {
    return n >= 0 ? rows[n]?.[1] ?? null : null;
  }
}
