/** The product as a process, started from what `npm run build` made, and its HTTP API. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { RunningProcess, waitFor } from './processes';

/** What `npm run build` made, or another build of it. */
const program = resolve(process.env['HSS_PROGRAM'] ?? resolve(__dirname, '../../../dist/main.js'));
/** A first start creates the database; the issue allows 60 s. */
const start_ms = 60_000;

export interface HssOptions {
  /** What its log file is called. */
  name: string;
  folder: string;
  logFolder: string;
  originHost: string;
  originRealm: string;
  diameterPort: number;
  httpPort: number;
  metricsPort: number;
  /** Realms beside its own that it serves. */
  servedRealms?: readonly string[];
  /** Further sections of the configuration. */
  settings?: Readonly<Record<string, unknown>>;
}

export class Hss {
  private process: RunningProcess | undefined;
  private readonly configFile: string;

  constructor(readonly options: HssOptions) {
    this.configFile = join(options.folder, 'hss.yaml');
    mkdirSync(options.folder, { recursive: true });
    writeFileSync(
      this.configFile,
      stringify({
        diameter: {
          originHost: options.originHost,
          originRealm: options.originRealm,
          servedRealms: options.servedRealms ?? [],
          watchdogIntervalSeconds: 6,
          listen: [{ transport: 'tcp', addresses: ['127.0.0.1'], port: options.diameterPort }],
        },
        store: { dataFolder: join(options.folder, 'data') },
        http: { addresses: ['127.0.0.1'], port: options.httpPort },
        metrics: { addresses: ['127.0.0.1'], port: options.metricsPort },
        // Kamailio never answers a PPR: the outcome is to come soon.
        push: { answerTimeoutMs: 1_000, maxAttemptCount: 2, retryMinMs: 200 },
        logging: { level: 'info', format: 'json' },
        demo: { load: false },
        ...options.settings,
      }),
    );
  }

  async start(): Promise<void> {
    if (!existsSync(program)) throw new Error(`${program} is not there: run npm run build first`);
    this.process = RunningProcess.start({
      name: this.options.name,
      command: process.execPath,
      args: [program, '--config', this.configFile],
      logFile: join(this.options.logFolder, `${this.options.name}.log`),
    });
    await waitFor(`${this.options.name} ready`, start_ms, () => this.isReady(), this.process);
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.options.metricsPort}/readyz`)).ok;
    } catch (error) {
      // Not listening yet; anything else is a fault.
      if ((error as { cause?: NodeJS.ErrnoException }).cause?.code === 'ECONNREFUSED') return false;
      throw error;
    }
  }

  /** kill -9. */
  async crash(): Promise<void> {
    await this.process?.crash();
  }

  async stop(): Promise<void> {
    await this.process?.stop(15_000);
  }

  tail(lineCount: number): string {
    return this.process?.tail(lineCount) ?? '(not started)';
  }

  /** Creates or replaces a subscription. */
  async provision(document: SubscriptionDocumentInput): Promise<void> {
    const response = await fetch(
      `http://127.0.0.1:${this.options.httpPort}/v1/subscriptions/${encodeURIComponent(document.id)}`,
      {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(document),
      },
    );
    if (!response.ok)
      throw new Error(`PUT of subscription ${document.id}: ${response.status} ${await response.text()}`);
  }

  /** Withdraws a subscription. */
  async withdraw(id: string): Promise<void> {
    const response = await fetch(
      `http://127.0.0.1:${this.options.httpPort}/v1/subscriptions/${encodeURIComponent(id)}`,
      { method: 'DELETE' },
    );
    if (!response.ok)
      throw new Error(`DELETE of subscription ${id}: ${response.status} ${await response.text()}`);
  }

  /** What the API answers to GET. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.options.httpPort}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Runs the command line, as an operator does. */
  command(args: readonly string[]): Promise<{ status: number; output: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(program, '../cli/hss.js'), '--config', this.configFile, ...args],
        (error, stdout, stderr) =>
          resolve({
            status: error === null ? 0 : Number(error.code ?? -1),
            output: error === null ? stdout : `${stdout}${stderr}`,
          }),
      );
    });
  }

  /** /metrics as text. */
  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.options.metricsPort}/metrics`)).text();
  }
}
