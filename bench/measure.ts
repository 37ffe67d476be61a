/**
 * One run of everything: floor, then for each size baselines, import, registration of all, and the scenarios.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { measureBaselines, type Baselines } from './baselines';
import type { TransportName } from '../src/shared/transport-names';
import { load, startFloorProcess, transportArgs } from './child';
import { openDatabase, settle, type BenchDatabase } from './database';
import { Hss } from './hss';
import type { LoadResult } from './load/tally';
import { availableTransports, needsOf, type TransportNeeds } from './load/transports';
import { median, type Measurement, type Point, type Report, type SizeReport } from './report';
import type { Settings } from './settings';
import { records } from './subscriptions';

const SINGLE_SCENARIOS = ['UAR', 'LIR', 'MAR', 'SAR'];
/** With few subscriptions a window must not reach the same one twice. */
const PREPARE_WINDOW = 16;
const PROGRESS_MS = 5_000;

type Say = (text: string) => void;

interface Over {
  readonly transports: readonly TransportName[];
  readonly needs: TransportNeeds;
}

export async function measure(settings: Settings, revision: string, say: Say): Promise<Report> {
  const startedAt = new Date().toISOString();
  const measurements: Measurement[] = [];
  const sizes: SizeReport[] = [];
  const loadBefore = loadavg()[0] ?? 0;
  const transports = availableTransports(settings.transports, say);
  const over: Over = { transports, needs: await needsOf(transports, settings.folder) };
  if (settings.floor)
    for (const transport of transports)
      measurements.push(await measureFloor(settings, transport, over.needs, say));
  const database = await openDatabase(settings.databaseUrl, settings.folder);
  try {
    for (const subscribers of settings.subscribers) {
      const size = new SizeRun(settings, over, database, subscribers, say);
      sizes.push(await size.run());
      measurements.push(...size.measurements);
    }
  } finally {
    await database.close();
  }
  return {
    startedAt,
    sizes,
    measurements,
    machine: {
      CPU: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      'memory GiB': Math.round(totalmem() / 2 ** 30),
      Node: process.version,
      // What else the machine was doing.
      'load before': loadBefore.toFixed(1),
      ...(isUserModeLinux() ? { 'user-mode Linux': 'yes' } : {}),
    },
    product: { revision, program: settings.program ?? 'dist/main.js' },
    database: { PostgreSQL: database.version, ...database.durability },
    settings: {
      runs: settings.runsCount,
      seconds: settings.durationSeconds,
      warmup: settings.warmupSeconds,
      connections: settings.connectionsCount,
      window: settings.windowCount,
      profile: settings.profile,
    },
  };
}

function isUserModeLinux(): boolean {
  try {
    return /^vendor_id\s*: User Mode Linux$/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    // No Linux at all.
    return false;
  }
}

async function repeated(count: number, work: () => Promise<LoadResult>): Promise<LoadResult[]> {
  const runs: LoadResult[] = [];
  for (let n = 0; n < count; n += 1) runs.push(await work());
  return runs;
}

async function measureFloor(
  settings: Settings,
  transport: TransportName,
  needs: TransportNeeds,
  say: Say,
): Promise<Measurement> {
  const args = transportArgs(transport, needs);
  const floor = await startFloorProcess(args);
  try {
    say(`floor over ${transport}`);
    const runs = await repeated(settings.runsCount, () =>
      load({
        ...args,
        scenario: 'UAR',
        port: floor.port,
        connections: settings.connectionsCount,
        window: settings.windowCount,
        seconds: settings.durationSeconds,
        warmup: settings.warmupSeconds,
        watch: `floor=${floor.pid}`,
      }),
    );
    return { scenario: 'UAR', transport, subscribers: 0, point: 'floor', runs };
  } finally {
    await floor.stop();
  }
}

class SizeRun {
  readonly measurements: Measurement[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly over: Over,
    private readonly database: BenchDatabase,
    private readonly subscribers: number,
    private readonly say: Say,
  ) {}

  async run(): Promise<SizeReport> {
    const name = `hss_bench_${process.pid}_${this.subscribers}`;
    const url = await this.database.create(name);
    try {
      return await this.runOn(url);
    } finally {
      await this.database.drop(name);
    }
  }

