/**
 * What the SIP-Auth-Data-Items of each scheme hold, SQNs and resynchronisation: [29.228-6.3] tables 6.3.4,
 * 6.3.5 and 6.3.7, [29.228-6.3.1] step 4.
 */
import { createHash } from 'node:crypto';
import { authenticationData } from '../../../src/apps/cx/authentication-data';
import type { SecretOpener } from '../../../src/authentication/secret-opener';
import { Milenage } from '../../../src/authentication/milenage';
import { decodeSqn, encodeSqn } from '../../../src/authentication/sequence-number';
import type { StoredPrivateIdentity, Subscription } from '../../../src/subscriber/subscription';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import type { SipAuthDataItem } from '../../../src/apps/cx/generated/cx';
import {
  alice,
  bob,
  describeSet,
  K,
  OPC,
  PHONE,
  result,
  server1,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { SCSCF2, TestHss, type TestHssOptions } from './support/test-hss';

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice], shared: sharedProfiles, ...options });
const request = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const usim = new Milenage(Buffer.from(K, 'hex'), Buffer.from(OPC, 'hex'));
const xor = (left: Buffer, right: Buffer): Buffer =>
  Buffer.from(left.map((octet, index) => octet ^ (right[index] ?? 0)));

/**
 * What the USIM makes of a vector: checks MAC-A and everything it can compute itself, and returns the SQN.
 */
function acceptedBy(milenage: Milenage, item: SipAuthDataItem): number {
  const rand = item.sipAuthenticate?.subarray(0, 16) ?? Buffer.alloc(0);
  const autn = item.sipAuthenticate?.subarray(16) ?? Buffer.alloc(0);
  expect(item.sipAuthenticate).toHaveLength(32);
  const { ak } = milenage.computeAll(rand, 0, Buffer.alloc(2));
  const sqn = decodeSqn(xor(autn.subarray(0, 6), ak));
  const own = milenage.computeAll(rand, sqn, autn.subarray(6, 8));
  expect(autn.subarray(8)).toEqual(own.macA);
  expect(autn.subarray(6, 8).toString('hex')).toBe('8000');
  expect({ xres: item.sipAuthorization, ck: item.confidentialityKey, ik: item.integrityKey }).toEqual({
    xres: own.res,
    ck: own.ck,
    ik: own.ik,
  });
  return sqn;
}

/** RAND and AUTS of a synchronisation failure [29.229-6.3.11] [33.102-6.3.3]. */
function synchronisationFailure(rand: Buffer, sqnMs: number): { sipAuthDataItem: SipAuthDataItem } {
  const { akStar, macS } = usim.computeAll(rand, sqnMs, Buffer.alloc(2));
  const sipAuthorization = Buffer.concat([rand, xor(encodeSqn(sqnMs), akStar), macS]);
  return { sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipAuthorization } };
}

