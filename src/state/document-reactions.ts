/**
 * What a change of the provisioned document makes an application do. A reaction is a pure function of the
 * document before and after, and of the state under the lock of the change, to requests of ours and to new state:
 * of the head row's module, of rows that are there. All of it is committed with the change.
 */
import type { SharedData, Subscription } from '../subscriber/subscription';
import type { HeadChange, LoadedModule, ModuleChange, RowChange } from './module';
import type { OutboxEntry } from './ports';

/** State by name of the module: that of the head row, and those that a reaction needs. */
export type ModuleStates = Readonly<Record<string, unknown>>;

/** The EPS profiles that the documents name, as they are now. */
export type NamedEpsProfiles = Pick<SharedData, 'epsProfiles'>;

export interface DocumentChange {
  /** The store's own key of the subscription; a change of a row names it. */
  readonly key: number;
  readonly before: Subscription;
  /** As the store keeps it. */
  readonly after: Subscription;
  /** As it was before the change. */
  readonly states: ModuleStates;
  readonly shared: NamedEpsProfiles;
}

/** The document with its last state. */
export type DocumentDeletion = Pick<DocumentChange, 'before' | 'states'>;

export interface Effect {
  readonly entries: readonly OutboxEntry[];
  /** From the application that owns the head row's module. */
  readonly head?: HeadChange;
  /** Of modules that the reaction needs, where the subscription has the row already. */
  readonly rows?: readonly RowChange[];
}

/** What reactions change of the state. */
export const changesOf = ({ head, rows = [] }: Effect): readonly ModuleChange[] =>
  head === undefined ? rows : [head, ...rows];

export interface DocumentReaction {
  /** Modules beside that of the head row; they are loaded under the lock. */
  readonly needs?: readonly LoadedModule[];
  changed(change: DocumentChange): Effect;
  deleted(deletion: DocumentDeletion): readonly OutboxEntry[];
}

/** The modules that any of these needs, each once. */
export const neededModules = (
  reactions: readonly { readonly needs?: readonly LoadedModule[] }[],
): readonly LoadedModule[] => [...new Set(reactions.flatMap(({ needs = [] }) => needs))];

/** What all of the reactions ask for, in their order. */
export function effectOf(reactions: readonly DocumentReaction[], change: DocumentChange): Effect {
  const effects = reactions.map((reaction) => reaction.changed(change));
  const head = effects.find((effect) => effect.head !== undefined)?.head;
  return {
    entries: effects.flatMap(({ entries }) => entries),
    ...(head === undefined ? {} : { head }),
    rows: effects.flatMap(({ rows = [] }) => rows),
  };
}
