/**
 * Encoding beyond what the vectors show: AVPs made in advance, headers, large messages, and types that keep
 * codes apart.
 */
import { decodeMessage, isCommand } from '../../../src/diameter/codec/decode';
import { encodeAvp, encodeMessage, EncodeError, encodeRawAvps } from '../../../src/diameter/codec/encode';
import { setHopByHopId, setRetransmitted } from '../../../src/diameter/codec/header';
import type { DecodedMessage } from '../../../src/diameter/codec/types';
import { ResultCode, type ExperimentalResult } from '../../../src/diameter/generated/base';
import { DWR } from '../../../src/diameter/generated/base-tables';
import {
  ExperimentalResultCode,
  ServerAssignmentType,
  type UserAuthorizationAnswer,
} from '../../../src/apps/cx/generated/cx';
import { SAA, UAA, UAR } from '../../../src/apps/cx/generated/cx-tables';
import { dictionary, uarWith } from './support';

const PREPARED = {
  originHost: encodeAvp('Origin-Host', 'hss.ims.example', dictionary),
  originRealm: encodeAvp('Origin-Realm', 'ims.example', dictionary),
};
const IDS = { hopByHopId: 1, endToEndId: 2 };

function decodedAs<T>(bytes: Buffer): DecodedMessage<T> {
  const result = decodeMessage(bytes, dictionary);
  if (!result.ok) throw new Error(result.failure.message);
  return result.message as DecodedMessage<T>;
}

test('AVPs made in advance take the place of their properties', () => {
  const avps = {
    sessionId: 's;1;1',
    vendorSpecificApplicationId: { vendorId: 10415 },
    authSessionState: 1,
    resultCode: ResultCode.DIAMETER_SUCCESS,
  } as const;
  const prepared = encodeMessage(UAA, IDS, avps, dictionary, PREPARED);
  const plain = encodeMessage(
    UAA,
    IDS,
    { ...avps, originHost: 'hss.ims.example', originRealm: 'ims.example' },
    dictionary,
  );
  expect(prepared.equals(plain)).toBe(true);
});

test('[6733-6.2] P, E and T bit as the caller says, else as the Command Code Format', () => {
  const dwr = { originHost: 'a.example', originRealm: 'example' };
  expect(encodeMessage(DWR, IDS, dwr, dictionary)[4]).toBe(0x80);
  expect(encodeMessage(DWR, { ...IDS, retransmitted: true }, dwr, dictionary)[4]).toBe(0x90);
  const answer = {
    sessionId: 's',
    vendorSpecificApplicationId: { vendorId: 10415 },
    authSessionState: 1,
    originHost: 'a',
    originRealm: 'b',
  } as const;
  expect(encodeMessage(UAA, IDS, answer, dictionary)[4]).toBe(0x40);
  expect(encodeMessage(UAA, { ...IDS, proxiable: false }, answer, dictionary)[4]).toBe(0);
});

test('an encoded request gets another hop-by-hop identifier and the T bit in place [6733-5.5.4]', () => {
  const bytes = encodeMessage(DWR, IDS, { originHost: 'a.example', originRealm: 'example' }, dictionary);
  setHopByHopId(bytes, 0xdeadbeef);
  setRetransmitted(bytes);
  expect(decodedAs(bytes).header).toMatchObject({
    hopByHopId: 0xdeadbeef,
    endToEndId: 2,
    retransmitted: true,
  });
});

test('a message larger than the buffer it is written into, and the next small one', () => {
  const userData = Buffer.alloc(300_000, 'x');
  const avps = {
    sessionId: 's',
    vendorSpecificApplicationId: { vendorId: 10415 },
    authSessionState: 1,
    originHost: 'a',
    originRealm: 'b',
    userData,
  } as const;
  const bytes = encodeMessage(SAA, IDS, avps, dictionary);
  const limits = { maxMessageOctets: 400_000, maxAvpCount: 100, maxNestingDepth: 8 };
  expect(decodeMessage(bytes, dictionary, limits)).toMatchObject({
    ok: true,
    message: { avps: { userData } },
  });
  const small = encodeMessage(DWR, IDS, { originHost: 'a.example', originRealm: 'example' }, dictionary);
  expect(small.length).toBe(20 + 20 + 16);
});

test('[6733-3] a message longer than three octets can say is refused', () => {
  const userData = Buffer.alloc(0xffffff);
  const avps = {
    sessionId: 's',
    vendorSpecificApplicationId: { vendorId: 10415 },
    authSessionState: 1,
    originHost: 'a',
    originRealm: 'b',
    userData,
  } as const;
  expect(() => encodeMessage(SAA, IDS, avps, dictionary)).toThrow(EncodeError);
});

test('a raw AVP goes out as it came in', () => {
  const result = decodeMessage(
    uarWith({ odd: Buffer.from('000001ee8000000f00000032783d3100', 'hex') }),
    dictionary,
  );
  if (!result.ok || !isCommand(result.message, UAR)) throw new Error('no UAR');
  expect(encodeRawAvps(result.message.avps.additionalAvps ?? []).toString('hex')).toBe(
    '000001ee8000000f00000032783d3100',
  );
});

test('[29.229-6.2] wrong code does not compile: the two families of result codes, enumerations and required AVPs', () => {
  const answer: Partial<UserAuthorizationAnswer> = { resultCode: ResultCode.DIAMETER_SUCCESS };
  const result: ExperimentalResult = {
    vendorId: 10415,
    experimentalResultCode: ExperimentalResultCode.DIAMETER_FIRST_REGISTRATION,
  };
  const swapped: Partial<UserAuthorizationAnswer> = {
    // @ts-expect-error a 3GPP code is no base code
    resultCode: ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN,
  };
  const swappedToo: ExperimentalResult = {
    vendorId: 10415,
    // @ts-expect-error a base code is no 3GPP code
    experimentalResultCode: ResultCode.DIAMETER_SUCCESS,
  };
  // @ts-expect-error a bare number is neither
  const bare: Partial<UserAuthorizationAnswer> = { resultCode: 2001 };
  // @ts-expect-error 15 is not a Server-Assignment-Type
  const type: ServerAssignmentType = 15;
  // @ts-expect-error Origin-Realm is required
  expect(() => encodeMessage(DWR, IDS, { originHost: 'a.example' }, dictionary)).toThrow(
    /Origin-Realm is required/,
  );
  expect([answer, result, swapped, swappedToo, bare, type].length).toBe(6);
});
