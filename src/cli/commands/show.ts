/**
 * `hss show <impi|impu|imsi|msisdn|id>`: one subscriber's whole picture, what is provisioned beside the state of the
 * moment.
 */
import type { RegistrationStatusView } from '../../admin/openapi/views';
import { servesTerminatingUnregistered } from '../../subscriber/filter-criteria';
import type {
  ServiceProfile,
  SharedIfcSet,
  SubscriptionDocument,
} from '../../subscriber/subscription-document';
import { ApiError, type ApiClient } from '../api-client';
import type { RegisterCommand } from '../context';
import { CommandError } from '../exit-status';
import { fields, table, type Cell } from '../table';
import { isPresent } from './documents';

type PrivateIdentity = SubscriptionDocument['privateIdentities'][number];

interface Picture {
  readonly subscription: SubscriptionDocument;
  readonly registrationStatus: RegistrationStatusView;
  readonly sharedServiceProfiles: readonly ServiceProfile[];
  readonly sharedIfcSets: readonly SharedIfcSet[];
}

export const registerShow: RegisterCommand = (program, context) => {
  program
    .command('show <identity>')
    .description("one subscriber's whole picture, by IMPI, IMPU, IMSI, MSISDN or id")
    .action(async (name: string) => {
      const api = context.api();
      const subscription = await find(api, name);
      if (subscription === null) throw new CommandError(`no subscription has the identity or id "${name}"`);
      const picture = await pictureOf(api, subscription);
      context.print(picture, () => pictureText(picture));
    });
};

const numberForms = { imsi: /^\d{6,15}$/, msisdn: /^\d{5,15}$/ };

const byNumber = (digits: string, parameter: keyof typeof numberForms): Record<string, string>[] =>
  numberForms[parameter].test(digits) ? [{ [parameter]: digits }] : [];

/** What the text may be, likeliest first. */
function lookups(name: string): Record<string, string>[] {
  if (/^(sips?|tel):/i.test(name)) return [{ impu: name }];
  if (/^\+\d+$/.test(name)) return [{ impu: `tel:${name}` }, ...byNumber(name.slice(1), 'msisdn')];
  if (name.includes('@')) return [{ impi: name }, { impu: `sip:${name}` }];
  return [...byNumber(name, 'imsi'), ...byNumber(name, 'msisdn')];
}

/** The subscription with that identity or id. */
export async function find(api: ApiClient, name: string): Promise<SubscriptionDocument | null> {
  for (const query of lookups(name)) {
    const { body } = await api.call<{ items: SubscriptionDocument[] }>('GET', '/v1/subscriptions', { query });
    if (body.items[0] !== undefined) return body.items[0];
  }
  return optional<SubscriptionDocument>(api, `/v1/subscriptions/${encodeURIComponent(name)}`);
}