describe('[29.228-6.3] IMS-AKA', () => {
  test('an item: RAND and AUTN, XRES, CK and IK, and nothing of other schemes', () => {
    const [item] = hss().mar(request).avps.sipAuthDataItem ?? [];
    expect(Object.keys(item ?? {}).sort()).toEqual([
      'confidentialityKey',
      'integrityKey',
      'sipAuthenticate',
      'sipAuthenticationScheme',
      'sipAuthorization',
      'sipItemNumber',
    ]);
    expect(item).toMatchObject({ sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipItemNumber: 1 });
    expect(acceptedBy(usim, item ?? {})).toBeGreaterThan(0);
  });

  test('OP gives the same as OPc would (test set 4 of TS 35.208)', () => {
    const [item] = hss().mar({ ...request, userName: TABLET }).avps.sipAuthDataItem ?? [];
    acceptedBy(
      new Milenage(
        Buffer.from('9e5944aea94b81165c82fbf9f32db751', 'hex'),
        Buffer.from('a64a507ae1a2a98bb88eb4210135dc87', 'hex'),
      ),
      item ?? {},
    );
  });

  test('[33.203-6.1] a private identity without a K of its own gets vectors for its USIM', () => {
    const { privateIdentities, ...rest } = alice;
    const imsi = '001010000000001';
    const subscription: SubscriptionDocumentInput = {
      ...rest,
      id: 'usim',
      usims: [{ imsi, aka: { k: K, opc: OPC } }],
      privateIdentities: privateIdentities.map((entry) =>
        entry.identity === PHONE ? { identity: PHONE, authentication: { usim: imsi } } : entry,
      ),
    };
    const one = hss({ subscriptions: [subscription] });
    for (let i = 0; i < 3; i += 1) {
      const [item] = one.mar(request).avps.sipAuthDataItem ?? [];
      expect(acceptedBy(usim, item ?? {})).toBeGreaterThan(0);
    }
    expect(result(one.mar({ ...request, sipAuthDataItem: { sipAuthenticationScheme: 'SIP Digest' } }))).toBe(
      'experimental ERROR_AUTH_SCHEME_NOT_SUPPORTED',
    );
  });

  test.each([
    [0, 0],
    [1, 1],
    [3, 3],
    [5, 5],
    [6, 5],
    [4294967295, 5],
  ])('SIP-Number-Auth-Items %d: %d items, numbered, SIP-Number-Auth-Items says how many', (asked, given) => {
    const { avps } = hss().mar({ ...request, sipNumberAuthItems: asked });
    expect(avps.sipNumberAuthItems).toBe(given);
    // With none, SIP-Auth-Data-Item shall not be present (table 6.3.4).
    expect(avps.sipAuthDataItem === undefined).toBe(given === 0);
    expect((avps.sipAuthDataItem ?? []).map((item) => item.sipItemNumber)).toEqual(
      Array.from({ length: given }, (_, index) => index + 1),
    );
  });

  test('[33.102-C.1.1] SQNs rise within and across answers, with consecutive SEQ and one IND per answer', () => {
    const one = hss();
    const answers = [3, 1, 5, 2].map((sipNumberAuthItems) =>
      (one.mar({ ...request, sipNumberAuthItems }).avps.sipAuthDataItem ?? []).map((item) =>
        acceptedBy(usim, item),
      ),
    );
    const seqs = answers.flat().map((sqn) => Math.floor(sqn / 32));
    expect(seqs).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
    expect(answers.map((sqns) => new Set(sqns.map((sqn) => sqn % 32)).size)).toEqual([1, 1, 1, 1]);
    // The counter is the last one given, and is committed with the answer.
    expect(one.status().sequenceNumbers).toEqual({ [PHONE]: answers[3]?.[1] });
  });

  test('every RAND is another one; each private identity has its own counter', () => {
    const one = hss();
    const items = [1, 2, 3].flatMap(
      () => one.mar({ ...request, sipNumberAuthItems: 5 }).avps.sipAuthDataItem ?? [],
    );
    expect(new Set(items.map((item) => item.sipAuthenticate?.subarray(0, 16).toString('hex'))).size).toBe(15);
    one.mar({ ...request, userName: TABLET });
    expect(one.status().sequenceNumbers[TABLET]).toBeLessThan(one.status().sequenceNumbers[PHONE] ?? 0);
  });

  test('no items asked for: the name is stored and the flag set all the same', () => {
    const one = hss();
    one.mar({ ...request, sipNumberAuthItems: 0 });
    expect(describeSet(one.status(), 'family')).toBe('notRegistered pending(phone), name');
  });

  test('the last SQNs of the counter are given, none above them', () => {
    const one = hss();
    one.setStatus(statusOf({}, { sequenceNumbers: { [PHONE]: (2 ** 43 - 2) * 32 } }));
    expect(result(one.mar({ ...request, sipNumberAuthItems: 2 }))).toBe('UNABLE_TO_COMPLY');
    expect(result(one.mar(request))).toBe('SUCCESS');
    expect(result(one.mar(request))).toBe('UNABLE_TO_COMPLY');
  });
});

