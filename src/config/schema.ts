/**
 * Every setting of the product: name, type, bounds, default and purpose in one place. The types, the checks at the start, the
 * environment overrides, docs/configuration.md and hss.example.yaml all follow from this schema.
 */
import { z } from 'zod';
import { databaseUrlForm } from '../shared/database-url';
import { limits } from '../shared/limits';
import { TRANSPORT_NAMES } from '../shared/transport-names';
import { diameterIdentity, flag, hostOrAddress, integer, ipAddress, path, section } from './fields';
import { connectAs, listenerRole, role, slf } from './slf';

const port = (fallback: number, description: string) => integer({ min: 0, max: 65_535, default: fallback }, `${description}; 0 takes any free one`);

const transportName = z.enum([...TRANSPORT_NAMES, 'auto']);
const transport = (description: string) => z.union([transportName, z.array(transportName).min(1).max(TRANSPORT_NAMES.length)]).default('tcp')
  .meta({ description, allowed: `one of ${TRANSPORT_NAMES.join(', ')} and auto, or a list of them in order of preference` });
/** A priority of RFC 7944. */
const priorityLevel = (fallback: number, description: string) => integer({ ...limits.drmpLevel, default: fallback }, description);

const listener = section({
  transport: transport('Transport protocol [6733-2.1]; of a list the first that this machine has is taken for SCTP, and the first for TCP; auto is kernel-sctp, userland-sctp, tcp'),
  addresses: z.array(ipAddress({ description: 'Local address' })).min(1).max(16).default(['127.0.0.1'])
    .meta({ description: 'Local addresses; 0.0.0.0 or "::" for all of them' }),
  port: port(3868, 'Local port'),
  role: listenerRole,
}, 'One place where CSCFs connect to');

const sctp = section({
  streamsCount: integer({ min: 1, max: 65_535, default: 16 }, 'Streams in each direction, fewer if the peer allows fewer: messages of one are not held up by a packet lost on another [6733-2.1.1]'),
  heartbeatMs: integer({ min: 500, max: 600_000, default: 5_000 }, 'An idle path is probed this often'),
  pathRetransmissionsCount: integer({ min: 1, max: 100, default: 3 }, 'Retransmissions in a row after which a path counts as failed'),
  associationRetransmissionsCount: integer({ min: 1, max: 100, default: 8 }, 'Retransmissions in a row, over all paths, after which the association is given up'),
  retransmissionTimeoutInitialMs: integer({ min: 50, max: 60_000, default: 1_000 }, 'First retransmission timeout'),
  retransmissionTimeoutMinMs: integer({ min: 50, max: 60_000, default: 400 }, 'Shortest retransmission timeout; peers may delay an acknowledgement by 200 ms'),
  retransmissionTimeoutMaxMs: integer({ min: 50, max: 600_000, default: 4_000 }, 'Longest retransmission timeout'),
  udpPort: integer({ min: 1, max: 65_535, default: 9_899 }, 'UDP port on both sides for userland-sctp-udp (RFC 6951)'),
}, 'SCTP, whichever stack').prefault({});

const tls = section({
  certificateFile: path({ description: 'Our certificate and what leads to its authority, PEM; transport tls needs it' }).optional(),
  keyFile: path({ description: 'Its private key, PEM' }).optional(),
  authoritiesFile: path({ description: "Authorities whose certificates peers may show, PEM; the system's when absent" }).optional(),
  requirePeerCertificate: flag(true, 'Peers that connect must show a certificate [6733-13.1]'),
}, 'TLS over TCP').prefault({});

