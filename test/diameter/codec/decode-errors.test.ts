/**
 * The table of decoding errors: one test for each code of RFC 6733 clause 7.1, at the top level and inside
 * Grouped AVPs.
 */
import { decodeMessage } from '../../../src/diameter/codec/decode';
import type { DictionaryTable } from '../../../src/diameter/codec/definitions';
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import type { DecodeFailure, DecodeLimits, RawAvp } from '../../../src/diameter/codec/types';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import {
  CX,
  cxNumber,
  cxText,
  dictionary,
  MANDATORY,
  number,
  rawAvp,
  rawMessage,
  SESSION_ID,
  text,
  TGPP,
  u32,
  uarAvps,
  uarWith,
  VENDOR,
} from './support';

function refused(bytes: Buffer, from: Dictionary = dictionary, limits?: DecodeLimits): DecodeFailure {
  const result = decodeMessage(bytes, from, limits);
  if (result.ok) throw new Error(`${result.message.abbreviation} was accepted`);
  return result.failure;
}

const raw = (code: number, data: Buffer, vendorId = 0, mandatory = true): RawAvp => ({
  code,
  vendorId,
  mandatory,
  data,
});
/** A Grouped AVP of Failed-AVP, around one AVP. */
const around = (code: number, inner: Buffer, vendorId = 0, mandatory = true): RawAvp =>
  raw(code, inner, vendorId, mandatory);

function expectFailure(
  bytes: Buffer,
  resultCode: number,
  kind: string,
  failedAvps: readonly RawAvp[],
): DecodeFailure {
  const failure = refused(bytes);
  expect({ resultCode: failure.resultCode, kind: failure.kind }).toEqual({ resultCode, kind });
  expect(failure.failedAvps).toEqual(failedAvps);
  return failure;
}

/** SIP-Auth-Data-Item with these AVPs, inside a MAR that is correct otherwise. */
function marWith(item: readonly Buffer[]): Buffer {
  const {
    sessionId,
    vendorSpecificApplicationId,
    authSessionState,
    originHost,
    originRealm,
    destinationRealm,
    userName,
    publicIdentity,
  } = uarAvps();
  const common = [
    sessionId,
    vendorSpecificApplicationId,
    authSessionState,
    originHost,
    originRealm,
    destinationRealm,
    userName,
    publicIdentity,
  ];
  const own = [rawAvp(612, MANDATORY | VENDOR, item), cxNumber(607, 1), cxText(602, 'sip:scscf.ims.example')];
  return rawMessage([...common.filter((avp): avp is Buffer => avp !== undefined), ...own], { code: 303 });
}

test('the message that the tests break is correct', () => {
  expect(decodeMessage(uarWith({}), dictionary).ok).toBe(true);
  expect(decodeMessage(marWith([cxText(608, 'SIP Digest')]), dictionary).ok).toBe(true);
});

test('[6733-7.2] a refusal carries Session-Id and every Proxy-Info in order, also those after the fault', () => {
  const second = rawAvp(284, MANDATORY, [text(280, 'b.example'), text(33, 's2')]);
  const failure = refused(uarWith({ authSessionState: number(277, 9), second }));
  expect(failure.sessionId).toBe(SESSION_ID);
  expect(failure.proxyInfo.map((avp) => avp.code)).toEqual([284, 284]);
  expect(failure.proxyInfo[1]?.data.equals(second.subarray(8))).toBe(true);
  expect(failure.header?.hopByHopId).toBe(0x01010101);
  expect(failure.fatal).toBe(false);
});

