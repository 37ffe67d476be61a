/**
 * The course of a soak: fill a fresh HSS, find what it carries, offer it far more, see whether peers that
 * take part are told enough, see it recover.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, settle } from '../database';
import { Hss } from '../hss';
import { runLoad } from '../load/generator';
import { loadCommand, naming } from '../load/options';
import { cpuSeconds } from '../load/processes';
import type { Parties, Step } from '../load/templates';
import { records } from '../subscriptions';
import { cpuPerServedUs, type Phase, type SoakResult } from './result';
import type { Settings } from './settings';
import { Stream, type Kind, type Pace } from './stream';
import type { KindResult } from './tally';
import { Watch } from './watch';

/** Of eleven parts that are offered, ten come from one peer. */
const CROWD_SHARE = 10 / 11;
/** One of so many requests of the crowd has DRMP 0. */
const URGENT_EVERY = 20;
const PEAK_WINDOWS = [128, 32, 128];
const SHORT_PEAK_WINDOWS = [128];
const QUIET_MS = 5_000;
const RAISE_MS = 10_000;
const TICK_MS = 1;
const WATCHDOG_MS = 250;
const WATCHDOG_PATIENCE_MS = 10_000;
/** Closed loop and excess in turn, so often. */
const PAIRS = { full: 8, short: 1 };
const PAIR_SECONDS = { full: 5, short: 2 };
/** Of the peak, what is offered afterwards. */
const AFTERWARDS = 0.5;

const paces = (crowd: Stream, few: Stream, offered: number): (readonly [Stream, Pace])[] => [
  [crowd, { ratePerSecond: offered * CROWD_SHARE }],
  [few, { ratePerSecond: offered * (1 - CROWD_SHARE) }],
];

type Say = (text: string) => void;

export async function soak(settings: Settings, say: Say): Promise<SoakResult> {
  const database = await openDatabase(settings.databaseUrl, settings.folder);
  try {
    const url = await database.create(`hss_soak_${process.pid}`);
    const hss = await Hss.start({
      program: settings.program,
      folder: path.join(settings.folder, 'hss'),
      databaseUrl: url,
      // The shortest watchdog: who is silent is asked for a sign of life during the run.
      settings: {
        overload: {
          maxQueueMs: settings.maxQueueMs,
          // The crowd is no configured peer, and some of its requests are urgent.
          trustUnknownPeers: true,
          ...(settings.inFlightCount === null ? {} : { maxInFlightRequests: settings.inFlightCount }),
        },
        diameter: { watchdogIntervalSeconds: 6 },
      },
    });
    try {
      say(`${settings.subscribers} subscriptions`);
      await prepare(hss, settings);
      await settle(url);
      return await new Soak(hss, settings, say).run();
    } catch (error) {
      throw hss.ending === null ? error : new Error(hss.ending, { cause: error });
    } finally {
      await hss.stop();
    }
  } finally {
    await database.close();
  }
}

async function prepare(hss: Hss, { subscribers }: Settings): Promise<void> {
  await hss.import(records('small', subscribers), () => undefined);
  const command = loadCommand([
    '--scenario',
    'register',
    '--port',
    String(hss.diameterPort),
    '--subscribers',
    String(subscribers),
    '--sequences',
    String(subscribers),
  ]);
  if (command === null) throw new Error('no load');
  const { refused, timeouts, results } = await runLoad(command.options);
  if (refused + timeouts > 0)
    throw new Error(
      `registering ${subscribers} subscribers: ${JSON.stringify(results)}, ${timeouts} unanswered`,
    );
}

class Soak {
  private readonly streams = new Map<string, Stream>();
  private readonly watch: Watch;

  constructor(
    private readonly hss: Hss,
    private readonly settings: Settings,
    private readonly say: Say,
  ) {
    this.watch = new Watch(hss.metricsUrl);
  }

