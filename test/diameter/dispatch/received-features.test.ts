import { receivedFeatures } from '../../../src/diameter/dispatch/received-features';
import { decoded, cxRequest } from '../../support/cx-messages';
import { scscf } from './support';

const VENDOR_3GPP = Buffer.from([0, 0, 0x28, 0xaf]);

function avp(code: number, flags: number, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  const vendor = (flags & 0x80) === 0 ? Buffer.alloc(0) : VENDOR_3GPP;
  header.writeUInt32BE(code, 0);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(8 + vendor.length + data.length, 5, 3);
  return Buffer.concat([header, vendor, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

function unsigned32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

function features(mandatory: boolean, list: number, bits: number, vendorId = 10_415): Buffer {
  return avp(
    628,
    0x80 | (mandatory ? 0x40 : 0),
    Buffer.concat([
      avp(266, 0x40, unsigned32(vendorId)),
      avp(629, 0x80, unsigned32(list)),
      avp(630, 0x80, unsigned32(bits)),
    ]),
  );
}

function request(...extra: Buffer[]) {
  const plain = cxRequest('LIR', scscf, { publicIdentity: 'sip:alice@ims.example' });
  const bytes = Buffer.concat([plain, ...extra]);
  bytes.writeUIntBE(bytes.length, 1, 3);
  return decoded(bytes);
}

describe('Supported-Features of a request', () => {
  test('none: an empty list', () => {
    expect(receivedFeatures(request())).toEqual([]);
  });

  test('[29.229-7.2.1] each list keeps the M bit of its own AVP, in order', () => {
    const message = request(
      features(false, 1, 3),
      features(true, 2, 0x8000_0000),
      features(false, 1, 1, 99),
      features(true, 1, 0),
    );
    expect(receivedFeatures(message)).toEqual([
      { vendorId: 10_415, featureListId: 1, featureList: 3, mandatory: false },
      { vendorId: 10_415, featureListId: 2, featureList: 0x8000_0000, mandatory: true },
      { vendorId: 99, featureListId: 1, featureList: 1, mandatory: false },
      { vendorId: 10_415, featureListId: 1, featureList: 0, mandatory: true },
    ]);
  });

  test('an AVP with the same code and no vendor, or another vendor, is another AVP and does not shift the M bits', () => {
    const otherVendor = avp(628, 0x80, Buffer.from('abcde'));
    otherVendor.writeUInt32BE(9, 8);
    const message = request(avp(628, 0, Buffer.from('abc')), otherVendor, features(true, 1, 1));
    expect(receivedFeatures(message)).toEqual([
      { vendorId: 10_415, featureListId: 1, featureList: 1, mandatory: true },
    ]);
  });
});