describe('the header', () => {
  test('[6733-7.1.5] fewer than 20 octets leave nothing to answer', () => {
    const failure = refused(uarWith({}).subarray(0, 19));
    expect(failure).toMatchObject({ header: null, resultCode: 5015, kind: 'truncated_header', fatal: true });
  });

  test.each([0, 2, 255])('[6733-7.1.5] 5011: version %i', (version) => {
    const failure = expectFailure(uarWith({}, { version }), 5011, 'unsupported_version', []);
    expect(failure.fatal).toBe(true);
    expect(failure.header?.commandCode).toBe(300);
  });

  test.each([0, 16, 22, 24])('[6733-7.1.5] 5015: Message Length %i', (length) => {
    expect(expectFailure(uarWith({}, { length }), 5015, 'invalid_message_length', []).fatal).toBe(true);
  });

  test('[6733-7.1.5] 5015: a message above the configured bound', () => {
    const limits = { maxMessageOctets: 100, maxAvpCount: 100, maxNestingDepth: 8 };
    expect(refused(uarWith({}), dictionary, limits)).toMatchObject({ resultCode: 5015, fatal: true });
  });

  test.each([
    [0xe0, 'R and E'],
    [0xc1, 'reserved 1'],
    [0xc8, 'reserved 8'],
    [0x50, 'T in an answer'],
  ])('[6733-7.1.3] 3008: command flags 0x%s (%s)', (flags) => {
    const failure = expectFailure(uarWith({}, { flags }), 3008, 'invalid_header_bits', []);
    expect(failure.sessionId).toBe(SESSION_ID);
  });

  test('[6733-7.1.3] 3008: P bit in a command that is not proxiable', () => {
    const avps = [text(264, 'a.example'), text(296, 'example')];
    expectFailure(
      rawMessage(avps, { code: 280, application: 0, flags: 0xc0 }),
      3008,
      'invalid_header_bits',
      [],
    );
    expect(decodeMessage(rawMessage(avps, { code: 280, application: 0, flags: 0x80 }), dictionary).ok).toBe(
      true,
    );
  });

  test('[6733-3] a proxiable command may come without the P bit', () => {
    expect(decodeMessage(uarWith({}, { flags: 0x80 }), dictionary).ok).toBe(true);
  });

  test.each([
    [999, CX],
    [300, 0],
    [257, CX],
  ])('[6733-7.1.3] 3001: command %i in application %i', (code, application) => {
    expect(expectFailure(uarWith({}, { code, application }), 3001, 'unknown_command', []).sessionId).toBe(
      SESSION_ID,
    );
  });

  test.each([
    [306, 16777217],
    [300, 1],
    [999, 5],
  ])('[6733-7.1.3] 3007: command %i in application %i', (code, application) => {
    expect(expectFailure(uarWith({}, { code, application }), 3007, 'unknown_application', []).sessionId).toBe(
      SESSION_ID,
    );
  });
});

describe('[6733-7.1.3] 3009: AVP bits', () => {
  test.each([0x01, 0x02, 0x04, 0x08, 0x10])('reserved bit 0x%s at the top level', (bit) => {
    const data = Buffer.from('alice@ims.example');
    expectFailure(uarWith({ userName: rawAvp(1, MANDATORY | bit, data) }), 3009, 'invalid_avp_bits', [
      raw(1, data),
    ]);
  });

  test('the V bit with Vendor-Id 0', () => {
    const data = Buffer.from('x');
    expectFailure(uarWith({ odd: rawAvp(601, VENDOR, data, { vendorId: 0 }) }), 3009, 'invalid_avp_bits', [
      raw(601, data, 0, false),
    ]);
  });

  test('nested', () => {
    const inner = rawAvp(266, MANDATORY | 1, u32(TGPP));
    const clean = rawAvp(266, MANDATORY, u32(TGPP));
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [inner]) }),
      3009,
      'invalid_avp_bits',
      [around(260, clean)],
    );
  });

  test('[29.229-6.3.0] the M bit of a known AVP is ignored either way, the P bit too', () => {
    const userName = rawAvp(1, 0, Buffer.from('alice@ims.example'));
    const uarFlags = rawAvp(637, VENDOR | MANDATORY | 0x20, u32(0));
    expect(decodeMessage(uarWith({ userName, uarFlags }), dictionary).ok).toBe(true);
  });
});

