/** Settings of the Diameter node: listeners, timers, bounds [6733-2]. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { diameterIdentity, flag, integer, ipAddress, path, port, section, transport } from '../fields';
import { listenerRole } from './role';

const listener = section(
  {
    transport: transport(
      'Transport protocol [6733-2.1]; of a list the first that this machine has is taken for SCTP, and the first for TCP; auto is kernel-sctp, userland-sctp, tcp',
    ),
    addresses: z
      .array(ipAddress({ description: 'Local address' }))
      .min(1)
      .max(16)
      .default(['127.0.0.1'])
      .meta({ description: 'Local addresses; 0.0.0.0 or "::" for all of them' }),
    port: port(3868, 'Local port'),
    role: listenerRole,
  },
  'One place where CSCFs connect to',
);

const sctp = section(
  {
    streamsCount: integer(
      { min: 1, max: 65_535, default: 16 },
      'Streams in each direction, fewer if the peer allows fewer: messages of one are not held up by a packet lost on another [6733-2.1.1]',
    ),
    heartbeatMs: integer({ min: 500, max: 600_000, default: 5_000 }, 'An idle path is probed this often'),
    pathRetransmissionsCount: integer(
      { min: 1, max: 100, default: 3 },
      'Retransmissions in a row after which a path counts as failed',
    ),
    associationRetransmissionsCount: integer(
      { min: 1, max: 100, default: 8 },
      'Retransmissions in a row, over all paths, after which the association is given up',
    ),
    retransmissionTimeoutInitialMs: integer(
      { min: 50, max: 60_000, default: 1_000 },
      'First retransmission timeout',
    ),
    retransmissionTimeoutMinMs: integer(
      { min: 50, max: 60_000, default: 400 },
      'Shortest retransmission timeout; peers may delay an acknowledgement by 200 ms',
    ),
    retransmissionTimeoutMaxMs: integer(
      { min: 50, max: 600_000, default: 4_000 },
      'Longest retransmission timeout',
    ),
    udpPort: integer(
      { min: 1, max: 65_535, default: 9_899 },
      'UDP port on both sides for userland-sctp-udp (RFC 6951)',
    ),
  },
  'SCTP, whichever stack',
).prefault({});

const tls = section(
  {
    certificateFile: path({
      description: 'Our certificate and what leads to its authority, PEM; transport tls needs it',
    }).optional(),
    keyFile: path({ description: 'Its private key, PEM' }).optional(),
    authoritiesFile: path({
      description: "Authorities whose certificates peers may show, PEM; the system's when absent",
    }).optional(),
    requirePeerCertificate: flag(true, 'Peers that connect must show a certificate [6733-13.1]'),
    checkPeerIdentity: flag(
      true,
      "A peer's certificate has to be for its Origin-Host: a DNS name or Diameter URI of its subjectAltName. Without this check, whoever holds a certificate may be any peer, so false is for labs [6733-13.1]",
    ),
  },
  'TLS over TCP',
).prefault({});

export const diameter = section(
  {
    originHost: diameterIdentity({ description: 'Origin-Host of this HSS [6733-6.3]' }).default(
      'hss.ims.mnc001.mcc001.3gppnetwork.org',
    ),
    originRealm: diameterIdentity({
      description: 'Origin-Realm of this HSS [6733-6.4]; what CSCFs send as Destination-Realm',
    }).default('ims.mnc001.mcc001.3gppnetwork.org'),
    servedRealms: z
      .array(diameterIdentity({ description: 'A realm' }))
      .max(1_024)
      .default([])
      .meta({
        description:
          'Further realms whose requests are served as if they named originRealm; any other gets DIAMETER_REALM_NOT_SERVED',
      }),
    productName: z.string().min(1).max(255).default('hss').meta({ description: 'Product-Name [6733-5.3.7]' }),
    vendorId: integer(
      { min: 0, max: 4_294_967_295, default: 0 },
      'Vendor-Id of the implementation, 0 for none [6733-5.3.3]',
    ),
    listen: z
      .array(listener)
      .max(16)
      .default([{ transport: 'tcp', addresses: ['127.0.0.1'], port: 3868 }])
      .meta({ description: 'Where CSCFs connect to; empty when only we connect' }),
    hostIpAddresses: z
      .array(ipAddress({ description: 'An address' }))
      .max(16)
      .default([])
      .meta({
        description:
          'Host-IP-Address AVPs in CER and CEA [6733-5.3.5]; empty for the address of the connection',
      }),
    unknownPeers: z.enum(['auto', 'accept', 'refuse']).default('auto').meta({
      description:
        'Peers that are not in the list `peers`; auto accepts them only while every listener is on loopback',
    }),
    watchdogIntervalSeconds: integer(
      { min: 6, max: 3_600, default: 30 },
      'Tw, silence before a DWR is sent, jittered by 2 s [3539-3.4.1]',
    ),
    capabilitiesTimeoutMs: integer(
      { min: 100, max: 120_000, default: 10_000 },
      'A new connection must have exchanged capabilities by then',
    ),
    connectTimeoutMs: integer(
      { min: 100, max: 120_000, default: 10_000 },
      'Connecting to a peer may take this long, over all its addresses',
    ),
    disconnectTimeoutMs: integer(
      { min: 0, max: 60_000, default: 5_000 },
      'Wait for DPAs and for requests in flight when stopping [6733-5.4]',
    ),
    takeoverTimeoutMs: integer(
      { min: 0, max: 60_000, default: 3_000 },
      'A second connection of a peer waits so long for a DWA on the first, which is closed without one; 0 refuses the second at once [6733-5.6]',
    ),
    incompleteMessageTimeoutMs: integer(
      { min: 100, max: 120_000, default: 10_000 },
      'A message whose first octet came this long ago must be whole, or the connection is reset',
    ),
    dscp: integer(
      { min: 0, max: 63, default: 0 },
      'DSCP of all Diameter traffic (RFC 2474), one for each connection since its messages share it [29.228-J.2.3]; 0 leaves it to the system. Linux only',
    ),
    keepAliveMs: integer(
      { min: 0, max: 7_200_000, default: 30_000 },
      'Idle time before the kernel probes the other side, 0 for never',
    ),
    maxConnections: integer(
      { min: 1, max: 65_535, default: 1_024 },
      'Incoming connections at once; further ones are closed',
    ),
    maxHalfOpenConnections: integer(
      { min: 1, max: 65_535, default: 128 },
      'Incoming connections that have not sent their CER',
    ),
    maxHalfOpenConnectionsPerAddress: integer(
      { min: 1, max: 65_535, default: 16 },
      'The same, from one address',
    ),
    maxUnknownPeers: integer(
      { min: 0, max: 65_535, default: 256 },
      'Unknown peers at once, where they are accepted',
    ),
    maxInFlightRequestsPerPeer: integer(
      { min: 1, max: 1_000_000, default: 8_000 },
      'Unanswered requests of one peer at which reading from it pauses',
    ),
    maxPendingRequestsPerPeer: integer(
      { min: 1, max: 1_000_000, default: 1_000 },
      'Requests of ours that wait for an answer of one peer',
    ),
    sctp,
    tls,
    writeQueueHighOctets: integer(
      { min: 4_096, max: 1_073_741_824, default: 262_144 },
      'Unsent octets for one peer at which reading from it pauses',
    ),
    writeQueueMaxOctets: integer(
      { min: 65_536, max: 4_294_967_296, default: 4_194_304 },
      'Unsent octets for one peer at which its connection is reset: it does not read',
    ),
    limits: section(
      {
        messageOctets: integer(limits.messageOctets, 'Longest message that is read'),
        sentMessageOctets: integer(
          limits.sentMessageOctets,
          'Longest message that is sent to a peer without an entry in `peers`',
        ),
        avpCount: integer(limits.avpCount, 'Most AVPs in one message, nested ones included'),
        nestingDepth: integer(limits.avpNestingDepth, 'Deepest nesting of grouped AVPs'),
      },
      'Bounds of one message',
    ).prefault({}),
    reconnect: section(
      {
        minMs: integer(
          { min: 100, max: 3_600_000, default: 1_000 },
          'First wait before connecting again; it doubles from there',
        ),
        maxMs: integer(
          { min: 100, max: 3_600_000, default: 30_000 },
          'Longest wait before connecting again (Tc)',
        ),
      },
      'Back-off between attempts to connect to a peer',
    ).prefault({}),
    duplicateDetection: section(
      {
        windowMs: integer(
          { min: 0, max: 600_000, default: 30_000 },
          'How long an answer is kept for retransmissions, 0 for never [6733-5.5.4]',
        ),
        maxAnswers: integer(
          { min: 0, max: 10_000_000, default: 100_000 },
          'Answers kept at once; the oldest go first',
        ),
      },
      'Retransmitted requests get the answer that was given',
    ).prefault({}),
  },
  'The Diameter node',
);
