/**
 * One peer that sends what is due, whatever comes back (open loop), or keeps as many requests under way as it
 * may (closed loop). Made to offer far more than an HSS can serve on a machine that both share: nothing is
 * allocated for a request, its place is its number in two arrays.
 */
import { performance } from 'node:perf_hooks';
import { resultOf } from '../load/answers';
import { Link } from '../load/link';
import { generatorTransport } from '../load/transports';
import { Template, type Parties, type Step } from '../load/templates';
import { Reduction } from './reduction';
import { KindTally, type KindResult } from './tally';

/** A sort of requests that is counted on its own. */
export interface Kind {
  readonly name: string;
  /** Of so many requests in a row this kind has the last; the first kind has the rest. */
  readonly everyCount: number;
  /** Whether they may be held back when the HSS asks for less. */
  readonly mayWait: boolean;
  readonly steps: readonly Step[];
}

export interface StreamOptions {
  readonly host: string;
  readonly port: number;
  readonly parties: Parties;
  readonly kinds: readonly Kind[];
  readonly firstSubscriber: number;
  readonly subscribersCount: number;
  /** Whether it does what OC-OLR asks. */
  readonly complies: boolean;
}

/** Requests a second, or requests under way. */
export type Pace = { readonly ratePerSecond: number } | { readonly windowCount: number } | 'silent';

/** Requests that may be under way; the hop-by-hop identifier counts on, its lower bits are the place. */
const PLACES = 1 << 18;
const HOP_BY_HOP_AT = 12;
/**
 * More than this that the HSS does not read is not added to: a real peer would have given up as well, and
 * this process has to live.
 */
const MAX_UNSENT_OCTETS = 1 << 20;
/** A step that no count of subscribers divides, so that all of them are asked for, scattered. */
const STRIDE = 982_451_653;

interface Made {
  readonly kind: Kind;
  readonly templates: readonly Template[];
  tally: KindTally;
  next: number;
}

export class Stream {
  readonly disconnects: string[] = [];
  reduction = new Reduction();
  private readonly made: readonly Made[];
  private readonly dueMs = new Float64Array(PLACES);
  /** 0: nobody waits there; else 1 + the kind's index, and the identifier that is waited for. */
  private readonly waiting = new Uint8Array(PLACES);
  private readonly identifiers = new Uint32Array(PLACES);
  private identifier = (Math.random() * 2 ** 31) >>> 0;
  private session = 0;
  private walked: number;
  private turn = 0;
  private underWay = 0;
  private pace: Pace = 'silent';
  private beganMs = 0;
  private begunCount = 0;
  private measuring = false;

  private constructor(
    private readonly link: Link,
    private readonly options: StreamOptions,
  ) {
    this.made = options.kinds.map((kind) => ({
      kind,
      templates: kind.steps.map((step) => new Template(step, options.parties)),
      tally: new KindTally(),
      next: 0,
    }));
    this.walked = Math.floor(Math.random() * options.subscribersCount);
    link.setEvents({
      onAnswer: (message) => this.onAnswer(message),
      onClosed: (why) => this.disconnects.push(why),
    });
  }

  static async open(options: StreamOptions): Promise<Stream> {
    return new Stream(
      await Link.open(generatorTransport('tcp', { tls: null }), options.host, options.port, options.parties),
      options,
    );
  }

  /** Begins anew at this pace; what is under way goes on. */
  setPace(pace: Pace): void {
    this.pace = pace;
    this.beganMs = performance.now();
    this.begunCount = 0;
    this.reduction = new Reduction();
    this.send(this.beganMs);
  }

  /** From now on requests and answers count. */
  begin(): void {
    for (const made of this.made) made.tally = new KindTally();
    this.measuring = true;
  }

  /** What comes from now on does not count. */
  end(): void {
    this.measuring = false;
  }

  /** Since `begin`. */
  get servedCount(): number {
    return this.made.reduce((sum, { tally }) => sum + tally.servedCount, 0);
  }

