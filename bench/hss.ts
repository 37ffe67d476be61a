/** Our HSS as a process of its own, on free loopback ports, and what the benchmark asks its API. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { stringify } from 'yaml';
import type { TransportName } from '../src/shared/transport-names';
import { naming } from './load/options';
import type { TransportNeeds } from './load/transports';

const START_MS = 60_000;
const STOP_MS = 15_000;
const OUTPUT_OCTETS = 64 * 1024;

export interface HssSettings {
  /** dist/main.js, or main.ts with what Node needs to read it. */
  readonly program: readonly string[];
  readonly folder: string;
  readonly databaseUrl: string;
  /** What it listens on, each at a free port; TCP where absent. */
  readonly transports?: readonly TransportName[];
  readonly needs?: TransportNeeds;
  /** Settings that differ from the defaults, by section. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class Hss {
  private readonly ports = new Map<TransportName, number>();
  /** http://127.0.0.1:port, with /metrics below it. */
  metricsUrl = '';
  private api = '';
  private output = '';
  private changed: () => void = () => undefined;

  private constructor(private readonly child: ChildProcess) {
    const take = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString('utf8')).slice(-OUTPUT_OCTETS);
      this.changed();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', () => this.changed());
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
  }

  /**
   * Default settings but for what a run of its own needs. @throws Error with the last of its output where it
   * does not start
   */
  static async start({
    program,
    folder,
    databaseUrl,
    transports = ['tcp'],
    needs,
    settings = {},
  }: HssSettings): Promise<Hss> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, 'hss.yaml');
    writeFileSync(
      file,
      stringify({
        ...settings,
        diameter: {
          originHost: `hss.${naming.realm}`,
          originRealm: naming.realm,
          listen: transports.map((transport) => ({ transport, addresses: ['127.0.0.1'], port: 0 })),
          ...(needs?.tls == null ? {} : { tls: needs.tls }),
          ...(needs?.udpPort === undefined ? {} : { sctp: { udpPort: needs.udpPort } }),
          ...settings['diameter'],
        },
        store: { url: databaseUrl, secretKey: '5a'.repeat(32) },
        http: { port: 0 },
        metrics: { port: 0 },
        demo: { load: false },
        logging: { format: 'json' },
      }),
      { mode: 0o600 },
    );
    const hss = new Hss(
      spawn(process.execPath, [...program, '--config', file], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    try {
      await hss.ready();
      return hss;
    } catch (error) {
      hss.child.kill('SIGKILL');
      throw error;
    }
  }

  /** As its banner says; 0 for a transport that it does not listen on. */
  portOf(transport: TransportName): number {
    return this.ports.get(transport) ?? 0;
  }

  /** Of TCP. */
  get diameterPort(): number {
    return this.portOf('tcp');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Streams records to the API. @throws Error with the first failure where a record is refused */
  async import(records: AsyncIterable<Buffer>, onProgress: (count: number) => void): Promise<void> {
    const call = request(`${this.api}/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
    });
    Readable.from(records).pipe(call);
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    let summary: { created: number; failed: number } | null = null;
    for await (const chunk of response) {
      const lines = (text + String(chunk)).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines.filter((entry) => entry !== '')) {
        const event = JSON.parse(line) as {
          type: string;
          records: number;
          created: number;
          failed: number;
          detail?: string;
        };
        if (event.type === 'failure' || event.type === 'aborted') throw new Error(`import: ${line}`);
        if (event.type === 'summary') summary = event;
        onProgress(event.records);
      }
    }
    if (summary === null) throw new Error(`import: ${response.statusCode} ${text}`);
  }

  /** Where it ended by itself: how, and the last of its output. */
  get ending(): string | null {
    const { exitCode, signalCode } = this.child;
    return exitCode === null && signalCode === null
      ? null
      : `the HSS ended with ${exitCode ?? signalCode}\n${this.output.slice(-3_000)}`;
  }

  /** In order; killed where that takes too long. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  private ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`the HSS did not start: ${why}\n${this.output.slice(-3_000)}`));
      const timer = setTimeout(() => fail(`not within ${START_MS} ms`), START_MS);
      this.changed = () => {
        const ended = this.child.exitCode !== null || this.child.signalCode !== null;
        if (!ended && !this.output.includes('Ctrl-C stops it.')) return;
        clearTimeout(timer);
        this.changed = () => undefined;
        if (ended) return fail(`exit status ${this.child.exitCode}`);
        for (const [, name, port] of this.output.matchAll(/^(?:Diameter)? +([a-z-]+) 127\.0\.0\.1:(\d+)$/gm))
          this.ports.set(name as TransportName, Number(port));
        this.metricsUrl = /Metrics +(http:\/\/127\.0\.0\.1:\d+)/.exec(this.output)?.[1] ?? '';
        this.api = /HTTP API +(http:\/\/127\.0\.0\.1:\d+)/.exec(this.output)?.[1] ?? '';
        resolve();
      };
    });
  }
}
