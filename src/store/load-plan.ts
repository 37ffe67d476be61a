/**
 * How a batch of requests is looked up: which rows the load statement is asked for, and what the cached images
 * tell. See load.ts.
 */
import type { LoadedModule } from '../state/module';
import type { LoadRequest } from '../state/ports';
import { privateIdentityKey } from '../subscriber/private-identity';
import type { WildcardIndex } from '../subscriber/wildcards/wildcard-index';
import type { LookupKind } from './load-statement';
import type { CachedSubscription, LoadedHead, SubscriptionCache } from './subscription-cache';

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

export interface Lookup {
  readonly identity: string;
  readonly kind: LookupKind;
  readonly wantsImage: boolean;
  /** What the decision needs of this subscription. */
  readonly modules: readonly LoadedModule[];
  readonly known: CachedSubscription | undefined;
  /** That is held now; its version is what the statement is told. */
  readonly head: LoadedHead | null;
}

/**
 * How one public identity is looked up: row numbers in the statement, -1 where the chosen subscription's
 * cached image tells.
 */
export interface PublicPlan {
  readonly row: number;
  /** The wildcarded identity that it falls in the range of, as far as is known, and its row. */
  readonly wildcard: string | null;
  readonly wildcardRow: number;
}

export interface Plan {
  readonly item: LoadItem;
  readonly publicPlans: readonly PublicPlan[];
  /** Of the IMPI, the IMSI or the MSISDN; -1 where there is none. */
  readonly otherRow: number;
}

/** PostgreSQL's text has no NUL, so no identity stored has one. */
export const isStorable = (identity: string): boolean => !identity.includes('\0');

const nothing: readonly never[] = [];

export class LoadPlanner {
  readonly #withDocument: readonly LoadedModule[];

  /** `wildcards`: the present index, asked for each time. */
  constructor(
    private readonly cache: SubscriptionCache,
    modules: readonly LoadedModule[],
    private readonly wildcards: () => WildcardIndex,
  ) {
    this.#withDocument = modules.filter(({ isLoadedWithDocument }) => isLoadedWithDocument === true);
  }

  /** Adds what has to be looked up for the request to `lookups`. */
  plan(item: LoadItem, lookups: Lookup[]): Plan {
    const { impus, impi, imsi, msisdn, modules = nothing } = item.request;
    const add = (
      identity: string,
      kind: LookupKind,
      wantsImage: boolean,
      known: CachedSubscription | undefined,
    ): number => {
      if (!isStorable(identity)) return -1;
      const head = known?.head ?? null;
      const needed = wantsImage ? this.#neededOf(modules, known) : nothing;
      // Without the row's columns nothing says what its modules hold.
      const isHeld = needed.length === 0;
      return (
        lookups.push({ identity, kind, wantsImage, modules: needed, known, head: isHeld ? head : null }) - 1
      );
    };
    const first = impus[item.chosen];
    const rangeOf = (identity: string, known: CachedSubscription | undefined): string | null =>
      known === undefined || item.again ? this.wildcards().find(identity) : null;
    const firstKnown = first === undefined ? undefined : this.cache.ofImpu(first);
    const firstWildcard = first === undefined ? null : rangeOf(first, firstKnown);
    const entry =
      firstKnown ??
      (firstWildcard !== null
        ? this.cache.ofImpu(firstWildcard)
        : first === undefined && impi !== undefined
          ? this.cache.ofImpi(impi)
          : undefined);
    // Not a second time: of a subscription that is gone each identity would for ever be looked for in the
    // image of the others.
    const trusted = (known: CachedSubscription | undefined): boolean =>
      known !== undefined && known === entry && !item.again;
    // What nobody knows yet is most likely in the image that comes for the first one; where it is not, that
    // costs another round trip.
    const expected = (known: CachedSubscription | undefined): boolean =>
      trusted(known) || (known === undefined && !item.again);
    const publicPlans = impus.map((identity, i): PublicPlan => {
      const chooses = i === item.chosen;
      const known = chooses ? firstKnown : this.cache.ofImpu(identity);
      const wildcard = chooses ? firstWildcard : rangeOf(identity, known);
      const row =
        !chooses && (wildcard === null ? expected(known) : trusted(known))
          ? -1
          : add(identity, 'impu', chooses, known);
      if (wildcard === null) return { row, wildcard, wildcardRow: -1 };
      const knownWildcard = this.cache.ofImpu(wildcard);
      const told = !chooses && trusted(knownWildcard);
      return { row, wildcard, wildcardRow: told ? -1 : add(wildcard, 'impu', chooses, knownWildcard) };
    });
    let otherRow = -1;
    if (impi !== undefined) {
      const chooses = first === undefined;
      const known = chooses ? entry : this.cache.ofImpi(impi);
      if (chooses || !expected(known)) otherRow = add(privateIdentityKey(impi), 'impi', chooses, known);
    } else if (first === undefined && imsi !== undefined)
      otherRow = add(imsi, 'imsi', true, this.cache.ofImsi(imsi));
    else if (first === undefined && msisdn !== undefined)
      otherRow = add(msisdn, 'msisdn', true, this.cache.ofMsisdn(msisdn));
    return { item, publicPlans, otherRow };
  }

  /** Of the modules that a decision needs those that are not held, and with a document what goes with it. */
  #neededOf(
    modules: readonly LoadedModule[],
    known: CachedSubscription | undefined,
  ): readonly LoadedModule[] {
    if (known === undefined)
      return modules.length === 0 ? this.#withDocument : [...new Set([...modules, ...this.#withDocument])];
    return modules;
  }
}
