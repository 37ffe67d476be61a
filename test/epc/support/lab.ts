/** The HSS, two MMEs, an SGSN and the capture, on loopback. One is started for a suite. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Capture } from '../../ims/support/capture';
import { stopLeftDatabase } from '../../ims/support/embedded-database';
import { tail } from '../../ims/support/files';
import { Hss } from '../../ims/support/hss';
import { freePort } from '../../ims/support/ports';
import { captureTools, onPath, requireEach } from '../../ims/support/tools';
import { ErlangNodes } from './erlang-nodes';
import { hostOf, imsDomain, nodeNames, realm } from './names';

const resultsRoot = resolve(__dirname, '../../../test-results');

export function requireTools(): void {
  const erlang = { name: 'erl', aptPackage: 'erlang-base erlang-diameter', present: onPath('erl') };
  const library = {
    name: 'the library diameter of Erlang/OTP',
    aptPackage: 'erlang-diameter',
    present: () => hasErlangDiameter(),
  };
  requireEach('test:epc', [erlang, library, ...captureTools], 'captures on the loopback interface');
}

const hasErlangDiameter = (): boolean =>
  existsSync('/usr/lib/erlang/lib') &&
  readdirSync('/usr/lib/erlang/lib').some((name) => name.startsWith('diameter-'));

export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'hss-epc-'));
  readonly resultsFolder: string;
  private readonly hsss: Hss[] = [];
  private started: Promise<ErlangNodes> | undefined;
  private capture: Capture | undefined;

  /** `name`: of the folder with logs and capture. */
  constructor(name: string) {
    requireTools();
    this.resultsFolder = join(resultsRoot, name);
    rmSync(this.resultsFolder, { recursive: true, force: true });
    mkdirSync(this.resultsFolder, { recursive: true });
  }

  /** Starts Erlang; its nodes are not connected. */
  startNodes(): Promise<ErlangNodes> {
    this.started = ErlangNodes.start(join(this.folder, 'erlang'), join(this.resultsFolder, 'erlang.log'));
    return this.started;
  }

  /** Not started. */
  async hss(name: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Hss> {
    const hss = new Hss({
      name,
      folder: join(this.folder, name),
      logFolder: this.resultsFolder,
      originHost: hostOf(name),
      originRealm: realm,
      servedRealms: [imsDomain],
      diameterPort: await freePort(),
      httpPort: await freePort(),
      metricsPort: await freePort(),
      settings: {
        push: { answerTimeoutMs: 2_000, retryMinMs: 100 },
        peers: nodeNames.map((node) => ({
          identity: hostOf(node),
          role: node.startsWith('mme') ? 'mme' : 'sgsn',
        })),
        ...settings,
      },
    });
    this.hsss.push(hss);
    return hss;
  }

  async startCapture(diameterPort: number): Promise<void> {
    this.capture = await Capture.start(
      join(this.resultsFolder, 'diameter.pcapng'),
      join(this.resultsFolder, 'dumpcap.log'),
      diameterPort,
    );
  }

  /** Ends everything; the capture is complete then. */
  async stop(): Promise<Capture | undefined> {
    const nodes = this.started?.then((started) => started.stop());
    const outcomes = await Promise.allSettled([...this.hsss.map((hss) => hss.stop()), nodes]);
    outcomes.push(...(await Promise.allSettled([this.capture?.stop()])));
    for (const { options } of this.hsss) stopLeftDatabase(options.folder);
    rmSync(this.folder, { recursive: true, force: true });
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return this.capture;
  }

  /** The ends of all logs, for a failure. */
  tails(lineCount = 15): string {
    const hsss = this.hsss.map((hss) => `--- ${hss.options.name} ---\n${hss.tail(lineCount)}`);
    const erlang = tail(join(this.resultsFolder, 'erlang.log'), lineCount).replace(/(.{400}).*/g, '$1...');
    return [...hsss, `--- Erlang ---\n${erlang}`, `Whole logs: ${this.resultsFolder}`].join('\n');
  }
}
