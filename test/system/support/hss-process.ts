/** The product as a process, from source, on free loopback ports. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { CxClient } from '../../support/cx-client';
import { redactedFor, type Secrets } from './secrets';

const root = resolve(__dirname, '../../..');
/** npm start has to answer a CER within this time on a fresh folder. */
const startMs = 60_000;
/** What does not end by then is killed. */
const endMs = 4_000;

export const hssOrigin = { originHost: 'hss.ims.example', originRealm: 'ims.example' };

type Section = Readonly<Record<string, unknown>>;

export interface HssSettings {
  readonly role?: 'hss' | 'slf' | 'both';
  readonly slf?: Section;
  readonly s13?: Section;
  readonly diameter?: Section;
  readonly store?: Section;
  readonly http?: Section;
  readonly metrics?: Section;
  readonly peers?: readonly Section[];
  readonly demo?: Section;
  readonly push?: Section;
  readonly overload?: Section;
  readonly cx?: Section;
  readonly logging?: Section;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const folders: string[] = [];
const running = new Set<HssProcess>();

/** A folder that `endAll` removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hss-system-'));
  folders.push(folder);
  return folder;
}

/** The whole configuration file: free ports, and what the test wants. */
export function writeConfiguration(folder: string, settings: HssSettings = {}): string {
  const file = join(folder, 'hss.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    stringify({
      ...settings,
      diameter: {
        ...hssOrigin,
        listen: [{ transport: 'tcp', addresses: ['127.0.0.1'], port: 0 }],
        ...settings.diameter,
      },
      http: { port: 0, ...settings.http },
      metrics: { port: 0, ...settings.metrics },
      logging: { level: 'debug', format: 'json', ...settings.logging },
    }),
  );
  return file;
}

export class HssProcess {
  output = '';
  readonly ended: Promise<Ending>;
  private ending: Ending | null = null;
  private watchers: (() => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    running.add(this);
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
      this.changed();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    this.ended = new Promise((done) => {
      // "close" comes after the last of its output, but also only when nobody else holds the pipe.
      child.once('exit', (code, signal) => {
        this.ending = { code, signal };
        running.delete(this);
        setImmediate(() => {
          this.changed();
          done({ code, signal });
        });
      });
    });
  }

  /** Starts `npm start`'s program on a configuration file; does not wait. */
  static spawn(
    configFile: string,
    env: Readonly<Record<string, string>> = {},
    program = 'src/main.ts',
  ): HssProcess {
    return new HssProcess(
      spawn(
        process.execPath,
        ['-r', join(root, 'test/cli/register-typescript.cjs'), join(root, program), '--config', configFile],
        {
          cwd: root,
          env: { PATH: process.env['PATH'] ?? '', ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );
  }

  /** Starts it and waits for its banner. */
  static async start(configFile: string, program?: string): Promise<HssProcess> {
    const hss = HssProcess.spawn(configFile, {}, program);
    await hss.until(() => hss.output.includes('Ctrl-C stops it.'), 'the banner', startMs);
    return hss;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('not started');
    return this.child.pid;
  }

  get diameterPort(): number {
    return this.port(/Diameter +tcp 127\.0\.0\.1:(\d+)/);
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port(/HTTP API +http:\/\/127\.0\.0\.1:(\d+)/)}`;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.port(/Metrics +http:\/\/127\.0\.0\.1:(\d+)/)}`;
  }

  /** Its log lines, parsed. */
  get log(): Record<string, unknown>[] {
    return this.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  get openFileDescriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.ending === null) process.kill(this.pid, signal);
  }

  /** kill -9 and its end. */
  async crash(): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }

  /** Ctrl-C and its end. */
  async interrupt(): Promise<Ending> {
    this.kill('SIGINT');
    return this.ended;
  }

  /** Resolves when `condition` holds, looked at whenever the process has written something or ended. */
  until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
    return new Promise((done, failed) => {
      const fail = (why: string): void => failed(new Error(`${what}: ${why}\n${this.output.slice(-3_000)}`));
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      const look = (): void => {
        if (condition()) {
          clearTimeout(timer);
          done();
        } else if (this.ending !== null) {
          clearTimeout(timer);
          fail(`the HSS ended with ${this.ending.code ?? this.ending.signal}`);
        } else {
          this.watchers.push(look);
        }
      };
      look();
    });
  }

  /** @throws Error that names the secret, without showing it, that the process has written somewhere */
  expectNoSecrets(secrets: Secrets): void {
    const found = redactedFor(this.output, secrets);
    if (found.length > 0) throw new Error(`in the output: ${found.join('; ')}`);
  }

  private changed(): void {
    for (const look of this.watchers.splice(0)) look();
  }

  private port(pattern: RegExp): number {
    const [, port] = pattern.exec(this.output) ?? [];
    if (port === undefined) throw new Error(`no ${String(pattern)} in\n${this.output}`);
    return Number(port);
  }
}

/** Ends every process that is left, in order if that is possible, and removes the folders. For afterAll. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (hss) => {
      const timer = setTimeout(() => hss.kill('SIGKILL'), endMs);
      await hss.interrupt();
      clearTimeout(timer);
    }),
  );
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

process.once('exit', () => {
  for (const hss of running) hss.kill('SIGKILL');
});

/**
 * Closes the connection and waits until the HSS has seen that: a second one of an open peer would be refused.
 */
export async function leave(
  hss: HssProcess,
  client: Pick<CxClient, 'close' | 'closed' | 'origin'>,
): Promise<void> {
  client.close();
  await client.closed;
  await eventually(async () => {
    const { items } = (await (await fetch(`${hss.httpUrl}/v1/peers`)).json()) as {
      items: { originHost: string; state: string }[];
    };
    return items.every(
      ({ originHost, state }) =>
        originHost.toLowerCase() !== client.origin.originHost.toLowerCase() || state === 'Closed',
    );
  }, `${client.origin.originHost} is gone`);
}

/** Polls what gives no sign of its own. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((wake) => {
      setTimeout(wake, 20);
    });
  }
}