const diameter = section({
  originHost: diameterIdentity({ description: 'Origin-Host of this HSS [6733-6.3]' }).default('hss.ims.mnc001.mcc001.3gppnetwork.org'),
  originRealm: diameterIdentity({ description: 'Origin-Realm of this HSS [6733-6.4]; what CSCFs send as Destination-Realm' }).default('ims.mnc001.mcc001.3gppnetwork.org'),
  servedRealms: z.array(diameterIdentity({ description: 'A realm' })).max(1_024).default([])
    .meta({ description: 'Further realms whose requests are served as if they named originRealm; any other gets DIAMETER_REALM_NOT_SERVED' }),
  productName: z.string().min(1).max(255).default('hss').meta({ description: 'Product-Name [6733-5.3.7]' }),
  vendorId: integer({ min: 0, max: 4_294_967_295, default: 0 }, 'Vendor-Id of the implementation, 0 for none [6733-5.3.3]'),
  listen: z.array(listener).max(16).default([{ transport: 'tcp', addresses: ['127.0.0.1'], port: 3868 }])
    .meta({ description: 'Where CSCFs connect to; empty when only we connect' }),
  hostIpAddresses: z.array(ipAddress({ description: 'An address' })).max(16).default([])
    .meta({ description: 'Host-IP-Address AVPs in CER and CEA [6733-5.3.5]; empty for the address of the connection' }),
  unknownPeers: z.enum(['auto', 'accept', 'refuse']).default('auto')
    .meta({ description: 'Peers that are not in the list `peers`; auto accepts them only while every listener is on loopback' }),
  watchdogIntervalSeconds: integer({ min: 6, max: 3_600, default: 30 }, 'Tw, silence before a DWR is sent, jittered by 2 s [3539-3.4.1]'),
  capabilitiesTimeoutMs: integer({ min: 100, max: 120_000, default: 10_000 }, 'A new connection must have exchanged capabilities by then'),
  connectTimeoutMs: integer({ min: 100, max: 120_000, default: 10_000 }, 'Connecting to a peer may take this long, over all its addresses'),
  disconnectTimeoutMs: integer({ min: 0, max: 60_000, default: 5_000 }, 'Wait for DPAs and for requests in flight when stopping [6733-5.4]'),
  incompleteMessageTimeoutMs: integer({ min: 100, max: 120_000, default: 10_000 }, 'A message whose first octet came this long ago must be whole, or the connection is reset'),
  dscp: integer({ min: 0, max: 63, default: 0 }, 'DSCP of all Diameter traffic (RFC 2474), one for each connection since its messages share it [29.228-J.2.3]; 0 leaves it to the system. Linux only'),
  keepAliveMs: integer({ min: 0, max: 7_200_000, default: 30_000 }, 'Idle time before the kernel probes the other side, 0 for never'),
  maxConnections: integer({ min: 1, max: 65_535, default: 1_024 }, 'Incoming connections at once; further ones are closed'),
  maxHalfOpenConnections: integer({ min: 1, max: 65_535, default: 128 }, 'Incoming connections that have not sent their CER'),
  maxHalfOpenConnectionsPerAddress: integer({ min: 1, max: 65_535, default: 16 }, 'The same, from one address'),
  maxUnknownPeers: integer({ min: 0, max: 65_535, default: 256 }, 'Unknown peers at once, where they are accepted'),
  maxInFlightRequestsPerPeer: integer({ min: 1, max: 1_000_000, default: 8_000 }, 'Unanswered requests of one peer at which reading from it pauses'),
  maxPendingRequestsPerPeer: integer({ min: 1, max: 1_000_000, default: 1_000 }, 'Requests of ours that wait for an answer of one peer'),
  sctp,
  tls,
  writeQueueHighOctets: integer({ min: 4_096, max: 1_073_741_824, default: 262_144 }, 'Unsent octets for one peer at which reading from it pauses'),
  writeQueueMaxOctets: integer({ min: 65_536, max: 4_294_967_296, default: 4_194_304 }, 'Unsent octets for one peer at which its connection is reset: it does not read'),
  limits: section({
    messageOctets: integer(limits.messageOctets, 'Longest message that is read'),
    avpCount: integer(limits.avpCount, 'Most AVPs in one message, nested ones included'),
    nestingDepth: integer(limits.avpNestingDepth, 'Deepest nesting of grouped AVPs'),
  }, 'Bounds of one message').prefault({}),
  reconnect: section({
    minMs: integer({ min: 100, max: 3_600_000, default: 1_000 }, 'First wait before connecting again; it doubles from there'),
    maxMs: integer({ min: 100, max: 3_600_000, default: 30_000 }, 'Longest wait before connecting again (Tc)'),
  }, 'Back-off between attempts to connect to a peer').prefault({}),
  duplicateDetection: section({
    windowMs: integer({ min: 0, max: 600_000, default: 30_000 }, 'How long an answer is kept for retransmissions, 0 for never [6733-5.5.4]'),
    maxAnswers: integer({ min: 0, max: 10_000_000, default: 100_000 }, 'Answers kept at once; the oldest go first'),
  }, 'Retransmitted requests get the answer that was given').prefault({}),
}, 'The Diameter node');

