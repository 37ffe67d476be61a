/** Everything on our Diameter port, recorded by dumpcap, and what tshark thinks of it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RunningProcess, waitFor } from './processes';

/**
 * tshark 4.0 ends at AVP 658 of TS 29.229; a root's tshark reads no other folder, so its file for additions
 * is covered by ours.
 */
const customDictionary = resolve(__dirname, 'tshark-custom.xml');
const tsharkCustomDictionary = '/usr/share/wireshark/diameter/Custom.xml';

/** What PdmlReader looks at. */
const linesRead = [
  '<proto name=',
  'name="frame.number"',
  'name="diameter.cmd.code"',
  'name="diameter.flags.request"',
  'name="diameter.Result-Code"',
  'name="diameter.Experimental-Result-Code"',
  'name="diameter.avp.unknown"',
  'name="diameter.avp.code.unknown"',
  'name="diameter.unknown_vendor"',
  'name="diameter.avp.invalid-',
  'name="_ws.',
];

const commandNames: Record<string, string> = {
  257: 'CE',
  280: 'DW',
  282: 'DP',
  300: 'UA',
  301: 'SA',
  302: 'LI',
  303: 'MA',
  304: 'RT',
  305: 'PP',
  316: 'UL',
  317: 'CL',
  318: 'AI',
  319: 'ID',
  320: 'DS',
  321: 'PU',
  322: 'RS',
  323: 'NO',
  324: 'EC',
};

export interface Finding {
  frame: string;
  text: string;
}

export interface CaptureReport {
  /** Messages that were sent, by command and result: "UAA 2001", "LIA experimental 5003", "DWR". */
  sent: Map<string, number>;
  messagesCount: number;
  malformed: Finding[];
  unknownAvps: Finding[];
  /** Expert infos of the Diameter dissector from "warning" up. */
  warnings: Finding[];
}

export class Capture {
  private constructor(
    private readonly process: RunningProcess,
    readonly file: string,
    private readonly diameterPort: number,
    private readonly protocol: 'tcp' | 'sctp',
  ) {}

  static async start(
    file: string,
    logFile: string,
    diameterPort: number,
    { protocol = 'tcp', networks = ['lo'] }: { protocol?: 'tcp' | 'sctp'; networks?: readonly string[] } = {},
  ): Promise<Capture> {
    const process = RunningProcess.start({
      name: 'dumpcap',
      command: 'dumpcap',
      logFile,
      args: [
        '-q',
        ...networks.flatMap((network) => [
          '-i',
          network,
          '-B',
          '16',
          '-f',
          `${protocol} port ${diameterPort}`,
        ]),
        '-w',
        file,
      ],
    });
    await waitFor('capture', 10_000, async () => existsSync(file) && statSync(file).size > 0, process);
    return new Capture(process, file, diameterPort, protocol);
  }

  /** Lets the last packets reach the file, then ends the capture. */
  async stop(): Promise<void> {
    if (this.process.running) await delay(1_500);
    await this.process.stop();
  }

  /** Reads what one side sent in the finished capture. */
  async analyse(sender: 'HSS' | 'peers'): Promise<CaptureReport> {
    const report: CaptureReport = {
      sent: new Map(),
      messagesCount: 0,
      malformed: [],
      unknownAvps: [],
      warnings: [],
    };
    const reader = new PdmlReader(report);
    // PDML is 60,000 octets a message; grep keeps the few lines that are read here.
    const tshark = spawn(
      'unshare',
      [
        '--mount',
        '--propagation',
        'private',
        'bash',
        '-o',
        'pipefail',
        '-c',
        `mount --bind '${customDictionary}' '${tsharkCustomDictionary}' && tshark "$@" | LC_ALL=C grep -F ${linesRead.map((text) => `-e '${text}'`).join(' ')}`,
        'tshark',
        '-r',
        this.file,
        '-d',
        `${this.protocol}.port==${this.diameterPort},diameter`,
        '-T',
        'pdml',
        '-Y',
        `${this.protocol}.${sender === 'HSS' ? 'srcport' : 'dstport'}==${this.diameterPort} && (diameter || _ws.malformed)`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let complaint = '';
    tshark.stderr.on('data', (text: Buffer) => {
      complaint += text.toString();
    });
    const ended = new Promise<number | null>((done) => {
      tshark.once('close', done);
    });
    for await (const line of createInterface({ input: tshark.stdout })) reader.line(line);
    reader.end();
    const status = await ended;
    if (status !== 0) throw new Error(`tshark ended with ${status}: ${complaint}`);
    return report;
  }
}

/**
 * tshark's PDML line by line: one `<proto name="diameter">` is one message, one `<field name=...>` a line.
 */
class PdmlReader {
  private frame = '';
  private message: { command: string; request: boolean; result: string } | undefined;

  constructor(private readonly report: CaptureReport) {}

  line(line: string): void {
    const protocol = /<proto name="([^"]*)"/.exec(line)?.[1];
    if (protocol !== undefined) this.protocol(protocol, line);
    const name = /<field name="([^"]*)"/.exec(line)?.[1];
    if (name !== undefined)
      this.field(name, /show="([^"]*)"/.exec(line)?.[1] ?? '', /showname="([^"]*)"/.exec(line)?.[1] ?? '');
  }

  end(): void {
    if (this.message === undefined) return;
    const { command, request, result } = this.message;
    const name = `${commandNames[command] ?? command}${request ? 'R' : 'A'}${request ? '' : ` ${result}`}`;
    this.report.sent.set(name, (this.report.sent.get(name) ?? 0) + 1);
    this.report.messagesCount += 1;
    this.message = undefined;
  }

  private protocol(name: string, line: string): void {
    this.end();
    if (name === 'diameter') this.message = { command: '?', request: false, result: 'without result' };
    if (name === '_ws.malformed') this.report.malformed.push({ frame: this.frame, text: line.trim() });
  }

  private field(name: string, show: string, showname: string): void {
    if (name === 'frame.number') this.frame = show;
    if (name.startsWith('_ws.malformed') || name.startsWith('_ws.short'))
      this.report.malformed.push({ frame: this.frame, text: showname || name });
    if (this.message === undefined) return;
    if (name === 'diameter.cmd.code') this.message.command = show;
    else if (name === 'diameter.flags.request') this.message.request = show === '1' || show === 'True';
    else if (name === 'diameter.Result-Code') this.message.result = show;
    else if (name === 'diameter.Experimental-Result-Code') this.message.result = `experimental ${show}`;
    else if (
      name === 'diameter.avp.unknown' ||
      name === 'diameter.avp.code.unknown' ||
      name === 'diameter.unknown_vendor'
    ) {
      this.report.unknownAvps.push({ frame: this.frame, text: showname || name });
    } else if (name === '_ws.expert.severity') {
      // 0x400000 note, 0x600000 warning, 0x800000 error.
      if (Number(show) >= 0x600000) this.report.warnings.push({ frame: this.frame, text: showname });
    } else if (name === 'diameter.avp.invalid-data' || name === 'diameter.avp.invalid-len')
      this.report.warnings.push({ frame: this.frame, text: showname || name });
  }
}
