/**
 * The load itself: closed loop (every slot of every connection has one request under way) or open loop
 * (sequences start at a fixed rate, whatever the answers do, and latency counts from when a request was due).
 */
import { performance } from 'node:perf_hooks';
import type { TransportName } from '../../src/shared/transport-names';
import type { Transport } from '../../src/transport/port';
import { isSuccess, resultOf } from './answers';
import { Link } from './link';
import { UsageMeter, type Watched } from './processes';
import { stepsPerSequence, type Scenario } from './scenarios';
import { Tally, type LoadResult } from './tally';
import { Template, type Parties } from './templates';
import { generatorTransport } from './transports';

export interface LoadOptions {
  /** TCP where absent. */
  readonly transport?: Transport;
  readonly host: string;
  readonly port: number;
  readonly connectionsCount: number;
  /** Closed loop: requests under way on each connection. Open loop: most of them. */
  readonly windowCount: number;
  /** Transactions a second; absent for a closed loop. */
  readonly ratePerSecond?: number;
  readonly scenario: Scenario;
  readonly firstSubscriber: number;
  readonly subscribersCount: number;
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
  /** Ends after that many sequences instead, without warm-up. */
  readonly sequencesCount?: number;
  readonly timeoutMs: number;
  /** The parties of connection n, from 0. */
  readonly parties: (connection: number) => Parties;
  readonly watch: readonly Watched[];
}

interface Slot {
  readonly index: number;
  readonly owner: Lane;
  busy: boolean;
  generation: number;
  subscriber: number;
  sequence: readonly Template[];
  step: number;
  /** When the request was due, in ms. */
  dueMs: number;
}

interface Lane {
  readonly number: number;
  /** Sequences started on it. */
  startedCount: number;
  readonly link: Link;
  readonly slots: readonly Slot[];
  readonly free: Slot[];
  readonly sequences: readonly { readonly upTo: number; readonly templates: readonly Template[] }[];
}

/** The hop-by-hop identifier is generation and slot. */
const MAX_WINDOW = 0xffff;
const SCAN_MS = 100;
const MEMORY_MS = 500;
const TICK_MS = 1;
/**
 * A prime that no subscriber count is a multiple of: the walk over them is scattered, and comes back to one
 * only after all others.
 */
const STRIDE = 982_451_653;

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  if (options.windowCount > MAX_WINDOW)
    throw new Error(`at most ${MAX_WINDOW} requests under way on one connection`);
  const transport = options.transport ?? generatorTransport('tcp', { tls: null });
  const links: Link[] = [];
  try {
    for (let n = 0; n < options.connectionsCount; n += 1)
      links.push(await Link.open(transport, options.host, options.port, options.parties(n)));
    return await new Generator(options, transport.name, links).run();
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
}

class Generator {
  private readonly lanes: readonly Lane[];
  private readonly meter: UsageMeter;
  private readonly tally = new Tally();
  private session = 0;
  private endToEnd = (Math.random() * 2 ** 32) >>> 0;
  private walked: number;
  private started = 0;
  private inFlight = 0;
  private measuring = false;
  private draining = false;
  private beginMs = 0;
  /** Open loop: when it began, sequences started, the lane whose turn it is. */
  private openMs = 0;
  private openStarted = 0;
  private turn = 0;
  private catchingUp = false;
  private idle: (() => void) | null = null;

  constructor(
    private readonly options: LoadOptions,
    private readonly transport: TransportName,
    links: readonly Link[],
  ) {
    this.walked =
      options.sequencesCount === undefined ? Math.floor(Math.random() * options.subscribersCount) : 0;
    this.meter = new UsageMeter([{ name: 'generator', pid: process.pid }, ...options.watch]);
    this.lanes = links.map((link, n) => this.lane(link, n));
    for (const lane of this.lanes) {
      lane.link.setEvents({
        onAnswer: (message) => this.onAnswer(lane, message),
        onClosed: (why) => this.onClosed(lane, why),
      });
    }
  }

