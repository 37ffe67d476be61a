/**
 * Retransmissions, RFC 6733 clauses 3 (T bit, End-to-End Identifier) and 6.2 [6733-3]: the same Origin-Host
 * and End-to-End Identifier, with the same command, Session-Id and content, is the same request. It is done once;
 * every copy gets the same answer, with its own hop-by-hop identifier. Answers are kept for a time, in a
 * number and within a number of octets; the oldest go first.
 *
 * Tens of thousands of answers are kept under load. They stand in a ring of columns, in the order of their
 * requests, and not as objects, which the garbage collector would copy and mark again and again. An index
 * leads from the low bits of a hash of the identifiers to the newest place with those bits, and each place to
 * an older one.
 */
import { randomInt } from 'node:crypto';
import type { IncomingRequest } from '../peer/contract';
import { AnswerArena, type Block } from './answer-arena';
import { answerToCopy, contentHash } from './retransmission';

export interface DuplicateLimits {
  readonly windowMs: number;
  readonly maxAnswers: number;
  readonly maxOctets: number;
}

/** One request that was admitted; opaque to who holds it. */
export interface Entry {
  readonly number: number;
  /** Whether `number` is its place. */
  kept: boolean;
  waiting: IncomingRequest[] | null;
}

/** Beside the answer: its columns, its Session-Id and its place in the index, roughly. */
const ENTRY_OCTETS = 256;
/** More copies than this of one unanswered request are not kept waiting. */
const MAX_WAITING = 16;
const INITIAL_PLACES = 1_024;
/**
 * Places of requests that left no trace are given back when the ones before them are; there are at most as
 * many as answers.
 */
const PLACES_PER_ANSWER = 2;

/**
 * An entry for a new request, to be given back to `done`. 'duplicate': a copy that is answered here, now or
 * when the first one is. 'tooMany': a copy that the caller has to refuse.
 */
export type Admission = Entry | 'duplicate' | 'tooMany';

/** Columns of the ring; a place is a number modulo the size, which is a power of two. */
class Columns {
  readonly hash: Int32Array;
  readonly command: Int32Array;
  /** Of what has to be the same in a copy. */
  readonly content: Int32Array;
  readonly endToEndId: Int32Array;
  readonly sinceMs: Float64Array;
  /** The newest number with these low bits of the hash, where there is one that is still held. */
  readonly newest: Int32Array;
  /** The number that was the newest before, or its own. */
  readonly older: Int32Array;
  readonly originHost: string[];
  readonly sessionId: string[];
  /** While it is worked on. */
  readonly open: (Entry | null)[];
  /** Where the answer is, once there is one. */
  readonly block: (Block | null)[];
  readonly offset: Int32Array;
  readonly octets: Int32Array;

  /** `nobody`: a number that is not held. */
  constructor(
    readonly size: number,
    nobody: number,
  ) {
    const numbers = () => new Int32Array(size);
    this.hash = numbers();
    this.command = numbers();
    this.content = numbers();
    this.endToEndId = numbers();
    this.sinceMs = new Float64Array(size);
    this.newest = numbers().fill(nobody);
    this.older = numbers();
    this.originHost = new Array<string>(size).fill('');
    this.sessionId = new Array<string>(size).fill('');
    this.open = new Array<Entry | null>(size).fill(null);
    this.block = new Array<Block | null>(size).fill(null);
    this.offset = numbers();
    this.octets = numbers();
  }

  /** Takes over the place of a number from a smaller ring. */
  take(number: number, from: Columns): void {
    const to = number & (this.size - 1);
    const at = number & (from.size - 1);
    for (const column of ['hash', 'command', 'content', 'endToEndId', 'sinceMs', 'offset', 'octets'] as const)
      this[column][to] = from[column][at] ?? 0;
    this.originHost[to] = from.originHost[at] ?? '';
    this.sessionId[to] = from.sessionId[at] ?? '';
    this.open[to] = from.open[at] ?? null;
    this.block[to] = from.block[at] ?? null;
  }
}