  async run(): Promise<SoakResult> {
    const { settings } = this;
    let late = 0;
    let last = performance.now();
    const tick = setInterval(() => {
      const now = performance.now();
      late = Math.max(late, now - last - TICK_MS);
      last = now;
      for (const stream of this.streams.values()) stream.send(now);
    }, TICK_MS);
    this.ownDelay = () => {
      const worst = late;
      late = 0;
      return worst;
    };
    try {
      const crowd = await this.open('crowd', this.kinds(false), false);
      const few = await this.open('few', this.kinds(false).slice(0, 1), false);
      const idle = await this.open('idle', this.kinds(false).slice(0, 1), false);
      const peak = await this.peak(crowd, few);
      const offered = peak.servedPerSecond * settings.factor;
      this.say(
        `peak ${peak.servedPerSecond.toFixed(0)}/s; ${settings.factor} times as much for ${settings.seconds} s`,
      );
      await this.warmed(paces(crowd, few, offered), settings.short ? 1 : 5);
      const before = await this.watch.counters();
      this.watch.start();
      const watchdogs = this.watchdogs([crowd, few, idle]);
      const settle = this.keptAbove(crowd, few, peak.servedPerSecond);
      const flood = await this.phase(settings.seconds);
      const raisedTo = settle();
      const watchdogMs = await watchdogs();
      await this.watch.stop();
      const after = await this.watch.counters();
      const watchdogChanges = after.watchdogChanges - before.watchdogChanges;
      const refusals = Object.fromEntries(
        Object.entries(after.refusals)
          .map(([name, count]) => [name, count - (before.refusals[name] ?? 0)])
          .filter(([, count]) => count !== 0),
      ) as Record<string, number>;
      await this.quiet();

      // Once more: over minutes a machine that others use changes more than we do, and what follows is judged
      // by what it can do now.
      const peakAfter = settings.short ? peak : await this.peak(crowd, few);
      const taking = await this.taking(peakAfter.servedPerSecond * settings.factor);
      this.say('half of the peak again');
      await this.warmed([[crowd, { ratePerSecond: peakAfter.servedPerSecond * AFTERWARDS }]], 1);
      const afterwards = await this.phase(settings.short ? 1 : 10);
      await this.quiet();
      const pairedShares = await this.pairs(crowd, few);
      return {
        peakPerSecond: (peak.servedPerSecond + peakAfter.servedPerSecond) / 2,
        peak,
        peakAfter,
        raisedTo,
        flood,
        samples: this.watch.samples,
        watchdogMs,
        watchdogChanges,
        refusals,
        taking,
        afterwards,
        pairedShares,
        disconnects: [...this.streams].flatMap(([name, stream]) =>
          stream.disconnects.map((why) => `${name}: ${why}`),
        ),
      };
    } finally {
      clearInterval(tick);
      await this.watch.stop().catch(() => undefined);
      await Promise.all([...this.streams.values()].map((stream) => stream.close()));
    }
  }

  private ownDelay: () => number = () => 0;

  /** The best of some closed loops, by two peers. */
  private async peak(crowd: Stream, few: Stream): Promise<Phase> {
    const { short } = this.settings;
    const [warm, measured] = short ? [2, 1] : [2, 5];
    let best: Phase | null = null;
    for (const windowCount of short ? SHORT_PEAK_WINDOWS : PEAK_WINDOWS) {
      await this.warmed(
        [
          [crowd, { windowCount }],
          [few, { windowCount }],
        ],
        warm,
      );
      const phase = await this.phase(measured);
      await this.quiet();
      this.say(
        `closed loop, 2 x ${windowCount} under way: ${phase.servedPerSecond.toFixed(0)}/s, ${cpuPerServedUs(phase).toFixed(0)} us CPU of the HSS each`,
      );
      if (best === null || phase.servedPerSecond > best.servedPerSecond) best = phase;
    }
    if (best === null) throw new Error('no peak');
    return best;
  }

  /** Peak, excess, peak, excess, ..., peak. */
  private async pairs(crowd: Stream, few: Stream): Promise<number[]> {
    const form = this.settings.short ? 'short' : 'full';
    const [windowCount] = PEAK_WINDOWS as [number];
    const closed = async (): Promise<number> => {
      await this.warmed(
        [
          [crowd, { windowCount }],
          [few, { windowCount }],
        ],
        1,
      );
      const { servedPerSecond } = await this.phase(PAIR_SECONDS[form]);
      await this.quiet();
      return servedPerSecond;
    };
    const shares: number[] = [];
    let before = await closed();
    for (let n = 0; n < PAIRS[form]; n += 1) {
      await this.warmed(paces(crowd, few, before * this.settings.factor), 1);
      const { servedPerSecond } = await this.phase(PAIR_SECONDS[form]);
      await this.quiet();
      const after = await closed();
      shares.push((2 * servedPerSecond) / (before + after));
      this.say(
        `peak ${before.toFixed(0)}/s, under the excess ${servedPerSecond.toFixed(0)}/s, peak ${after.toFixed(0)}/s`,
      );
      before = after;
    }
    return shares;
  }

  /** The same load from peers that do as OC-OLR asks. */
  private async taking(offered: number): Promise<SoakResult['taking']> {
    const crowd = await this.open('taking', this.kinds(true), true);
    this.say('the same from a peer that takes part in overload control');
    await this.warmed([[crowd, { ratePerSecond: offered }]], 0);
    const [begin, rest] = this.settings.short ? [3.5, 2] : [15, 15];
    const first = await this.phase(begin);
    const settled = await this.phase(rest);
    const { maxPercent, reportsCount } = crowd.reduction;
    await this.quiet();
    return { ...first, settled, askedPercent: maxPercent, reports: reportsCount };
  }