describe('[6733-7.1.5] 5014: AVP length', () => {
  test.each([0, 7])('AVP Length %i is below the header', (length) => {
    const failure = expectFailure(
      uarWith({ authSessionState: rawAvp(277, MANDATORY, u32(1), { length }) }),
      5014,
      'invalid_avp_length',
      [raw(277, Buffer.alloc(4))],
    );
    expect(failure.fatal).toBe(false);
  });

  test('AVP Length below the header with Vendor-Id', () => {
    const publicIdentity = rawAvp(601, MANDATORY | VENDOR, Buffer.from('sip:a'), { length: 11 });
    expectFailure(uarWith({ publicIdentity }), 5014, 'invalid_avp_length', [raw(601, Buffer.alloc(0), TGPP)]);
  });

  test('AVP Length beyond the message: the stream cannot be trusted', () => {
    const failure = expectFailure(
      uarWith({ authSessionState: rawAvp(277, MANDATORY, u32(1), { length: 5000 }) }),
      5014,
      'invalid_avp_length',
      [raw(277, Buffer.alloc(4))],
    );
    expect(failure).toMatchObject({ fatal: true, sessionId: SESSION_ID });
  });

  test('four octets at the end are no AVP header: padded with zeros', () => {
    expectFailure(uarWith({ rest: u32(601) }), 5014, 'invalid_avp_length', [
      raw(601, Buffer.alloc(0), 0, false),
    ]);
  });

  test('a header with the V bit but without its Vendor-Id', () => {
    const cut = rawAvp(601, MANDATORY | VENDOR, Buffer.alloc(0)).subarray(0, 8);
    expectFailure(uarWith({ cut }), 5014, 'invalid_avp_length', [raw(601, Buffer.alloc(0))]);
  });

  test.each([
    ['Unsigned32', 637, MANDATORY | VENDOR, Buffer.alloc(3)],
    ['Enumerated', 623, MANDATORY | VENDOR, Buffer.alloc(5)],
    ['Address of IPv4', 666, VENDOR, Buffer.from('0001c00002', 'hex')],
    ['Address of IPv6', 666, VENDOR, Buffer.alloc(17, 1).fill('0002', 0, 2, 'hex')],
    ['Address without a family', 666, VENDOR, Buffer.alloc(1)],
    ['Time', 661, VENDOR, Buffer.alloc(8)],
    ['Unsigned64', 622, 0, Buffer.alloc(4)],
  ])('the wrong size for %s', (_type, code, flags, data) => {
    // Those that no format of UAR names are looked at because of their M bit.
    const odd = rawAvp(code, flags | MANDATORY, data);
    expectFailure(uarWith({ odd }), 5014, 'invalid_avp_length', [
      raw(code, data, (flags & VENDOR) === 0 ? 0 : TGPP),
    ]);
  });

  test('nested: the wrong size', () => {
    const inner = rawAvp(266, MANDATORY, Buffer.alloc(2));
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [inner]) }),
      5014,
      'invalid_avp_length',
      [around(260, inner)],
    );
  });

  test('nested: AVP Length beyond the group, with zero-filled data; the message itself is sound', () => {
    const inner = rawAvp(266, MANDATORY, u32(TGPP), { length: 64 });
    const zero = rawAvp(266, MANDATORY, u32(0));
    const failure = expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [inner]) }),
      5014,
      'invalid_avp_length',
      [around(260, zero)],
    );
    expect(failure.fatal).toBe(false);
  });

  test('[6733-4.2] a Grouped AVP whose length is no multiple of four', () => {
    const data = Buffer.concat([number(266, TGPP), Buffer.alloc(1)]);
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, data) }),
      5014,
      'invalid_avp_length',
      [raw(260, data)],
    );
  });

  test('two levels down', () => {
    const algorithm = rawAvp(266, MANDATORY, Buffer.alloc(3));
    const application = rawAvp(260, MANDATORY, [algorithm]);
    const failure = expectFailure(
      uarWith({ applications: rawAvp(631, VENDOR | MANDATORY, [application]) }),
      5014,
      'invalid_avp_length',
      [around(631, rawAvp(260, MANDATORY, algorithm), TGPP)],
    );
    expect(failure.message).toContain('in Vendor-Specific-Application-Id, in Supported-Applications');
  });
});

describe('[6733-7.1.5] 5005: missing AVP', () => {
  test.each([
    ['sessionId', 263, 0, 0],
    ['authSessionState', 277, 0, 4],
    ['originHost', 264, 0, 0],
    ['originRealm', 296, 0, 0],
    ['destinationRealm', 283, 0, 0],
    ['userName', 1, 0, 0],
    ['publicIdentity', 601, TGPP, 0],
    ['visitedNetworkIdentifier', 600, TGPP, 0],
  ])(
    '%s: an example with its code, vendor and flags and zero-filled data [6733-7.5]',
    (property, code, vendorId, octets) => {
      expectFailure(uarWith({ [property]: null }), 5005, 'missing_avp', [
        raw(code, Buffer.alloc(octets), vendorId),
      ]);
    },
  );

  test('a message without any AVP misses the first', () => {
    expectFailure(rawMessage([]), 5005, 'missing_avp', [raw(263, Buffer.alloc(0))]);
  });

  test('an example of an AVP without the M bit has none', () => {
    const cer = rawMessage([text(264, 'a.example'), text(296, 'example'), number(266, 1)], {
      code: 257,
      application: 0,
      flags: 0x80,
    });
    expectFailure(cer, 5005, 'missing_avp', [raw(269, Buffer.alloc(0), 0, false)]);
  });

  test('nested', () => {
    const example = rawAvp(266, MANDATORY, u32(0));
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [number(258, CX)]) }),
      5005,
      'missing_avp',
      [around(260, example)],
    );
    expectFailure(uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, []) }), 5005, 'missing_avp', [
      around(260, example),
    ]);
  });

  test('what comes under the same code without its vendor is another AVP', () => {
    expectFailure(uarWith({ publicIdentity: rawAvp(601, 0, Buffer.from('sip:a@b')) }), 5005, 'missing_avp', [
      raw(601, Buffer.alloc(0), TGPP),
    ]);
  });
});

