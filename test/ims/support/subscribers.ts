/** The subscribers of the ring, as documents for the HTTP API, and their phones' credentials. */
import { randomBytes } from 'node:crypto';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import type { Credentials } from './credentials';
import { domain } from './lab';
import { Usim } from './usim';

/** Phones that SIPp plays, with SIP Digest. */
export const massCount = 200;
/** Phones of our own with IMS-AKA, all at once. */
export const fleetCount = 40;

/** TS 35.208 4.3, test set 1. */
const k = '465b5ce8b199b49faa5f0a2ee238a6bc';
const opc = 'cd63cb71954a9f4e48a5994e37a02baf';
const indBits = 5;

export const sip = (user: string): string => `sip:${user}@${domain}`;
export const nai = (user: string): string => `${user}@${domain}`;

export const akaCard = (): Usim =>
  new Usim({ k: Buffer.from(k, 'hex'), opc: Buffer.from(opc, 'hex'), indBits });
export const akaPhone = (usim: Usim): Credentials => ({ scheme: 'aka', usim });
export const digestPhone = (user: string): Credentials => ({ scheme: 'digest', password: passwordOf(user) });
/** No blanks: SIPp reads it as one word. */
export const passwordOf = (user: string): string => `password-of-${user}`;

type PrivateIdentity = SubscriptionDocumentInput['privateIdentities'][number];

const withAka = (user: string): PrivateIdentity => ({
  identity: nai(user),
  authentication: { aka: { k, opc, amf: '8000', indBits } },
});
const withDigest = (user: string): PrivateIdentity => ({
  identity: nai(user),
  authentication: { sipDigest: { realm: domain, password: passwordOf(user) } },
});

function subscriber(user: string, privateIdentity: PrivateIdentity): SubscriptionDocumentInput {
  return {
    id: user,
    privateIdentities: [privateIdentity],
    implicitRegistrationSets: [
      { name: 'default', publicIdentities: [{ identity: sip(user), serviceProfile: 'plain' }] },
    ],
    serviceProfiles: [{ name: 'plain' }],
  };
}

export const digestSubscriber = (user: string): SubscriptionDocumentInput =>
  subscriber(user, withDigest(user));

export const massUser = (index: number): string => `mass${String(index).padStart(3, '0')}`;

/** SIPp's fields: Public Identity's user part, Private Identity, authentication keyword. */
export const massFields = (password = passwordOf): string[][] =>
  Array.from({ length: massCount }, (_, index) => {
    const user = massUser(index);
    return [user, nai(user), `[authentication username=${nai(user)} password=${password(user)}]`];
  });

/**
 * Users of one identity. Each scenario has its own: Kamailio's S-CSCF keeps a de-registered identity until a
 * timer of 2 s, and a registration that meets this timer fails on its side.
 */
export const akaUsers = ['alice', 'carol', 'never', 'victor', 'kate'] as const;
export const digestUsers = [
  'bob',
  'dora',
  'mallory',
  'erik',
  'fred',
  'gina',
  'hans',
  'ida',
  'jack',
  'karl',
  'kurt',
  'lena',
  'max',
  'nora',
  'oskar',
] as const;

/**
 * Everybody but the mass; the ports are where the application servers for unregistered users and for services
 * listen.
 */
export function subscribers({
  voicemail,
  application,
}: {
  readonly voicemail: number;
  readonly application: number;
}): SubscriptionDocumentInput[] {
  return [
    ...akaUsers.map((user) => subscriber(user, withAka(user))),
    ...digestUsers.map(digestSubscriber),
    {
      ...subscriber('family', withAka('family')),
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            { identity: sip('family'), serviceProfile: 'plain', displayName: 'The Family' },
            { identity: 'tel:+15550100', serviceProfile: 'plain' },
            { identity: sip('family-hidden'), serviceProfile: 'plain', barred: true },
            { identity: sip('family.work'), serviceProfile: 'work' },
          ],
        },
      ],
      serviceProfiles: [{ name: 'plain' }, { name: 'work' }],
    },
    {
      ...subscriber('shared', withAka('shared.phone')),
      privateIdentities: [withAka('shared.phone'), withDigest('shared.tablet')],
    },
    {
      ...subscriber('absent', withAka('absent')),
      serviceProfiles: [
        {
          name: 'plain',
          initialFilterCriteria: [
            criterion('TERMINATING_UNREGISTERED', 'UNREGISTERED', `sip:voicemail@127.0.0.1:${voicemail}`),
          ],
        },
      ],
    },
    rooms(application),
  ];
}

export const fleetUser = (index: number): string => `fleet${String(index).padStart(2, '0')}`;

export const fleetSubscribers = (): SubscriptionDocumentInput[] =>
  Array.from({ length: fleetCount }, (_, index) => subscriber(fleetUser(index), withAka(fleetUser(index))));

export const massSubscribers = (): SubscriptionDocumentInput[] =>
  Array.from({ length: massCount }, (_, index) => subscriber(massUser(index), withDigest(massUser(index))));

type FilterCriterion = NonNullable<
  NonNullable<SubscriptionDocumentInput['serviceProfiles']>[number]['initialFilterCriteria']
>[number];

/** INVITEs of one session case go to an application server. */
export function criterion(
  sessionCase: 'ORIGINATING_REGISTERED' | 'TERMINATING_UNREGISTERED',
  profilePartIndicator: 'REGISTERED' | 'UNREGISTERED',
  serverName: string,
): FilterCriterion {
  return {
    priority: 10,
    profilePartIndicator,
    triggerPoint: {
      conditionTypeCnf: true,
      servicePointTriggers: [
        { groups: [0], method: 'INVITE' },
        { groups: [1], sessionCase },
      ],
    },
    applicationServer: { serverName, defaultHandling: 'SESSION_TERMINATED', serviceInfo: 'service' },
  };
}

/** Conference rooms with a number: a wildcarded PSI whose application server the I-CSCF reaches directly. */
function rooms(port: number): SubscriptionDocumentInput {
  const identity = sip('room-![0-9]+!');
  return {
    id: 'rooms',
    privateIdentities: [{ identity: nai('rooms'), type: 'privateServiceIdentity', authentication: {} }],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          {
            identity,
            type: 'wildcardedPsi',
            serviceProfile: 'plain',
            psi: { active: true, asName: `sip:application@127.0.0.1:${port}` },
          },
        ],
      },
    ],
    serviceProfiles: [{ name: 'plain' }],
  };
}

/** A password nobody has. */
export const wrongPassword = (): string => randomBytes(8).toString('hex');
