/**
 * What a Push-Profile-Request carries, table 6.2.2.1 [29.228-6.2.2] and the rules of [29.228-6.2.2.1]
 * [29.228-6.5.2.1] [29.228-6.6].
 */
import { createPushContent } from '../../../src/apps/cx/push-content';
import type { ProfileContent } from '../../../src/apps/cx/outgoing/contract';
import type { ProfilePart } from '../../../src/apps/cx/outgoing/push';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { expectValidUserData } from '../../schema/validate-user-data';
import { alice, PHONE, services, sharedProfiles, TABLET } from './support/subscribers';
import { storedSubscription, TestHss } from './support/test-hss';

const SERVER = 'scscf1.ims.example';
const chargingInformation = {
  primaryEventChargingFunctionName: 'aaa://ecf1.ims.example',
  secondaryEventChargingFunctionName: 'aaa://ecf2.ims.example',
  primaryChargingCollectionFunctionName: 'aaa://ccf1.ims.example',
  secondaryChargingCollectionFunctionName: 'aaa://ccf2.ims.example',
};
const criterion = { priority: 1, applicationServer: { serverName: 'sip:as.ims.example' } };
const rich: SubscriptionDocumentInput = {
  ...alice,
  chargingInformation,
  allowedWafWwsfIdentities: { wafNames: ['waf.ims.example'], wwsfNames: ['wwsf.ims.example'] },
};
const shared = {
  serviceProfiles: [{ name: 'standard', sharedIfcSets: ['common'] }],
  ifcSets: [{ name: 'common', id: 7, initialFilterCriteria: [criterion] }],
};

interface Push {
  readonly parts: readonly ProfilePart[];
  readonly setName?: string;
  readonly userName?: string;
  readonly features?: readonly string[];
  readonly withoutFeatures?: true;
  readonly document?: SubscriptionDocumentInput;
}

function push({
  parts,
  setName = 'family',
  userName = PHONE,
  features = [],
  withoutFeatures,
  document = rich,
}: Push): ProfileContent | null {
  const hss = new TestHss({
    subscriptions: [document],
    shared: document === services ? sharedProfiles : shared,
  });
  const contents = createPushContent(
    { open: (_sealed, owner) => Buffer.from(`${owner} opened`) },
    (host) => new Set(host === SERVER ? features : []),
  );
  return contents.content(
    hss.snapshot(),
    { cause: 'provisioning', setName, parts, ...(withoutFeatures === undefined ? {} : { withoutFeatures }) },
    userName,
    SERVER,
  );
}

const identitiesIn = (content: ProfileContent | null): string[] =>
  [...String(content?.avps.userData).matchAll(/<Identity>(.*?)<\/Identity>/g)].map((match) => match[1] ?? '');

describe('[29.228-6.2.2] table 6.2.2.1: each part is there when it changed, and only then', () => {
  test.each<[ProfilePart, string[]]>([
    ['userData', ['userData']],
    ['charging', ['chargingInformation']],
  ])('%s', (part, names) => {
    expect(Object.keys(push({ parts: [part] })?.avps ?? {})).toEqual(names);
  });

  test('all of them together', () => {
    expect(
      Object.keys(
        push({ parts: ['userData', 'charging', 'wafWwsf', 'sipDigest'], userName: TABLET })?.avps ?? {},
      ).sort(),
    ).toEqual(['allowedWafWwsfIdentities', 'chargingInformation', 'sipAuthDataItem', 'userData']);
  });

  test('charging information: a primary function, and everything else that is provisioned', () => {
    expect(push({ parts: ['charging'] })?.avps.chargingInformation).toEqual(chargingInformation);
    const one = { primaryEventChargingFunctionName: 'aaa://ecf1.ims.example' };
    expect(
      push({ parts: ['charging'], document: { ...rich, chargingInformation: one } })?.avps
        .chargingInformation,
    ).toEqual(one);
  });

  test('[29.228-6.2.2.1] WAFs and WWSFs never go alone: the profile is with them', () => {
    const waf = push({ parts: ['wafWwsf'] });
    expect(Object.keys(waf?.avps ?? {}).sort()).toEqual(['allowedWafWwsfIdentities', 'userData']);
    expect(waf?.avps.allowedWafWwsfIdentities).toEqual({
      webrtcAuthenticationFunctionName: ['waf.ims.example'],
      webrtcWebServerFunctionName: ['wwsf.ims.example'],
    });
    expect(Object.keys(push({ parts: ['charging', 'wafWwsf'] })?.avps ?? {}).sort()).toEqual([
      'allowedWafWwsfIdentities',
      'chargingInformation',
    ]);
    expect(push({ parts: ['wafWwsf'], features: ['SiFC'] })?.features).toEqual({
      vendorId: 10415,
      featureListId: 1,
      featureList: 1,
    });
  });

  test('nothing of it is provisioned any more: nothing is pushed', () => {
    expect(push({ parts: ['charging', 'wafWwsf', 'sipDigest'], document: alice })).toBeNull();
    expect(push({ parts: ['userData'], setName: 'gone' })).toBeNull();
  });
});