describe('[6733-7.1.5] 5009: too many occurrences', () => {
  test('the first instance beyond the limit, not the first of all', () => {
    expectFailure(
      uarWith({ second: text(1, 'second@ims.example'), third: text(1, 'third') }),
      5009,
      'too_many_occurrences',
      [raw(1, Buffer.from('second@ims.example'))],
    );
  });

  test('an optional AVP twice', () => {
    expectFailure(uarWith({ one: cxNumber(623, 0), two: cxNumber(623, 1) }), 5009, 'too_many_occurrences', [
      raw(623, u32(1), TGPP),
    ]);
  });

  test('Session-Id twice', () => {
    expectFailure(uarWith({ again: text(263, 'x;1;1') }), 5009, 'too_many_occurrences', [
      raw(263, Buffer.from('x;1;1')),
    ]);
  });

  test('nested', () => {
    const second = number(266, 13019);
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [number(266, TGPP), second]) }),
      5009,
      'too_many_occurrences',
      [around(260, second)],
    );
  });

  test('a list with an upper bound', () => {
    const own = new Dictionary([baseTable, exampleTable]);
    const bytes = rawMessage(
      [1, 2, 3].map((value) => number(27, value)),
      { code: 9999, application: 77, flags: 0x80 },
    );
    expect(refused(bytes, own)).toMatchObject({ resultCode: 5009, failedAvps: [raw(27, u32(3))] });
  });
});

/** A command without `*[ AVP ]` and with `1*2{ Session-Timeout }`, as no standard one has. */
const exampleTable: DictionaryTable = {
  name: 'example',
  applications: [{ id: 77, name: 'Example' }],
  uses: ['base'],
  vendors: [],
  avps: [],
  groups: [],
  enumerations: {},
  errorAnswer: null,
  commands: [
    {
      abbreviation: 'EXR',
      name: 'Example-Request',
      code: 9999,
      applicationId: 77,
      request: true,
      proxiable: false,
      error: false,
      rules: [{ avp: 'Session-Timeout', property: 'sessionTimeout', min: 1, max: 2 }],
      build: (values) => ({ sessionTimeout: values[0] }),
      take: () => undefined,
    },
  ],
};

describe('[6733-7.1.5] 5008: AVP not allowed', () => {
  test('at the top level of a command without *[ AVP ]', () => {
    const own = new Dictionary([baseTable, exampleTable]);
    const bytes = rawMessage([number(27, 1), text(1, 'alice')], { code: 9999, application: 77, flags: 0x80 });
    expect(refused(bytes, own)).toMatchObject({
      resultCode: 5008,
      kind: 'avp_not_allowed',
      failedAvps: [raw(1, Buffer.from('alice'))],
    });
  });

  test('nested, in a group without *[ AVP ]', () => {
    const inner = text(1, 'alice');
    expectFailure(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [number(266, TGPP), inner]) }),
      5008,
      'avp_not_allowed',
      [around(260, inner)],
    );
  });

  test('[6733-3.2] *[ AVP ] admits every known AVP that the format does not name, also with the M bit', () => {
    const result = decodeMessage(uarWith({ odd: number(27, 60) }), dictionary);
    expect(result).toMatchObject({ ok: true, message: { avps: { additionalAvps: [raw(27, u32(60))] } } });
  });
});

