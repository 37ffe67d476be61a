/** Settings of one Diameter peer. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { RELAY } from '../../shared/peer-roles';
import type { CrossFault } from '../config-error';
import type { PeerInterop } from '../contract';
import { diameterIdentity, flag, hostOrAddress, integer, ipAddress, section, transport } from '../fields';
import { connectAs } from './role';

/**
 * `roles`: those of the applications and RELAY; `usual`: of a peer whose configuration says nothing. `interop`: those
 * of the applications.
 */
export const peerSection = (
  roles: readonly string[],
  usual: readonly string[],
  interop: readonly PeerInterop[],
) =>
  section(
    {
      identity: diameterIdentity({ description: 'Origin-Host of the peer' }),
      realm: diameterIdentity({
        description: 'Origin-Realm of the peer; diameter.originRealm when absent',
      }).optional(),
      addresses: z
        .array(hostOrAddress({ description: 'An address or host name' }))
        .max(16)
        .default([])
        .meta({ description: 'Where to connect to, tried in order' }),
      port: integer({ min: 1, max: 65_535, default: 3868 }, 'Port to connect to'),
      connect: flag(false, 'Whether we connect to it; it may connect to us in any case'),
      transport: transport('Transport to connect with; of a list the first that this machine has'),
      localAddresses: z
        .array(ipAddress({ description: 'Local address' }))
        .max(16)
        .default([])
        .meta({
          description:
            'Local addresses to connect from, all of them for SCTP; empty for the choice of the system',
        }),
      checkAddress: flag(
        true,
        'Its connections have to come from one of `addresses`, where there are any; otherwise its CER gets DIAMETER_UNKNOWN_PEER',
      ),
      requireCertificate: flag(
        false,
        'Its connections have to use TLS and show a certificate whose subjectAltName holds `identity`; otherwise its CER gets DIAMETER_UNKNOWN_PEER [6733-13.1]',
      ),
      maxMessageOctets: integer(
        limits.sentMessageOctets,
        'Longest message that it is sent, for it may reset the connection at a longer one; what would be longer is answered DIAMETER_UNABLE_TO_COMPLY and changes nothing',
      ),
      connectAs,
      role: z
        .union([z.enum(roles), z.array(z.enum(roles)).min(1).max(roles.length)])
        .default([...usual])
        .meta({
          description:
            'What it is, and so which commands it may send: UAR and LIR an icscf, MAR and SAR an scscf, ECR an mme or sgsn, RTR and PPR (through an SLF) an hss. It speaks for itself; a relay also for others, with all commands where relay is its only role',
          allowed: `one of ${roles.join(', ')}, or a list of them`,
        }),
      originHosts: z
        .array(diameterIdentity({ description: 'An Origin-Host' }))
        .max(10_000)
        .default([])
        .meta({
          description:
            'For a relay: Origin-Hosts whose requests it may carry, besides those of originRealms; anybody but us where both are empty',
        }),
      originRealms: z
        .array(diameterIdentity({ description: 'An Origin-Realm' }))
        .max(1_024)
        .default([])
        .meta({
          description:
            'For a relay: Origin-Realms whose nodes it may speak for; their names end with that of the realm, or are in originHosts',
        }),
      interop: z
        .array(z.enum(interop.map(({ name }) => name)).meta({ description: 'One of them, by name' }))
        .max(interop.length)
        .default([])
        .meta({
          description: `What it needs that the standards do not have. ${interop
            .map(({ name, description }) => `${name}: ${description}`)
            .join('. ')}`,
          allowed: `a list of ${interop.map(({ name }) => name).join(', ')}`,
        }),
      trustPriority: flag(
        true,
        'Believe its DRMP, Session-Priority and emergency registrations; without it none of its requests goes before those that say nothing. What one peer has of the high priorities is bounded in any case [29.228-J.2.3]',
      ),
    },
    'A Diameter peer',
  );

type Peer = z.output<ReturnType<typeof peerSection>>;

/** The roles, however many were given. */
export const rolesOf = ({ role }: Pick<Peer, 'role'>) => (typeof role === 'string' ? [role] : role);

/** Whose Origin-Hosts a peer may use is a question for relays only. */
export function checkOrigins(peers: readonly Peer[]): CrossFault[] {
  return peers.flatMap((entry, index) => {
    const given = (['originHosts', 'originRealms'] as const).filter((name) => entry[name].length > 0);
    if (rolesOf(entry).includes(RELAY)) return [];
    return given.map((name) => ({
      at: ['peers', index, name],
      path: `peers[${index}].${name}`,
      found: `${entry[name].length} entries, with role: ${rolesOf(entry).join(', ')}`,
      allowed: 'only with role: relay; every other peer speaks for itself',
    }));
  });
}
