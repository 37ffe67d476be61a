/**
 * The product as a process whose standard output is closed, stalled or on a full disk, under load, with
 * PostgreSQL away for a while: it serves before and afterwards, its memory stays flat, and it stops when it is
 * told to. HSS_TEST_LOGGING=full takes ten minutes of it, one of them without PostgreSQL.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { CxClient } from '../support/cx-client';
import { REGISTRATION, sar, uar } from '../system/support/cscf';
import { endAll, eventually, temporaryFolder, writeConfiguration } from '../system/support/hss-process';
import { OwnPostgres } from '../system/support/own-postgres';
import { provision, secretKey, user } from '../system/support/provisioning';

const full = process.env['HSS_TEST_LOGGING'] === 'full';
const [beforeMs, awayMs, afterMs] = full ? [240_000, 60_000, 300_000] : [8_000, 8_000, 8_000];
/** Of each instance: so many at once, with a pause between. */
const requestsAtOnce = 8;
const pauseMs = 10;
const sampleMs = 500;
const backWithinMs = 15_000;
const stopWithinMs = 10_000;
const growthOctets = 64 * 1024 * 1024;
const unableToComply = '5012';
const realm = 'ims.example';
const outputs = ['closed', 'stalled', 'full disk'] as const;
/** Of one instance alone: three that change one subscription would wait for each other. */
const namesOf = (output: string): string[] =>
  Array.from({ length: requestsAtOnce }, (_, i) => `${output.replace(' ', '-')}-${i}`);
/**
 * A busy machine lets a statement run into its time limit now and then. A process that its output holds
 * answers nothing at all.
 */
const maxFailedShare = 0.01;
const root = resolve(__dirname, '../..');
const sleep = (ms: number): Promise<void> =>
  new Promise((wake) => {
    setTimeout(wake, ms);
  });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => {
    server.close(closed);
  });
  return port;
}

/** A pipe of the system, which spawn does not make: its reader is this process, and it does not read. */
function stalledPipe(): readonly [reader: number, writer: number] {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return [reader, openSync(path, 'w')];
}

/** Nobody can read where it listens, so its ports are chosen for it. */
class Unheard {
  readonly residentOctets: number[] = [];
  readonly results = { before: new Map<string, number>(), after: new Map<string, number>() };
  /** When, since its phase began, and after how long: a time limit is told from a lost connection. */
  readonly failures: string[] = [];
  client: CxClient | null = null;

  private constructor(
    readonly output: string,
    readonly child: ChildProcess,
    readonly ports: { readonly diameter: number; readonly http: number; readonly metrics: number },
  ) {}

