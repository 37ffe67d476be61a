/** Documents that the store's tests provision. */
import {
  capabilitySet,
  chargingSet,
  serviceProfile,
  sharedIfcSet,
  subscriptionDocument,
  type SubscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import type { PostgresStore } from '../../src/store/postgres-store';

/** TS 35.208 clause 4.3, test set 1. */
export const aka = {
  k: '465b5ce8b199b49faa5f0a2ee238a6bc',
  op: 'cdc202d5123e20f62b6d676ac72cb318',
  opc: 'cd63cb71954a9f4e48a5994e37a02baf',
};

/** TS 35.208 clause 4.3, test set 4. */
export const usimKey = {
  k: '9e5944aea94b81165c82fbf9f32db751',
  opc: 'a64a507ae1a2a98bb88eb4210135dc87',
};

/** One AKA private identity, a SIP and a tel URI, the shared profile "basic". */
export function simple(
  name: string,
  number: number,
  change: Partial<SubscriptionDocumentInput> = {},
): SubscriptionDocument {
  return subscriptionDocument.parse({
    id: name,
    privateIdentities: [
      {
        identity: `${name}@ims.example`,
        imsi: String(1_010_000_000_000 + number),
        authentication: { aka: { k: aka.k, opc: aka.opc } },
      },
    ],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          { identity: `sip:${name}@ims.example`, serviceProfile: 'basic' },
          { identity: `tel:+1555${String(number).padStart(7, '0')}`, serviceProfile: 'basic' },
        ],
      },
    ],
    ...change,
  });
}

/** A document that uses every attribute there is. */
export function everything(): SubscriptionDocument {
  const criterion = (priority: number) => ({
    priority,
    profilePartIndicator: 'UNREGISTERED' as const,
    triggerPoint: {
      conditionTypeCnf: true,
      servicePointTriggers: [
        { groups: [0, 1], method: 'INVITE' },
        { groups: [1], conditionNegated: true, sessionCase: 'TERMINATING_UNREGISTERED' as const },
      ],
    },
    applicationServer: {
      serverName: 'sip:as.ims.example',
      defaultHandling: 'SESSION_TERMINATED' as const,
      serviceInfo: 'info "quoted" \\ é',
      includeRegisterRequest: true,
    },
  });
  return subscriptionDocument.parse({
    id: 'everything',
    privateIdentities: [
      {
        identity: 'all@ims.example',
        imsi: '262019876543210',
        privilegedSender: true,
        authentication: {
          defaultScheme: 'SIP Digest',
          aka: { k: aka.k, op: aka.op, amf: 'B9B9', indBits: 4, sqn: 640 },
          sipDigest: { realm: 'ims.example', password: 'correct horse' },
          nassBundled: { lineIdentifiers: ['dsl-1', 'dsl, "2"'] },
          giba: { ipv4Address: '192.0.2.7', ipv6Prefix: '2001:db8::/64', interfaceId: '0011223344556677' },
        },
      },
      {
        identity: 'second@ims.example',
        imsi: '262019876543210',
        authentication: { usim: '262019876543210' },
      },
      { identity: 'service@ims.example', type: 'privateServiceIdentity' },
    ],
    usims: [
      {
        imsi: '262019876543210',
        msisdns: ['491701234567', '49170'],
        aka: { k: usimKey.k, opc: usimKey.opc, amf: 'A1B2', indBits: 6, sqn: 4_096 },
      },
      { imsi: '262010000000001', aka: { k: usimKey.k, op: aka.op } },
    ],
    implicitRegistrationSets: [
      {
        name: 'home',
        privateIdentities: ['second@ims.example', 'all@ims.example'],
        looseRoute: true,
        publicIdentities: [
          { identity: 'SIP:Barred@IMS.example', barred: true, serviceProfile: 'own' },
          {
            identity: 'sip:all@ims.example',
            serviceProfile: 'own',
            displayName: 'Ällë',
            aliasGroup: 'a',
            serviceLevelTraceInfo: '<trace/>',
            servicePriorityLevel: 0,
            extendedPriorities: [{ namespace: 'ets', level: '1' }],
            maxSimultaneousRegistrations: 2,
          },
          { identity: 'tel:+1-555-123', serviceProfile: 'basic' },
          {
            identity: 'sip:all!.*!@ims.example',
            type: 'wildcardedPublicUserIdentity',
            serviceProfile: 'own',
          },
        ],
      },
      {
        name: 'psi',
        publicIdentities: [
          {
            identity: 'sip:service@ims.example',
            type: 'distinctPsi',
            serviceProfile: 'basic',
            psi: { active: false, asName: 'sip:as.ims.example' },
          },
        ],
      },
    ],
    serviceProfiles: [
      {
        name: 'own',
        coreNetworkServiceAuthorization: { subscribedMediaProfileId: 7, serviceIds: ['s1', 's2'] },
        initialFilterCriteria: [criterion(1), criterion(2)],
        sharedIfcSets: ['ifc'],
        capabilitySet: 'caps',
      },
    ],
    registrationAllowed: false,
    permittedVisitedNetworks: ['visited.example', 'other.example'],
    capabilities: { mandatory: [1, 4_294_967_295], optional: [3], serverNames: ['sip:scscf.ims.example'] },
    chargingInformation: {
      primaryChargingCollectionFunctionName: 'aaa://ccf.ims.example',
      secondaryEventChargingFunctionName: 'aaa://ecf.ims.example',
    },
    allowedWafWwsfIdentities: { wafNames: ['waf'], wwsfNames: [] },
    referenceLocation: { accessType: 'DSL', accessValue: 'x' },
  });
}

/** The shared sets that the documents above name. */
export async function putSharedSets(store: PostgresStore): Promise<void> {
  await store.putShared(
    'capabilitySets',
    capabilitySet.parse({ name: 'caps', mandatory: [1], optional: [2] }),
    {},
  );
  await store.putShared(
    'chargingSets',
    chargingSet.parse({ name: 'charging', primaryEventChargingFunctionName: 'aaa://ecf.ims.example' }),
    {},
  );
  await store.putShared(
    'ifcSets',
    sharedIfcSet.parse({
      name: 'ifc',
      id: 7,
      initialFilterCriteria: [{ priority: 1, applicationServer: { serverName: 'sip:as.ims.example' } }],
    }),
    {},
  );
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'basic', sharedIfcSets: ['ifc'], capabilitySet: 'caps' }),
    {},
  );
}
