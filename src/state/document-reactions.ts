/**
 * What a change of the provisioned document makes an application do. A reaction is a pure function of the
 * document before and after, and of the state under the lock of the change, to requests of ours and to a new
 * value of the head row's module. All of it is committed with the change.
 */
import type { Subscription } from '../subscriber/subscription';
import type { HeadChange, LoadedModule } from './module';
import type { OutboxEntry } from './ports';

/** State by name of the module: that of the head row, and those that a reaction needs. */
export type ModuleStates = Readonly<Record<string, unknown>>;

export interface DocumentChange {
  readonly before: Subscription;
  /** As the store keeps it. */
  readonly after: Subscription;
  /** As it was before the change. */
  readonly states: ModuleStates;
}

/** The document with its last state. */
export type DocumentDeletion = Omit<DocumentChange, 'after'>;

export interface Effect {
  readonly entries: readonly OutboxEntry[];
  /** From the application that owns the head row's module. */
  readonly head?: HeadChange;
}

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
  return { entries: effects.flatMap(({ entries }) => entries), ...(head === undefined ? {} : { head }) };
}
