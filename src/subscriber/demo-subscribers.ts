/**
 * The subscribers that a first start loads, so that a lab has somebody to register: IMS-AKA, SIP Digest, an
 * implicit registration set shared by two devices, and an application server's PSI. The secrets are fixed and
 * public (docs/demo-users.md): for labs only.
 */
import { internetAndIms } from './default-sets';
import {
  capabilitySet,
  chargingSet,
  epsProfile,
  serviceProfile,
  sharedIfcSet,
  subscriptionDocument,
  type CapabilitySet,
  type ChargingSet,
  type EpsProfile,
  type ServiceProfile,
  type SharedIfcSet,
  type SubscriptionDocument,
  type SubscriptionDocumentInput,
} from './subscription-document';

export interface DemoData {
  readonly ifcSets: readonly SharedIfcSet[];
  readonly capabilitySets: readonly CapabilitySet[];
  readonly chargingSets: readonly ChargingSet[];
  readonly serviceProfiles: readonly ServiceProfile[];
  readonly epsProfiles: readonly EpsProfile[];
  readonly subscriptions: readonly SubscriptionDocument[];
}

/** Home network domain of the lab under docker/lab. */
export const demoRealm = 'ims.mnc001.mcc001.3gppnetwork.org';

/** TS 35.208 clause 4.3, test set 1: K and OPc. */
const aliceKey = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };
/** TS 35.208 clause 4.3, test set 4: K and OP (OPc is derived). */
const carolPhoneKey = { k: '9e5944aea94b81165c82fbf9f32db751', op: '223014c5806694c007ca1eeef57f004f' };

function data(realm: string) {
  const sip = (user: string): string => `sip:${user}@${realm}`;
  const subscriptions: SubscriptionDocumentInput[] = [
    {
      id: 'alice',
      privateIdentities: [
        {
          identity: `001010000000001@${realm}`,
          imsi: '001010000000001',
          authentication: { usim: '001010000000001' },
        },
      ],
      usims: [
        {
          imsi: '001010000000001',
          msisdns: ['15550100001'],
          aka: aliceKey,
          eps: { profile: 'demo-default' },
        },
      ],
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            { identity: sip('alice'), displayName: 'Alice (IMS-AKA)', serviceProfile: 'demo-default' },
          ],
        },
      ],
    },
    {
      id: 'bob',
      privateIdentities: [
        { identity: `bob@${realm}`, authentication: { sipDigest: { realm, password: 'bob-demo-password' } } },
      ],
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            { identity: sip('bob'), displayName: 'Bob (SIP Digest)', serviceProfile: 'demo-default' },
          ],
        },
      ],
    },
    {
      id: 'carol',
      privateIdentities: [
        {
          identity: `001010000000003@${realm}`,
          imsi: '001010000000003',
          authentication: { usim: '001010000000003' },
        },
        {
          identity: `carol-tablet@${realm}`,
          authentication: { sipDigest: { realm, password: 'carol-demo-password' } },
        },
      ],
      usims: [
        {
          imsi: '001010000000003',
          msisdns: ['15550100003'],
          aka: carolPhoneKey,
          eps: { profile: 'demo-default' },
        },
      ],
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            // The identity derived from the IMSI is barred for everything but registration (TS 23.003 clause
            // 13.4B).
            { identity: sip('001010000000003'), barred: true, serviceProfile: 'demo-default' },
            {
              identity: sip('carol'),
              displayName: 'Carol',
              aliasGroup: 'carol',
              serviceProfile: 'demo-voicemail',
            },
            {
              identity: 'tel:+15550100003',
              displayName: 'Carol',
              aliasGroup: 'carol',
              serviceProfile: 'demo-voicemail',
            },
            { identity: sip('carol.work'), displayName: 'Carol (work)', serviceProfile: 'demo-default' },
          ],
        },
      ],
      chargingSet: 'demo',
    },
    {
      id: 'conference',
      privateIdentities: [{ identity: `conference-as@${realm}`, type: 'privateServiceIdentity' }],
      implicitRegistrationSets: [
        {
          name: 'conference',
          publicIdentities: [
            {
              identity: sip('conference'),
              type: 'distinctPsi',
              displayName: 'Conference service',
              serviceProfile: 'demo-default',
              psi: { active: true, asName: `sip:conference-as.${realm}:5090` },
            },
          ],
        },
      ],
    },
  ];
  return {
    ifcSets: [
      {
        name: 'demo-presence',
        id: 1,
        initialFilterCriteria: [
          {
            // (PUBLISH or SUBSCRIBE) and Event: presence, so that subscriptions to the reg event stay with
            // the S-CSCF; only while registered, so that it is no unregistered-state service.
            priority: 100,
            profilePartIndicator: 'REGISTERED' as const,
            triggerPoint: {
              conditionTypeCnf: true,
              servicePointTriggers: [
                { groups: [0], method: 'PUBLISH' },
                { groups: [0], method: 'SUBSCRIBE' },
                { groups: [1], sipHeader: { header: 'Event', content: 'presence' } },
              ],
            },
            applicationServer: {
              serverName: `sip:presence-as.${realm}:5092`,
              defaultHandling: 'SESSION_CONTINUED' as const,
            },
          },
        ],
      },
    ],
    capabilitySets: [{ name: 'demo', mandatory: [], optional: [1] }],
    chargingSets: [
      {
        name: 'demo',
        primaryChargingCollectionFunctionName: `aaa://ccf1.${realm}`,
        secondaryChargingCollectionFunctionName: `aaa://ccf2.${realm}`,
      },
    ],
    serviceProfiles: [
      { name: 'demo-default', sharedIfcSets: ['demo-presence'] },
      {
        name: 'demo-voicemail',
        sharedIfcSets: ['demo-presence'],
        initialFilterCriteria: [
          {
            // Voice mail answers while nobody is registered: terminating service in the unregistered state.
            priority: 10,
            profilePartIndicator: 'UNREGISTERED' as const,
            triggerPoint: {
              conditionTypeCnf: true,
              servicePointTriggers: [
                { groups: [0], method: 'INVITE' },
                { groups: [1], sessionCase: 'TERMINATING_UNREGISTERED' as const },
              ],
            },
            applicationServer: {
              serverName: `sip:voicemail-as.${realm}:5091`,
              defaultHandling: 'SESSION_TERMINATED' as const,
            },
          },
        ],
      },
    ],
    epsProfiles: [{ name: 'demo-default', ...internetAndIms }],
    subscriptions,
  };
}

/**
 * The demo data for a home network domain. Load it in the order of its properties: what is named comes first.
 */
export function demoData(realm: string = demoRealm): DemoData {
  const input = data(realm);
  return {
    ifcSets: input.ifcSets.map((entry) => sharedIfcSet.parse(entry)),
    capabilitySets: input.capabilitySets.map((entry) => capabilitySet.parse(entry)),
    chargingSets: input.chargingSets.map((entry) => chargingSet.parse(entry)),
    serviceProfiles: input.serviceProfiles.map((entry) => serviceProfile.parse(entry)),
    epsProfiles: input.epsProfiles.map((entry) => epsProfile.parse(entry)),
    subscriptions: input.subscriptions.map((entry) => subscriptionDocument.parse(entry)),
  };
}
