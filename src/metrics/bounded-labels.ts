/**
 * Labels that come from outside (peers, command codes) must not grow without bound: the first so many names
 * get an entry, the rest share "other".
 */

export const OTHER_LABEL = 'other';

export class BoundedLabels<T> {
  private readonly entries = new Map<string, T>();
  private other: T | undefined;

  /** @param make the entry of a label, called once for each. */
  constructor(
    private readonly maxLabels: number,
    private readonly make: (label: string) => T,
  ) {}

  get(name: string): T {
    const entry = this.entries.get(name);
    return entry === undefined ? this.add(name) : entry;
  }

  private add(name: string): T {
    if (this.entries.size >= this.maxLabels) {
      this.other ??= this.make(OTHER_LABEL);
      return this.other;
    }
    const entry = this.make(name);
    this.entries.set(name, entry);
    return entry;
  }
}
