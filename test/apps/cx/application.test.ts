import { credentials } from '../../../src/authentication/credentials';
import { createCxApplication } from '../../../src/apps/cx/application';
import { sharedProfiles, alice } from './support/subscribers';
import { defaultSettings, TestHss } from './support/test-hss';

const application = createCxApplication(defaultSettings, new Set(['SiFC']), { open: () => Buffer.alloc(0) });

test('[29.229-6.1] the commands that an HSS serves, by code', () => {
  expect({ id: application.applicationId, vendor: application.vendorId }).toEqual({
    id: 16777216,
    vendor: 10415,
  });
  expect([...application.handlers].map(([code, { request, answer }]) => [code, request, answer])).toEqual([
    [300, 'UAR', 'UAA'],
    [301, 'SAR', 'SAA'],
    [302, 'LIR', 'LIA'],
    [303, 'MAR', 'MAA'],
  ]);
});

test('what each command loads: its identities, in canonical form', () => {
  const prepare = (code: number, avps: object) =>
    application.handlers.get(code)?.prepare({
      header: {
        version: 1,
        length: 20,
        request: true,
        proxiable: true,
        error: false,
        retransmitted: false,
        commandCode: code,
        applicationId: 16777216,
        hopByHopId: 1,
        endToEndId: 1,
      },
      abbreviation: '',
      avps: { serverName: 'sip:scscf.ims.example', ...avps },
      bytes: Buffer.alloc(0),
    });
  const identities = { userName: 'phone@ims.example', publicIdentity: 'SIP:alice@IMS.example' };
  const loaded = { impus: ['sip:alice@ims.example'], impi: 'phone@ims.example' };
  expect(prepare(300, identities)).toEqual(loaded);
  const mar = (sipAuthenticationScheme: string) =>
    prepare(303, { ...identities, sipAuthDataItem: { sipAuthenticationScheme } });
  for (const scheme of ['Unknown', 'Digest-AKAv1-MD5'])
    expect(mar(scheme)).toEqual({ ...loaded, modules: [credentials] });
  expect(mar('SIP Digest')).toEqual(loaded);
  expect(prepare(302, { publicIdentity: 'tel:+1-555-0001' })).toEqual({
    impus: ['tel:+15550001'],
  });
  expect(
    prepare(301, { serverAssignmentType: 4, publicIdentity: ['tel:+1-555-0001', 'sip:A@b.example'] }),
  ).toEqual({ impus: ['tel:+15550001', 'sip:A@b.example'] });
  expect(prepare(301, { serverAssignmentType: 4, userName: 'phone@ims.example' })).toEqual({
    impus: [],
    impi: 'phone@ims.example',
  });
});

test('an answer to a failed MAR carries both identities', () => {
  const identities = { userName: 'phone@ims.example', publicIdentity: 'sip:alice@ims.example' };
  const handler = application.handlers.get(303);
  expect(
    handler?.errorAvps?.({
      header: {} as never,
      abbreviation: 'MAR',
      avps: { ...identities, serverName: 'sip:x' },
      bytes: Buffer.alloc(0),
    }),
  ).toEqual(identities);
});

test("a subscriber's whole way: authentication, registration, a call, de-registration", () => {
  const hss = new TestHss({ subscriptions: [alice], shared: sharedProfiles });
  const identities = { userName: 'phone@ims.example', publicIdentity: 'sip:alice@ims.example' };
  const sar = (serverAssignmentType: 1 | 2 | 5) =>
    hss.sar({
      serverAssignmentType,
      userName: identities.userName,
      publicIdentity: [identities.publicIdentity],
    });
  const codes = [
    hss.uar(identities),
    hss.mar(identities),
    hss.uar(identities),
    sar(1),
    hss.lir({ publicIdentity: 'tel:+15550001' }),
    sar(2),
    sar(5),
    hss.uar(identities),
  ].map(({ result }) => result.code);
  expect(codes).toEqual([2001, 2001, 2002, 2001, 2001, 2001, 2001, 2001]);
  expect(hss.uar(identities).result.kind).toBe('experimental');
  expect(hss.status()).toMatchObject({ server: null, sets: {} });
});
