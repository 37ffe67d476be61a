/**
 * The shared sets as this instance knows them: replaced as a whole by what each load brings, never changed in
 * place.
 */
import { emptySharedData, type SharedData } from '../subscriber/subscription';
import type { SharedKind } from '../subscriber/provisioning';

interface SharedChanges {
  readonly changed: readonly (readonly [SharedKind, { readonly name: string }])[];
  readonly present?: readonly (readonly [SharedKind, string])[] | null;
}

/**
 * `changes`: what shared_changes() of migrations/0002 returned for the version that `known` has (or for all
 * of it).
 */
export function applySharedChanges(known: SharedData, version: number, changes: string): SharedData {
  const { changed, present } = JSON.parse(changes) as SharedChanges;
  const names = present == null ? null : new Set(present.map(([kind, name]) => `${kind} ${name}`));
  const merge = <Set extends { readonly name: string }>(
    kind: SharedKind,
    before: ReadonlyMap<string, Set>,
  ): ReadonlyMap<string, Set> => {
    const map = new Map(before);
    for (const [ofKind, document] of changed) if (ofKind === kind) map.set(document.name, document as Set);
    if (names !== null) for (const name of before.keys()) if (!names.has(`${kind} ${name}`)) map.delete(name);
    return map;
  };
  return {
    version,
    serviceProfiles: merge('serviceProfiles', known.serviceProfiles),
    ifcSets: merge('ifcSets', known.ifcSets),
    capabilitySets: merge('capabilitySets', known.capabilitySets),
    chargingSets: merge('chargingSets', known.chargingSets),
    epsProfiles: merge('epsProfiles', known.epsProfiles),
  };
}

/** Asks for everything. */
const nothingKnown = -1;

export class SharedDataHolder {
  current: SharedData = emptySharedData;
  private known = nothingKnown;

  /** The version that the next statement is told. */
  get knownVersion(): number {
    return this.known;
  }

  /** `askedFor`: the version that the statement was told. */
  receive(askedFor: number, version: number, changes: string | null): void {
    if (changes === null) return;
    // Everything was asked for, or a database that went back sent everything it has.
    const whole = askedFor === nothingKnown || version < askedFor;
    if (!whole && version <= this.current.version) return;
    this.current = applySharedChanges(whole ? emptySharedData : this.current, version, changes);
    this.known = version;
  }

  /** What is held may be of a database that is no more: the next statement brings everything. */
  distrust(): void {
    this.known = nothingKnown;
  }
}