  async run(): Promise<LoadResult> {
    const { warmupSeconds, durationSeconds, sequencesCount } = this.options;
    this.openMs = performance.now();
    const scan = setInterval(() => this.scan(), SCAN_MS);
    const look = setInterval(() => this.meter.look(), MEMORY_MS);
    const tick = this.isOpen ? setInterval(() => this.startDue(), TICK_MS) : null;
    try {
      if (sequencesCount !== undefined) this.begin();
      this.fill();
      let endMs: number;
      if (sequencesCount === undefined) {
        await sleep(warmupSeconds * 1_000);
        this.begin();
        await sleep(durationSeconds * 1_000);
        endMs = performance.now();
        this.measuring = false;
      } else {
        await this.untilIdle();
        endMs = performance.now();
      }
      const usage = this.meter.end();
      this.draining = true;
      await this.untilIdle();
      return this.tally.result(
        { ...this.options, transport: this.transport },
        (endMs - this.beginMs) / 1_000,
        usage,
      );
    } finally {
      clearInterval(scan);
      clearInterval(look);
      if (tick !== null) clearInterval(tick);
    }
  }

  private get isOpen(): boolean {
    return this.options.ratePerSecond !== undefined;
  }

  private lane(link: Link, number: number): Lane {
    const parties: Parties = this.options.parties(number);
    const total = this.options.scenario.sequences.reduce((sum, { weight }) => sum + weight, 0);
    let upTo = 0;
    const sequences = this.options.scenario.sequences.map(({ weight, steps }) => {
      upTo += weight / total;
      return { upTo, templates: steps.map((step) => new Template(step, parties)) };
    });
    const lane: Omit<Lane, 'slots' | 'free'> & { slots: Slot[]; free: Slot[] } = {
      number,
      startedCount: 0,
      link,
      slots: [],
      free: [],
      sequences,
    };
    for (let index = 0; index < this.options.windowCount; index += 1) {
      lane.slots.push({
        index,
        owner: lane,
        busy: false,
        generation: 0,
        subscriber: 0,
        sequence: [],
        step: 0,
        dueMs: 0,
      });
    }
    lane.free.push(...lane.slots);
    return lane;
  }

  private begin(): void {
    this.meter.begin();
    this.beginMs = performance.now();
    this.measuring = true;
  }

  /** Closed loop: a request for each slot. */
  private fill(): void {
    if (this.isOpen) return;
    for (const lane of this.lanes) {
      while (lane.free.length > 0 && this.mayStart()) this.start(lane, performance.now());
    }
  }

  private mayStart(): boolean {
    return (
      !this.draining &&
      (this.options.sequencesCount === undefined || this.started < this.options.sequencesCount)
    );
  }

  /** Open loop: starts what is due by now. What finds no slot stays due, and its wait counts. */
  private startDue(): void {
    const { ratePerSecond } = this.options;
    if (ratePerSecond === undefined || !this.mayStart()) return;
    const sequencesPerMs = ratePerSecond / stepsPerSequence(this.options.scenario) / 1_000;
    // Arrivals come at whole milliseconds, which is what a timer can keep.
    const tickMs = Math.floor((performance.now() - this.openMs) / TICK_MS) * TICK_MS;
    const due = Math.floor(tickMs * sequencesPerMs);
    while (this.openStarted < due) {
      const lane = this.laneWithRoom();
      if (lane === null) break;
      this.openStarted += 1;
      this.start(
        lane,
        this.openMs + Math.min(tickMs, Math.ceil(this.openStarted / sequencesPerMs / TICK_MS) * TICK_MS),
      );
    }
  }

  /** Open loop: slots have become free, and after all answers of this turn what waited for one may start. */
  private catchUp(): void {
    if (this.catchingUp) return;
    this.catchingUp = true;
    setImmediate(() => {
      this.catchingUp = false;
      this.startDue();
    });
  }

