/** Settings of one Diameter peer. */
import { z } from 'zod';
import { diameterIdentity, flag, hostOrAddress, integer, ipAddress, section, transport } from '../fields';
import { connectAs } from './slf';

export const peer = section(
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
    connectAs,
    trustPriority: flag(
      true,
      'Believe its DRMP, Session-Priority and emergency registrations; without it none of its requests goes before those that say nothing. What one peer has of the high priorities is bounded in any case [29.228-J.2.3]',
    ),
  },
  'A Diameter peer',
);