const peer = section({
  identity: diameterIdentity({ description: 'Origin-Host of the peer' }),
  realm: diameterIdentity({ description: 'Origin-Realm of the peer; diameter.originRealm when absent' }).optional(),
  addresses: z.array(hostOrAddress({ description: 'An address or host name' })).max(16).default([])
    .meta({ description: 'Where to connect to, tried in order' }),
  port: integer({ min: 1, max: 65_535, default: 3868 }, 'Port to connect to'),
  connect: flag(false, 'Whether we connect to it; it may connect to us in any case'),
  transport: transport('Transport to connect with; of a list the first that this machine has'),
  localAddresses: z.array(ipAddress({ description: 'Local address' })).max(16).default([])
    .meta({ description: 'Local addresses to connect from, all of them for SCTP; empty for the choice of the system' }),
  checkAddress: flag(true, 'Its connections have to come from one of `addresses`, where there are any; otherwise its CER gets DIAMETER_UNKNOWN_PEER'),
  connectAs,
}, 'A Diameter peer');

const store = section({
  url: z.string().regex(/^postgres(?:ql)?:\/\/\S+$/).optional().meta({
    description: 'An outside PostgreSQL 14 or newer instead of the embedded one (DATABASE_URL sets the same); of a primary and its standbys all hosts with commas, of which the one that takes writes is used: postgresql://user:password@host1:5432,host2:5432/database',
    allowed: databaseUrlForm, secret: 'url',
  }),
  dataFolder: path({ description: "Folder of the embedded database and of what it needs, a relative path from the configuration file's folder" }).default('./data'),
  poolConnections: integer({ min: 8, max: 200, default: 10 }, 'Connections to the database: four for Diameter requests, two for requests of our own, the rest for provisioning'),
  connectTimeoutMs: integer({ min: 100, max: 60_000, default: 2_000 }, 'Connecting to the database may take this long'),
  statementTimeoutMs: integer({ min: 50, max: 60_000, default: 2_000 }, 'A statement that takes longer counts as failed: DIAMETER_UNABLE_TO_COMPLY'),
  maxBatchRequests: integer({ min: 1, max: 4_096, default: 256 }, 'Requests that may share one round trip'),
  cacheSubscriptions: integer({ min: 0, max: 10_000_000, default: 5_000 }, 'Parsed subscriptions kept in memory (about 5 KB each), 0 for none; every use is checked against the database'),
  secretKey: z.string().min(1).max(65_536).optional().meta({
    description: 'Key that seals K, OPc and HA1 at rest (HSS_SECRET_KEY sets the same); prefer secretKeyFile', secret: 'value',
  }),
  secretKeyFile: path({ description: 'File with that key; <dataFolder>/secret.key when neither is given' }).optional(),
}, 'Where subscribers are kept');

const capability = z.number().int().min(0).max(4_294_967_295).meta({ description: 'A capability number', allowed: 'a whole number from 0 to 4294967295' });
const capabilities = (description: string) => z.array(capability).max(limits.capabilitiesPerSetCount).default([]).meta({ description });

const cx = section({
  maxAuthenticationVectors: integer({ min: 1, max: 64, default: 5 }, 'Most vectors in one MAA, whatever SIP-Number-Auth-Items asks for [29.228-6.3.1]'),
  authenticationPendingMaxAgeSeconds: integer({ min: 5, max: 86_400, default: 300 }, 'After this the authentication-pending flag counts as cleared: S-CSCFs wait 4 minutes (TS 24.229 reg-await-auth) and may never report a failure [29.228-6.5.1.3]'),
  keepServerName: flag(true, 'Keep the S-CSCF name on the *_STORE_SERVER_NAME assignment types; without it they get SUCCESS_SERVER_NAME_NOT_STORED [29.228-6.1.2.1]'),
  alwaysSendUserData: flag(false, 'Send User-Data even to an S-CSCF that says it has it already, for those that forget [29.228-6.1.2]'),
  sendAllRestorationInfo: flag(false, 'Where several devices are registered with an identity, answer REGISTRATION and RE_REGISTRATION with the restoration information of all of them [29.228-6.1.2.1]'),
  features: section({
    sharedIfcSets: flag(true, 'SiFC: shared filter criteria go by number to S-CSCFs that announce it, in full to others'),
    imsRestoration: flag(true, 'IMSRestorationInd: keep restoration information of registrations (TS 23.380)'),
    pcscfRestoration: flag(false, 'P-CSCF-Restoration-mechanism (TS 23.380)'),
  }, 'Optional features of TS 29.229 clause 7 that are announced').prefault({}),
  defaultCapabilities: section({
    mandatory: capabilities('Mandatory-Capability'),
    optional: capabilities('Optional-Capability'),
    serverNames: z.array(z.string().regex(/^sips?:\S+$/i).max(limits.publicIdentityOctets).meta({ description: 'A SIP URI', allowed: 'a SIP URI (sip:...)' }))
      .max(limits.capabilitiesPerSetCount).default([]).meta({ description: 'S-CSCF names, in order' }),
  }, 'Server-Capabilities for subscriptions that ask for none, for I-CSCFs that cannot choose without').prefault({}),
}, 'The Cx application').prefault({});