  private laneWithRoom(): Lane | null {
    for (let tried = 0; tried < this.lanes.length; tried += 1) {
      const lane = this.lanes[this.turn];
      this.turn = (this.turn + 1) % this.lanes.length;
      if (lane !== undefined && lane.free.length > 0 && lane.link.isOpen) return lane;
    }
    return null;
  }

  private start(lane: Lane, dueMs: number): void {
    const slot = lane.free.pop();
    if (slot === undefined) return;
    const chosen = lane.sequences.length === 1 ? 0 : Math.random();
    slot.sequence =
      (lane.sequences.find(({ upTo }) => chosen < upTo) ?? lane.sequences[lane.sequences.length - 1])
        ?.templates ?? [];
    slot.step = 0;
    slot.subscriber = this.options.scenario.moves === true ? this.nextVisitor(lane) : this.nextSubscriber();
    slot.busy = true;
    this.started += 1;
    this.inFlight += 1;
    this.send(slot, dueMs);
  }

  private nextSubscriber(): number {
    const { firstSubscriber, subscribersCount } = this.options;
    this.walked = (this.walked + STRIDE) % subscribersCount;
    return firstSubscriber + this.walked;
  }

  /**
   * The subscribers are shared out among the connections, and each share goes on to the next connection once all
   * of it was there.
   */
  private nextVisitor(lane: Lane): number {
    const { firstSubscriber, subscribersCount } = this.options;
    const lanes = this.lanes.length;
    const share = Math.max(1, Math.floor(subscribersCount / lanes));
    const count = lane.startedCount++;
    const place = (count * (STRIDE % share)) % share;
    const owner = (lane.number + Math.floor(count / share)) % lanes;
    return firstSubscriber + ((owner * share + place) % subscribersCount);
  }

  private send(slot: Slot, dueMs: number): void {
    const template = slot.sequence[slot.step];
    if (template === undefined) return;
    slot.generation = (slot.generation + 1) & 0xffff;
    slot.dueMs = dueMs;
    this.session += 1;
    this.endToEnd = (this.endToEnd + 1) >>> 0;
    slot.owner.link.send(
      template,
      ((slot.generation << 16) | slot.index) >>> 0,
      this.endToEnd,
      this.session,
      slot.subscriber,
    );
  }

  private onAnswer(lane: Lane, message: Buffer): void {
    const hopByHop = message.readUInt32BE(12);
    const slot = lane.slots[hopByHop & 0xffff];
    // Came after its time, or twice.
    if (slot === undefined || !slot.busy || slot.generation !== hopByHop >>> 16) return;
    const nowMs = performance.now();
    const command = slot.sequence[slot.step]?.step.command ?? 'UAR';
    const result = resultOf(message, 0, message.length);
    if (this.measuring) this.tally.answered(command, result, nowMs - slot.dueMs);
    slot.step += 1;
    if (slot.step < slot.sequence.length && isSuccess(result)) this.send(slot, nowMs);
    else this.finish(slot, nowMs);
  }

  private finish(slot: Slot, nowMs: number): void {
    slot.busy = false;
    this.inFlight -= 1;
    slot.owner.free.push(slot);
    if (this.isOpen) this.catchUp();
    else if (slot.owner.link.isOpen && this.mayStart()) this.start(slot.owner, nowMs);
    if (this.inFlight === 0) this.idle?.();
  }

  private onClosed(lane: Lane, why: string): void {
    this.tally.disconnects.push(why);
    for (const slot of lane.slots) if (slot.busy) this.giveUp(slot);
  }

  private giveUp(slot: Slot): void {
    this.tally.timeouts += 1;
    this.finish(slot, performance.now());
  }

  private scan(): void {
    const limitMs = performance.now() - this.options.timeoutMs;
    for (const lane of this.lanes) {
      for (const slot of lane.slots) if (slot.busy && slot.dueMs < limitMs) this.giveUp(slot);
    }
    if (this.lanes.every(({ link }) => !link.isOpen)) this.idle?.();
  }

  private async untilIdle(): Promise<void> {
    if (this.inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.idle = resolve;
    });
    this.idle = null;
  }
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
