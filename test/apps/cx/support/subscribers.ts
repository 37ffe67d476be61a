/** The subscribers of the Cx tests, and registration states said in one line. */
import type { Decision } from '../../../../src/diameter/dispatch/contract';
import { resultName, resultNamesOf } from '../../../../src/diameter/dispatch/result-names';
import { ExperimentalResultCode } from '../../../../src/apps/cx/generated/cx';
import type { AssignedServer, RegistrationState } from '../../../../src/apps/cx/state/registration-status';
import type { SubscriptionDocumentInput } from '../../../../src/subscriber/subscription-document';
import {
  registeredIn,
  type PrivateIdentityRecord,
  type SetRecords,
  type HssStatus,
} from '../../../support/status-records';
import { NOW_MS, SCSCF1, SCSCF2 } from './test-hss';

export const PHONE = 'phone@ims.example';
export const TABLET = 'tablet@ims.example';

/** TS 35.208 test set 1. */
export const K = '465b5ce8b199b49faa5f0a2ee238a6bc';
export const OPC = 'cd63cb71954a9f4e48a5994e37a02baf';

/**
 * Two private identities that share a set of three, a set of one, and a set that only the phone is associated
 * with.
 */
export const alice: SubscriptionDocumentInput = {
  id: 'alice',
  privateIdentities: [
    { identity: PHONE, imsi: '001010000000001', authentication: { aka: { k: K, opc: OPC } } },
    {
      identity: TABLET,
      authentication: {
        aka: { k: '9e5944aea94b81165c82fbf9f32db751', op: '223014c5806694c007ca1eeef57f004f' },
        sipDigest: { realm: 'ims.example', password: 'secret' },
      },
    },
  ],
  implicitRegistrationSets: [
    {
      name: 'family',
      publicIdentities: [
        { identity: 'sip:001010000000001@ims.example', barred: true, serviceProfile: 'standard' },
        { identity: 'sip:alice@ims.example', serviceProfile: 'standard' },
        { identity: 'tel:+15550001', serviceProfile: 'standard' },
      ],
    },
    {
      name: 'work',
      publicIdentities: [{ identity: 'sip:alice.work@ims.example', serviceProfile: 'standard' }],
    },
    {
      name: 'phone-only',
      privateIdentities: [PHONE],
      publicIdentities: [{ identity: 'sip:alice.phone@ims.example', serviceProfile: 'standard' }],
    },
  ],
};

/** One private identity, one public identity. */
export const bob: SubscriptionDocumentInput = {
  id: 'bob',
  privateIdentities: [
    {
      identity: 'bob@ims.example',
      authentication: { sipDigest: { realm: 'ims.example', password: 'secret' } },
    },
  ],
  implicitRegistrationSets: [
    { name: 'default', publicIdentities: [{ identity: 'sip:bob@ims.example', serviceProfile: 'standard' }] },
  ],
};

/** Public Service Identities and a wildcarded Public User Identity. */
export const services: SubscriptionDocumentInput = {
  id: 'services',
  privateIdentities: [{ identity: 'as@ims.example', type: 'privateServiceIdentity' }],
  implicitRegistrationSets: [
    {
      name: 'direct',
      publicIdentities: [
        {
          identity: 'sip:direct@ims.example',
          type: 'distinctPsi',
          serviceProfile: 'standard',
          psi: { asName: 'sip:as.ims.example:5090' },
        },
      ],
    },
    {
      name: 'routed',
      publicIdentities: [
        { identity: 'sip:routed@ims.example', type: 'distinctPsi', serviceProfile: 'voicemail' },
      ],
    },
    {
      name: 'silent',
      publicIdentities: [
        { identity: 'sip:silent@ims.example', type: 'distinctPsi', serviceProfile: 'standard' },
      ],
    },
    {
      name: 'inactive',
      publicIdentities: [
        {
          identity: 'sip:inactive@ims.example',
          type: 'distinctPsi',
          serviceProfile: 'voicemail',
          psi: { active: false, asName: 'sip:as.ims.example' },
        },
      ],
    },
    {
      name: 'wild',
      publicIdentities: [
        { identity: 'sip:pbx@ims.example', serviceProfile: 'standard' },
        {
          identity: 'sip:pbx-!.*!@ims.example',
          type: 'wildcardedPublicUserIdentity',
          serviceProfile: 'standard',
        },
      ],
    },
  ],
};

