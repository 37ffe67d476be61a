/**
 * The ranges, wildcarded identities and domains of the locator, in memory; identities of their own are looked
 * up in the database. Most specific first [29.228-6.4]:
 * 1. wildcarded identity or number range: the one with more literal characters, then the wildcarded identity,
 * and of two ranges the
 *      smaller one (the order among wildcarded identities is docs/decisions/0003-wildcard-matching.md);
 *   2. domain: the longest that the identity's host is, or is below.
 */
import { WildcardIndex } from '../../../subscriber/wildcards/wildcard-index';
import { parseWildcardedIdentity } from '../../../subscriber/wildcards/wildcarded-identity';
import type { LocatorEntry } from './entry';
import { numberOf, parseNumberRange, type NumberRange } from './number-range';

interface RangeEntry {
  readonly range: NumberRange;
  readonly entry: LocatorEntry;
}

/**
 * The smaller first, then in the order of their texts, so that the result never depends on the order of
 * insertion.
 */
const bySize = (a: RangeEntry, b: RangeEntry): number =>
  a.range.size - b.range.size ||
  b.range.literalCount - a.range.literalCount ||
  (a.range.text < b.range.text ? -1 : 1);
const prefixKey = (digitsCount: number, prefix: string): string => `${digitsCount}:${prefix}`;

class RangeIndex {
  readonly #byPrefix = new Map<string, RangeEntry[]>();

  add(entry: LocatorEntry): void {
    const parsed = parseNumberRange(entry.value);
    if (!parsed.ok) return;
    for (const prefix of parsed.value.prefixes) {
      const key = prefixKey(parsed.value.digitsCount, prefix);
      const list = this.#byPrefix.get(key) ?? [];
      this.#byPrefix.set(key, [...list, { range: parsed.value, entry }].sort(bySize));
    }
  }

  delete(entry: LocatorEntry): void {
    const parsed = parseNumberRange(entry.value);
    if (!parsed.ok) return;
    for (const prefix of parsed.value.prefixes) {
      const key = prefixKey(parsed.value.digitsCount, prefix);
      const left = (this.#byPrefix.get(key) ?? []).filter((one) => one.entry.value !== entry.value);
      if (left.length > 0) this.#byPrefix.set(key, left);
      else this.#byPrefix.delete(key);
    }
  }

  find(digits: string): RangeEntry | null {
    let best: RangeEntry | null = null;
    for (let length = 1; length <= digits.length; length += 1) {
      const prefix = digits.slice(0, length);
      for (const digitsCount of [digits.length, 0]) {
        const found = this.#byPrefix.get(prefixKey(digitsCount, prefix))?.[0];
        // Of open ranges the longer prefix is part of the shorter one.
        if (found !== undefined && (best === null || bySize(found, best) < 0)) best = found;
      }
    }
    return best;
  }
}

function literalsOf(wildcard: string): number {
  const parsed = parseWildcardedIdentity(wildcard);
  return parsed.ok ? parsed.value.prefix.length + parsed.value.suffix.length : 0;
}

/** The host of a SIP URI or the realm of a private identity; null for a telephone number. */
function hostOf(identity: string): string | null {
  if (identity.startsWith('tel:')) return null;
  return identity.slice(identity.includes('@') ? identity.lastIndexOf('@') + 1 : identity.indexOf(':') + 1);
}

export class PatternIndex {
  readonly #entries = new Map<string, LocatorEntry>();
  readonly #wildcards = new WildcardIndex();
  readonly #ranges = new RangeIndex();
  #domainsCount = 0;

  get size(): number {
    return this.#entries.size;
  }

  values(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Takes a canonical entry; one of the same value is replaced. */
  put(entry: LocatorEntry): void {
    this.delete(entry.value);
    this.#entries.set(entry.value, entry);
    if (entry.kind === 'wildcard') this.#wildcards.add(entry.value);
    else if (entry.kind === 'range') this.#ranges.add(entry);
    else if (entry.kind === 'domain') this.#domainsCount += 1;
  }

  delete(value: string): void {
    const entry = this.#entries.get(value);
    if (entry === undefined) return;
    this.#entries.delete(value);
    if (entry.kind === 'wildcard') this.#wildcards.delete(value);
    else if (entry.kind === 'range') this.#ranges.delete(entry);
    else if (entry.kind === 'domain') this.#domainsCount -= 1;
  }

  /** The wildcarded identity or range that a canonical identity falls in. */
  findRange(identity: string): LocatorEntry | null {
    const wildcard = this.#wildcards.find(identity);
    const digits = numberOf(identity);
    const range = digits === null ? null : this.#ranges.find(digits);
    if (wildcard === null) return range?.entry ?? null;
    if (range !== null && range.range.literalCount > literalsOf(wildcard)) return range.entry;
    return this.#entries.get(wildcard) ?? null;
  }

  findDomain(identity: string): LocatorEntry | null {
    if (this.#domainsCount === 0) return null;
    for (let host = hostOf(identity); host !== null && host !== '';) {
      const entry = this.#entries.get(host);
      if (entry?.kind === 'domain') return entry;
      const dot = host.indexOf('.');
      host = dot < 0 ? null : host.slice(dot + 1);
    }
    return null;
  }
}

/**
 * The entry for a request that names these canonical identities, in their order: an entry for one of them
 * alone, else the most specific pattern of any of them, else a domain. `exact`: what is stored for each of
 * them, by position.
 */
export function resolveAmong(
  identities: readonly string[],
  exact: readonly (LocatorEntry | null)[],
  patterns: PatternIndex,
): LocatorEntry | null {
  const own = exact.find((entry) => entry !== null);
  if (own !== undefined) return own;
  for (const find of [
    (identity: string) => patterns.findRange(identity),
    (identity: string) => patterns.findDomain(identity),
  ]) {
    for (const identity of identities) {
      const entry = find(identity);
      if (entry !== null) return entry;
    }
  }
  return null;
}
