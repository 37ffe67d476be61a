/**
 * Looking up in the subscription locator: one statement for all the requests of a batch finds the identities
 * that have an entry of their own, and brings what changed of the patterns, which this instance holds. So a
 * change holds from the moment of its commit [29.228-6.4].
 */
import type { LocatorEntry, LocatorKind, RedirectUsage } from '../locator/entry';
import type { BatchedLookup, RunStatement } from '../../../state/database';
import { PatternIndex, resolveAmong } from '../locator/pattern-index';

const statement = `
  select i.n, e.value, to_json(e.hosts)::text, e.usage, e.max_cache_seconds
  from unnest($1::text[]) with ordinality as i (value, n)
  join shared_locator_entry e on e.value = i.value and e.kind = 'identity'
  union all
  select 0, case when s.version <> $2 then shared_locator_changes(case when s.version > $2 then $2 else -1 end) end, null, null, s.version
  from shared_locator_state s`;

type Row = [
  n: number,
  value: string | null,
  hosts: string | null,
  usage: RedirectUsage | null,
  seconds: number | null,
];
type PatternRow = [
  value: string,
  kind: LocatorKind,
  hosts: string[],
  usage: RedirectUsage | null,
  seconds: number | null,
];

interface Changes {
  readonly whole: boolean;
  readonly present: readonly PatternRow[];
  readonly gone: readonly string[];
}

/** Asks for everything. */
const nothingKnown = -1;

export function entryOf(
  value: string,
  kind: LocatorKind,
  hosts: readonly string[],
  usage: RedirectUsage | null,
  seconds: number | null,
): LocatorEntry {
  return {
    kind,
    value,
    hosts,
    ...(usage === null ? {} : { usage }),
    ...(seconds === null ? {} : { maxCacheSeconds: seconds }),
  };
}

export class LocatorLookups implements BatchedLookup<readonly string[], LocatorEntry | null> {
  private readonly patterns = new PatternIndex();
  private known = nothingKnown;
  private held = nothingKnown;

  /** The patterns held may be of a database that is no more: the next statement brings everything. */
  distrust(): void {
    this.known = nothingKnown;
  }

  /** One round trip for all the requests, each a list of canonical identities. */
  async run(
    execute: RunStatement,
    requests: readonly (readonly string[])[],
  ): Promise<(LocatorEntry | null)[]> {
    const askedFor = this.known;
    const rows = (await execute({
      name: 'hss_locator',
      text: statement,
      values: [requests.flat(), askedFor],
    })) as Row[];
    const exact = new Map<number, LocatorEntry>();
    for (const [n, value, hosts, usage, seconds] of rows) {
      if (n === 0) this.receive(askedFor, seconds ?? 0, value);
      else
        exact.set(
          n - 1,
          entryOf(value ?? '', 'identity', JSON.parse(hosts ?? '[]') as string[], usage, seconds),
        );
    }
    let at = 0;
    return requests.map((identities) => {
      const own = identities.map((_, i) => exact.get(at + i) ?? null);
      at += identities.length;
      return resolveAmong(identities, own, this.patterns);
    });
  }

  /**
   * Statements overlap: an older difference than what is held says nothing new; a version that went back is
   * another database.
   */
  private receive(askedFor: number, version: number, changes: string | null): void {
    if (changes === null) return;
    const wentBack = version < askedFor;
    if (version <= this.held && !wentBack && (this.known !== nothingKnown || askedFor !== nothingKnown))
      return;
    const { whole: complete, present, gone } = JSON.parse(changes) as Changes;
    const whole = complete || wentBack || askedFor === nothingKnown;
    if (whole) {
      const kept = new Set(present.map(([value]) => value));
      for (const value of [...this.patterns.values()]) if (!kept.has(value)) this.patterns.delete(value);
    }
    for (const value of gone) this.patterns.delete(value);
    for (const [value, kind, hosts, usage, seconds] of present)
      this.patterns.put(entryOf(value, kind, hosts, usage, seconds));
    this.held = version;
    // A difference to what is no longer trusted does not make it trusted again.
    if (whole || this.known !== nothingKnown) this.known = version;
  }
}