export class DuplicateDetection {
  readonly #arena = new AnswerArena();
  #columns = new Columns(INITIAL_PLACES, -1);
  /**
   * Numbers are 32-bit integers that wrap; differences of them do not mind. From `#head` up to, not
   * including, `#tail`.
   */
  #head = 0;
  #tail = 0;
  #count = 0;
  #octets = 0;

  /** `seed` of the hash: a peer that chooses its identifiers cannot choose which of them meet. */
  constructor(
    private readonly limits: DuplicateLimits,
    private readonly seed: number = randomInt(2 ** 32),
  ) {}

  get keptOctets(): number {
    return this.#octets;
  }

  /** `nowMs`: monotonic. */
  admit(request: IncomingRequest, originHost: string, sessionId: string, nowMs: number): Admission {
    const { commandCode, endToEndId } = request.message.header;
    const content = contentHash(request.message.bytes, this.seed);
    const hash = hashOf(this.seed, originHost, endToEndId);
    const known = this.#find(hash, endToEndId | 0, originHost);
    if (known !== null) {
      const columns = this.#columns;
      const at = known & (columns.size - 1);
      if (
        columns.command[at] === commandCode &&
        columns.content[at] === content &&
        columns.sessionId[at] === sessionId &&
        nowMs - (columns.sinceMs[at] ?? 0) < this.limits.windowMs
      ) {
        return this.#copy(at, request);
      }
      this.#remove(known);
    }
    const entry: Entry = { number: this.#tail, kept: true, waiting: null };
    this.#add(
      entry,
      hash,
      commandCode,
      content,
      endToEndId | 0,
      originHost === request.peer.originHost ? request.peer.originHost : originHost,
      sessionId,
      nowMs,
    );
    this.#expire(nowMs);
    return entry;
  }

  /**
   * Undecided requests leave no trace: a copy may be tried again. Call it before `done`, whose answer then
   * goes to the copies only.
   */
  forget(entry: Entry): void {
    if (entry.kept) this.#remove(entry.number);
  }

  /** The answer of an admitted request: for the copies that wait, and for those to come. */
  done(entry: Entry, answer: Buffer): void {
    for (const copy of entry.waiting ?? []) copy.answer(answerToCopy(answer, copy.message.bytes));
    entry.waiting = null;
    if (!entry.kept) return;
    entry.kept = false;
    const columns = this.#columns;
    const at = entry.number & (columns.size - 1);
    const block = this.#arena.keep(answer);
    columns.open[at] = null;
    columns.block[at] = block;
    columns.offset[at] = block.usedOctets - answer.length;
    columns.octets[at] = answer.length;
    this.#octets += answer.length;
  }

