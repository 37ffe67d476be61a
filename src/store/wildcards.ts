/**
 * The wildcarded identities as this instance knows them, kept current by what each load brings: the statement
 * is told the version held and returns the difference, so a match is never one that a committed change
 * contradicts [29.228-6.1.4].
 */
import { WildcardIndex } from '../subscriber/wildcards/wildcard-index';

interface WildcardChanges {
  readonly whole: boolean;
  readonly present: readonly string[];
  readonly gone: readonly string[];
}

/** Asks for everything. */
const nothingKnown = -1;

export class WildcardHolder {
  readonly index = new WildcardIndex();
  private known = nothingKnown;
  private held = nothingKnown;

  /** The version that the next statement is told. */
  get knownVersion(): number {
    return this.known;
  }

  /**
   * `changes`: what shared_wildcard_changes() of migrations/0003 returned for the version `askedFor`, null
   * where nothing changed.
   */
  receive(askedFor: number, version: number, changes: string | null): void {
    if (changes === null) return;
    const wentBack = version < askedFor;
    if (version <= this.held && !wentBack && (this.known !== nothingKnown || askedFor !== nothingKnown))
      return;
    const { whole: complete, present, gone } = JSON.parse(changes) as WildcardChanges;
    const whole = complete || wentBack || askedFor === nothingKnown;
    if (whole) {
      const kept = new Set(present);
      for (const text of [...this.index.texts()]) if (!kept.has(text)) this.index.delete(text);
    }
    for (const text of gone) this.index.delete(text);
    for (const text of present) this.index.add(text);
    this.held = version;
    // A difference to what is no longer trusted does not make it trusted again.
    if (whole || this.known !== nothingKnown) this.known = version;
  }

  /** What is held may be of a database that is no more: the next statement brings everything. */
  distrust(): void {
    this.known = nothingKnown;
  }
}
