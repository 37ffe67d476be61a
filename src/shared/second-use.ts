/**
 * What is derived from an object, kept for as long as the object is, but only from the second time on: of the
 * many profiles that are loaded for the requests of one registration and dropped again, nothing is kept that
 * the collector would have to carry along, be it a cipher or a document outside of the heap.
 */
export class SecondUse<Source extends object, Derived> {
  /** Null: was asked for once. */
  readonly #kept = new WeakMap<Source, Derived | null>();

  /** Undefined where it has to be derived (anew). */
  get(source: Source): Derived | undefined {
    return this.#kept.get(source) ?? undefined;
  }

  /** What has just been derived. Kept where this is not the first time for this object. */
  derived(source: Source, value: Derived): void {
    this.#kept.set(source, this.#kept.has(source) ? value : null);
  }
}
