/** Examples in the OpenAPI document, made of the demo subscribers so that they are always valid. */
import { demoData } from '../../subscriber/demo-subscribers';
import type { LocatorEntry } from '../../apps/dx/locator/entry';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import type { PushCampaignView, PushEntryView, ScscfView } from './push-views';
import type { ImportEvent, LoggingView, PeerView, ProblemView, RegistrationStatusView } from './views';

const demo = demoData();

function first<T>(entries: readonly T[]): T {
  const [entry] = entries;
  if (entry === undefined) throw new Error('the demo data is empty');
  return entry;
}

export const subscriptionInputExample: SubscriptionDocument = first(demo.subscriptions);

/** As it comes out: without K and OPc. */
export const subscriptionExample: SubscriptionDocument = {
  ...subscriptionInputExample,
  privateIdentities: subscriptionInputExample.privateIdentities.map((entry) => ({
    ...entry,
    authentication: { aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } },
  })),
};

export const setExamples = {
  serviceProfile: first(demo.serviceProfiles.slice(-1)),
  ifcSet: first(demo.ifcSets),
  capabilitySet: first(demo.capabilitySets),
  chargingSet: first(demo.chargingSets),
} as const;

export const locatorExample: LocatorEntry = {
  kind: 'range',
  value: '+49301000-+49301999',
  hosts: ['aaa://hss1.ims.example.com:3868', 'aaa://hss2.ims.example.com:3868'],
  usage: 'ALL_USER',
  maxCacheSeconds: 300,
};

const scscf = 'scscf.ims.mnc001.mcc001.3gppnetwork.org';

export const registrationStatusExample: RegistrationStatusView = {
  id: subscriptionExample.id,
  server: {
    name: `sip:${scscf}:6060`,
    diameterHost: scscf,
    diameterRealm: 'ims.mnc001.mcc001.3gppnetwork.org',
  },
  reassignmentPending: false,
  sets: subscriptionExample.implicitRegistrationSets.map((set) => ({
    name: set.name,
    state: 'registered',
    profileOutdated: false,
    publicIdentities: set.publicIdentities.map((entry) => entry.identity),
    privateIdentities: subscriptionExample.privateIdentities.map((entry) => ({
      identity: entry.identity,
      registered: true,
      authenticationPendingSince: null,
      restorationInformation: false,
    })),
  })),
  sequenceNumbers: Object.fromEntries(
    subscriptionExample.privateIdentities.map((entry) => [entry.identity, 32]),
  ),
};

export const loggingExample: LoggingView = {
  level: 'info',
  droppedLines: 0,
  summedLines: 21_300,
  bufferedOctets: 0,
};

export const peerExample: PeerView = {
  originHost: scscf,
  originRealm: 'ims.mnc001.mcc001.3gppnetwork.org',
  state: 'R-Open',
  watchdog: 'OKAY',
  configured: false,
  protocol: 'tcp',
  remote: '127.0.0.1:41234',
  productName: 'CDiameterPeer',
  applications: [16_777_216],
  connectedSince: '2026-01-01T12:00:00.000Z',
  pendingRequests: 0,
  messagesIn: 12,
  messagesOut: 12,
  octetsIn: 4_096,
  octetsOut: 8_192,
};

export const pushExample: PushEntryView = {
  id: 17,
  subscription: subscriptionExample.id,
  command: 'RTR',
  cause: 'manual',
  destinationHost: scscf,
  reasonCode: 'PERMANENT_TERMINATION',
  reasonInfo: null,
  privateIdentities: subscriptionExample.privateIdentities.map((entry) => entry.identity),
  sets: subscriptionExample.implicitRegistrationSets.map((set) => set.name),
  parts: [],
  createdAt: '2026-01-01T12:00:00.000Z',
  attempts: 1,
  nextAttemptAt: null,
  completedAt: '2026-01-01T12:00:00.040Z',
  outcome: 'success',
  detail: 'DIAMETER_SUCCESS',
  registrationEffect: 'cleared',
};

export const campaignExample: PushCampaignView = {
  id: 3,
  kind: 'serviceProfiles',
  name: setExamples.serviceProfile.name,
  action: 'profile',
  createdAt: '2026-01-01T12:00:00.000Z',
  total: 10_000,
  done: 4_200,
  written: 4_200,
  completedAt: null,
  superseded: false,
};

export const scscfExample: ScscfView = {
  name: 'sip:scscf1.ims.example:6060',
  diameterHost: scscf,
  diameterRealm: 'ims.example',
  subscriptions: 12_000,
  active: 11_500,
};

export const forgettingExample: PushCampaignView = {
  id: 4,
  kind: 'scscf',
  name: scscfExample.name,
  action: 'forget',
  createdAt: '2026-01-01T12:00:00.000Z',
  total: 12_000,
  done: 0,
  written: 0,
  completedAt: null,
  superseded: false,
};

export const problemExample: ProblemView = {
  type: 'about:blank',
  title: 'Unprocessable Entity',
  status: 422,
  detail: 'The document has 2 faults; nothing was changed.',
  errors: [
    { pointer: '/privateIdentities/0/identity', detail: 'must be a Network Access Identifier (user@realm)' },
    {
      pointer: '/implicitRegistrationSets/0/publicIdentities/0/serviceProfile',
      detail: 'is missing; a string is needed',
    },
  ],
};

export const importEventExamples: readonly ImportEvent[] = [
  {
    type: 'failure',
    line: 2,
    name: 'dave',
    status: 422,
    detail: 'The document has one fault; nothing was changed.',
    errors: [{ pointer: '/privateIdentities', detail: 'must have at least 1 entries' }],
  },
  {
    type: 'warning',
    line: 3,
    name: 'erin',
    warnings: [
      {
        pointer: '/privateIdentities/0/authentication/sipDigest/realm',
        detail: 'is neither a realm that this HSS serves nor the domain of an identity here',
      },
    ],
  },
  { type: 'summary', lines: 3, records: 3, created: 2, replaced: 0, unchanged: 0, failed: 1, warnings: 1 },
];