  results(): Record<string, KindResult> {
    return Object.fromEntries(this.made.map(({ kind, tally }) => [kind.name, tally.result()]));
  }

  /** Until everything is answered, or the time is over; what is not by then counts as unanswered. */
  async whenQuiet(patienceMs: number): Promise<void> {
    for (const untilMs = performance.now() + patienceMs; this.underWay > 0 && performance.now() < untilMs;)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    if (this.underWay > 0)
      this.waiting.forEach((kind, place) => {
        if (kind !== 0) this.giveUp(place);
      });
  }

  /** Milliseconds from a DWR to its DWA. */
  async watchdog(patienceMs: number): Promise<number> {
    const sentMs = performance.now();
    return (await this.link.watchdog(patienceMs)) ? performance.now() - sentMs : Infinity;
  }

  close(): Promise<void> {
    return this.link.close();
  }

  /** Sends what is due by now; to be called every millisecond. */
  send(nowMs: number): void {
    const { pace } = this;
    if (pace === 'silent' || !this.link.isOpen) return;
    if ('windowCount' in pace) {
      while (this.underWay < pace.windowCount) this.request(nowMs, nowMs);
    } else {
      const perMs = pace.ratePerSecond / 1_000;
      const due = Math.floor((nowMs - this.beganMs) * perMs);
      for (; this.begunCount < due; this.begunCount += 1)
        this.request(this.beganMs + this.begunCount / perMs, nowMs);
    }
  }

  private request(dueMs: number, nowMs: number): void {
    this.turn += 1;
    let index = 0;
    for (let i = 1; i < this.made.length; i += 1)
      if (this.turn % (this.made[i]?.kind.everyCount ?? 1) === 0) index = i;
    const made = this.made[index];
    if (made === undefined) return;
    const { tally, kind, templates } = made;
    if (this.measuring) tally.due += 1;
    if (this.options.complies && this.reduction.holdsBack(nowMs, kind.mayWait)) {
      if (this.measuring) tally.heldBack += 1;
      return;
    }
    const template = templates[made.next];
    const identifier = this.identifier;
    const place = identifier % PLACES;
    if (template === undefined || this.link.unsentOctets > MAX_UNSENT_OCTETS) {
      if (this.measuring) tally.stuck += 1;
      return;
    }
    // Nobody answered in all the time that it took to come round.
    if (this.waiting[place] !== 0) this.giveUp(place);
    made.next = (made.next + 1) % templates.length;
    this.identifier = (identifier + 1) >>> 0;
    this.session += 1;
    this.walked = (this.walked + STRIDE) % this.options.subscribersCount;
    this.link.send(
      template,
      identifier,
      identifier,
      this.session,
      this.options.firstSubscriber + this.walked,
    );
    this.dueMs[place] = dueMs;
    this.waiting[place] = index + 1;
    this.identifiers[place] = identifier;
    this.underWay += 1;
    if (this.measuring) tally.sent += 1;
  }

  private giveUp(place: number): void {
    const made = this.made[(this.waiting[place] ?? 0) - 1];
    if (made !== undefined) made.tally.unanswered += 1;
    this.waiting[place] = 0;
    this.underWay -= 1;
  }

  private onAnswer(message: Buffer): void {
    const identifier = message.readUInt32BE(HOP_BY_HOP_AT);
    const place = identifier % PLACES;
    const waiting = this.waiting[place] ?? 0;
    // Came twice, or to nobody.
    if (waiting === 0 || this.identifiers[place] !== identifier) return;
    this.waiting[place] = 0;
    this.underWay -= 1;
    const nowMs = performance.now();
    if (this.options.complies) this.reduction.heard(message, 0, message.length, nowMs);
    if (this.measuring)
      this.made[waiting - 1]?.tally.answered(
        resultOf(message, 0, message.length),
        nowMs - (this.dueMs[place] ?? nowMs),
      );
    if (this.pace !== 'silent' && 'windowCount' in this.pace) this.send(nowMs);
  }
}