const pushPolicy = {
  profileUpdates: z.enum(['ppr', 'rtr']).meta({ description: 'rtr for S-CSCFs that do not implement PPR: their subscribers are moved with SERVER_CHANGE where their profile changes [29.228-6.2.2.1]' }),
  afterNoAnswer: z.enum(['nothing', 'rtr']).meta({ description: 'rtr follows a PPR that stays without an answer with a SERVER_CHANGE [29.228-6.2.2.1]' }),
  listPublicIdentities: z.boolean().meta({ description: 'List every Public-Identity in RTR; without it only where the clause demands it [29.228-6.1.3.1]' }),
};

const push = section({
  answerTimeoutMs: integer({ min: 100, max: 60_000, default: 5_000 }, 'Wait for each RTA and PPA'),
  maxAttemptCount: integer({ min: 1, max: 100, default: 4 }, 'Attempts at one RTR or PPR while no final answer comes'),
  retryMinMs: integer({ min: 10, max: 600_000, default: 1_000 }, 'Wait after the first attempt; it doubles from there'),
  retryMaxMs: integer({ min: 10, max: 3_600_000, default: 30_000 }, 'Longest wait between attempts'),
  giveUpSeconds: integer({ min: 1, max: 604_800, default: 3_600 }, 'A request whose S-CSCF no instance can reach is given up after this; the state changes as if it had been answered'),
  pollMs: integer({ min: 20, max: 60_000, default: 500 }, 'How often requests that other instances caused or left behind are looked for'),
  maxPerServerAndSecondCount: integer({ min: 1, max: 100_000, default: 100 }, 'Requests a second to one S-CSCF, of this instance'),
  maxInFlightPerServerCount: integer({ min: 1, max: 10_000, default: 50 }, 'Unanswered requests at one S-CSCF, of this instance'),
  fanOutPerSecondCount: integer({ min: 1, max: 100_000, default: 100 }, 'Registered subscriptions a second that a change of a shared set goes through, all instances together'),
  terminationPriority: priorityLevel(10, 'DRMP of RTR, 0 first to 15 last; not sent when it is 10, which is what its absence means [29.228-J.2.3]'),
  profilePriority: priorityLevel(10, 'DRMP of PPR, 0 first to 15 last; not sent when it is 10, which is what its absence means [29.228-J.2.3]'),
  keepOutcomesSeconds: integer({ min: 1, max: 31_536_000, default: 604_800 }, 'How long outcomes can be looked at, and finished changes of shared sets'),
  keepOutcomesMaxCount: integer({ min: 1_000, max: 100_000_000, default: 1_000_000 }, 'Outcomes kept at most; the oldest go first, looked at once a minute'),
  profileUpdates: pushPolicy.profileUpdates.default('ppr'),
  afterNoAnswer: pushPolicy.afterNoAnswer.default('nothing'),
  listPublicIdentities: pushPolicy.listPublicIdentities.default(true),
  servers: z.array(section({
    identity: diameterIdentity({ description: 'Origin-Host of the S-CSCF' }),
    profileUpdates: pushPolicy.profileUpdates.optional(),
    afterNoAnswer: pushPolicy.afterNoAnswer.optional(),
    listPublicIdentities: pushPolicy.listPublicIdentities.optional(),
  }, 'An S-CSCF that is treated otherwise')).max(10_000).default([]).meta({ description: 'S-CSCFs that are treated otherwise' }),
}, 'Requests of our own, RTR and PPR [29.228-6.1.3] [29.228-6.2.2]');