  private async runOn(url: string): Promise<SizeReport> {
    const { settings, subscribers } = this;
    let baselines: Baselines | null = null;
    if (settings.baselines) {
      this.tell('baselines: pgbench and pg');
      baselines = await measureBaselines(url, subscribers, settings.durationSeconds, settings.folder);
    }
    const program = settings.program ?? path.join(__dirname, '..', 'dist', 'main.js');
    const hss = await Hss.start({
      program: [program],
      folder: path.join(settings.folder, 'hss'),
      databaseUrl: url,
      ...this.over,
    });
    try {
      const importSeconds = await this.import(hss);
      await settle(url);
      this.tell('registration of all');
      const registered = await load({
        ...this.target(hss, this.over.transports[0] ?? 'tcp'),
        scenario: 'register',
        sequences: subscribers,
        window: PREPARE_WINDOW,
      });
      if (registered.refused + registered.timeouts > 0) {
        throw new Error(
          `registering ${subscribers} subscribers: ${JSON.stringify(registered.results)}, ${registered.timeouts} unanswered`,
        );
      }
      await settle(url);
      await this.scenarios(hss);
      return {
        subscribers,
        profile: settings.profile,
        baselines,
        importSeconds,
        importPerSecond: subscribers / importSeconds,
        registerPerSecond: registered.transactionsPerSecond,
      };
    } catch (error) {
      throw hss.ending === null ? error : new Error(hss.ending, { cause: error });
    } finally {
      await hss.stop();
    }
  }

  private async import(hss: Hss): Promise<number> {
    const startedMs = performance.now();
    let toldMs = startedMs;
    this.tell('import');
    await hss.import(records(this.settings.profile, this.subscribers), (count) => {
      if (performance.now() - toldMs < PROGRESS_MS) return;
      toldMs = performance.now();
      this.tell(`import: ${count.toLocaleString('en-US')}`);
    });
    return (performance.now() - startedMs) / 1_000;
  }

  private async scenarios(hss: Hss): Promise<void> {
    const { settings } = this;
    const saturated = await this.interleaved(settings.scenarios, 'saturation', (scenario, transport) =>
      load({
        ...this.target(hss, transport),
        ...this.timing(),
        scenario,
        window: settings.windowCount,
      }),
    );
    if (settings.half) {
      await this.interleaved(settings.scenarios, 'half', (scenario, transport) => {
        const runs =
          saturated.find((entry) => entry.scenario === scenario && entry.transport === transport)?.runs ?? [];
        const rate = median(runs.map((run) => run.transactionsPerSecond)) / 2;
        return load({
          ...this.target(hss, transport),
          ...this.timing(),
          scenario,
          rate: Math.max(1, Math.round(rate)),
        });
      });
    }
    if (settings.single) {
      const singles = SINGLE_SCENARIOS.filter((scenario) => settings.scenarios.includes(scenario));
      await this.interleaved(singles, 'single', (scenario, transport) =>
        load({ ...this.target(hss, transport), ...this.timing(), scenario, connections: 1, window: 1 }),
      );
    }
  }

  /**
   * All scenarios once, each over every transport, then again, so that what else the machine does meets each
   * of them.
   */
  private async interleaved(
    scenarios: readonly string[],
    point: Point,
    work: (scenario: string, transport: TransportName) => Promise<LoadResult>,
  ): Promise<readonly Measurement[]> {
    const { subscribers } = this;
    const found = scenarios.flatMap((scenario) =>
      this.over.transports.map((transport) => ({
        scenario,
        transport,
        subscribers,
        point,
        runs: [] as LoadResult[],
      })),
    );
    for (let n = 1; n <= this.settings.runsCount; n += 1) {
      for (const { scenario, transport, runs } of found) {
        const result = await work(scenario, transport);
        runs.push(result);
        this.tell(
          `${scenario} over ${transport}, ${point}, run ${n}: ${Math.round(result.transactionsPerSecond).toLocaleString('en-US')}/s`,
        );
      }
    }
    this.measurements.push(...found);
    return found;
  }

  private target(hss: Hss, transport: TransportName): Record<string, string | number> {
    const { connectionsCount } = this.settings;
    const watch = [
      `hss=${hss.pid}`,
      ...(this.database.pid === null ? [] : [`postgres=${this.database.pid}`]),
    ].join(',');
    return {
      ...transportArgs(transport, this.over.needs),
      port: hss.portOf(transport),
      subscribers: this.subscribers,
      connections: connectionsCount,
      watch,
    };
  }

  private timing(): Record<string, number> {
    return { seconds: this.settings.durationSeconds, warmup: this.settings.warmupSeconds };
  }

  private tell(text: string): void {
    this.say(`${this.subscribers.toLocaleString('en-US')} subscriptions: ${text}`);
  }
}
