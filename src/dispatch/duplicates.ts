/**
 * Retransmissions, RFC 6733 clauses 3 (T bit, End-to-End Identifier) and 6.2 [6733-3]: the same Origin-Host and End-to-End Identifier, with
 * the same command and Session-Id, is the same request. It is done once; every copy gets the same answer, with its own
 * hop-by-hop identifier. Answers are kept for a time, in a number and within a number of octets; the oldest go first.
 */
import type { IncomingRequest } from '../peer/contract';

export interface DuplicateLimits {
  readonly windowMs: number;
  readonly maxAnswers: number;
  readonly maxOctets: number;
}

/** One request that was admitted; opaque to who holds it. */
export interface Entry {
  readonly key: string;
  readonly commandCode: number;
  readonly sessionId: string;
  readonly sinceMs: number;
  /** Null while the first copy is being worked on. */
  answer: Buffer | null;
  waiting: IncomingRequest[] | null;
}

/** Beside the answer: the entry, its strings and its place in the maps, roughly. */
const ENTRY_OCTETS = 256;
const HOP_BY_HOP_OFFSET = 12;
/** More copies than this of one unanswered request are not kept waiting. */
const MAX_WAITING = 16;

function withHopByHop(answer: Buffer, hopByHopId: number): Buffer {
  const copy = Buffer.from(answer);
  copy.writeUInt32BE(hopByHopId >>> 0, HOP_BY_HOP_OFFSET);
  return copy;
}

/**
 * An entry for a new request, to be given back to `done`. 'duplicate': a copy that is answered here, now or when the first one is.
 * 'tooMany': a copy that the caller has to refuse.
 */
export type Admission = Entry | 'duplicate' | 'tooMany';

export class DuplicateDetection {
  readonly #entries = new Map<string, Entry>();
  /** The one that expires next, where it is known, and what follows it. A new iterator would step over the places of all that went before, each time. */
  #oldest: Entry | null = null;
  #following: Iterator<Entry> | null = null;
  #octets = 0;

  constructor(private readonly limits: DuplicateLimits) {}

  get keptOctets(): number {
    return this.#octets;
  }

  /** `nowMs`: monotonic. */
  admit(request: IncomingRequest, originHost: string, sessionId: string, nowMs: number): Admission {
    const { header } = request.message;
    const key = `${header.endToEndId} ${originHost}`;
    const known = this.#entries.get(key);
    if (known !== undefined && known.commandCode === header.commandCode && known.sessionId === sessionId && nowMs - known.sinceMs < this.limits.windowMs) {
      if (known.answer !== null) {
        request.answer(withHopByHop(known.answer, header.hopByHopId));
        return 'duplicate';
      }
      const waiting = known.waiting ??= [];
      if (waiting.length >= MAX_WAITING) return 'tooMany';
      waiting.push(request);
      return 'duplicate';
    }
    if (known !== undefined) this.#remove(known);
    const entry: Entry = { key, commandCode: header.commandCode, sessionId, sinceMs: nowMs, answer: null, waiting: null };
    this.#entries.set(key, entry);
    this.#octets += ENTRY_OCTETS;
    this.#expire(nowMs);
    return entry;
  }

  /** Undecided requests leave no trace: a copy may be tried again. Call it before `done`, whose answer then goes to the copies only. */
  forget(entry: Entry): void {
    this.#remove(entry);
  }

  /** The answer of an admitted request: for the copies that wait, and for those to come. */
  done(entry: Entry, answer: Buffer): void {
    for (const copy of entry.waiting ?? []) copy.answer(withHopByHop(answer, copy.message.header.hopByHopId));
    entry.waiting = null;
    if (this.#entries.get(entry.key) !== entry) return;
    entry.answer = answer;
    this.#octets += answer.length;
  }

  /** Oldest first: insertion order is age. */
  #expire(nowMs: number): void {
    for (let entry = this.#next(); entry !== null; entry = this.#next()) {
      if (nowMs - entry.sinceMs < this.limits.windowMs && this.#octets <= this.limits.maxOctets && this.#entries.size <= this.limits.maxAnswers) return;
      this.#remove(entry);
    }
  }

  #next(): Entry | null {
    if (this.#oldest !== null && this.#entries.get(this.#oldest.key) === this.#oldest) return this.#oldest;
    this.#following ??= this.#entries.values();
    const next = this.#following.next();
    this.#oldest = next.done === true ? null : next.value;
    // An iterator that came to the end stays there.
    if (next.done === true) this.#following = null;
    return this.#oldest;
  }

  #remove(entry: Entry): void {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#octets -= ENTRY_OCTETS + (entry.answer?.length ?? 0);
  }
}
