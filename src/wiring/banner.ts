/**
 * The block that `npm start` prints once everything is up: where things listen, who the demo users are, what
 * to try next. It holds no secret: the demo users' credentials are named by the file that holds them.
 */

export interface BannerUser {
  readonly privateIdentity: string;
  /** Public ones: the first are shown, the rest is counted. */
  readonly identities: readonly string[];
  /** E.g. Digest-AKAv1-MD5; absent for an application server's PSI. */
  readonly scheme?: string;
  /** E.g. "implicit registration set of three identities". */
  readonly note?: string;
}

export interface BannerData {
  readonly version: string;
  readonly originHost: string;
  readonly originRealm: string;
  /** E.g. "tcp 127.0.0.1:3868". */
  readonly diameter: readonly string[];
  readonly unknownPeers: 'accept' | 'refuse';
  readonly configuredPeersCount: number;
  /** E.g. "http://127.0.0.1:8080". */
  readonly http: readonly string[];
  readonly tokenRequired: boolean;
  /** Path of the readable page, e.g. "/docs". */
  readonly documentationPath: string;
  readonly metrics: readonly string[];
  readonly database:
    | { readonly kind: 'embedded'; readonly folder: string }
    | { readonly kind: 'outside'; readonly maskedUrl: string };
  /** Null where no file was read. */
  readonly configurationFile: string | null;
  /** Empty where they are not loaded. */
  readonly demoUsers: readonly BannerUser[];
  /** The file of the repository with their credentials. */
  readonly demoCredentialsFile: string;
  /** How the command line is called from where the block is read; ./bin/hss of a checkout where absent. */
  readonly command?: string;
}

const MAX_IDENTITIES_SHOWN = 3;
const RULE = '-'.repeat(78);

/** The block, its lines ended with "\n". */
export function banner(data: BannerData): string {
  const [firstUser] = data.demoUsers;
  const entries: [string, string[]][] = [
    [
      'Diameter',
      [
        ...(data.diameter.length === 0
          ? ['does not listen; connects to the configured peers']
          : data.diameter),
        peersLine(data),
      ],
    ],
    ['Identity', [`${data.originHost} in ${data.originRealm}`]],
    [
      'HTTP API',
      [
        ...data.http.map((url) => `${url}${data.documentationPath}`),
        ...(data.tokenRequired ? ['with a bearer token'] : []),
      ],
    ],
    [
      'Metrics',
      data.metrics.length === 0 ? ['off'] : data.metrics.map((url) => `${url}/metrics (and /readyz, /livez)`),
    ],
    [
      'Database',
      [
        data.database.kind === 'embedded'
          ? `embedded PostgreSQL in ${data.database.folder}`
          : data.database.maskedUrl,
      ],
    ],
    ['Settings', [data.configurationFile ?? 'all defaults (hss.example.yaml lists them)']],
  ];
  if (data.demoUsers.length > 0)
    entries.push([
      'Demo users',
      [...data.demoUsers.map(userLine), `keys and passwords: ${data.demoCredentialsFile}`],
    ]);
  entries.push(['Try', tries(data, firstUser)]);
  return `${[RULE, `HSS ${data.version} is up`, '', ...entries.flatMap(([name, lines]) => entryLines(name, lines)), '', 'Ctrl-C stops it.', RULE].join('\n')}\n`;
}

function peersLine(data: BannerData): string {
  const configured =
    data.configuredPeersCount === 1 ? '1 configured peer' : `${data.configuredPeersCount} configured peers`;
  return data.unknownPeers === 'accept'
    ? `${configured}; any other CSCF, MME or SGSN is accepted`
    : `${configured}; any other CSCF, MME or SGSN is refused`;
}

function userLine(user: BannerUser): string {
  const shown = user.identities.slice(0, MAX_IDENTITIES_SHOWN).join(', ');
  const more = user.identities.length - MAX_IDENTITIES_SHOWN;
  const details = [user.scheme, user.note].filter((text) => text !== undefined).join('; ');
  return `${user.privateIdentity}: ${shown}${more > 0 ? ` and ${more} more` : ''}${details === '' ? '' : ` (${details})`}`;
}

function tries(data: BannerData, user: BannerUser | undefined): string[] {
  const api = data.http[0];
  const hss = data.command ?? './bin/hss';
  return [
    `${hss} show ${user?.privateIdentity ?? '<impi|impu|imsi>'}`,
    `${hss} peers`,
    ...(api === undefined
      ? []
      : [
          `curl ${data.tokenRequired ? '-H "Authorization: Bearer $HSS_TOKEN" ' : ''}${api}/v1/subscriptions`,
        ]),
    'README.md says how to point a Kamailio at it',
  ];
}

function entryLines(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(12)}${line}`);
}