describe('[6733-7.1.5] 5001: unknown AVP', () => {
  test('with the M bit', () => {
    expectFailure(uarWith({ odd: rawAvp(70_000, MANDATORY, Buffer.from('x')) }), 5001, 'unknown_avp', [
      raw(70_000, Buffer.from('x')),
    ]);
  });

  test('with the M bit, of an unknown vendor or with a code beyond every table', () => {
    expectFailure(
      uarWith({ odd: rawAvp(1, MANDATORY | VENDOR, Buffer.from('x'), { vendorId: 99 }) }),
      5001,
      'unknown_avp',
      [raw(1, Buffer.from('x'), 99)],
    );
    expectFailure(
      uarWith({ odd: rawAvp(0xffffffff, MANDATORY | VENDOR, Buffer.from('x')) }),
      5001,
      'unknown_avp',
      [raw(0xffffffff, Buffer.from('x'), TGPP)],
    );
  });

  test('nested', () => {
    const inner = rawAvp(70_000, MANDATORY, Buffer.from('x'));
    expectFailure(marWith([inner]), 5001, 'unknown_avp', [around(612, inner, TGPP)]);
  });

  test('without the M bit it passes, at the top level and nested', () => {
    const odd = rawAvp(494, VENDOR, Buffer.from('x'), { vendorId: 50 });
    const expected = { code: 494, vendorId: 50, mandatory: false, data: Buffer.from('x') };
    expect(decodeMessage(uarWith({ odd }), dictionary)).toMatchObject({
      ok: true,
      message: { avps: { additionalAvps: [expected] } },
    });
    expect(decodeMessage(marWith([odd]), dictionary)).toMatchObject({
      ok: true,
      message: { avps: { sipAuthDataItem: { additionalAvps: [expected] } } },
    });
  });

  test('without the M bit it passes where there is no *[ AVP ], and is dropped', () => {
    const odd = rawAvp(494, VENDOR, Buffer.from('x'), { vendorId: 50 });
    const result = decodeMessage(
      uarWith({ vendorSpecificApplicationId: rawAvp(260, MANDATORY, [number(266, TGPP), odd]) }),
      dictionary,
    );
    expect(result.ok).toBe(true);
  });
});

describe('[6733-7.1.5] 5004: invalid value', () => {
  test.each([
    ['Enumerated outside its list', 623, MANDATORY | VENDOR, u32(3)],
    ['a negative Enumerated', 623, MANDATORY | VENDOR, u32(-1)],
    ['an overlong UTF8String', 634, VENDOR, Buffer.from('c080', 'hex')],
    ['a cut UTF8String', 634, VENDOR, Buffer.from('73c3', 'hex')],
    ['a NUL in a UTF8String', 634, VENDOR, Buffer.from('a\0b')],
    ['a long UTF8String with a bad octet', 634, VENDOR, Buffer.alloc(200, 0xff)],
    ['an empty DiameterIdentity', 282, MANDATORY, Buffer.alloc(0)],
    ['a space in a DiameterIdentity', 282, MANDATORY, Buffer.from('a b')],
    ['an empty label in a DiameterIdentity', 282, MANDATORY, Buffer.from('a..b')],
    ['a DiameterIdentity of 256 octets', 282, MANDATORY, Buffer.alloc(256, 97)],
    ['a DiameterURI without scheme', 619, VENDOR, Buffer.from('host.example')],
    ['a DiameterURI over UDP', 619, VENDOR, Buffer.from('aaa://host.example;transport=udp')],
    ['a DiameterURI with port 99999', 619, VENDOR, Buffer.from('aaa://host.example:99999')],
    ['address family 0', 666, VENDOR, Buffer.alloc(6)],
    ['address family 65535', 666, VENDOR, Buffer.from('ffff00000000', 'hex')],
  ])('%s', (_what, code, flags, data) => {
    const odd = rawAvp(code, flags | MANDATORY, data);
    expectFailure(uarWith({ odd }), 5004, 'invalid_avp_value', [
      raw(code, data, (flags & VENDOR) === 0 ? 0 : TGPP),
    ]);
  });

  test('nested', () => {
    const inner = cxText(608, '\0');
    expectFailure(marWith([inner]), 5004, 'invalid_avp_value', [around(612, inner, TGPP)]);
  });

  test('two levels down, the group without its M bit', () => {
    const inner = rawAvp(121, MANDATORY, Buffer.from([0xff]));
    const digest = rawAvp(635, VENDOR, [inner]);
    expectFailure(marWith([digest]), 5004, 'invalid_avp_value', [around(612, digest, TGPP)]);
  });

  test('every Enumerated AVP refuses a value outside its list', () => {
    const enumerated = [...dictionary.avps()].filter((avp) => avp.type === 'Enumerated');
    expect(enumerated.length).toBe(21);
    for (const avp of enumerated) {
      const flags = MANDATORY | (avp.vendorId === 0 ? 0 : VENDOR);
      const odd = rawAvp(avp.code, flags, u32(4711), { vendorId: avp.vendorId });
      const changes: Record<string, Buffer> =
        avp.name === 'Auth-Session-State' ? { authSessionState: odd } : { odd };
      expect(refused(uarWith(changes))).toMatchObject({ resultCode: 5004, failedAvps: [{ code: avp.code }] });
    }
  });
});