  static async start(output: (typeof outputs)[number], databaseUrl: string): Promise<Unheard> {
    const ports = { diameter: await freePort(), http: await freePort(), metrics: await freePort() };
    const file = writeConfiguration(temporaryFolder(), {
      store: { url: databaseUrl, secretKey },
      diameter: {
        originHost: `${output.replace(' ', '-')}.${realm}`,
        listen: [{ addresses: ['127.0.0.1'], port: ports.diameter }],
      },
      http: { port: ports.http },
      metrics: { port: ports.metrics },
      // A line for each answer: more than any output of these takes.
      logging: { level: 'debug', maxBufferOctets: 65_536 },
    });
    const command = [
      process.execPath,
      '-r',
      join(root, 'test/cli/register-typescript.cjs'),
      join(root, 'src/main.ts'),
      '--config',
      file,
    ];
    const fullDisk = openSync('/dev/full', 'w');
    const pipe = output === 'stalled' ? stalledPipe() : [];
    const child = spawn('/bin/sh', ['-c', `exec "$0" "$@"${output === 'closed' ? ' >&-' : ''}`, ...command], {
      stdio: ['ignore', pipe[1] ?? fullDisk, 'ignore'],
      cwd: root,
    });
    closeSync(fullDisk);
    return new Unheard(output, child, ports);
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  async readyz(): Promise<number> {
    return fetch(`http://127.0.0.1:${this.ports.metrics}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.ports.metrics}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  async connect(): Promise<void> {
    this.client = await CxClient.open(this.ports.diameter, {
      originHost: `scscf.${this.output.replace(' ', '-')}.${realm}`,
      originRealm: realm,
    });
  }

  async load(forMs: number, phase: 'before' | 'away' | 'after'): Promise<void> {
    const client = this.client as CxClient;
    const names = namesOf(this.output);
    const results = phase === 'away' ? new Map<string, number>() : this.results[phase];
    const beganMs = performance.now();
    while (performance.now() < beganMs + forMs) {
      const askedMs = performance.now();
      const answers = await Promise.all(
        names.map((name, i) => (i === 0 ? sar(client, user(name), REGISTRATION) : uar(client, user(name)))),
      );
      const tookMs = Math.round(performance.now() - askedMs);
      for (const { result, abbreviation } of answers) {
        results.set(result, (results.get(result) ?? 0) + 1);
        if (result === unableToComply && phase !== 'away')
          this.failures.push(
            `${abbreviation} ${phase}, at ${Math.round(askedMs - beganMs)} ms, its batch took ${tookMs} ms`,
          );
      }
      await sleep(pauseMs);
    }
  }

  sample(): void {
    const [, pages] = readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ');
    this.residentOctets.push(Number(pages) * 4_096);
  }

  async stop(): Promise<{ readonly status: number | null; readonly tookMs: number }> {
    const ended = new Promise<number | null>((done) => {
      this.child.once('exit', done);
    });
    const began = performance.now();
    this.child.kill('SIGTERM');
    const status = await ended;
    return { status, tookMs: performance.now() - began };
  }
}

let postgres: OwnPostgres;
const instances: Unheard[] = [];

beforeAll(async () => {
  postgres = await OwnPostgres.create();
  for (const output of outputs) {
    const instance = await Unheard.start(output, postgres.url);
    instances.push(instance);
    await eventually(async () => (await instance.readyz()) === 200, `${output}: ready`, 60_000);
    if (instances.length === 1) await provision(instance, outputs.flatMap(namesOf));
    await instance.connect();
  }
}, 240_000);

afterAll(async () => {
  for (const { child } of instances) child.kill('SIGKILL');
  await postgres.kill();
  await endAll();
}, 60_000);

test(
  `standard output closed, stalled and on a full disk, ${awayMs / 1000} s without PostgreSQL: served again, memory flat, stopped in time`,
  async () => {
    const sampling = setInterval(() => instances.forEach((instance) => instance.sample()), sampleMs);
    try {
      const load = (ms: number, phase: 'before' | 'away' | 'after') =>
        Promise.all(instances.map((instance) => instance.load(ms, phase)));
      await load(beforeMs, 'before');
      const warm = instances.map(({ residentOctets }) =>
        Math.max(...residentOctets.slice(Math.floor(residentOctets.length / 2))),
      );
      await postgres.kill();
      await load(awayMs, 'away');
      await postgres.start();
      await Promise.all(
        instances.map((instance) =>
          eventually(
            async () =>
              (await instance.readyz()) === 200 &&
              (await uar(instance.client as CxClient, user(namesOf(instance.output)[1] ?? ''))).result !==
                unableToComply,
            `${instance.output}: served again`,
            backWithinMs,
          ),
        ),
      );
      await load(afterMs, 'after');
      clearInterval(sampling);
      const outcomes = [];
      for (const [i, instance] of instances.entries()) {
        const droppedLines = await instance.metric('hss_log_dropped_lines_total');
        const bufferedOctets = await instance.metric('hss_log_buffered_bytes');
        const grownOctets = Math.min(...instance.residentOctets.slice(-8)) - (warm[i] ?? 0);
        const { status, tookMs } = await instance.stop();
        const { output, results, failures } = instance;
        outcomes.push({
          output,
          before: Object.fromEntries(results.before),
          after: Object.fromEntries(results.after),
          failures,
          warmMib: Math.round((warm[i] ?? 0) / 2 ** 20),
          grownMib: Math.round(grownOctets / 2 ** 20),
          droppedLines,
          bufferedOctets,
          stopMs: Math.round(tookMs),
          status,
        });
      }
      // Before anything is judged: a run of ten minutes that fails has to say at what.
      if (process.env['HSS_TEST_LOGGING'] !== undefined)
        process.stdout.write(`${outcomes.map((line) => JSON.stringify(line)).join('\n')}\n`);
      for (const { output, failures, status, before, after, ...measured } of outcomes) {
        // Of the SARs; the UARs have results of their own.
        expect(before['2001']).toBeGreaterThan(10);
        expect(after['2001']).toBeGreaterThan(10);
        expect({ output, status }).toEqual({ output, status: 0 });
        const answered = [before, after].flatMap((results) => Object.values(results));
        const answeredCount = answered.reduce((sum, count) => sum + count, 0);
        expect(failures.length).toBeLessThan(maxFailedShare * answeredCount);
        expect(measured.grownMib * 2 ** 20).toBeLessThan(growthOctets);
        if (output === 'closed') expect(measured.droppedLines).toBe(0);
        else expect(measured.droppedLines).toBeGreaterThan(100);
        expect(measured.bufferedOctets).toBeLessThanOrEqual(65_536);
        expect(measured.stopMs).toBeLessThan(stopWithinMs);
      }
    } finally {
      clearInterval(sampling);
    }
  },
  beforeMs + awayMs + afterMs + 180_000,
);
