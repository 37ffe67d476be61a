/** The whole lab on loopback: HSS, P-, I- and S-CSCF, the capture. One is started for the ring and stopped whatever happens. */
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
const results = resolve(__dirname, '../../../test-results/ims');

interface Ports {
  diameter: number;
  http: number;
  metrics: number;
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

export class Lab {
  private readonly phones: SipPhone[] = [];
  readonly hss: Hss;
  private readonly cscfs: Kamailio[];
  private capture: Capture | undefined;
  /** All is up and connected. */
  started = false;

  private constructor(readonly folder: string, readonly ports: Ports) {
    renderLab(join(folder, 'lab'), {
      REALM: domain, HSS_HOST: hssHost, HSS_PORT: ports.diameter, VISITED_NETWORK: domain,
      PCSCF_SIP_PORT: ports.pcscf, ICSCF_SIP_PORT: ports.icscf, SCSCF_SIP_PORT: ports.scscf,
      ICSCF_DIAMETER_PORT: ports.icscfDiameter, SCSCF_DIAMETER_PORT: ports.scscfDiameter, DEBUG: 2,
    });
    this.hss = new Hss({
      folder: join(folder, 'hss'), logFolder: results, originHost: hssHost, originRealm: domain,
      diameterPort: ports.diameter, httpPort: ports.http, metricsPort: ports.metrics,
    });
    const cscf = (role: CscfRole): Kamailio => new Kamailio(role, ports[role], join(folder, 'lab'), results);
    this.cscfs = [cscf('pcscf'), cscf('icscf'), cscf('scscf')];
  }

  /** Checks the machine and writes every configuration; starts nothing. */
  static async prepare(): Promise<Lab> {
    requireTools();
    requireMountNamespace();
    rmSync(results, { recursive: true, force: true });
    mkdirSync(results, { recursive: true });
    const ports: Ports = {
      diameter: await freePort(), http: await freePort(), metrics: await freePort(), pcscf: await freePort(), icscf: await freePort(),
      scscf: await freePort(), icscfDiameter: await freePort(), scscfDiameter: await freePort(),
      voicemail: await freePort(), application: await freePort(), sipp: await freePort(), caller: await freePort(),
    };
    return new Lab(mkdtempSync(join(tmpdir(), 'hss-ims-')), ports);
  }

  /** Capture first, then the HSS, then the CSCFs, which connect to it. */
  async start(): Promise<void> {
    this.capture = await Capture.start(this.captureFile, join(results, 'dumpcap.log'), this.ports.diameter);
    await this.hss.start();
    for (const cscf of this.cscfs) cscf.start();
    await this.ready();
    this.started = true;
  }

  /** Both CSCFs are connected to the HSS. Kamailio may call a connection open that is gone, so the connections are counted first. */
  async ready(): Promise<void> {
    await waitFor('connections of I- and S-CSCF to the HSS', 30_000, async () => establishedCount(this.ports.diameter) === 2);
    for (const cscf of this.cscfs) await cscf.ready();
  }

  get captureFile(): string {
    return join(results, 'diameter.pcapng');
  }

  get resultsFolder(): string {
    return results;
  }

  /** A phone behind the P-CSCF, unless it talks to another proxy; closed with the lab. */
  async phone(options: Pick<PhoneOptions, 'impi' | 'impu' | 'credentials' | 'algorithm'>, localPort = 0, proxyPort = this.ports.pcscf): Promise<SipPhone> {
    const phone = await SipPhone.open({ ...options, domain, proxyPort }, localPort);
    this.phones.push(phone);
    return phone;
  }

  closePhones(): void {
    for (const phone of this.phones.splice(0)) phone.close();
  }

  /** Ends the HSS (DPR to its peers, database), the CSCFs, then the capture. Every step is tried; the first failure is thrown at the end. */
  async stop(): Promise<Capture | undefined> {
    this.closePhones();
    const outcomes = await Promise.allSettled([this.hss.stop()]);
    outcomes.push(...await Promise.allSettled(this.cscfs.map((cscf) => cscf.stop())), ...await Promise.allSettled([this.capture?.stop()]));
    stopLeftDatabase(join(this.folder, 'hss'));
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
    return [`--- HSS ---\n${this.hss.tail(lineCount)}`, ...parts].join('\n');
  }
}
