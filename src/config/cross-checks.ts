/** Checks that need more than one setting, and settings that work but deserve a warning. Pure. */
import type { CrossFault as Fault } from './config-error';
import { DatabaseUrlError, parseDatabaseUrl } from '../shared/database-url';
import { transportPreference } from '../shared/transport-names';
import { isLoopback } from './fields';
import { applications, type ParsedConfig } from './schema';
import { checkPorts } from './ports-check';
import { checkOrigins } from './sections/peer';

/** Every mistake that only shows in combination; `at` is the path whose line is named. */
export function crossCheck(config: ParsedConfig): readonly Fault[] {
  return [
    ...checkToken(config),
    ...checkPeers(config),
    ...checkOrigins(config.peers),
    ...checkOrder(config),
    ...checkPorts(config),
    ...checkSecretKey(config),
    ...checkDatabaseUrl(config),
    ...applications.flatMap(({ faults }) => faults?.(config) ?? []),
    ...checkTls(config),
  ];
}

export function onlyLoopback(addresses: readonly string[]): boolean {
  return addresses.every(isLoopback);
}

function checkToken({ http }: ParsedConfig): Fault[] {
  const faults: Fault[] = [];
  if (http.token !== undefined && http.tokenFile !== undefined) {
    faults.push({
      at: ['http', 'tokenFile'],
      path: 'http.tokenFile',
      found: 'token and tokenFile',
      allowed: 'one of them',
    });
  }
  if (!onlyLoopback(http.addresses) && http.token === undefined && http.tokenFile === undefined) {
    const open = http.addresses.filter((address) => !isLoopback(address)).join(', ');
    faults.push({
      at: ['http', 'addresses'],
      path: 'http.token',
      found: `none, while the API listens on ${open}`,
      allowed: 'a token or tokenFile as soon as http.addresses goes beyond loopback',
      hint: 'openssl rand -hex 32 makes a token',
    });
  }
  return faults;
}

function checkDatabaseUrl({ store }: ParsedConfig): Fault[] {
  if (store.url === undefined) return [];
  try {
    parseDatabaseUrl(store.url);
    return [];
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    return [
      {
        at: ['store', 'url'],
        path: 'store.url',
        found: `${error.found} (not shown, it is secret)`,
        allowed: error.allowed,
      },
    ];
  }
}

function checkPeers({ peers, diameter }: ParsedConfig): Fault[] {
  const faults: Fault[] = [];
  const first = new Map<string, number>();
  peers.forEach((peer, index) => {
    const identity = peer.identity.toLowerCase();
    const other = first.get(identity);
    const at = ['peers', index, 'identity'];
    const path = `peers[${index}].identity`;
    if (other !== undefined)
      faults.push({
        at,
        path,
        found: `"${peer.identity}", which peers[${other}] has too`,
        allowed: 'each identity once',
      });
    else first.set(identity, index);
    if (identity === diameter.originHost.toLowerCase()) {
      faults.push({
        at,
        path,
        found: `"${peer.identity}", which is diameter.originHost`,
        allowed: 'the identity of another node',
      });
    }
    if (peer.connect && peer.addresses.length === 0) {
      faults.push({
        at: ['peers', index, 'connect'],
        path: `peers[${index}].addresses`,
        found: 'none, with connect: true',
        allowed: 'at least one address to connect to',
      });
    }
  });
  return faults;
}

function checkOrder({ diameter }: ParsedConfig): Fault[] {
  const ordered = [
    [
      ['diameter', 'reconnect', 'minMs'],
      diameter.reconnect.minMs,
      'diameter.reconnect.maxMs',
      diameter.reconnect.maxMs,
    ],
    [
      ['diameter', 'writeQueueHighOctets'],
      diameter.writeQueueHighOctets,
      'diameter.writeQueueMaxOctets',
      diameter.writeQueueMaxOctets,
    ],
    [
      ['diameter', 'limits', 'messageOctets'],
      diameter.limits.messageOctets,
      'diameter.writeQueueMaxOctets',
      diameter.writeQueueMaxOctets,
    ],
    [
      ['diameter', 'maxHalfOpenConnections'],
      diameter.maxHalfOpenConnections,
      'diameter.maxConnections',
      diameter.maxConnections,
    ],
  ] as const;
  return ordered.flatMap(([at, value, limitName, limit]) =>
    value <= limit
      ? []
      : [
          {
            at,
            path: at.join('.'),
            found: String(value),
            allowed: `at most ${limitName}, which is ${limit}`,
          },
        ],
  );
}

