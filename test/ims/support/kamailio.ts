/** One Kamailio of docker/lab as a process: P-CSCF, I-CSCF or S-CSCF, with the lab's own hosts file. */
import { createSocket } from 'node:dgram';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RunningProcess, waitFor } from './processes';

export type CscfRole = 'pcscf' | 'icscf' | 'scscf';

const repository = resolve(__dirname, '../../..');
const start_ms = 30_000;

/** Values of docker/lab/lab.env that the test chooses. */
export type LabValues = Record<string, string | number>;

/** Renders docker/lab into a folder, as a person would. */
export function renderLab(folder: string, values: LabValues): void {
  const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  execFileSync('sh', [join(repository, 'docker/lab/render.sh'), folder], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** A private mount namespace keeps the lab's hosts file from the rest of the machine. */
export function requireMountNamespace(): void {
  const probe = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'mount', '--bind', '/etc/hosts', '/etc/hosts'],
    { encoding: 'utf8' },
  );
  if (probe.status !== 0) {
    throw new Error(
      `unshare --mount does not work here: ${probe.stderr.trim() || probe.error?.message}\n` +
        'A container needs CAP_SYS_ADMIN for it: docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined ...',
    );
  }
}

export class Kamailio {
  private process: RunningProcess | undefined;

  constructor(
    readonly role: CscfRole,
    readonly sipPort: number,
    private readonly labFolder: string,
    private readonly logFolder: string,
  ) {}

  start(): void {
    const runFolder = join(this.labFolder, 'run', this.role);
    mkdirSync(runFolder, { recursive: true });
    const kamailio = `exec kamailio -DD -E -f '${this.labFolder}/${this.role}/kamailio.cfg' -Y '${runFolder}' -P '${runFolder}/pid' -m 64 -M 8`;
    this.process = RunningProcess.start({
      name: this.role,
      command: 'unshare',
      cwd: runFolder,
      logFile: join(this.logFolder, `${this.role}.log`),
      args: [
        '--mount',
        '--propagation',
        'private',
        'sh',
        '-c',
        `mount --bind '${this.labFolder}/hosts' /etc/hosts && ${kamailio}`,
      ],
      env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
  }

  /** Ready to serve: for the I- and S-CSCF that means connected to the HSS. */
  async ready(): Promise<void> {
    await waitFor(
      `${this.role} on port ${this.sipPort}`,
      start_ms,
      async () => (await optionsStatus(this.sipPort)) === 200,
      this.process,
    );
  }

  async stop(): Promise<void> {
    await this.process?.stop(4_000);
  }

  tail(lineCount: number): string {
    return this.process?.tail(lineCount) ?? '(not started)';
  }
}

/** The status of the answer to an OPTIONS, 0 when none comes within a moment. */
function optionsStatus(port: number): Promise<number> {
  return new Promise((done) => {
    const socket = createSocket('udp4');
    const finish = (status: number): void => {
      clearTimeout(limit);
      socket.close();
      done(status);
    };
    const limit = setTimeout(() => finish(0), 500);
    socket.on('error', () => finish(0));
    socket.on('message', (datagram) =>
      finish(Number(/^SIP\/2\.0 (\d+)/.exec(datagram.toString())?.[1] ?? 0)),
    );
    socket.bind(0, '127.0.0.1', () => {
      const own = socket.address().port;
      socket.send(
        `OPTIONS sip:127.0.0.1:${port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${own};rport;branch=z9hG4bK${Date.now()}\r\n` +
          `Max-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1:${port}>\r\nCall-ID: ${Date.now()}@probe\r\n` +
          'CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
        port,
        '127.0.0.1',
      );
    });
  });
}
