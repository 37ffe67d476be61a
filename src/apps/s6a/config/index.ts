/** What S6a and S6d bring to the configuration: the section `s6a` and the roles of peers. */
import { z } from 'zod';
import type { ConfigPart } from '../../../config/contract';
import { diameterIdentity, flag, integer, priorityLevel, section } from '../../../config/fields';
import { identityKey } from '../../../diameter/peer/diameter-identity';
import { limits } from '../../../shared/limits';
import type { RequestPriorities } from '../outgoing/messages';
import type { S6aSettings } from '../settings';

/** Nodes that send commands of S6a and S6d [29.272-5.1]. A peer whose configuration says nothing may be both. */
export const s6aRoles = ['mme', 'sgsn'] as const;

const plmn = z
  .string()
  .regex(/^\d{5,6}$/)
  .meta({ description: 'A PLMN', allowed: 'MCC and MNC, 5 or 6 digits such as "00101"' });

const drmp = (command: string) =>
  priorityLevel(
    limits.drmpLevel.default,
    `DRMP of ${command}, 0 first to 15 last; not sent when it is 10, which is what its absence means [29.272-7.2]`,
  );

export const s6a = section(
  {
    maxAuthenticationVectors: integer(
      { min: 1, max: 32, default: 5 },
      'Most vectors of one kind in one AIA, whatever Number-Of-Requested-Vectors asks for [29.272-5.2.3.1.3]',
    ),
    homePlmns: z.array(plmn).max(64).default([]).meta({
      description: 'PLMNs where nobody is roaming, beside the one that the IMSI begins with',
    }),
    servingNetworks: z
      .array(
        section(
          {
            realm: diameterIdentity({ description: 'Origin-Realm of the nodes' }),
            plmns: z.array(plmn).min(1).max(64).meta({ description: 'Visited-PLMN-Ids that they may name' }),
          },
          'The serving networks of a realm',
        ),
      )
      .max(10_000)
      .default([])
      .meta({
        description:
          'Which serving networks the nodes of a realm may ask E-UTRAN vectors for; a realm that is not here may ask for any [29.272-5.2.3.1.3]',
      }),
    refuseUnsupportedBarring: flag(
      true,
      'Refuse an MME or SGSN that does not support a barring which the subscriber has with DIAMETER_ERROR_ROAMING_NOT_ALLOWED; without it the barring is not sent [29.272-7.3.10]',
    ),
    priorities: section(
      {
        cancelLocationPriority: drmp('CLR'),
        insertSubscriberDataPriority: drmp('IDR'),
        deleteSubscriberDataPriority: drmp('DSR'),
        resetPriority: drmp('RSR'),
      },
      'Which requests of our own go first',
    ).prefault({}),
  },
  'MMEs and SGSNs: S6a and S6d [29.272-5]',
);

type S6aSection = z.output<typeof s6a>;

interface S6aSections {
  readonly s6a: S6aSection;
  readonly diameter: { readonly originRealm: string; readonly servedRealms: readonly string[] };
}

/** The other domain of a network: EPC and IMS have a realm each (TS 23.003 13.2 and 19.2). */
function siblingRealmOf(realm: string): string | undefined {
  const [, domain, network] = /^(ims|epc)\.(mnc\d{3}\.mcc\d{3}\.3gppnetwork\.org)$/i.exec(realm) ?? [];
  return network === undefined ? undefined : `${domain?.toLowerCase() === 'ims' ? 'epc' : 'ims'}.${network}`;
}

const ERROR_ULA = 'errorUlaWithSubscriptionData';
const GERAN_VECTORS = 'geranVectors';
const WHOLE_APN_PROFILE = 'wholeApnProfile';

export const s6aConfig: ConfigPart<S6aSections> = {
  peerRoles: s6aRoles,
  peerInterop: [
    {
      name: ERROR_ULA,
      description:
        'a ULA that refuses has ULA-Flags and Subscription-Data too, for an MME that drops it otherwise, so that the UE hears nothing [29.272-5.2.1.1.1]',
    },
    {
      name: GERAN_VECTORS,
      description:
        'an SGSN of Release 98 or older that takes triplets only: an AIA has GERAN vectors in the place of UTRAN vectors [29.272-7.3.20]',
    },
    {
      name: WHOLE_APN_PROFILE,
      description:
        'an MME that takes an IDR with all APN configurations only: one that changed brings the others along [29.272-7.3.33]',
    },
  ],
  // MMEs send Destination-Realm of the EPC, CSCFs of the IMS; one HSS serves both domains of its network.
  settled: (config) => {
    const { originRealm, servedRealms } = config.diameter;
    const sibling = siblingRealmOf(originRealm);
    return sibling === undefined || servedRealms.includes(sibling)
      ? config
      : { ...config, diameter: { ...config.diameter, servedRealms: [...servedRealms, sibling] } };
  },
};

/** What the application looks at of a peer. */
export interface S6aPeer {
  readonly identity: string;
  readonly interop: readonly string[];
}

const peersWith = (name: string, peers: readonly S6aPeer[]): ReadonlySet<string> =>
  new Set(peers.filter(({ interop }) => interop.includes(name)).map(({ identity }) => identityKey(identity)));

export const s6aSettings = (
  config: S6aSection,
  peers: readonly S6aPeer[] = [],
  recordEquipmentUse = false,
): S6aSettings => ({
  recordEquipmentUse,
  maxAuthenticationVectors: config.maxAuthenticationVectors,
  homePlmns: new Set(config.homePlmns),
  servingNetworks: new Map(
    config.servingNetworks.map(({ realm, plmns }) => [realm.toLowerCase(), new Set(plmns)]),
  ),
  refuseUnsupportedBarring: config.refuseUnsupportedBarring,
  errorUlaWithSubscriptionData: peersWith(ERROR_ULA, peers),
  geranVectors: peersWith(GERAN_VECTORS, peers),
  wholeApnProfile: peersWith(WHOLE_APN_PROFILE, peers),
});

/** DRMP of our own requests; a level that says nothing is not sent. */
export function s6aPriorities({ priorities }: S6aSection): RequestPriorities {
  const levels = {
    CLR: priorities.cancelLocationPriority,
    IDR: priorities.insertSubscriberDataPriority,
    DSR: priorities.deleteSubscriberDataPriority,
    RSR: priorities.resetPriority,
  };
  return Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== limits.drmpLevel.default));
}
