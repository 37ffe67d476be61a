/** The answers to requests that are refused. */
import { decodeHeader, decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeAvp } from '../../../src/diameter/codec/encode';
import { errorAnswer, failureAnswer, isProtocolError } from '../../../src/diameter/codec/error-answer';
import type { DecodeFailure, DiameterHeader } from '../../../src/diameter/codec/types';
import { dictionary, number, present, SESSION_ID, uarWith } from './support';

const NODE = { originHost: 'hss.ims.example', originRealm: 'ims.example', originStateId: 1763758800 };
const EXTRA = Buffer.concat([
  encodeAvp('Vendor-Specific-Application-Id', { vendorId: 10415, authApplicationId: 16777216 }, dictionary),
  encodeAvp('Auth-Session-State', 1, dictionary),
]);

function refusal(bytes: Buffer): DecodeFailure {
  const result = decodeMessage(bytes, dictionary);
  if (result.ok) throw new Error('accepted');
  return result.failure;
}

function decoded(answer: Buffer | null): { header: DiameterHeader; avps: unknown } {
  if (answer === null) throw new Error('no answer');
  const result = decodeMessage(answer, dictionary);
  if (!result.ok) throw new Error(result.failure.message);
  return { header: result.message.header, avps: present(result.message.avps) };
}

/** The codes of the AVPs at the top level, in order. */
function order(answer: Buffer): number[] {
  const codes: number[] = [];
  for (let at = 20; at < answer.length; at += (answer.readUIntBE(at + 5, 3) + 3) & ~3)
    codes.push(answer.readUInt32BE(at));
  return codes;
}

test('[6733-7.2] a protocol error: E set, R clear, P and identifiers of the request, AVPs in order', () => {
  const failure = refusal(uarWith({}, { code: 999 }));
  const answer = failureAnswer(failure, NODE, dictionary);
  expect(answer === null ? [] : order(answer)).toEqual([263, 264, 296, 268, 281, 284]);
  expect(decodeHeader(answer ?? Buffer.alloc(0))).toMatchObject({
    request: false,
    proxiable: true,
    error: true,
    retransmitted: false,
    commandCode: 999,
    applicationId: 16777216,
    hopByHopId: 0x01010101,
    endToEndId: 0x02020202,
  });
});

test('[6733-7.2] an unknown command of the right application can be read by the other side as an error answer', () => {
  const failure = refusal(uarWith({}, { flags: 0xc1 }));
  expect(decoded(failureAnswer(failure, NODE, dictionary))).toMatchObject({
    header: { error: true },
    avps: {
      sessionId: SESSION_ID,
      originHost: NODE.originHost,
      resultCode: 3008,
      proxyInfo: [{ proxyHost: 'dra.ims.example' }],
    },
  });
});

test('[6733-7.1.5] a permanent failure: E clear, and the answer follows the format of its command', () => {
  const failure = refusal(uarWith({ authSessionState: number(277, 7) }, { flags: 0x90 }));
  const answer = failureAnswer(failure, NODE, dictionary, EXTRA);
  expect(decoded(answer)).toEqual({
    header: expect.objectContaining({
      error: false,
      request: false,
      proxiable: false,
      retransmitted: false,
    }) as unknown,
    avps: {
      sessionId: SESSION_ID,
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: NODE.originHost,
      originRealm: NODE.originRealm,
      resultCode: 5004,
      failedAvp: {
        additionalAvps: [{ code: 277, vendorId: 0, mandatory: true, data: Buffer.from([0, 0, 0, 7]) }],
      },
      additionalAvps: [{ code: 281, vendorId: 0, mandatory: false, data: Buffer.from(failure.message) }],
      proxyInfo: [{ proxyHost: 'dra.ims.example', proxyState: Buffer.from('state') }],
    },
  });
  expect(order(answer ?? Buffer.alloc(0))).toEqual([263, 260, 277, 264, 296, 268, 281, 279, 284]);
});

test('[6733-7.2] no answer to an answer, none without a header', () => {
  expect(failureAnswer(refusal(uarWith({}, { flags: 0x41 })), NODE, dictionary)).toBeNull();
  expect(failureAnswer(refusal(Buffer.alloc(8)), NODE, dictionary)).toBeNull();
});

test('[6733-7.1.5] 5011 is answered with version 1', () => {
  const answer = failureAnswer(refusal(uarWith({}, { version: 2 })), NODE, dictionary);
  expect(answer?.[0]).toBe(1);
  expect(order(answer ?? Buffer.alloc(0))).toEqual([264, 296, 268, 281]);
});

test('[6733-7.5] a very large offending AVP is named by its header only', () => {
  const failure = refusal(
    uarWith({ odd: Buffer.concat([Buffer.from('000111704000c358', 'hex'), Buffer.alloc(50_000)]) }),
  );
  expect(failure.resultCode).toBe(5001);
  expect(failureAnswer(failure, NODE, dictionary)?.length).toBeLessThan(1_000);
});

test('[6733-7.1] an error answer of the dispatcher, without what it does not know', () => {
  const header = decodeHeader(uarWith({}));
  if (header === null) throw new Error('no header');
  const answer = errorAnswer(
    header,
    { resultCode: 3002 },
    { originHost: 'a.example', originRealm: 'example' },
    dictionary,
  );
  expect(order(answer)).toEqual([264, 296, 268]);
  expect([2001, 2999, 3000, 3999, 4000, 5012].map(isProtocolError)).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});