const overload = section({
  maxInFlightRequests: integer({ min: 1, max: 100_000, default: 256 }, 'Requests in work at once; further ones wait, by priority and in turns between peers'),
  maxQueuedRequests: integer({ min: 0, max: 100_000, default: 5_000 }, 'Requests that wait, 0 for none; what comes beyond is answered DIAMETER_TOO_BUSY, lowest priority first'),
  maxQueueMs: integer({ min: 1, max: 60_000, default: 250 }, 'Who could not be answered within it any more, waiting and in work, gets DIAMETER_TOO_BUSY. Half of it in the queue counts as overload'),
  maxEventLoopDelayMs: integer({ min: 5, max: 60_000, default: 100 }, 'The event loop being this late counts as overload'),
  maxRoundTripMs: integer({ min: 1, max: 60_000, default: 500 }, 'A round trip to the database of this length counts as overload'),
  emergencyPriority: priorityLevel(0, 'Priority of a UAR for an emergency registration without DRMP, 0 first to 15 last; 10 is that of requests that say nothing [29.228-J.2.3]'),
  sessionPriorities: z.array(z.number().int().min(0).max(15).meta({ description: 'A priority', allowed: 'a whole number from 0 to 15' })).length(5).default([0, 2, 4, 6, 8])
    .meta({ description: 'Priorities of requests with Session-Priority 0 to 4 and without DRMP [29.229-6.3.56]' }),
  overloadReports: z.enum(['none', 'host', 'hostAndRealm']).default('host')
    .meta({ description: 'OC-OLR in answers to peers that announce it; hostAndRealm answers requests without Destination-Host with a report for the realm, for an HSS that serves it alone [29.228-H.2]' }),
  reportValiditySeconds: integer({ min: 1, max: 86_400, default: 30 }, 'OC-Validity-Duration (RFC 7683 7.5)'),
  maxReductionPercent: integer({ min: 1, max: 100, default: 90 }, 'Most that OC-Reduction-Percentage asks for (RFC 7683 7.7)'),
  loadReports: flag(true, 'Load AVP of type HOST in every answer [29.228-K.2]'),
}, 'Priority, overload and load (TS 29.228 Annexes H, J and K)');

const http = section({
  addresses: z.array(ipAddress({ description: 'Local address' })).min(1).max(16).default(['127.0.0.1'])
    .meta({ description: 'Local addresses; beyond loopback a token is required' }),
  port: port(8080, 'Local port'),
  token: z.string().min(16).max(1_024).regex(/^[\x21-\x7e]+$/).optional().meta({
    description: 'Bearer token that every API request must carry', allowed: 'at least 16 visible characters', secret: 'value',
  }),
  tokenFile: path({ description: 'File with that token instead' }).optional(),
}, 'The HTTP API');

const metrics = section({
  addresses: z.array(ipAddress({ description: 'Local address' })).max(16).default(['127.0.0.1'])
    .meta({ description: 'Local addresses of /metrics, /livez and /readyz, which need no token; empty for none' }),
  port: port(9868, 'Local port'),
  maxPeerLabels: integer({ min: 0, max: 1_000, default: 64 }, 'Peers with time series of their own; further ones are counted as "other"'),
  countsMaxAgeSeconds: integer({ min: 10, max: 3_600, default: 15 }, 'How old the number of registered identities may be: the database counts them'),
}, 'Prometheus metrics and health');

const logging = section({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').meta({ description: 'Least level that is logged' }),
  format: z.enum(['auto', 'json', 'pretty']).default('auto').meta({ description: 'auto is pretty on a terminal, else JSON' }),
}, 'The log, on standard output');

export const configSchema = z.strictObject({
  role,
  diameter: diameter.prefault({}),
  peers: z.array(peer).max(10_000).default([]).meta({ description: 'Diameter peers known by name' }),
  store: store.prefault({}),
  cx,
  push: push.prefault({}),
  slf: slf.prefault({}),
  overload: overload.prefault({}),
  http: http.prefault({}),
  metrics: metrics.prefault({}),
  logging: logging.prefault({}),
  demo: section({
    load: flag(true, 'Load the demo subscribers on a first start of the embedded database'),
  }, 'The demonstration').prefault({}),
});

/** What the schema makes of a file, before `resolve` (load.ts) settles what depends on other settings. */
export type ParsedConfig = z.output<typeof configSchema>;

type ParsedPeer = ParsedConfig['peers'][number];

/** The settings in force: paths absolute, token read from its file, `unknownPeers` decided, every peer with its realm. */
export type HssConfig = Omit<ParsedConfig, 'diameter' | 'peers'> & {
  readonly diameter: Omit<ParsedConfig['diameter'], 'unknownPeers'> & { readonly unknownPeers: 'accept' | 'refuse' };
  readonly peers: readonly (ParsedPeer & { readonly realm: string })[];
};