describe('[29.228-6.2.2.1] the digest credential after a change of the password', () => {
  test('[29.228-6.5.2.4] SIP-Auth-Data-Item as in a MAA, of that private identity', () => {
    expect(push({ parts: ['sipDigest'], userName: TABLET })?.avps).toEqual({
      sipAuthDataItem: {
        sipAuthenticationScheme: 'SIP Digest',
        sipDigestAuthenticate: {
          digestRealm: 'ims.example',
          digestAlgorithm: 'MD5',
          digestQop: 'auth',
          digestHa1: expect.stringContaining('opened'),
          alternateDigestAlgorithm: 'SHA-256',
          alternateDigestHa1: expect.stringContaining('opened'),
        },
      },
    });
  });

  test('a private identity that has none gets none', () => {
    expect(push({ parts: ['sipDigest'], userName: PHONE })).toBeNull();
  });
});

describe('[29.228-6.5.2.1] the profile', () => {
  test('the identities of the implicit registration set and no others, all with their service profiles', async () => {
    const content = push({ parts: ['userData'] });
    expect(identitiesIn(content)).toEqual([
      'sip:001010000000001@ims.example',
      'sip:alice@ims.example',
      'tel:+15550001',
    ]);
    expect(identitiesIn(push({ parts: ['userData'], setName: 'work' }))).toEqual([
      'sip:alice.work@ims.example',
    ]);
    expect(String(content?.avps.userData)).toContain('<ServerName>sip:as.ims.example</ServerName>');
    await expectValidUserData(String(content?.avps.userData));
  });

  test('[29.228-6.2.2.1] a wildcarded identity is in the one request of its set, as it is stored', () => {
    expect(
      identitiesIn(
        push({ parts: ['userData'], setName: 'wild', userName: 'as@ims.example', document: services }),
      ),
    ).toEqual(['sip:pbx@ims.example', 'sip:pbx-!.*!@ims.example']);
  });

  test('[29.228-6.6] shared iFC sets by their identifiers only to an S-CSCF that supports SiFC, and the request says which features it uses', () => {
    const known = push({ parts: ['userData'], features: ['SiFC', 'IMSRestorationInd'] });
    expect(String(known?.avps.userData)).toContain('<SharedIFCSetID>7</SharedIFCSetID>');
    expect(String(known?.avps.userData)).not.toContain('<InitialFilterCriteria>');
    expect(known?.features).toEqual({ vendorId: 10415, featureListId: 1, featureList: 1 });
    for (const rest of [{}, { features: ['SiFC'], withoutFeatures: true } as const]) {
      const unknown = push({ parts: ['userData'], ...rest });
      expect(String(unknown?.avps.userData)).not.toContain('SharedIFCSetID');
      expect(String(unknown?.avps.userData)).toContain('<InitialFilterCriteria>');
      expect(unknown?.features).toBeNull();
    }
  });

  test('[29.229-7.2] a request that no feature shapes names none', () => {
    expect(push({ parts: ['charging'], features: ['SiFC', 'AliasInd'] })?.features).toBeNull();
  });
});

test('the subscription of these tests is one that can be provisioned', () => {
  expect(storedSubscription(rich).chargingInformation).toEqual(chargingInformation);
});