  #copy(at: number, request: IncomingRequest): Admission {
    const { block, offset, octets, open } = this.#columns;
    const held = block[at];
    if (held != null) {
      const start = offset[at] ?? 0;
      const answer = held.bytes.subarray(start, start + (octets[at] ?? 0));
      request.answer(answerToCopy(answer, request.message.bytes));
      return 'duplicate';
    }
    const first = open[at];
    if (first == null) return 'tooMany';
    const waiting = (first.waiting ??= []);
    if (waiting.length >= MAX_WAITING) return 'tooMany';
    waiting.push(request);
    return 'duplicate';
  }

  #find(hash: number, endToEndId: number, originHost: string): number | null {
    const { endToEndId: ids, originHost: hosts, open, block, newest, older, size } = this.#columns;
    let number = newest[hash & (size - 1)] ?? 0;
    while (this.#holds(number)) {
      const at = number & (size - 1);
      if (ids[at] === endToEndId && hosts[at] === originHost && (open[at] !== null || block[at] !== null))
        return number;
      const next = older[at] ?? number;
      if (next === number) return null;
      number = next;
    }
    return null;
  }

  #holds(number: number): boolean {
    return ((number - this.#head) | 0) >= 0 && ((this.#tail - number) | 0) > 0;
  }

  #add(
    entry: Entry,
    hash: number,
    commandCode: number,
    content: number,
    endToEndId: number,
    originHost: string,
    sessionId: string,
    nowMs: number,
  ): void {
    if (((this.#tail - this.#head) | 0) >= this.#columns.size) this.#grow();
    const columns = this.#columns;
    const { number } = entry;
    const at = number & (columns.size - 1);
    columns.hash[at] = hash;
    columns.command[at] = commandCode;
    columns.content[at] = content;
    columns.endToEndId[at] = endToEndId;
    columns.sinceMs[at] = nowMs;
    this.#link(columns, number);
    columns.originHost[at] = originHost;
    columns.sessionId[at] = sessionId;
    columns.open[at] = entry;
    this.#tail = (number + 1) | 0;
    this.#count += 1;
    this.#octets += ENTRY_OCTETS;
  }

  #grow(): void {
    const from = this.#columns;
    const to = new Columns(from.size * 2, (this.#head - 1) | 0);
    for (let number = this.#head; number !== this.#tail; number = (number + 1) | 0) {
      to.take(number, from);
      this.#link(to, number);
    }
    this.#columns = to;
  }

  /** Into the index. What it leads to is always an older number, so that no way through it is a circle. */
  #link({ hash, newest, older, size }: Columns, number: number): void {
    const at = number & (size - 1);
    const bucket = (hash[at] ?? 0) & (size - 1);
    const before = newest[bucket] ?? number;
    older[at] = this.#holds(before) ? before : number;
    newest[bucket] = number;
  }

  /** Oldest first. */
  #expire(nowMs: number): void {
    const { windowMs, maxOctets, maxAnswers } = this.limits;
    while (this.#head !== this.#tail) {
      const number = this.#head;
      const since = this.#columns.sinceMs[number & (this.#columns.size - 1)] ?? 0;
      const places = (this.#tail - number) | 0;
      if (
        nowMs - since < windowMs &&
        this.#octets <= maxOctets &&
        this.#count <= maxAnswers &&
        places <= PLACES_PER_ANSWER * maxAnswers
      )
        return;
      this.#remove(number);
      if (this.#head === number) return;
    }
  }

  /** Leaves nothing of it; its place goes back as soon as it is the first or the last one. */
  #remove(number: number): void {
    const columns = this.#columns;
    const at = number & (columns.size - 1);
    const entry = columns.open[at] ?? null;
    const block = columns.block[at] ?? null;
    if (entry === null && block === null) return;
    if (entry !== null) entry.kept = false;
    if (block !== null) this.#arena.release(block);
    this.#octets -= ENTRY_OCTETS + (block === null ? 0 : (columns.octets[at] ?? 0));
    this.#count -= 1;
    columns.open[at] = null;
    columns.block[at] = null;
    columns.sessionId[at] = '';
    while (this.#head !== this.#tail && this.#isEmpty(this.#head)) this.#head = (this.#head + 1) | 0;
    while (this.#head !== this.#tail && this.#isEmpty((this.#tail - 1) | 0)) {
      this.#tail = (this.#tail - 1) | 0;
      this.#unlink(this.#tail);
    }
  }

  #isEmpty(number: number): boolean {
    const { open, block, size } = this.#columns;
    const at = number & (size - 1);
    return open[at] === null && block[at] === null;
  }

  /** Takes the last number, which is given back, out of the index. */
  #unlink(number: number): void {
    const { hash, newest, older, size } = this.#columns;
    const at = number & (size - 1);
    const bucket = (hash[at] ?? 0) & (size - 1);
    if (newest[bucket] === number) newest[bucket] = older[at] ?? number;
  }
}

/**
 * FNV-1a over the host's characters, begun with the identifier; then the finalizer of MurmurHash3, since the
 * low bits of FNV are those of the identifier.
 */
function hashOf(seed: number, originHost: string, endToEndId: number): number {
  let hash = seed ^ endToEndId;
  for (let at = 0; at < originHost.length; at += 1)
    hash = Math.imul(hash ^ originHost.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
