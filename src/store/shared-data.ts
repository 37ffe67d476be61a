/** The shared sets as this instance knows them: replaced as a whole by what each load brings, never changed in place. */
import { emptySharedData, type SharedData } from '../domain/subscription';
import type { SharedKind } from '../domain/ports';

interface SharedChanges {
  readonly changed: readonly (readonly [SharedKind, { readonly name: string }])[];
  readonly present?: readonly (readonly [SharedKind, string])[] | null;
}

const kinds: readonly SharedKind[] = ['serviceProfiles', 'ifcSets', 'capabilitySets', 'chargingSets'];

/** `changes`: what shared_changes() of migrations/0002 returned for the version that `known` has (or for all of it). */
export function applySharedChanges(known: SharedData, version: number, changes: string): SharedData {
  const { changed, present } = JSON.parse(changes) as SharedChanges;
  const maps = new Map(kinds.map((kind) => [kind, new Map<string, unknown>(known[kind])]));
  for (const [kind, document] of changed) maps.get(kind)?.set(document.name, document);
  if (present != null) {
    const names = new Set(present.map(([kind, name]) => `${kind} ${name}`));
    for (const [kind, map] of maps) for (const name of [...map.keys()]) if (!names.has(`${kind} ${name}`)) map.delete(name);
  }
  return { version, ...Object.fromEntries(maps) } as unknown as SharedData;
}

export class SharedDataHolder {
  current: SharedData = emptySharedData;

  /** `askedFor`: the version that the statement was told. */
  receive(askedFor: number, version: number, changes: string | null): void {
    if (changes === null) return;
    // A database that went back (restored) sent everything it has.
    if (version < askedFor) this.current = applySharedChanges(emptySharedData, version, changes);
    else if (version > this.current.version) this.current = applySharedChanges(this.current, version, changes);
  }
}
