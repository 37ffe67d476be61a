/** A whole subscriber from one line, and the home domain of an IMSI. */
import { effectiveEps } from '../../src/subscriber/eps';
import { homeDomainOf } from '../../src/subscriber/home-domain';
import { subscriberLine, wholeSubscriber } from '../../src/subscriber/subscriber-line';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';

const imsi = '001010000000007';
const key = { k: '0'.repeat(32), opc: '1'.repeat(32) };
const domain = 'ims.mnc001.mcc001.3gppnetwork.org';

const whole = (change: object = {}, realms: readonly string[] = []) => {
  const made = wholeSubscriber(
    subscriberLine.parse({ imsi, ...key, msisdn: '491710000007', ...change }),
    realms,
  );
  if (!made.ok) throw new Error(JSON.stringify(made.faults));
  return { ...made, document: subscriptionDocument.parse(made.document) };
};
const faults = (line: object): Record<string, string> => {
  const { error } = subscriberLine.safeParse({ imsi, ...key, ...line });
  return Object.fromEntries(error?.issues.map(({ path, message }) => [path.join('/'), message]) ?? []);
};

test('[23.003-13.3] [23.003-13.4] [23.003-13.4B] the identities of a UE without ISIM', () => {
  const { document } = whole();
  expect(document.id).toBe(imsi);
  expect(document.privateIdentities).toMatchObject([
    { identity: `${imsi}@${domain}`, imsi, authentication: { usim: imsi } },
  ]);
  const [set] = document.implicitRegistrationSets;
  expect(set?.publicIdentities).toMatchObject([
    { identity: `sip:${imsi}@${domain}`, barred: true, serviceProfile: 'default' },
    { identity: `sip:+491710000007@${domain}`, barred: false, aliasGroup: '491710000007' },
    { identity: 'tel:+491710000007', barred: false, aliasGroup: '491710000007' },
  ]);
});

test('the USIM has the credential, the number and an EPS profile', () => {
  const { document } = whole({ sqn: 32, amf: '9000' });
  expect(document.usims).toEqual([
    {
      imsi,
      msisdns: ['491710000007'],
      aka: { algorithm: 'milenage', amf: '9000', indBits: 5, sqn: 32, ...key },
      eps: { profile: 'internet-ims' },
    },
  ]);
});

test('the default sets have the APNs internet and ims; sets that are named are not made', () => {
  const { document, defaultSets } = whole();
  expect(defaultSets.map((set) => [set.kind, set.document.name])).toEqual([
    ['epsProfiles', 'internet-ims'],
    ['serviceProfiles', 'default'],
  ]);
  const epsProfiles = new Map(
    defaultSets.flatMap((set) => (set.kind === 'epsProfiles' ? [[set.document.name, set.document]] : [])),
  );
  const eps = effectiveEps({ eps: document.usims?.[0]?.eps }, { epsProfiles });
  expect(
    eps?.apnConfigurationProfile?.apnConfigurations.map(({ serviceSelection }) => serviceSelection),
  ).toEqual(['internet', 'ims']);
  const named = whole({ epsProfile: 'gold', serviceProfile: 'volte', id: 'seven' });
  expect(named.defaultSets).toEqual([]);
  expect(named.document).toMatchObject({ id: 'seven', usims: [{ eps: { profile: 'gold' } }] });
});

test('without an MSISDN there is EPS only; a plus before it is taken', () => {
  const { document, defaultSets } = whole({ msisdn: undefined });
  expect(document).toMatchObject({ privateIdentities: [], implicitRegistrationSets: [] });
  expect(defaultSets.map(({ kind }) => kind)).toEqual(['epsProfiles']);
  expect(whole({ msisdn: '+491710000007' }).document).toEqual(whole().document);
});

test('another home domain is that of every identity', () => {
  const { document } = whole({ homeDomain: 'IMS.example' });
  expect(document.privateIdentities[0]?.identity).toBe(`${imsi}@ims.example`);
  expect(document.implicitRegistrationSets[0]?.publicIdentities[1]?.identity).toBe(
    'sip:+491710000007@ims.example',
  );
});

test('faults name the property of the line', () => {
  expect(
    faults({
      imsi: '12',
      k: 'x',
      msisdn: '+1',
      op: key.opc,
      mncDigits: 4,
      homeDomain: 'a b',
      epsProfile: 'a b',
    }),
  ).toEqual({
    imsi: 'must be 6 to 15 digits',
    k: 'must be 32 hexadecimal digits (16 octets)',
    msisdn: 'must be 5 to 15 digits',
    mncDigits: 'must be 2 or 3',
    homeDomain: 'must be a domain name',
    epsProfile: 'must be letters, digits, ".", "_" or "-"',
  });
  expect(faults({ op: key.opc })).toEqual({ op: 'give op or opc, not both' });
  expect(faults({ k: undefined, opc: undefined, op: key.opc })).toEqual({
    k: 'is needed to derive OPc from op',
  });
});

describe('[23.003-13.2] the home domain', () => {
  test.each([
    ['262011234567890', undefined, [], 'ims.mnc001.mcc262.3gppnetwork.org'],
    ['310410123456789', undefined, [], 'ims.mnc410.mcc310.3gppnetwork.org'],
    ['405840123456789', 3, [], 'ims.mnc840.mcc405.3gppnetwork.org'],
    [
      '405840123456789',
      undefined,
      ['epc.mnc840.mcc405.3gppnetwork.org'],
      'ims.mnc840.mcc405.3gppnetwork.org',
    ],
    [
      '405540123456789',
      undefined,
      ['ims.mnc054.mcc405.3gppnetwork.org'],
      'ims.mnc054.mcc405.3gppnetwork.org',
    ],
    // 001 as three digits, because a realm says so.
    [
      '001001234567890',
      undefined,
      ['ims.mnc001.mcc001.3gppnetwork.org'],
      'ims.mnc001.mcc001.3gppnetwork.org',
    ],
    // A realm of another network says nothing.
    [
      '262011234567890',
      undefined,
      ['ims.mnc001.mcc001.3gppnetwork.org', 'ims.example'],
      'ims.mnc001.mcc262.3gppnetwork.org',
    ],
    ['262011234567890', 3, ['ims.mnc001.mcc262.3gppnetwork.org'], 'ims.mnc011.mcc262.3gppnetwork.org'],
  ] as const)('of %s, MNC digits %s, realms %j', (subscriber, digits, realms, expected) => {
    expect(homeDomainOf(subscriber, digits, realms)).toEqual({ ok: true, domain: expected });
  });

  test('of a country with both lengths it has to be told', () => {
    expect(homeDomainOf('405840123456789', undefined, [])).toMatchObject({
      ok: false,
      property: 'mncDigits',
    });
    // 00 and 000 are both "000" there.
    expect(homeDomainOf('405000123456789', undefined, ['ims.mnc000.mcc405.3gppnetwork.org'])).toMatchObject({
      ok: false,
      property: 'mncDigits',
    });
  });

  test('an IMSI that a spreadsheet took the zeros from is a fault', () => {
    expect(homeDomainOf('1010000000007', undefined, [])).toMatchObject({
      ok: false,
      property: 'imsi',
      detail: expect.stringContaining('zeros'),
    });
  });
});
