/** Examples in the OpenAPI document, made of the demo subscribers so that they are always valid. */
import { demoData } from '../../subscriber/demo-subscribers';
import { subscriberLine, wholeSubscriber } from '../../subscriber/subscriber-line';
import { subscriptionDocument, type SubscriptionDocument } from '../../subscriber/subscription-document';
import type { AddedSubscriber, ImportEvent, LoggingView, PeerView, ProblemView } from './views';

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
  usims: (subscriptionInputExample.usims ?? []).map((entry) => ({
    ...entry,
    aka: { algorithm: 'milenage', amf: '8000', indBits: 5 },
  })),
};

export const subscriberLineExample = {
  imsi: '001010000000007',
  k: '465b5ce8b199b49faa5f0a2ee238a6bc',
  opc: 'cd63cb71954a9f4e48a5994e37a02baf',
  msisdn: '491710000007',
} as const;

const wholeExample = wholeSubscriber(subscriberLine.parse(subscriberLineExample), []);
if (!wholeExample.ok) throw new Error('the example of a subscriber line has a fault');
const { usims: madeUsims = [], ...madeRest } = subscriptionDocument.parse(wholeExample.document);

export const addedSubscriberExample: AddedSubscriber = {
  subscription: {
    ...madeRest,
    usims: madeUsims.map((entry) => ({ ...entry, aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } })),
  },
  made: [{ kind: 'epsProfiles', name: 'internet-ims' }],
};

export const setExamples = {
  serviceProfile: first(demo.serviceProfiles.slice(-1)),
  ifcSet: first(demo.ifcSets),
  capabilitySet: first(demo.capabilitySets),
  chargingSet: first(demo.chargingSets),
  epsProfile: first(demo.epsProfiles),
} as const;

export const loggingExample: LoggingView = {
  level: 'info',
  droppedLines: 0,
  summedLines: 21_300,
  bufferedOctets: 0,
};

export const peerExample: PeerView = {
  originHost: 'scscf.ims.mnc001.mcc001.3gppnetwork.org',
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
