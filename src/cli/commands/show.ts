/**
 * `hss show <impi|impu|imsi|msisdn|id>`: one subscriber's whole picture, what is provisioned beside the state of the
 * moment.
 */
import { servesTerminatingUnregistered } from '../../subscriber/filter-criteria';
import { impusOf, impusOfSet } from '../../subscriber/subscription-document';
import type {
  ServiceProfile,
  SharedIfcSet,
  SubscriptionDocument,
} from '../../subscriber/subscription-document';
import type { ApiClient } from '../api-client';
import type { RegisterCommand } from '../context';
import type { CliPart, SubscriberState } from '../contract';
import { findSubscription, optional } from '../find-subscription';
import { fields, table, type Cell } from '../table';
import { isPresent } from './documents';

type PrivateIdentity = SubscriptionDocument['privateIdentities'][number];

interface Picture {
  readonly subscription: SubscriptionDocument;
  /** What each application knows of it. */
  readonly states: readonly SubscriberState[];
  readonly sharedServiceProfiles: readonly ServiceProfile[];
  readonly sharedIfcSets: readonly SharedIfcSet[];
}

export const showCommand =
  (applications: readonly CliPart[]): RegisterCommand =>
  (program, context) => {
    program
      .command('show <identity>')
      .description("one subscriber's whole picture, by IMPI, IMPU, IMSI, MSISDN or id")
      .action(async (name: string) => {
        const api = context.api();
        const picture = await pictureOf(api, await findSubscription(api, name), applications);
        const { subscription, states, ...shared } = picture;
        const known = Object.fromEntries(states.flatMap(({ json }) => Object.entries(json)));
        context.print({ subscription, ...known, ...shared }, () => pictureText(picture));
      });
  };

async function pictureOf(
  api: ApiClient,
  subscription: SubscriptionDocument,
  applications: readonly CliPart[],
): Promise<Picture> {
  const own = new Map(subscription.serviceProfiles.map((profile) => [profile.name, profile]));
  const used = new Set(impusOf(subscription).map((entry) => entry.serviceProfile));
  const shared = await Promise.all(
    [...used]
      .filter((name) => !own.has(name))
      .map((name) => optional<ServiceProfile>(api, `/v1/service-profiles/${encodeURIComponent(name)}`)),
  );
  const sharedServiceProfiles = shared.filter((profile) => profile !== null);
  const setNames = new Set(
    [...own.values(), ...sharedServiceProfiles].flatMap((profile) => profile.sharedIfcSets),
  );
  const [states, sets] = await Promise.all([
    Promise.all(
      applications.flatMap(({ subscriberState }) =>
        subscriberState === undefined ? [] : [subscriberState(api, subscription)],
      ),
    ),
    Promise.all(
      [...setNames].map((name) => optional<SharedIfcSet>(api, `/v1/ifc-sets/${encodeURIComponent(name)}`)),
    ),
  ]);
  return {
    subscription,
    states,
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
  const { subscription, states } = picture;
  const columns = states.flatMap((state) => state.privateIdentityColumns);
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
      ...states.flatMap((state) => state.fields),
    ]),
  ];
  parts.push(
    table(
      ['PRIVATE IDENTITY', 'IMSI', 'SCHEMES', ...columns.map(({ heading }) => heading)],
      subscription.privateIdentities.map((entry) => [
        entry.identity,
        entry.imsi,
        schemes(entry) || '-',
        ...columns.map(({ cell }) => cell(entry.identity)),
      ]),
    ),
  );
  if (subscription.usims !== undefined) {
    parts.push(usimsText(subscription, states));
    const eps = epsText(subscription.usims);
    if (eps !== null) parts.push(eps);
  }
  for (const { sections = [] } of states) parts.push(...sections);
  for (const set of subscription.implicitRegistrationSets) parts.push(setText(set, states));
  if (subscription.implicitRegistrationSets.length > 0) parts.push(profilesText(picture));
  return parts.join('\n\n');
}

function usimsText(
  { usims = [], privateIdentities }: SubscriptionDocument,
  states: readonly SubscriberState[],
): string {
  const columns = states.flatMap((state) => state.usimColumns);
  const usersOf = (imsi: string): string =>
    privateIdentities
      .filter(({ authentication }) => authentication.usim === imsi)
      .map(({ identity }) => identity)
      .join(', ');
  return table(
    ['USIM', 'MSISDNS', 'USED BY', ...columns.map(({ heading }) => heading)],
    usims.map(({ imsi, msisdns }) => [
      imsi,
      msisdns.join(', ') || '-',
      usersOf(imsi) || '-',
      ...columns.map(({ cell }) => cell(imsi)),
    ]),
  );
}

/** What is provisioned for EPS; null where no USIM has it. */
function epsText(usims: NonNullable<SubscriptionDocument['usims']>): string | null {
  const rows = usims.flatMap(({ imsi, eps }) => {
    if (eps === undefined) return [];
    const { profile, ...own } = eps;
    return [[imsi, profile ?? '-', Object.keys(own).join(', ') || '-']];
  });
  return rows.length === 0 ? null : table(['EPS SUBSCRIPTION', 'EPS PROFILE', 'OF ITS OWN'], rows);
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
  states: readonly SubscriberState[],
): string {
  const known = states.flatMap((state) => state.registrationSet?.(set.name) ?? []);
  const summary = known.map((state) => state.summary).join('; ');
  const lines = [`Implicit registration set ${set.name}${summary === '' ? '' : `: ${summary}`}`];
  for (const note of known.flatMap(({ notes }) => notes)) lines.push(`  ${note}`);
  if (set.privateIdentities !== undefined) lines.push(`  only for ${set.privateIdentities.join(', ')}`);
  lines.push(
    table(
      ['PUBLIC IDENTITY', 'TYPE', 'BARRED', 'SERVICE PROFILE', 'DISPLAY NAME', 'AS'],
      impusOfSet(set).map((entry): Cell[] => [
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
  const missing = [...new Set(impusOf(subscription).map((entry) => entry.serviceProfile))].filter(
    (name) => !known.has(name),
  );
  return table(
    ['SERVICE PROFILE', 'FROM', 'IFCS', 'SHARED IFC SETS', 'SERVES UNREGISTERED', 'APPLICATION SERVERS'],
    [
      ...subscription.serviceProfiles.map((profile) => row(profile, 'subscription')),
      ...sharedServiceProfiles.map((profile) => row(profile, 'shared')),
      ...missing.map((name): Cell[] => [name, 'missing!']),
    ],
  );
}
