/** The section usims of the subscription document, and private identities that use a USIM's credential. */
import { subscriptionWarnings } from '../../src/subscriber/provisioning-warnings';
import { akaOf, type StoredAka, type Subscription } from '../../src/subscriber/subscription';
import {
  subscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';

const aka = { k: '0'.repeat(32), opc: '1'.repeat(32) };
const document = (change: object): SubscriptionDocumentInput => ({
  id: 'alice',
  privateIdentities: [{ identity: 'alice@ims.example' }],
  implicitRegistrationSets: [
    {
      name: 'default',
      publicIdentities: [{ identity: 'sip:alice@ims.example', serviceProfile: 'basic' }],
    },
  ],
  ...change,
});

const faults = (change: object): Record<string, string> => {
  const { error } = subscriptionDocument.safeParse(document(change));
  return Object.fromEntries(error?.issues.map(({ path, message }) => [path.join('/'), message]) ?? []);
};

test('[23.003-2.2] [23.003-3.3] a USIM has its IMSI, its numbers and its credential; without the section there is no key', () => {
  const usims = [
    { imsi: '001010000000001', msisdns: ['491701234567', '12345'], aka },
    { imsi: '001010', aka },
  ];
  const parsed = subscriptionDocument.parse(document({ usims }));
  expect(parsed.usims).toEqual([
    { ...usims[0], aka: { algorithm: 'milenage', amf: '8000', indBits: 5, ...aka } },
    { ...usims[1], msisdns: [], aka: { algorithm: 'milenage', amf: '8000', indBits: 5, ...aka } },
  ]);
  expect(subscriptionDocument.parse(document({}))).not.toHaveProperty('usims');
});

test('what is no IMSI or MSISDN, and what is twice', () => {
  expect(
    faults({
      usims: [
        { imsi: '12345', aka },
        { imsi: '001010000000001', msisdns: ['+4917012345', '1234', '1234567890123456'], aka },
        { imsi: '001010000000001', msisdns: ['555000'], aka: { ...aka, op: aka.opc } },
        { imsi: '001010000000002', msisdns: ['555000', '555000'], aka },
        { imsi: '001010000000003' },
      ],
    }),
  ).toEqual({
    'usims/0/imsi': 'must be 6 to 15 digits',
    'usims/1/msisdns/0': 'must be 5 to 15 digits, without "+"',
    'usims/1/msisdns/1': 'must be 5 to 15 digits, without "+"',
    'usims/1/msisdns/2': 'must be 5 to 15 digits, without "+"',
    'usims/2/imsi': 'occurs twice in this subscription',
    'usims/2/aka/op': 'give op or opc, not both',
    'usims/3/msisdns/0': 'occurs twice in this subscription',
    'usims/3/msisdns/1': 'occurs twice in this subscription',
    'usims/4/aka': expect.stringContaining('expected object'),
  });
});

test('a private identity uses a USIM of its document, or has a credential of its own, not both', () => {
  const usims = [{ imsi: '001010000000001', aka }];
  const identity = (authentication: object) => ({
    privateIdentities: [{ identity: 'alice@ims.example', authentication }],
  });
  expect(
    faults({ usims, ...identity({ usim: '001010000000001', defaultScheme: 'Digest-AKAv1-MD5' }) }),
  ).toEqual({});
  expect(faults({ usims, ...identity({ usim: '001010000000001', aka }) })).toEqual({
    'privateIdentities/0/authentication/usim': 'give aka or usim, not both',
  });
  for (const section of [{ usims }, { usims: [] }, {}])
    expect(faults({ ...section, ...identity({ usim: '001010000000002' }) })).toEqual({
      'privateIdentities/0/authentication/usim': 'is the IMSI of none of usims',
    });
});

test('a SIM is a USIM entry with gsmMilenage; no private identity has or uses one', () => {
  const usims = [{ imsi: '001010000000001', aka: { ...aka, algorithm: 'gsmMilenage' } }];
  const identity = (authentication: object) => ({
    privateIdentities: [{ identity: 'alice@ims.example', authentication }],
  });
  expect(faults({ usims })).toEqual({});
  expect(faults({ usims, ...identity({ usim: '001010000000001' }) })).toEqual({
    'privateIdentities/0/authentication/usim':
      'is a SIM (gsmMilenage), which cannot do IMS-AKA (TS 33.203 6.1)',
  });
  expect(faults(identity({ aka: { ...aka, algorithm: 'gsmMilenage' } }))).toEqual({
    'privateIdentities/0/authentication/aka/algorithm':
      'is that of a SIM, which cannot do IMS-AKA (TS 33.203 6.1)',
  });
});

test('a fault of a USIM hides no other one, and brings none of those who refer to it', () => {
  const privateIdentities = [
    { identity: 'alice@ims.example', authentication: { usim: '001010000000001' } },
    { identity: 'alice@ims.example' },
  ];
  for (const usims of [
    [{ imsi: 1010000000001, aka }],
    [null],
    7,
    [{ imsi: '001010000000001', msisdns: 5, aka: null }],
  ]) {
    const found = faults({ privateIdentities, usims });
    expect(Object.keys(found)).toContain('privateIdentities/1/identity');
    expect(Object.keys(found)).not.toContain('privateIdentities/0/authentication/usim');
    expect(Object.keys(found).some((path) => path.startsWith('usims'))).toBe(true);
  }
});

test('[29.228-6.3.1] a private identity that uses a USIM is not without authentication data', () => {
  const warnings = (authentication: object) =>
    subscriptionWarnings(
      subscriptionDocument.parse(
        document({
          usims: [{ imsi: '001010000000001', aka }],
          privateIdentities: [{ identity: 'alice@ims.example', authentication }],
        }),
      ),
      { domains: [] },
    ).map(({ pointer }) => pointer);
  expect(warnings({ usim: '001010000000001' })).toEqual([]);
  expect(warnings({})).toEqual(['/privateIdentities/0/authentication']);
});

test('the credential that counts: its own, that of the USIM, or none', () => {
  const [own, ofUsim] = [{ k: 'own' }, { k: 'usim' }] as unknown as [StoredAka, StoredAka];
  const subscription = {
    privateIdentities: [
      { identity: 'isim@ims.example', authentication: { aka: own } },
      { identity: 'usim@ims.example', authentication: { usim: '001010000000001' } },
      { identity: 'none@ims.example', authentication: {} },
    ],
    usims: [{ imsi: '001010000000001', msisdns: [], aka: ofUsim }],
  } as unknown as Subscription;
  expect(subscription.privateIdentities.map((entry) => akaOf(subscription, entry))).toEqual([
    { holder: 'isim@ims.example', aka: own },
    { holder: '001010000000001', aka: ofUsim },
    undefined,
  ]);
});
