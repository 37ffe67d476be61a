/** Debian's freeDiameterd as a peer of the HSS over SCTP alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcess } from '../../ims/support/processes';

export interface FreeDiameterSettings {
  readonly folder: string;
  readonly identity: string;
  readonly realm: string;
  readonly listenOn: readonly string[];
  readonly port: number;
  /** Whom it connects to. */
  readonly connect?: {
    readonly identity: string;
    readonly addresses: readonly string[];
    readonly port: number;
  };
}

export class FreeDiameter {
  private process: RunningProcess | null = null;
  private readonly configFile: string;

  constructor(private readonly settings: FreeDiameterSettings) {
    const { folder, identity, realm, listenOn, port, connect } = settings;
    mkdirSync(folder, { recursive: true });
    const key = join(folder, 'key.pem');
    const certificate = join(folder, 'certificate.pem');
    // It wants them even where TLS is never used.
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${identity}`,
        '-keyout',
        key,
        '-out',
        certificate,
      ],
      { stdio: 'ignore' },
    );
    const allowed = join(folder, 'allowed.conf');
    writeFileSync(allowed, `ALLOW_IPSEC *.${realm}\n`);
    this.configFile = join(folder, 'freediameter.conf');
    writeFileSync(
      this.configFile,
      [
        `Identity = "${identity}";`,
        `Realm = "${realm}";`,
        `Port = ${port};`,
        'SecPort = 0;',
        'No_TCP;',
        'No_IPv6;',
        'TwTimer = 6;',
        'TcTimer = 6;',
        ...listenOn.map((address) => `ListenOn = "${address}";`),
        `TLS_Cred = "${certificate}", "${key}";`,
        `TLS_CA = "${certificate}";`,
        `LoadExtension = "acl_wl.fdx" : "${allowed}";`,
        ...(connect === undefined
          ? []
          : [
              `ConnectPeer = "${connect.identity}" { ${connect.addresses.map((address) => `ConnectTo = "${address}";`).join(' ')} Port = ${connect.port}; No_TLS; No_TCP; };`,
            ]),
        '',
      ].join('\n'),
    );
  }

  start(): void {
    this.process = RunningProcess.start({
      name: 'freeDiameter',
      command: 'freeDiameterd',
      args: ['-c', this.configFile, '-d'],
      logFile: join(this.settings.folder, 'freediameter.log'),
    });
  }

  tail(): string {
    return this.process?.tail(40) ?? '';
  }

  /** SIGTERM: it sends a DPR. */
  async stop(): Promise<void> {
    await this.process?.stop();
  }

  /** As a power cut, but for the ABORT that its kernel sends. */
  async crash(): Promise<void> {
    await this.process?.crash();
  }
}