describe('[29.228-6.3.1] step 4: synchronisation failure', () => {
  const rand = createHash('sha256').update('rand').digest().subarray(0, 16);
  const challenged = (): TestHss => {
    const one = hss();
    one.mar(request);
    return one;
  };

  test('AUTS of the S-CSCF that is stored: vectors beyond what the USIM has seen, counted as resynchronised', () => {
    const one = challenged();
    const sqnMs = 5000 * 32 + 3;
    const decision = one.mar({ ...request, ...synchronisationFailure(rand, sqnMs), sipNumberAuthItems: 2 });
    expect(result(decision)).toBe('SUCCESS');
    expect(decision.notable).toBe('sqnResynchronised');
    const sqns = (decision.avps.sipAuthDataItem ?? []).map((item) => acceptedBy(usim, item));
    expect(sqns.map((sqn) => Math.floor(sqn / 32))).toEqual([5001, 5002]);
    expect(one.status().sequenceNumbers[PHONE]).toBe(sqns[1]);
    expect(describeSet(one.status(), 'family')).toBe('notRegistered pending(phone), name');
  });

  test('without items: the counter is set, the answer has none', () => {
    const one = challenged();
    const decision = one.mar({
      ...request,
      ...synchronisationFailure(rand, 5000 * 32),
      sipNumberAuthItems: 0,
    });
    expect(decision.avps).toEqual({ ...request, sipNumberAuthItems: 0 });
    expect(one.status().sequenceNumbers[PHONE]).toBe(5000 * 32);
  });

  test('a USIM that is behind: no SQN is given again', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }, { sequenceNumbers: { [PHONE]: 900 * 32 } }));
    const [item] =
      one.mar({ ...request, ...synchronisationFailure(rand, 100 * 32) }).avps.sipAuthDataItem ?? [];
    expect(Math.floor(acceptedBy(usim, item ?? {}) / 32)).toBe(901);
  });

  test('MAC-S does not verify: DIAMETER_UNABLE_TO_COMPLY, nothing changes', () => {
    const one = challenged();
    const { sipAuthDataItem } = synchronisationFailure(rand, 5000 * 32);
    for (const at of [0, 15, 16, 21, 22, 29]) {
      const sipAuthorization = Buffer.from(sipAuthDataItem.sipAuthorization ?? Buffer.alloc(0));
      sipAuthorization[at] = (sipAuthorization[at] ?? 0) ^ 1;
      const decision = one.mar({ ...request, sipAuthDataItem: { ...sipAuthDataItem, sipAuthorization } });
      expect(result(decision)).toBe('UNABLE_TO_COMPLY');
      expect(decision.changes).toBeUndefined();
      expect(decision.notable).toBeUndefined();
      expect(decision.avps).toEqual(request);
      expect(decision.refusal?.check).toContain('MAC-S');
    }
  });

  test('[29.228-8.1] another S-CSCF: DIAMETER_UNABLE_TO_COMPLY, the stored name stays', () => {
    const one = challenged();
    const decision = one.mar({
      ...request,
      ...synchronisationFailure(rand, 5000 * 32),
      serverName: SCSCF2,
      originHost: 'scscf2.ims.example',
    });
    expect(result(decision)).toBe('UNABLE_TO_COMPLY');
    expect(decision.refusal?.clause).toBe('TS 29.228 6.3.1 step 4');
    expect(decision.changes).toBeUndefined();
    expect(one.status().server).toEqual(server1);
  });

  test('no S-CSCF is stored: the same', () => {
    const decision = hss().mar({ ...request, ...synchronisationFailure(rand, 5000 * 32) });
    expect(result(decision)).toBe('UNABLE_TO_COMPLY');
    expect(decision.changes).toBeUndefined();
  });

  test('the same AUTS twice does no harm', () => {
    const one = challenged();
    const given = [1, 2]
      .flatMap(
        () => one.mar({ ...request, ...synchronisationFailure(rand, 5000 * 32) }).avps.sipAuthDataItem ?? [],
      )
      .map((item) => acceptedBy(usim, item));
    expect(given.map((sqn) => Math.floor(sqn / 32))).toEqual([5001, 5002]);
  });
});

describe('[29.228-6.3] the other schemes have one item each', () => {
  type Authentication = SubscriptionDocumentInput['privateIdentities'][number]['authentication'];
  const item = (authentication: Authentication, sipAuthenticationScheme: string, sipNumberAuthItems = 1) => {
    const one = hss({
      subscriptions: [{ ...bob, privateIdentities: [{ identity: 'bob@ims.example', authentication }] }],
    });
    const { avps } = one.mar({
      userName: 'bob@ims.example',
      publicIdentity: 'sip:bob@ims.example',
      sipNumberAuthItems,
      sipAuthDataItem: { sipAuthenticationScheme },
    });
    expect(avps.sipNumberAuthItems).toBe(avps.sipAuthDataItem?.length ?? 0);
    expect(one.status().sequenceNumbers).toEqual({});
    return avps.sipAuthDataItem ?? [];
  };
  const ha1 = (algorithm: string) =>
    createHash(algorithm).update('bob@ims.example:Home Realm:secret').digest('hex');

  test('SIP Digest from a password: MD5, and SHA-256 as the alternate (table 6.3.7)', () => {
    expect(item({ sipDigest: { realm: 'Home Realm', password: 'secret' } }, 'SIP Digest', 4)).toEqual([
      {
        sipAuthenticationScheme: 'SIP Digest',
        sipDigestAuthenticate: {
          digestRealm: 'Home Realm',
          digestAlgorithm: 'MD5',
          digestQop: 'auth',
          digestHa1: ha1('md5'),
          alternateDigestAlgorithm: 'SHA-256',
          alternateDigestHa1: ha1('sha256'),
        },
      },
    ]);
  });

  test('SIP Digest from ready-made HA1s', () => {
    const given = { realm: 'Home Realm', ha1: ha1('md5') };
    expect(item({ sipDigest: given }, 'SIP Digest')[0]?.sipDigestAuthenticate).toEqual({
      digestRealm: 'Home Realm',
      digestAlgorithm: 'MD5',
      digestQop: 'auth',
      digestHa1: ha1('md5'),
    });
    expect(
      item({ sipDigest: { ...given, ha1Sha256: ha1('sha256') } }, 'SIP Digest')[0]?.sipDigestAuthenticate,
    ).toMatchObject({
      digestHa1: ha1('md5'),
      alternateDigestAlgorithm: 'SHA-256',
      alternateDigestHa1: ha1('sha256'),
    });
  });

  test('NASS-Bundled: every line identifier', () => {
    expect(item({ nassBundled: { lineIdentifiers: ['dslam 7/3', 'dslam 7/4'] } }, 'NASS-Bundled', 2)).toEqual(
      [
        {
          sipAuthenticationScheme: 'NASS-Bundled',
          lineIdentifier: [Buffer.from('dslam 7/3'), Buffer.from('dslam 7/4')],
        },
      ],
    );
  });

  test('GIBA: the IPv4 address, or prefix and interface identifier [29.229-6.3.53] [29.229-6.3.54] [29.229-6.3.55]', () => {
    expect(item({ giba: { ipv4Address: '192.0.2.7' } }, 'Early IMS Security', 2)).toEqual([
      { sipAuthenticationScheme: 'Early IMS Security', framedIpAddress: Buffer.from([192, 0, 2, 7]) },
    ]);
    expect(
      item(
        { giba: { ipv6Prefix: '2001:db8:1::/56', interfaceId: '00000000deadbeef' } },
        'Early IMS Security',
      ),
    ).toEqual([
      {
        sipAuthenticationScheme: 'Early IMS Security',
        framedIpv6Prefix: Buffer.from('003820010db8000100', 'hex'),
        framedInterfaceId: 0xdeadbeefn,
      },
    ]);
  });

  test('GIBA: no interface identifier without a prefix (table 6.3.5)', () => {
    expect(
      item({ giba: { ipv4Address: '192.0.2.7', interfaceId: '00000000deadbeef' } }, 'Early IMS Security'),
    ).toEqual([
      { sipAuthenticationScheme: 'Early IMS Security', framedIpAddress: Buffer.from([192, 0, 2, 7]) },
    ]);
    expect(
      item({ giba: { ipv6Prefix: '2001:db8:1::/64' } }, 'Early IMS Security')[0]?.framedInterfaceId,
    ).toBeUndefined();
  });

  test('no item is asked for', () => {
    expect(item({ sipDigest: { realm: 'Home Realm', password: 'secret' } }, 'SIP Digest', 0)).toEqual([]);
  });
});

