/** Every named vector four ways: decode, encode, round trip, and cut out of a stream at every offset. */
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeNamed } from '../../../src/diameter/codec/encode';
import { MessageFramer } from '../../../src/diameter/framing/message-framer';
import { dictionary, present } from './support';
import { vectors, type Vector } from './vectors';

function fields(vector: Vector): {
  hopByHopId: number;
  endToEndId: number;
  proxiable: boolean;
  error: boolean;
  retransmitted: boolean;
} {
  const { hopByHopId, endToEndId, proxiable, error, retransmitted } = vector;
  return { hopByHopId, endToEndId, proxiable, error, retransmitted };
}

describe.each(vectors)('$name', (vector) => {
  const tag = `[${vector.clause}]`;

  test(`${tag} decodes to its typed object`, () => {
    const result = decodeMessage(vector.bytes, dictionary);
    if (!result.ok) throw new Error(result.failure.message);
    expect(result.message.abbreviation).toBe(vector.abbreviation);
    expect(result.message.header).toEqual({
      version: 1,
      length: vector.bytes.length,
      request: vector.abbreviation.endsWith('R'),
      commandCode: expect.any(Number) as number,
      applicationId: vector.applicationId,
      ...fields(vector),
    });
    expect(present(result.message.avps)).toStrictEqual(vector.avps);
  });

  test(`${tag} is encoded to its octets`, () => {
    const encoded = encodeNamed(vector.abbreviation, fields(vector), vector.avps, dictionary);
    expect(encoded.toString('hex')).toBe(vector.bytes.toString('hex'));
  });

  test(`${tag} decoded and encoded again is the same`, () => {
    const result = decodeMessage(vector.bytes, dictionary);
    if (!result.ok) throw new Error(result.failure.message);
    const again = encodeNamed(vector.abbreviation, fields(vector), result.message.avps as object, dictionary);
    expect(again.equals(vector.bytes)).toBe(true);
  });

  test('[6733-3] comes whole out of a stream that is cut at any offset', () => {
    const stream = Buffer.concat([vector.bytes, vector.bytes]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const framer = new MessageFramer(65_536);
      const messages: Buffer[] = [];
      const keep = (message: Buffer): void => {
        messages.push(message);
      };
      const faults = [framer.push(stream.subarray(0, cut), keep), framer.push(stream.subarray(cut), keep)];
      const whole = messages.length === 2 && messages.every((message) => message.equals(vector.bytes));
      expect({ cut, faults, whole, left: framer.bufferedOctets }).toEqual({
        cut,
        faults: [null, null],
        whole: true,
        left: 0,
      });
    }
  });

  test('[6733-7] no prefix of it is taken for a message, and no single changed octet makes the decoder throw', () => {
    for (let end = 0; end < vector.bytes.length; end += 1) {
      if (decodeMessage(vector.bytes.subarray(0, end), dictionary).ok)
        throw new Error(`taken with ${end} octets`);
    }
    for (let at = 0; at < vector.bytes.length; at += 1) {
      for (const change of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(vector.bytes);
        changed[at] = (changed[at] ?? 0) ^ change;
        const result = decodeMessage(changed, dictionary);
        if (!result.ok && result.failure.resultCode < 3001)
          throw new Error(`octet ${at}: ${result.failure.resultCode}`);
      }
    }
  });
});