/** Where TLS is named as the only way there is nothing to fall back to. */
function checkTls({ diameter, peers }: ParsedConfig): Fault[] {
  const faults: Fault[] = [];
  const { certificateFile, keyFile } = diameter.tls;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const missing = certificateFile === undefined ? 'certificateFile' : 'keyFile';
    faults.push({
      at: ['diameter', 'tls'],
      path: `diameter.tls.${missing}`,
      found: 'nothing',
      allowed: 'certificateFile and keyFile, or neither',
    });
  }
  const users = [
    ...diameter.listen.map(({ transport }, index) => ({
      transport,
      at: ['diameter', 'listen', index, 'transport'],
      path: `diameter.listen[${index}].transport`,
    })),
    ...peers.map(({ transport }, index) => ({
      transport,
      at: ['peers', index, 'transport'],
      path: `peers[${index}].transport`,
    })),
  ];
  for (const { transport, at, path } of users) {
    if (certificateFile !== undefined || !transportPreference(transport).every((name) => name === 'tls'))
      continue;
    faults.push({
      at,
      path,
      found: 'tls, without a certificate',
      allowed: 'tls with diameter.tls.certificateFile and keyFile, or another transport',
    });
  }
  peers.forEach(({ requireCertificate }, index) => {
    if (!requireCertificate || certificateFile !== undefined) return;
    faults.push({
      at: ['peers', index, 'requireCertificate'],
      path: `peers[${index}].requireCertificate`,
      found: 'true, without TLS',
      allowed: 'true with diameter.tls.certificateFile and keyFile, or false',
    });
  });
  const {
    retransmissionTimeoutMinMs: least,
    retransmissionTimeoutInitialMs: first,
    retransmissionTimeoutMaxMs: most,
  } = diameter.sctp;
  if (first < least || first > most) {
    faults.push({
      at: ['diameter', 'sctp', 'retransmissionTimeoutInitialMs'],
      path: 'diameter.sctp.retransmissionTimeoutInitialMs',
      found: String(first),
      allowed: `from retransmissionTimeoutMinMs, which is ${least}, to retransmissionTimeoutMaxMs, which is ${most}`,
    });
  }
  return faults;
}

function checkSecretKey({ store }: ParsedConfig): Fault[] {
  if (store.secretKey === undefined || store.secretKeyFile === undefined) return [];
  return [
    {
      at: ['store', 'secretKeyFile'],
      path: 'store.secretKeyFile',
      found: 'secretKey and secretKeyFile',
      allowed: 'one of them',
    },
  ];
}

/** So many names are enough for a warning. */
const SHOWN_PEERS = 10;

/** Peers whose connections neither an address nor a certificate binds to them. */
function unboundPeers({ peers, diameter: { listen, tls } }: ParsedConfig): string[] {
  const everywhereCertified =
    tls.requirePeerCertificate &&
    tls.checkPeerIdentity &&
    listen.every(({ transport }) => transportPreference(transport).every((name) => name === 'tls'));
  if (everywhereCertified) return [];
  return peers
    .filter(
      ({ addresses, checkAddress, requireCertificate }) =>
        !requireCertificate && (addresses.length === 0 || !checkAddress),
    )
    .map(({ identity }) => identity);
}

/** What works but is worth a line in the log. */
export function warningsOf(config: ParsedConfig): string[] {
  const warnings: string[] = [];
  const beyond = config.diameter.listen.some((entry) => !onlyLoopback(entry.addresses));
  if (beyond && config.diameter.unknownPeers === 'accept') {
    warnings.push(
      'diameter.unknownPeers is accept while Diameter listens beyond loopback: whoever reaches the port may act as a CSCF',
    );
  }
  if (beyond && config.diameter.unknownPeers === 'auto' && config.peers.length === 0) {
    warnings.push(
      'Diameter listens beyond loopback, so unknown peers are refused, and no peer is configured: nobody can connect (peers, or diameter.unknownPeers: accept)',
    );
  }
  const unbound = unboundPeers(config);
  if (unbound.length > 0) {
    const shown = unbound.slice(0, SHOWN_PEERS).join(', ') + (unbound.length > SHOWN_PEERS ? ', ...' : '');
    warnings.push(
      `nothing but its name binds a connection to ${shown}: whoever comes first with that name is taken for the peer (peers[].addresses with checkAddress, or peers[].requireCertificate)`,
    );
  }
  if (!onlyLoopback(config.metrics.addresses))
    warnings.push('metrics.addresses goes beyond loopback: the metrics need no token');
  if (!config.diameter.originHost.toLowerCase().endsWith(`.${config.diameter.originRealm.toLowerCase()}`)) {
    warnings.push('diameter.originHost does not end with diameter.originRealm: some peers refuse that');
  }
  for (const application of applications) warnings.push(...(application.warnings?.(config) ?? []));
  if (config.diameter.listen.length === 0 && !config.peers.some((peer) => peer.connect)) {
    warnings.push('diameter.listen is empty and no peer has connect: true: no CSCF can be reached');
  }
  return warnings;
}