async function optional<T>(api: ApiClient, path: string): Promise<T | null> {
  try {
    return (await api.call<T>('GET', path)).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function pictureOf(api: ApiClient, subscription: SubscriptionDocument): Promise<Picture> {
  const own = new Map(subscription.serviceProfiles.map((profile) => [profile.name, profile]));
  const used = new Set(
    subscription.implicitRegistrationSets.flatMap((set) =>
      set.publicIdentities.map((entry) => entry.serviceProfile),
    ),
  );
  const shared = await Promise.all(
    [...used]
      .filter((name) => !own.has(name))
      .map((name) => optional<ServiceProfile>(api, `/v1/service-profiles/${encodeURIComponent(name)}`)),
  );
  const sharedServiceProfiles = shared.filter((profile) => profile !== null);
  const setNames = new Set(
    [...own.values(), ...sharedServiceProfiles].flatMap((profile) => profile.sharedIfcSets),
  );
  const [{ body: registrationStatus }, ...sets] = await Promise.all([
    api.call<RegistrationStatusView>(
      'GET',
      `/v1/subscriptions/${encodeURIComponent(subscription.id)}/registration-status`,
    ),
    ...[...setNames].map((name) => optional<SharedIfcSet>(api, `/v1/ifc-sets/${encodeURIComponent(name)}`)),
  ]);
  return {
    subscription,
    registrationStatus,
    sharedServiceProfiles,
    sharedIfcSets: sets.filter((set) => set !== null),
  };
}

function schemes(entry: PrivateIdentity): string {
  const { aka, usim, sipDigest, nassBundled, giba } = entry.authentication;
  const present = [
    aka === undefined && usim === undefined ? undefined : 'Digest-AKAv1-MD5',
    sipDigest === undefined ? undefined : 'SIP Digest',
    nassBundled === undefined ? undefined : 'NASS-Bundled',
    giba === undefined ? undefined : 'Early IMS Security',
  ];
  return present
    .filter(isPresent)
    .map((name) => (name === entry.authentication.defaultScheme ? `${name} (default)` : name))
    .join(', ');
}

function networks(permitted: readonly string[] | null): string {
  if (permitted === null) return 'every network';
  return permitted.length === 0 ? 'none' : permitted.join(', ');
}

function pictureText(picture: Picture): string {
  const { subscription, registrationStatus } = picture;
  const { server } = registrationStatus;
  const parts = [
    fields([
      ['subscription', subscription.id],
      ['may register', subscription.registrationAllowed],
      ['permitted visited networks', networks(subscription.permittedVisitedNetworks)],
      ['S-CSCF capabilities', subscription.capabilitySet ?? capabilityText(subscription)],
      [
        'charging',
        subscription.chargingSet ?? subscription.chargingInformation?.primaryChargingCollectionFunctionName,
      ],
      ['S-CSCF', server === null ? 'none assigned' : server.name],
      ...(server === null
        ? []
        : [['S-CSCF Diameter', `${server.diameterHost} in ${server.diameterRealm}`] as const]),
      ...(registrationStatus.reassignmentPending ? [['reassignment pending', true] as const] : []),
    ]),
  ];
  parts.push(
    table(
      ['PRIVATE IDENTITY', 'IMSI', 'SCHEMES', 'SQN'],
      subscription.privateIdentities.map((entry) => [
        entry.identity,
        entry.imsi,
        schemes(entry) || '-',
        registrationStatus.sequenceNumbers[entry.identity],
      ]),
    ),
  );
  if (subscription.usims !== undefined) parts.push(usimsText(subscription, registrationStatus));
  for (const set of subscription.implicitRegistrationSets) parts.push(setText(set, registrationStatus));
  parts.push(profilesText(picture));
  return parts.join('\n\n');
}

function usimsText(
  { usims, privateIdentities }: SubscriptionDocument,
  { sequenceNumbers }: RegistrationStatusView,
): string {
  const usersOf = (imsi: string): string =>
    privateIdentities
      .filter(({ authentication }) => authentication.usim === imsi)
      .map(({ identity }) => identity)
      .join(', ');
  return table(
    ['USIM', 'MSISDNS', 'USED BY', 'SQN'],
    (usims ?? []).map(({ imsi, msisdns }) => [
      imsi,
      msisdns.join(', ') || '-',
      usersOf(imsi) || '-',
      sequenceNumbers[imsi],
    ]),
  );
}

function capabilityText({ capabilities }: SubscriptionDocument): string | undefined {
  if (capabilities === undefined) return undefined;
  const { mandatory, optional: wanted, serverNames } = capabilities;
  return serverNames.length > 0
    ? serverNames.join(', ')
    : `mandatory ${mandatory.join(' ') || '-'}, optional ${wanted.join(' ') || '-'}`;
}

function setText(
  set: SubscriptionDocument['implicitRegistrationSets'][number],
  status: RegistrationStatusView,
): string {
  const state = status.sets.find((entry) => entry.name === set.name);
  const registered =
    state?.privateIdentities.filter((entry) => entry.registered).map((entry) => entry.identity) ?? [];
  const pending = state?.privateIdentities.filter((entry) => entry.authenticationPendingSince !== null) ?? [];
  const lines = [
    `Implicit registration set ${set.name}: ${state?.state ?? 'notRegistered'}${registered.length > 0 ? ` with ${registered.join(', ')}` : ''}`,
  ];
  if (state?.profileOutdated === true)
    lines.push('  the S-CSCF has an older profile: no PPR got through; its next SAR brings the present one');
  for (const entry of pending)
    lines.push(
      `  authentication pending for ${entry.identity} since ${entry.authenticationPendingSince ?? ''}`,
    );
  if (set.privateIdentities !== undefined) lines.push(`  only for ${set.privateIdentities.join(', ')}`);
  lines.push(
    table(
      ['PUBLIC IDENTITY', 'TYPE', 'BARRED', 'SERVICE PROFILE', 'DISPLAY NAME', 'AS'],
      set.publicIdentities.map((entry): Cell[] => [
        entry.identity,
        entry.type,
        entry.barred,
        entry.serviceProfile,
        entry.displayName,
        entry.psi === undefined
          ? undefined
          : `${entry.psi.asName ?? '-'}${entry.psi.active ? '' : ' (inactive)'}`,
      ]),
    ),
  );
  return lines.join('\n');
}

function profilesText({ subscription, sharedServiceProfiles, sharedIfcSets }: Picture): string {
  const row = (profile: ServiceProfile, origin: string): Cell[] => {
    const sets = sharedIfcSets.filter((set) => profile.sharedIfcSets.includes(set.name));
    const criteria = [...profile.initialFilterCriteria, ...sets.flatMap((set) => set.initialFilterCriteria)];
    return [
      profile.name,
      origin,
      profile.initialFilterCriteria.length,
      profile.sharedIfcSets.join(', ') || '-',
      criteria.some(servesTerminatingUnregistered),
      [...new Set(criteria.map((criterion) => criterion.applicationServer.serverName))].join(', ') || '-',
    ];
  };
  const known = new Set(
    [...subscription.serviceProfiles, ...sharedServiceProfiles].map((profile) => profile.name),
  );
  const missing = [
    ...new Set(
      subscription.implicitRegistrationSets.flatMap((set) =>
        set.publicIdentities.map((entry) => entry.serviceProfile),
      ),
    ),
  ].filter((name) => !known.has(name));
  return table(
    ['SERVICE PROFILE', 'FROM', 'IFCS', 'SHARED IFC SETS', 'SERVES UNREGISTERED', 'APPLICATION SERVERS'],
    [
      ...subscription.serviceProfiles.map((profile) => row(profile, 'subscription')),
      ...sharedServiceProfiles.map((profile) => row(profile, 'shared')),
      ...missing.map((name): Cell[] => [name, 'missing!']),
    ],
  );
}
