/**
 * Finds the wildcarded identity that an identity falls in the range of, [23.003-13.5], among any number of
 * them. Expressions are tried for candidates only: the domain and what is literal at the beginning and at the
 * end, the expression's own literal ends included, have to fit first, each found by hashing. Where several
 * match, the one with the most literal characters outside its delimiters wins, then the first in the order of
 * the stored text (docs/decisions/0003-wildcard-matching.md).
 *
 * Matchers run in linear time (RE2) and are compiled when first needed; the most recently used ones are kept.
 */
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { subscriberLimits } from '../limits';
import { canonicalPublicIdentity } from '../public-identity';
import { parseWildcardedIdentity } from './wildcarded-identity';

interface Entry {
  readonly text: string;
  /** Literal characters before and after what the expression matches. */
  readonly prefixLength: number;
  readonly suffixLength: number;
  /** What a subject in its range ends with. */
  readonly suffixKey: string;
  /** The expression is ".*", as that of most. */
  readonly any: boolean;
}

/** Values by texts that a subject begins or ends with: a hash access for each length that occurs. */
class ByAffix<T> {
  readonly #values = new Map<string, T>();
  readonly #countByLength = new Map<number, number>();
  #lengths: number[] = [];

  constructor(private readonly affix: (subject: string, length: number) => string) {}

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  getOrAdd(key: string, make: () => T): T {
    let value = this.#values.get(key);
    if (value === undefined) {
      this.#values.set(key, (value = make()));
      const count = this.#countByLength.get(key.length) ?? 0;
      this.#countByLength.set(key.length, count + 1);
      if (count === 0) this.#lengths = [...this.#lengths, key.length].sort((a, b) => a - b);
    }
    return value;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  delete(key: string): void {
    if (!this.#values.delete(key)) return;
    const count = (this.#countByLength.get(key.length) ?? 1) - 1;
    if (count > 0) {
      this.#countByLength.set(key.length, count);
      return;
    }
    this.#countByLength.delete(key.length);
    this.#lengths = this.#lengths.filter((length) => length !== key.length);
  }

  forEach(subject: string, visit: (value: T) => void): void {
    for (const length of this.#lengths) {
      if (length > subject.length) return;
      const value = this.#values.get(this.affix(subject, length));
      if (value !== undefined) visit(value);
    }
  }
}

const beginning = (subject: string, length: number): string => subject.slice(0, length);
const end = (subject: string, length: number): string => subject.slice(subject.length - length);

/** Entries with the same beginning: few are looked through, many are found by their ends. */
class Node {
  #few: Entry[] = [];
  #many: ByAffix<Set<Entry>> | null = null;

  get isEmpty(): boolean {
    return this.#few.length === 0 && this.#many?.isEmpty !== false;
  }

  add(entry: Entry): void {
    if (this.#many === null && this.#few.length < fewCount) {
      this.#few.push(entry);
      return;
    }
    if (this.#many === null) {
      this.#many = new ByAffix(end);
      for (const one of this.#few) addTo(this.#many, one);
      this.#few = [];
    }
    addTo(this.#many, entry);
  }

  delete(entry: Entry): void {
    this.#few = this.#few.filter((one) => one !== entry);
    const set = this.#many?.get(entry.suffixKey);
    set?.delete(entry);
    if (set?.size === 0) this.#many?.delete(entry.suffixKey);
  }

  forEach(subject: string, visit: (entry: Entry) => void): void {
    for (const entry of this.#few) if (subject.endsWith(entry.suffixKey)) visit(entry);
    this.#many?.forEach(subject, (entries) => entries.forEach(visit));
  }
}

const fewCount = 8;
const addTo = (many: ByAffix<Set<Entry>>, entry: Entry): void => {
  many.getOrAdd(entry.suffixKey, () => new Set()).add(entry);
};

export class WildcardIndex {
  readonly #entries = new Map<string, Entry>();
  readonly #spaces = new Map<string, ByAffix<Node>>();
  readonly #matchers = new LRUCache<string, RE2JS>({ max: subscriberLimits.wildcardMatchersKeptCount });

  get size(): number {
    return this.#entries.size;
  }

  has(text: string): boolean {
    return this.#entries.has(text);
  }

  texts(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Adds a wildcarded identity as stored; false where the text is none. Adding it again changes nothing. */
  add(text: string): boolean {
    if (this.#entries.has(text)) return true;
    const parsed = parseWildcardedIdentity(text);
    if (!parsed.ok) return false;
    const { space, prefix, suffix, expression } = parsed.value;
    const entry: Entry = {
      text,
      prefixLength: prefix.length,
      suffixLength: suffix.length,
      suffixKey: expression.tail + suffix,
      any: expression.source === '.*',
    };
    this.#entries.set(text, entry);
    let nodes = this.#spaces.get(space);
    if (nodes === undefined) this.#spaces.set(space, (nodes = new ByAffix(beginning)));
    nodes.getOrAdd(prefix + expression.head, () => new Node()).add(entry);
    return true;
  }

  delete(text: string): void {
    const entry = this.#entries.get(text);
    const parsed = parseWildcardedIdentity(text);
    if (entry === undefined || !parsed.ok) return;
    this.#entries.delete(text);
    this.#matchers.delete(text);
    const { space, prefix, expression } = parsed.value;
    const nodes = this.#spaces.get(space);
    const node = nodes?.get(prefix + expression.head);
    node?.delete(entry);
    if (node?.isEmpty === true) nodes?.delete(prefix + expression.head);
    if (nodes?.isEmpty === true) this.#spaces.delete(space);
  }

  /**
   * The stored text of the wildcarded identity that `identity`, a canonical one, falls in the range of; null
   * where there is none.
   */
  find(identity: string): string | null {
    if (this.#entries.size === 0) return null;
    const place = placeOf(identity);
    const nodes = place === null ? undefined : this.#spaces.get(place.space);
    if (place === null || nodes === undefined) return null;
    // What is not canonical is no identity, so it is in nobody's range.
    const canonical = canonicalPublicIdentity(identity);
    if (!canonical.ok || canonical.value !== identity) return null;
    const { subject } = place;
    let best: Entry | null = null;
    nodes.forEach(subject, (node) =>
      node.forEach(subject, (entry) => {
        if (isBetter(entry, best) && this.#matches(entry, subject)) best = entry;
      }),
    );
    return (best as Entry | null)?.text ?? null;
  }

  #matches({ text, prefixLength, suffixLength, any }: Entry, subject: string): boolean {
    const length = subject.length - suffixLength;
    if (length < prefixLength) return false;
    if (any) return true;
    const matcher = this.#matchers.get(text) ?? this.#compile(text);
    return matcher?.testExact(subject.slice(prefixLength, length)) === true;
  }

  #compile(text: string): RE2JS | null {
    const parsed = parseWildcardedIdentity(text);
    if (!parsed.ok) return null;
    const matcher = RE2JS.compile(parsed.value.expression.re2, RE2JS.DOTALL);
    this.#matchers.set(text, matcher);
    return matcher;
  }
}

const literalCount = ({ prefixLength, suffixLength }: Entry): number => prefixLength + suffixLength;

function isBetter(entry: Entry, best: Entry | null): boolean {
  if (best === null) return true;
  const more = literalCount(entry) - literalCount(best);
  return more > 0 || (more === 0 && entry.text < best.text);
}

/**
 * Scheme and domain of an identity, and the part of it that expressions are about; null where it has no such
 * part.
 */
function placeOf(identity: string): { readonly space: string; readonly subject: string } | null {
  if (identity.startsWith('tel:')) return { space: 'tel:', subject: identity.slice(4) };
  const at = identity.indexOf('@');
  const colon = identity.indexOf(':');
  return at < 0 || colon < 0
    ? null
    : {
        space: identity.slice(0, colon + 1) + identity.slice(at + 1),
        subject: identity.slice(colon + 1, at),
      };
}
