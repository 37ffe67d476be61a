/** [6733-5.3] [29.229-5.6] What our CER says and which capabilities of a peer suffice. */
import {
  APPLICATION_RELAY,
  evaluateCapabilities,
  ourCapabilities,
  type CapabilitiesAvps,
} from '../../../src/diameter/peer/capabilities';
import { CX_APPLICATION_ID } from '../../../src/apps/cx/generated/cx';
import { sameIdentity } from '../../../src/diameter/peer/diameter-identity';
import { localNode } from './support';

const local = localNode('hss.ims.example');
const peer = (avps: Partial<CapabilitiesAvps>): CapabilitiesAvps => ({
  originHost: 'scscf.ims.example',
  originRealm: 'ims.example',
  ...avps,
});

describe('[29.229-5.6] our capabilities', () => {
  const ours = ourCapabilities(local, ['127.0.0.1']);

  test('[29.229-5.6] Supported-Vendor-Id names 3GPP and ETSI', () => {
    expect(ours.supportedVendorId).toEqual([10415, 13019]);
  });

  test('[29.229-5.6] Cx is offered in Vendor-Specific-Application-Id for 3GPP and for ETSI', () => {
    expect(ours.vendorSpecificApplicationId).toEqual([
      { vendorId: 10415, authApplicationId: 16777216 },
      { vendorId: 13019, authApplicationId: 16777216 },
    ]);
    expect(ours.authApplicationId).toEqual([]);
  });

  test('[29.229-5.6] Vendor-Id is that of the implementation, whichever applications are offered', () => {
    for (const vendorId of [0, 4711])
      expect(ourCapabilities({ ...local, vendorId }, []).vendorId).toBe(vendorId);
  });

  test('[6733-5.3.1] the address of the connection is sent where none is configured', () => {
    expect(ours.hostIpAddress).toEqual(['127.0.0.1']);
    expect(
      ourCapabilities({ ...local, hostIpAddresses: ['192.0.2.1', '2001:db8::1'] }, ['127.0.0.1'])
        .hostIpAddress,
    ).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('[6733-5.3.1] an application without a vendor goes into Auth-Application-Id', () => {
    const plain = ourCapabilities({ ...local, applications: [{ applicationId: 4, vendorIds: [] }] }, []);
    expect(plain.authApplicationId).toEqual([4]);
    expect(plain.vendorSpecificApplicationId).toEqual([]);
  });
});

describe('[6733-5.3] a peer’s capabilities', () => {
  test.each<[string, Partial<CapabilitiesAvps>]>([
    [
      'under 10415 only',
      { vendorSpecificApplicationId: [{ vendorId: 10415, authApplicationId: CX_APPLICATION_ID }] },
    ],
    [
      'under 13019 only',
      { vendorSpecificApplicationId: [{ vendorId: 13019, authApplicationId: CX_APPLICATION_ID }] },
    ],
    [
      'as Kamailio does, under 10415, 4491, 13019 and 0',
      {
        vendorSpecificApplicationId: [10415, 4491, 13019, 0].map((vendorId) => ({
          vendorId,
          authApplicationId: CX_APPLICATION_ID,
        })),
      },
    ],
    ['plainly as Auth-Application-Id', { authApplicationId: [1, CX_APPLICATION_ID] }],
    ['as a relay', { authApplicationId: [APPLICATION_RELAY] }],
    ['as a relay for accounting', { acctApplicationId: [APPLICATION_RELAY] }],
    [
      'as a relay with a vendor',
      { vendorSpecificApplicationId: [{ vendorId: 10415, authApplicationId: APPLICATION_RELAY }] },
    ],
  ])('[29.229-5.6] Cx offered %s suffices', (_, avps) => {
    expect(evaluateCapabilities(local, peer(avps))).toEqual({ ok: true, applications: [CX_APPLICATION_ID] });
  });

  test.each<[string, Partial<CapabilitiesAvps>]>([
    ['nothing', {}],
    ['another application', { authApplicationId: [16777251] }],
    [
      'Sh with our vendor',
      { vendorSpecificApplicationId: [{ vendorId: 10415, authApplicationId: 16777217 }] },
    ],
    [
      'a vendor without an application',
      { vendorSpecificApplicationId: [{ vendorId: 10415 }], supportedVendorId: [10415] },
    ],
  ])('[6733-5.3] %s in common: 5010', (_, avps) => {
    expect(evaluateCapabilities(local, peer(avps))).toMatchObject({ ok: false, resultCode: 5010 });
  });

  test('[6733-6.10] Inband-Security-Id: 5017 where TLS inside is the only choice, fine where none is among them', () => {
    const offered = { authApplicationId: [CX_APPLICATION_ID] };
    expect(evaluateCapabilities(local, peer({ ...offered, inbandSecurityId: [1] }))).toMatchObject({
      ok: false,
      resultCode: 5017,
    });
    expect(evaluateCapabilities(local, peer({ ...offered, inbandSecurityId: [1, 0] }))).toMatchObject({
      ok: true,
    });
  });

  test('[6733-4.3.1] identities compare without regard to case', () => {
    expect(sameIdentity('HSS.ims.Example', 'hss.IMS.example')).toBe(true);
    expect(sameIdentity('hss.ims.example.', 'hss.ims.example')).toBe(true);
    expect(sameIdentity('hss1.ims.example', 'hss.ims.example')).toBe(false);
  });
});
