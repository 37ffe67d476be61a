import type { AnswerResult, Decision } from '../../../src/diameter/dispatch/contract';
import { ResultCode } from '../../../src/diameter/generated/base';
import { ExperimentalResultCode } from '../../../src/apps/cx/generated/cx';
import { AVP, cxAnswer, wireAvps, wireCodes } from '../../support/cx-messages';
import { success, writer } from './answer-to';
import { delivered, hss, type Delivered } from './support';

const target = { publicIdentity: 'sip:alice@ims.example' };
const FLAG_P = 0x40;
const FLAG_E = 0x20;

const proxies = [
  { proxyHost: 'relay1.ims.example', proxyState: Buffer.from([0, 1, 2, 255]) },
  {
    proxyHost: 'relay2.ims.example',
    proxyState: Buffer.from('longer state'),
    additionalAvps: [{ code: 4000, vendorId: 0, mandatory: false, data: Buffer.from('x') }],
  },
  { proxyHost: 'relay1.ims.example', proxyState: Buffer.alloc(0) },
];

/** The Proxy-Info AVPs of a message, as octets. */
const proxyInfo = (bytes: Buffer): string[] =>
  wireAvps(bytes)
    .filter((avp) => avp.code === AVP.proxyInfo)
    .map((avp) => `${avp.flags} ${avp.data.toString('hex')}`);

function lia(request: Delivered, decision: Decision<unknown> = success): Buffer {
  return writer.decision(request.message, 'LIA', decision, []);
}

/** The three ways in which an answer is made. */
const ways: readonly [string, (request: Delivered) => Buffer, number][] = [
  ['a decision', (request) => lia(request), 2001],
  [
    'a decision with an error',
    (request) =>
      lia(request, { result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY }, avps: {} }),
    5012,
  ],
  ['a refusal with a protocol error', (request) => writer.plain(request.message, 3004, 'busy'), 3004],
];

describe.each(ways)('what every answer has: %s', (_name, make, resultCode) => {
  test("[6733-8.8] Session-Id comes first and is the request's", () => {
    const bytes = make(delivered('LIR', { ...target, sessionId: 'scscf;1;2;é' }));
    expect(wireCodes(bytes)[0]).toBe(AVP.sessionId);
    expect(cxAnswer(bytes).avps['sessionId']).toBe('scscf;1;2;é');
  });

  test('[6733-6.2] identifiers and command of the request, R and T bits clear, P bit mirrored', () => {
    for (const proxiable of [true, false]) {
      const { header } = cxAnswer(
        make(
          delivered('LIR', target, {
            hopByHopId: 0xfffffffe,
            endToEndId: 0x80000001,
            proxiable,
            retransmitted: true,
          }),
        ),
      );
      expect(header).toMatchObject({
        version: 1,
        request: false,
        retransmitted: false,
        proxiable,
        commandCode: 302,
        applicationId: 16_777_216,
        hopByHopId: 0xfffffffe,
        endToEndId: 0x80000001,
      });
    }
  });

  test('[6733-6.2] Proxy-Info comes back unchanged and in order', () => {
    const request = delivered('LIR', { ...target, proxyInfo: proxies });
    expect(proxyInfo(request.message.bytes)).toHaveLength(3);
    expect(proxyInfo(make(request))).toEqual(proxyInfo(request.message.bytes));
    expect(proxyInfo(make(delivered('LIR', target)))).toEqual([]);
  });

  test('[6733-6.3] [6733-6.4] [6733-8.16] Origin-Host and Origin-Realm are ours, without Origin-State-Id', () => {
    const bytes = make(delivered('LIR', target));
    expect(cxAnswer(bytes).avps).toMatchObject({ originHost: hss.originHost, originRealm: hss.originRealm });
    // No Cx command lists it, and it has the M bit: strict peers refuse the answer.
    expect(wireCodes(bytes)).not.toContain(AVP.originStateId);
  });

  test('[29.229-5.3] [29.229-6.1] Auth-Session-State NO_STATE_MAINTAINED and one Vendor-Specific-Application-Id of Cx', () => {
    const bytes = make(delivered('LIR', target));
    const codes = wireCodes(bytes);
    expect(codes.filter((code) => code === AVP.vendorSpecificApplicationId)).toHaveLength(1);
    const [state] = wireAvps(bytes).filter((avp) => avp.code === AVP.authSessionState);
    expect(state?.data.readUInt32BE(0)).toBe(1);
    const [id] = wireAvps(bytes).filter((avp) => avp.code === AVP.vendorSpecificApplicationId);
    const inside = wireAvps(id?.data ?? Buffer.alloc(0), 0);
    expect(inside.map((avp) => [avp.code, avp.data.readUInt32BE(0)])).toEqual([
      [266, 10_415],
      [258, 16_777_216],
    ]);
  });

  test('[6733-7.1.3] the E bit is set for 3xxx and for nothing else', () => {
    const bytes = make(delivered('LIR', target));
    expect(bytes.readUInt8(4)).toBe(FLAG_P | (resultCode >= 3000 && resultCode < 4000 ? FLAG_E : 0));
  });
});