test('no secret is in a refusal', () => {
  const one = hss();
  one.mar(request);
  const decision = one.mar({
    ...request,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipAuthorization: Buffer.alloc(30) },
  });
  expect(JSON.stringify(decision.refusal)).not.toMatch(new RegExp(`${K}|${OPC}`, 'i'));
});

describe('keys that were opened', () => {
  const aka = { algorithm: 'milenage', k: 'sealed K', opc: 'sealed OPc', amf: '8000', indBits: 5 } as const;
  const identityOf = (authentication: { readonly aka: typeof aka }) =>
    ({ identity: PHONE, type: 'privateUserIdentity', authentication }) as unknown as StoredPrivateIdentity;
  const vector = (identity: StoredPrivateIdentity, secrets: SecretOpener) => {
    const outcome = authenticationData({
      subscription: { privateIdentities: [identity] } as unknown as Subscription,
      identity,
      scheme: 'Digest-AKAv1-MD5',
      resynchronisation: undefined,
      secrets,
      random: { bytes: (size) => Buffer.alloc(size, 7) },
      count: 1,
      counter: { holder: '', key: '', sequenceNumber: 0 },
    });
    if (!outcome.ok) throw new Error(outcome.check);
    return 'items' in outcome ? outcome.items[0] : outcome.itemsOf([33])[0];
  };

  test('are kept from the second time on with the profile that they are of, until it or the keys that they are sealed with change', () => {
    let keys = {};
    const opened: string[] = [];
    const secrets = {
      open: (sealed: string, owner: string) => {
        opened.push(owner);
        return Buffer.from(sealed === 'sealed K' ? K : OPC, 'hex');
      },
      keys: () => keys,
    };
    const identity = identityOf({ aka });
    const [first, second] = [vector(identity, secrets), vector(identity, secrets)];
    expect(opened).toHaveLength(4);
    expect(vector(identity, secrets)).toEqual(first);
    expect(opened).toHaveLength(4);
    expect(second).toEqual(first);
    acceptedBy(usim, first ?? {});
    vector(identityOf({ aka: { ...aka } }), secrets);
    expect(opened).toHaveLength(6);
    keys = {};
    expect([vector(identity, secrets), vector(identity, secrets)]).toEqual([first, first]);
    expect(opened).toHaveLength(8);
  });

  test('are not kept where nobody says when the keys change', () => {
    let count = 0;
    const secrets = {
      open: (sealed: string) => {
        count += 1;
        return Buffer.from(sealed === 'sealed K' ? K : OPC, 'hex');
      },
    };
    const identity = identityOf({ aka: { ...aka } });
    vector(identity, secrets);
    vector(identity, secrets);
    expect(count).toBe(4);
  });
});
