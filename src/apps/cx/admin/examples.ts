/** Examples of what Cx shows, made of the demo subscribers so that they are always valid. */
import { setExamples, subscriptionExample } from '../../../admin/openapi/examples';
import type { PushCampaignView, PushEntryView, ScscfView } from './push-views';
import type { RegistrationStatusView } from './registration-views';

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