describe('results', () => {
  const results: readonly AnswerResult[] = [
    ...Object.values(ResultCode)
      .filter((code) => code < 3000 || code >= 4000)
      .map((code) => ({ kind: 'base', code }) as const),
    ...Object.values(ExperimentalResultCode).map((code) => ({ kind: 'experimental', code }) as const),
  ];

  test('[29.229-6.2] Result-Code or Experimental-Result with vendor 10415, never both and never none', () => {
    for (const result of results) {
      const bytes = lia(delivered('LIR', target), { result, avps: {} });
      const codes = wireCodes(bytes).filter(
        (code) => code === AVP.resultCode || code === AVP.experimentalResult,
      );
      expect(codes).toEqual([result.kind === 'base' ? AVP.resultCode : AVP.experimentalResult]);
      const { avps } = cxAnswer(bytes);
      if (result.kind === 'base') expect(avps['resultCode']).toBe(result.code);
      else
        expect(avps['experimentalResult']).toMatchObject({
          vendorId: 10_415,
          experimentalResultCode: result.code,
        });
      expect(bytes.readUInt8(4) & FLAG_E).toBe(0);
    }
  });

  test('[6733-7.5] Failed-AVP holds the offending AVPs as they came', () => {
    const failedAvps = [
      { code: 602, vendorId: 10_415, mandatory: true, data: Buffer.from('sip:wrong') },
      { code: 1, vendorId: 0, mandatory: true, data: Buffer.from('abc') },
    ];
    const bytes = lia(delivered('LIR', target), {
      result: { kind: 'base', code: ResultCode.DIAMETER_INVALID_AVP_VALUE },
      avps: {},
      failedAvps,
    });
    const failed = wireAvps(bytes).filter((avp) => avp.code === AVP.failedAvp);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.flags).toBe(0x40);
    expect(
      wireAvps(failed[0]?.data ?? Buffer.alloc(0), 0).map(({ code, flags, data }) => [
        code,
        flags,
        String(data),
      ]),
    ).toEqual([
      [602, 0xc0, 'sip:wrong'],
      [1, 0x40, 'abc'],
    ]);
    expect(wireCodes(lia(delivered('LIR', target)))).not.toContain(AVP.failedAvp);
  });

  test('[29.229-7.2.1] Supported-Features in an answer never has the M bit', () => {
    const bytes = writer.decision(delivered('LIR', target).message, 'LIA', success, [
      { vendorId: 10_415, featureListId: 1, featureList: 5 },
    ]);
    expect(
      wireAvps(bytes)
        .filter((avp) => avp.code === AVP.supportedFeatures)
        .map((avp) => avp.flags),
    ).toEqual([0x80]);
    expect(cxAnswer(bytes).avps['supportedFeatures']).toMatchObject([
      { vendorId: 10_415, featureListId: 1, featureList: 5 },
    ]);
  });
});