/** A criterion for calls to somebody who is not registered. */
export const voicemailProfile = {
  name: 'voicemail',
  initialFilterCriteria: [
    {
      priority: 1,
      profilePartIndicator: 'UNREGISTERED',
      triggerPoint: {
        conditionTypeCnf: true,
        servicePointTriggers: [
          { groups: [0], method: 'INVITE' },
          { groups: [1], sessionCase: 'TERMINATING_UNREGISTERED' },
        ],
      },
      applicationServer: { serverName: 'sip:voicemail.ims.example', defaultHandling: 'SESSION_TERMINATED' },
    },
  ],
};

export const sharedProfiles = { serviceProfiles: [{ name: 'standard' }, voicemailProfile] };

export const server1: AssignedServer = {
  name: SCSCF1,
  diameterHost: 'scscf1.ims.example',
  diameterRealm: 'ims.example',
};
export const server2: AssignedServer = {
  name: SCSCF2,
  diameterHost: 'scscf2.ims.example',
  diameterRealm: 'ims.example',
};

export interface SetState {
  readonly state?: RegistrationState;
  readonly registered?: readonly string[];
  readonly pending?: readonly string[];
  /** Age of the pending flags. */
  readonly pendingAgeMs?: number;
}

/**
 * Of what statusOf() gives; registrations are as old as that, so that nothing has been asked of the S-CSCF
 * since.
 */
const VERSION = 7;

/** A status that holds these sets; the S-CSCF name is there as soon as any set is, unless given. */
export function statusOf(sets: Readonly<Record<string, SetState>>, rest: Partial<HssStatus> = {}): HssStatus {
  const built: SetRecords = Object.fromEntries(
    Object.entries(sets).map(([name, set]) => {
      const entries: Record<string, PrivateIdentityRecord> = {};
      for (const identity of set.registered ?? []) entries[identity] = { registered: true, since: VERSION };
      for (const identity of set.pending ?? [])
        entries[identity] = {
          ...entries[identity],
          authenticationPendingSinceMs: NOW_MS - (set.pendingAgeMs ?? 1),
        };
      const state = set.state ?? (set.registered === undefined ? 'notRegistered' : 'registered');
      return [
        name,
        { state, ...(state === 'unregistered' ? { since: VERSION } : {}), privateIdentities: entries },
      ];
    }),
  );
  return {
    version: VERSION,
    server: Object.keys(sets).length > 0 ? server1 : null,
    reassignmentPending: false,
    sets: built,
    sequenceNumbers: {},
    ...rest,
  };
}

const short = (names: readonly string[]): string =>
  names
    .map((name) => name.split('@')[0] ?? '')
    .sort()
    .join('+');

/** E.g. "registered(phone+tablet) pending(tablet), name". */
export function describeSet(status: HssStatus, setName: string): string {
  const set = status.sets[setName] ?? { state: 'notRegistered', privateIdentities: {} };
  const registered = registeredIn(set);
  const pending = Object.keys(set.privateIdentities).filter(
    (name) => set.privateIdentities[name]?.authenticationPendingSinceMs !== undefined,
  );
  return `${set.state}${registered.length > 0 ? `(${short(registered)})` : ''}${pending.length > 0 ? ` pending(${short(pending)})` : ''}, ${status.server === null ? 'no name' : 'name'}`;
}

const names = resultNamesOf(ExperimentalResultCode);

/** The result's name without the prefix that all have. */
export const result = (decision: Decision<unknown>): string =>
  `${decision.result.kind === 'base' ? '' : 'experimental '}${resultName(decision.result, names).replace(/^DIAMETER_/, '')}`;