describe('bounds of our own', () => {
  const limits = { maxMessageOctets: 65_536, maxAvpCount: 16, maxNestingDepth: 3 };

  test('5012: more AVPs than configured, nested ones counted', () => {
    const many = Buffer.concat(Array.from({ length: 4 }, () => number(27, 1)));
    expect(refused(uarWith({ many }), dictionary, limits)).toMatchObject({
      resultCode: 5012,
      kind: 'too_many_avps',
      fatal: false,
    });
    expect(decodeMessage(uarWith({}), dictionary, limits).ok).toBe(true);
  });

  test('5012: groups nested deeper than configured', () => {
    const restoration = (inner: readonly Buffer[]): Buffer => rawAvp(649, VENDOR, inner);
    const three = rawAvp(639, VENDOR | MANDATORY, [
      restoration([rawAvp(642, VENDOR, [rawAvp(641, VENDOR, Buffer.from('c'))])]),
    ]);
    expect(
      refused(uarWith({ three }), dictionary, { ...limits, maxAvpCount: 64, maxNestingDepth: 4 }),
    ).toMatchObject({ resultCode: 5005 });
    expect(refused(uarWith({ three }), dictionary, { ...limits, maxAvpCount: 64 })).toMatchObject({
      resultCode: 5012,
      kind: 'nesting_too_deep',
    });
  });

  test('an AVP without the M bit that only *[ AVP ] admits is carried, not looked at', () => {
    const odd = rawAvp(650, VENDOR, Buffer.from([1]));
    expect(decodeMessage(uarWith({ odd }), dictionary).ok).toBe(true);
    expect(decodeMessage(uarWith({ odd: rawAvp(648, VENDOR, Buffer.from([1])) }), dictionary).ok).toBe(true);
  });
});

describe('what is tolerated, as dictionary/*.dia says', () => {
  test('[29.229-6.1] a Cx request without Vendor-Specific-Application-Id', () => {
    const result = decodeMessage(uarWith({ vendorSpecificApplicationId: null }), dictionary);
    expect(result).toMatchObject({ ok: true, message: { avps: { vendorSpecificApplicationId: undefined } } });
  });

  test('[6733-5.3.1] a CER without Host-IP-Address, with Product-Name marked mandatory', () => {
    const avps = [
      text(264, 'a.example'),
      text(296, 'example'),
      number(266, TGPP),
      text(269, 'CDiameterPeer'),
    ];
    expect(decodeMessage(rawMessage(avps, { code: 257, application: 0, flags: 0x80 }), dictionary).ok).toBe(
      true,
    );
  });

  test.each([
    [282, 'DPA'],
    [280, 'DWA'],
  ])('[6733-5.4.2] an answer %i (%s) without Result-Code', (code) => {
    const avps = [text(264, 'a.example'), text(296, 'example')];
    expect(decodeMessage(rawMessage(avps, { code, application: 0, flags: 0 }), dictionary).ok).toBe(true);
  });

  test('[6733-8.8] Session-Id elsewhere than first', () => {
    const { sessionId, ...others } = uarAvps();
    expect(
      decodeMessage(rawMessage([...Object.values(others), sessionId ?? Buffer.alloc(0)]), dictionary).ok,
    ).toBe(true);
  });

  test('[6733-7.5] the content of a Failed-AVP is not judged', () => {
    const inside = [
      rawAvp(70_000, MANDATORY, Buffer.from('x')),
      rawAvp(277, MANDATORY | 1, Buffer.alloc(2)),
      Buffer.alloc(4, 1),
    ];
    const answer = [
      text(263, 's;1;1'),
      text(264, 'a.example'),
      text(296, 'example'),
      number(268, 3009),
      rawAvp(279, MANDATORY, inside),
    ];
    const result = decodeMessage(rawMessage(answer, { flags: 0x20 }), dictionary);
    expect(result).toMatchObject({
      ok: true,
      message: { avps: { failedAvp: { additionalAvps: [{ code: 70_000 }, { code: 277 }] } } },
    });
  });
});
