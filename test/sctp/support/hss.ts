/**
 * The product as a process on the other host: built, with its embedded database, listening on both networks.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { RunningProcess, waitFor } from '../../ims/support/processes';
import { HSS_ADDRESSES, onHssHost } from './network';

const program = resolve(process.env['HSS_PROGRAM'] ?? resolve(__dirname, '../../../dist/main.js'));
const token = 'a token for tests 0123456789'.replaceAll(' ', '-');
const startMs = 90_000;

export const hssOrigin = { originHost: 'hss.ims.example', originRealm: 'ims.example' };
export const DIAMETER_PORT = 3868;

export class SctpHss {
  private process: RunningProcess | null = null;

  constructor(
    private readonly folder: string,
    private readonly peers: readonly object[] = [],
    private readonly diameter: object = {},
  ) {
    mkdirSync(folder, { recursive: true });
  }

  async start(): Promise<void> {
    if (!existsSync(program)) throw new Error(`${program} is not there: run npm run build first`);
    const file = join(this.folder, 'hss.yaml');
    writeFileSync(
      file,
      stringify({
        diameter: {
          ...hssOrigin,
          unknownPeers: 'accept',
          watchdogIntervalSeconds: 6,
          limits: { messageOctets: 131_072, sentMessageOctets: 131_072 },
          listen: [{ transport: ['kernel-sctp', 'tcp'], addresses: HSS_ADDRESSES, port: DIAMETER_PORT }],
          ...this.diameter,
        },
        peers: this.peers,
        // Above what is derived from the peers: one test sends User-Data of 60 kilobytes.
        cx: { maxUserDataOctets: 65_000 },
        store: { dataFolder: join(this.folder, 'data') },
        http: { addresses: [HSS_ADDRESSES[0]], token },
        metrics: { addresses: [HSS_ADDRESSES[0]] },
        logging: { level: 'info', format: 'json' },
        demo: { load: false },
      }),
    );
    const [command = '', ...args] = onHssHost(process.execPath, [program, '--config', file]);
    this.process = RunningProcess.start({
      name: 'HSS',
      command,
      args,
      logFile: join(this.folder, 'hss.log'),
    });
    await waitFor('HSS ready', startMs, async () => this.log().includes('Ctrl-C stops it.'), this.process);
  }

  log(lines = 100_000): string {
    return this.process?.tail(lines) ?? '';
  }

  async api<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`http://${HSS_ADDRESSES[0]}:8080${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  }

  async peer(originHost: string): Promise<
    | {
        state: string;
        watchdog: string;
        protocol: string;
        remote: string;
        messagesIn: number;
        messagesOut: number;
      }
    | undefined
  > {
    const { items } = await this.api<{
      items: {
        originHost: string;
        state: string;
        watchdog: string;
        protocol: string;
        remote: string;
        messagesIn: number;
        messagesOut: number;
      }[];
    }>('GET', '/v1/peers');
    return items.find((peer) => peer.originHost === originHost);
  }

  /** One sample of the metrics by its name and labels as they stand in the text. */
  async metric(series: string): Promise<number | undefined> {
    const text = await (await fetch(`http://${HSS_ADDRESSES[0]}:9868/metrics`)).text();
    const line = text.split('\n').find((entry) => entry.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async stop(): Promise<void> {
    await this.process?.stop(15_000);
  }
}