  /**
   * More is offered where more is served than was at the peak: what other programs leave of the machine
   * changes over minutes. Ends with what it was reckoned from.
   */
  private keptAbove(crowd: Stream, few: Stream, peakPerSecond: number): () => number {
    let from = peakPerSecond;
    let before = 0;
    const timer = setInterval(() => {
      const now = crowd.servedCount + few.servedCount;
      const perSecond = ((now - before) * 1_000) / RAISE_MS;
      before = now;
      if (perSecond <= from) return;
      from = perSecond;
      for (const [stream, pace] of paces(crowd, few, from * this.settings.factor)) stream.setPace(pace);
    }, RAISE_MS).unref();
    return () => {
      clearInterval(timer);
      return from;
    };
  }

  private kinds(takesPart: boolean): Kind[] {
    const announced = takesPart ? { ocSupportedFeatures: { ocFeatureVector: 1n } } : {};
    const steps = (avps: object): Step[] =>
      this.settings.commands.map((command) => ({ command, avps: { ...announced, ...avps } }));
    return [
      { name: 'ordinary', everyCount: 1, mayWait: true, steps: steps({}) },
      { name: 'urgent', everyCount: URGENT_EVERY, mayWait: false, steps: steps({ drmp: 0 }) },
    ];
  }

  private async open(name: string, kinds: Kind[], complies: boolean): Promise<Stream> {
    const command = loadCommand([]);
    if (command === null) throw new Error('no parties');
    const parties: Parties = { ...command.options.parties(0), originHost: `${name}.bench.${naming.realm}` };
    const stream = await Stream.open({
      host: '127.0.0.1',
      port: this.hss.diameterPort,
      parties,
      kinds,
      firstSubscriber: 1,
      subscribersCount: this.settings.subscribers,
      complies,
    });
    this.streams.set(name, stream);
    return stream;
  }

  private async warmed(paces: readonly (readonly [Stream, Pace])[], seconds: number): Promise<void> {
    for (const [stream, pace] of paces) stream.setPace(pace);
    await sleep(seconds * 1_000);
  }

  private async quiet(): Promise<void> {
    for (const stream of this.streams.values()) stream.setPace('silent');
    for (const stream of this.streams.values()) await stream.whenQuiet(QUIET_MS);
  }

  /** Measures what goes on, for that long. */
  private async phase(seconds: number): Promise<Phase> {
    const { requests } = await this.watch.counters();
    const [hssBefore, ownBefore] = [cpuSeconds(this.hss.pid), process.cpuUsage()];
    this.ownDelay();
    const startedMs = performance.now();
    for (const stream of this.streams.values()) stream.begin();
    await sleep(seconds * 1_000);
    for (const stream of this.streams.values()) stream.end();
    const tookSeconds = (performance.now() - startedMs) / 1_000;
    const results: Record<string, KindResult> = {};
    for (const [name, stream] of this.streams)
      for (const [kind, result] of Object.entries(stream.results()))
        if (result.due > 0) results[`${name} ${kind}`] = result;
    const [hssAfter, own] = [cpuSeconds(this.hss.pid), process.cpuUsage(ownBefore)];
    const arrived = (await this.watch.counters()).requests - requests;
    const sent = Object.values(results).reduce((sum, result) => sum + result.sent, 0);
    return {
      seconds: tookSeconds,
      results,
      servedPerSecond: Object.values(results).reduce((sum, { served }) => sum + served, 0) / tookSeconds,
      arrivedShare: sent === 0 ? 1 : arrived / sent,
      hssCpuSeconds: hssBefore === null || hssAfter === null ? null : hssAfter - hssBefore,
      ownCpuSeconds: (own.user + own.system) / 1e6,
      ownDelayMs: this.ownDelay(),
    };
  }

  /**
   * A DWR of each peer now and then, behind what else it sends. The returned function ends it and gives the
   * worst of each.
   */
  private watchdogs(streams: readonly Stream[]): () => Promise<Record<string, number>> {
    let going = true;
    const worst: Record<string, number> = {};
    const loops = [...this.streams]
      .filter(([, stream]) => streams.includes(stream))
      .map(async ([name, stream]) => {
        worst[name] = 0;
        while (going) {
          worst[name] = Math.max(worst[name] ?? 0, await stream.watchdog(WATCHDOG_PATIENCE_MS));
          await sleep(WATCHDOG_MS);
        }
      });
    return async () => {
      going = false;
      await Promise.all(loops);
      return worst;
    };
  }
}
