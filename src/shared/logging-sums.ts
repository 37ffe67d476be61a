/**
 * Sums up repeated lines: of each kind only the first ones of a second are written whole, a count stands for
 * the rest. A kind is what a message says before its first colon, so a flood of refusals costs a look into a
 * table for each.
 */
export interface SumOptions {
  /** Lines of one kind that are written whole, in a second. */
  readonly linesPerSecondCount: number;
  /** Tells of the rest. */
  readonly tell: (kind: string, more: number) => void;
}

/** Kinds that are told apart; a peer can make them up. */
const maxKindsCount = 64;
/** Of all kinds together. The first line of a kind is written in any case. */
const totalFactor = 10;
const maxKindCharacters = 120;
const windowMs = 1_000;
const others = 'other lines';

interface Kind {
  whole: number;
  more: number;
}

function kindOf(message: string): string {
  const colon = message.indexOf(':');
  return message.slice(0, Math.min(maxKindCharacters, colon < 0 ? message.length : colon));
}

/** Of one level. */
export class LineSums {
  readonly #kinds = new Map<string, Kind>();
  #whole = 0;
  #summed = 0;
  #window: NodeJS.Timeout | null = null;

  constructor(private readonly options: SumOptions) {}

  get summedLines(): number {
    return this.#summed;
  }

  /** Whether a line of this kind would not be written; it is counted then, and need not be made. */
  sumsUp(name: string): boolean {
    const kind = this.#kinds.get(name);
    if (kind === undefined || this.#hasRoom(kind)) return false;
    kind.more += 1;
    this.#summed += 1;
    return true;
  }

  #hasRoom({ whole }: Kind): boolean {
    const { linesPerSecondCount } = this.options;
    return whole < linesPerSecondCount && this.#whole < totalFactor * linesPerSecondCount;
  }

  /** Whether this line is written; it is counted where it is not. */
  admit(message: string): boolean {
    this.#window ??= setTimeout(() => this.tell(), windowMs).unref();
    let name = kindOf(message);
    let kind = this.#kinds.get(name);
    if (kind === undefined && this.#kinds.size >= maxKindsCount) {
      name = others;
      kind = this.#kinds.get(name);
    }
    if (kind === undefined) {
      this.#kinds.set(name, { whole: 1, more: 0 });
      this.#whole += 1;
      return true;
    }
    if (this.#hasRoom(kind)) {
      kind.whole += 1;
      this.#whole += 1;
      return true;
    }
    kind.more += 1;
    this.#summed += 1;
    return false;
  }

  /** Tells of what was counted, and begins the next second. */
  tell(): void {
    if (this.#window !== null) clearTimeout(this.#window);
    this.#window = null;
    this.#whole = 0;
    const counted = [...this.#kinds].filter(([, { more }]) => more > 0);
    this.#kinds.clear();
    for (const [name, { more }] of counted) this.options.tell(name, more);
  }
}
