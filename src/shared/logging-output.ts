/**
 * A bounded buffer between the log and its output. What does not fit is dropped and counted, one line tells
 * how much once there is room again, and nobody waits: an output that stalls or fails is tried again later.
 */
import type { Outlet, OutletOutcome } from './logging-outlet';

export interface LogOutputOptions {
  /** Octets of lines that wait; what comes beyond it is dropped. */
  readonly maxBufferOctets: number;
  /** Makes a line ready for a reader, just before it is written; absent: as it is. */
  readonly render?: (line: string) => string;
  /** Writes the line that tells of dropped ones; it comes back through `write`. */
  readonly tellDropped: (count: number, cause: string) => void;
}

/** Handed to the output at once: what a pipe of Linux holds at most. */
const chunkOctets = 65_536;
/** Written in one turn of the event loop. */
const chunksPerTurn = 4;
const stalledRetryMs = { first: 5, last: 100 };
/** How long dropped lines stay untold where the output takes lines, but too few of them. */
const tellFullMs = 1_000;
/** After a failure: a full disk may have room again, a pipe may have a new reader. */
const failedRetryMs = 1_000;
const stalled = 'stalled';

export class LogOutput {
  #lines: string[] = [];
  /** Of the lines and of what is left of the chunk. */
  #octets = 0;
  #chunk: Buffer | null = null;
  /** Counted with the lines that the chunk was made of; rendering changes the length. */
  #chunkOctets = 0;
  #writing = false;
  #scheduled = false;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = stalledRetryMs.first;
  /** Of the last write that took nothing. */
  #cause = stalled;
  #failed = false;
  #dropped = 0;
  #untold = 0;
  #untoldCause = stalled;
  /** In monotonic milliseconds. */
  #untoldSinceMs = 0;
  /** The line that tells of dropped ones is never dropped itself. */
  #telling = false;
  #whenEmpty: (() => void)[] = [];

  constructor(
    private readonly outlet: Outlet,
    private readonly options: LogOutputOptions,
  ) {}

  get droppedLines(): number {
    return this.#dropped;
  }

  get bufferedOctets(): number {
    return this.#octets;
  }

  /** One line with its end, or a block of them. */
  write(line: string): void {
    const octets = Buffer.byteLength(line);
    if (this.#octets + octets > this.options.maxBufferOctets && !this.#telling) {
      this.#dropped += 1;
      if (this.#untold === 0) this.#untoldSinceMs = performance.now();
      // A failure says more than that the output was slow before or after it.
      if (this.#untold === 0 || this.#cause !== stalled) this.#untoldCause = this.#cause;
      this.#untold += 1;
      return;
    }
    this.#octets += octets;
    this.#lines.push(line);
    this.#schedule();
  }

  /**
   * Writes what waits, for `boundMs` at most and not at all where the output fails.
   * @returns whether all of it is written
   */
  async flush(boundMs: number): Promise<boolean> {
    this.#pumpAgain();
    if (this.#writing || (this.#busy && !this.#failed))
      await new Promise<void>((resolve) => {
        const bound = setTimeout(resolve, boundMs);
        this.#whenEmpty.push(() => {
          clearTimeout(bound);
          resolve();
        });
      });
    return !this.#busy;
  }

  /** True while a write is under way that no exit can end. */
  get holdsExit(): boolean {
    return this.#writing && this.outlet.holdsExit;
  }

  get #busy(): boolean {
    return this.#writing || this.#chunk !== null || this.#lines.length > 0;
  }

  /** The lines of one turn of the event loop go together. */
  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#retry !== null) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (let chunks = 0; chunks < chunksPerTurn; chunks += 1) {
      if (this.#writing || this.#retry !== null) return;
      this.#chunk ??= this.#nextChunk();
      if (this.#chunk === null) return this.#empty();
      this.#writing = true;
      this.outlet.write(this.#chunk, (outcome) => this.#wrote(outcome));
    }
    this.#schedule();
  }

  #wrote(outcome: OutletOutcome): void {
    this.#writing = false;
    if (typeof outcome !== 'number' || outcome === 0) return this.#later(outcome);
    this.#retryMs = stalledRetryMs.first;
    this.#failed = false;
    this.#cause = stalled;
    const chunk = this.#chunk;
    if (chunk !== null && outcome < chunk.length) this.#chunk = chunk.subarray(outcome);
    else {
      this.#chunk = null;
      this.#octets -= this.#chunkOctets;
      this.#chunkOctets = 0;
      this.#tellDropped();
    }
    if (this.#lines.length > 0 || this.#chunk !== null) this.#schedule();
    else this.#empty();
  }

  #later(outcome: Error | 0): void {
    this.#failed = outcome !== 0;
    this.#cause = outcome === 0 ? stalled : ((outcome as NodeJS.ErrnoException).code ?? outcome.name);
    this.#retry = setTimeout(() => this.#pumpAgain(), outcome === 0 ? this.#retryMs : failedRetryMs).unref();
    if (outcome === 0) this.#retryMs = Math.min(2 * this.#retryMs, stalledRetryMs.last);
    // Who waits for the last line does not wait for a disk to have room.
    else this.#empty();
  }

  #pumpAgain(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#pump();
  }

  /** Once half of the buffer is free; where further lines keep it full, after a second. */
  #tellDropped(): void {
    if (this.#untold === 0) return;
    const isFull = this.#octets > this.options.maxBufferOctets / 2;
    if (isFull && performance.now() - this.#untoldSinceMs < tellFullMs) return;
    const count = this.#untold;
    this.#untold = 0;
    this.#telling = true;
    this.options.tellDropped(count, this.#untoldCause);
    this.#telling = false;
  }

  #nextChunk(): Buffer | null {
    const lines = this.#lines;
    if (lines.length === 0) return null;
    let count = 0;
    let octets = 0;
    while (count < lines.length && octets < chunkOctets) octets += Buffer.byteLength(lines[count++] ?? '');
    const text = this.#render(count === lines.length ? lines : lines.slice(0, count));
    this.#lines = count === lines.length ? [] : lines.slice(count);
    this.#chunkOctets = octets;
    return Buffer.from(text);
  }

  #render(lines: readonly string[]): string {
    const { render } = this.options;
    return render === undefined ? lines.join('') : lines.map(render).join('');
  }

  #empty(): void {
    for (const wake of this.#whenEmpty.splice(0)) wake();
  }
}
