/** Subscribers for tests of S6a and S6d. */
import type { SubscriptionDocumentInput } from '../../../../src/subscriber/subscription-document';

/** TS 35.208 clause 4.3, test set 1. */
export const KEY = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };
export const IMSI = '001010000000001';

type UsimInput = NonNullable<SubscriptionDocumentInput['usims']>[number];

/** The EPS data of a subscriber with two APNs. */
export const twoApns: NonNullable<UsimInput['eps']> = {
  networkAccessMode: 'onlyPacket',
  ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: [
      {
        contextIdentifier: 1,
        serviceSelection: 'internet',
        pdnType: 'ipv4v6',
        qosProfile: { qci: 9, priorityLevel: 8 },
        ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
      },
      {
        contextIdentifier: 2,
        serviceSelection: 'ims',
        pdnType: 'ipv4v6',
        qosProfile: { qci: 5, priorityLevel: 1 },
        ambr: { uplinkBitsPerSecond: 1_000_000, downlinkBitsPerSecond: 1_000_000 },
      },
    ],
  },
};

/** A subscription with this USIM; EPS only unless `rest` says more. */
export const epsSubscriber = (
  usim: Partial<UsimInput> = {},
  rest: Partial<SubscriptionDocumentInput> = {},
): SubscriptionDocumentInput => ({
  id: 'eps',
  privateIdentities: [],
  implicitRegistrationSets: [],
  usims: [{ imsi: IMSI, msisdns: ['491710000001'], aka: KEY, eps: twoApns, ...usim }],
  ...rest,
});
