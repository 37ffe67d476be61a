/**
 * The whole lab on loopback: HSS, or SLF with two HSSs behind it; P-, I- and S-CSCF; the capture. One is
 * started for a suite and stopped whatever happens.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Capture } from './capture';
import { stopLeftDatabase } from './embedded-database';
import { Hss } from './hss';
import { CscfRole, Kamailio, renderLab, requireMountNamespace } from './kamailio';
import { establishedCount, freePort } from './ports';
import { waitFor } from './processes';
import { PhoneOptions, SipPhone } from './sip-phone';
import { requireTools } from './tools';

export const domain = 'ims.mnc001.mcc001.3gppnetwork.org';
const hssHost = `hss.${domain}`;
const resultsRoot = resolve(__dirname, '../../../test-results');

/** `slf`: the CSCFs know a subscription locator only, a proxy with two HSSs behind it. */
export type LabShape = 'hss' | 'slf';

interface NodePorts {
  diameter: number;
  http: number;
  metrics: number;
}

interface Ports extends NodePorts {
  pcscf: number;
  icscf: number;
  scscf: number;
  icscfDiameter: number;
  scscfDiameter: number;
  /** The application server that takes calls to an unregistered user. */
  voicemail: number;
  /** The application server of the wildcarded PSI and of changed filter criteria. */
  application: number;
  /** SIPp as the phones. */
  sipp: number;
  /** SIPp as the calling side. */
  caller: number;
}

const homeHost = (index: number): string => `hss${index + 1}.${domain}`;

const nodePorts = async (): Promise<NodePorts> => ({
  diameter: await freePort(),
  http: await freePort(),
  metrics: await freePort(),
});

export class Lab {
  private readonly phones: SipPhone[] = [];
  /** What the CSCFs are connected to. */
  readonly hss: Hss;
  /** The HSSs behind the locator; none without one. */
  readonly homes: readonly Hss[];
  private readonly cscfs: Kamailio[];
  private capture: Capture | undefined;
  /** All is up and connected. */
  started = false;

  private constructor(
    readonly folder: string,
    readonly resultsFolder: string,
    readonly ports: Ports,
    homePorts: readonly NodePorts[],
  ) {
    renderLab(join(folder, 'lab'), {
      REALM: domain,
      HSS_HOST: hssHost,
      HSS_PORT: ports.diameter,
      VISITED_NETWORK: domain,
      PCSCF_SIP_PORT: ports.pcscf,
      ICSCF_SIP_PORT: ports.icscf,
      SCSCF_SIP_PORT: ports.scscf,
      ICSCF_DIAMETER_PORT: ports.icscfDiameter,
      SCSCF_DIAMETER_PORT: ports.scscfDiameter,
      DEBUG: 2,
    });
    const node = (
      name: string,
      originHost: string,
      { diameter, http, metrics }: NodePorts,
      settings: Readonly<Record<string, unknown>> = {},
    ): Hss =>
      new Hss({
        name,
        folder: join(folder, name),
        logFolder: resultsFolder,
        originHost,
        originRealm: domain,
        diameterPort: diameter,
        httpPort: http,
        metricsPort: metrics,
        settings,
      });
    // Behind the locator, which speaks for the CSCFs.
    const behind = { peers: [{ identity: hssHost, role: 'relay', originRealms: [domain] }] };
    this.homes = homePorts.map((home, i) => node(`hss${i + 1}`, homeHost(i), home, behind));
    const peers = homePorts.map(({ diameter }, i) => ({
      identity: homeHost(i),
      addresses: ['127.0.0.1'],
      port: diameter,
      connect: true,
      role: 'hss',
    }));
    this.hss =
      homePorts.length === 0
        ? node('hss', hssHost, ports)
        : node('slf', hssHost, ports, { role: 'slf', slf: { mode: 'proxy' }, peers });
    const cscf = (role: CscfRole): Kamailio =>
      new Kamailio(role, ports[role], join(folder, 'lab'), resultsFolder);
    this.cscfs = [cscf('pcscf'), cscf('icscf'), cscf('scscf')];
  }

  /** Checks the machine and writes every configuration; starts nothing. */
  static async prepare(shape: LabShape = 'hss'): Promise<Lab> {
    requireTools();
    requireMountNamespace();
    const results = join(resultsRoot, shape === 'hss' ? 'ims' : 'ims-slf');
    rmSync(results, { recursive: true, force: true });
    mkdirSync(results, { recursive: true });
    const ports: Ports = {
      ...(await nodePorts()),
      pcscf: await freePort(),
      icscf: await freePort(),
      scscf: await freePort(),
      icscfDiameter: await freePort(),
      scscfDiameter: await freePort(),
      voicemail: await freePort(),
      application: await freePort(),
      sipp: await freePort(),
      caller: await freePort(),
    };
    const homes = shape === 'hss' ? [] : [await nodePorts(), await nodePorts()];
    return new Lab(mkdtempSync(join(tmpdir(), 'hss-ims-')), results, ports, homes);
  }

  /** Capture first, then the HSS, then the CSCFs, which connect to it. */
  async start(): Promise<void> {
    this.capture = await Capture.start(
      this.captureFile,
      join(this.resultsFolder, 'dumpcap.log'),
      this.ports.diameter,
    );
    for (const home of this.homes) await home.start();
    await this.hss.start();
    for (const cscf of this.cscfs) cscf.start();
    await this.ready();
    this.started = true;
  }

  /**
   * Both CSCFs are connected to the HSS. Kamailio may call a connection open that is gone, so the connections
   * are counted first.
   */
  async ready(): Promise<void> {
    await waitFor(
      'connections of I- and S-CSCF to the HSS',
      30_000,
      async () => establishedCount(this.ports.diameter) === 2,
    );
    for (const cscf of this.cscfs) await cscf.ready();
  }

  get captureFile(): string {
    return join(this.resultsFolder, 'diameter.pcapng');
  }

  /** A phone behind the P-CSCF, unless it talks to another proxy; closed with the lab. */
  async phone(
    options: Pick<PhoneOptions, 'impi' | 'impu' | 'credentials' | 'algorithm'>,
    localPort = 0,
    proxyPort = this.ports.pcscf,
  ): Promise<SipPhone> {
    const phone = await SipPhone.open({ ...options, domain, proxyPort }, localPort);
    this.phones.push(phone);
    return phone;
  }

  closePhones(): void {
    for (const phone of this.phones.splice(0)) phone.close();
  }

  /**
   * Ends the HSS (DPR to its peers, database), the CSCFs, then the capture. Every step is tried; the first
   * failure is thrown at the end.
   */
  async stop(): Promise<Capture | undefined> {
    this.closePhones();
    const outcomes = await Promise.allSettled([this.hss.stop()]);
    outcomes.push(...(await Promise.allSettled(this.homes.map((home) => home.stop()))));
    outcomes.push(
      ...(await Promise.allSettled(this.cscfs.map((cscf) => cscf.stop()))),
      ...(await Promise.allSettled([this.capture?.stop()])),
    );
    for (const { options } of [this.hss, ...this.homes]) stopLeftDatabase(options.folder);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return this.capture;
  }

  /** The temporary folder; the logs and the capture stay in test-results/ims. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The ends of all logs, for a failure. */
  tails(lineCount = 40): string {
    const parts = this.cscfs.map((cscf) => `--- ${cscf.role} ---\n${cscf.tail(lineCount)}`);
    const nodes = [this.hss, ...this.homes].map(
      (node) => `--- ${node.options.name} ---\n${node.tail(lineCount)}`,
    );
    return [...nodes, ...parts].join('\n');
  }
}
