/**
 * Random octets against the decoder, the same in every run: it never throws, and every refusal can be
 * answered.
 */
import { isDeepStrictEqual } from 'node:util';
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeNamed } from '../../../src/diameter/codec/encode';
import { failureAnswer } from '../../../src/diameter/codec/error-answer';
import { renderMessage } from '../../../src/diameter/codec/render';
import { dictionary, present, seededRandom } from './support';
import { vectors } from './vectors';

const NODE = { originHost: 'hss.ims.example', originRealm: 'ims.example', originStateId: 1 };
const CODES = new Set([3001, 3007, 3008, 3009, 5001, 5004, 5005, 5008, 5009, 5011, 5012, 5014, 5015]);

/** Says which octets broke the rule; an `expect` for each of so many rounds would take too long. */
function check(holds: boolean, bytes: Buffer): void {
  if (!holds) throw new Error(`broken by ${bytes.toString('hex')}`);
}

/** Decodes, checks what must hold of any outcome, and says whether it was accepted. */
function examine(bytes: Buffer): boolean {
  const result = decodeMessage(bytes, dictionary);
  if (result.ok) {
    const { header, abbreviation, avps } = result.message;
    const again = decodeMessage(encodeNamed(abbreviation, header, avps as object, dictionary), dictionary);
    if (!again.ok) throw new Error(again.failure.message);
    // Not octet for octet: order, M bits, padding and what has been dropped may differ.
    if (!isDeepStrictEqual(present(again.message.avps), present(avps)))
      throw new Error(`another ${abbreviation}: ${bytes.toString('hex')}`);
    return true;
  }
  const { failure } = result;
  check(CODES.has(failure.resultCode), bytes);
  const answer = failureAnswer(failure, NODE, dictionary);
  if (failure.header === null || !failure.header.request) {
    check(answer === null, bytes);
  } else {
    const flags = answer?.[4] ?? 0xff;
    check(answer !== null && answer.readUIntBE(1, 3) === answer.length, bytes);
    check((flags & 0x80) === 0 && ((flags & 0x20) !== 0) === failure.resultCode < 4000, bytes);
  }
  return false;
}

test('[6733-7] random octets behind a plausible header', () => {
  const random = seededRandom(0x6733);
  for (let round = 0; round < 8_000; round += 1) {
    const bytes = Buffer.alloc(20 + 4 * (random() % 40));
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = random();
    if (round % 4 !== 0) {
      bytes[0] = 1;
      bytes.writeUIntBE(bytes.length, 1, 3);
      bytes[4] = (random() % 2) * 0x80;
      bytes.writeUIntBE(300 + (random() % 6), 5, 3);
      bytes.writeUInt32BE(16777216, 8);
    }
    examine(bytes);
  }
});

test('[6733-7] valid messages with some octets changed, cut out or doubled', () => {
  const random = seededRandom(29229);
  let accepted = 0;
  for (let round = 0; round < 8_000; round += 1) {
    const original = vectors[random() % vectors.length]?.bytes ?? Buffer.alloc(0);
    let bytes = Buffer.from(original);
    for (let change = random() % 4; change >= 0; change -= 1) bytes[random() % bytes.length] = random();
    if (random() % 3 === 0) {
      const at = 20 + 4 * (random() % ((bytes.length - 20) / 4));
      const end = Math.min(bytes.length, at + 4 * (random() % 12));
      bytes =
        random() % 2 === 0
          ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
          : Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    }
    if (random() % 8 !== 0) bytes.writeUIntBE(bytes.length, 1, 3);
    if (examine(bytes)) accepted += 1;
  }
  expect(accepted).toBeGreaterThan(100);
});

test('the tree of a broken message never throws', () => {
  const random = seededRandom(42);
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = Buffer.from(vectors[random() % vectors.length]?.bytes ?? Buffer.alloc(0));
    for (let change = random() % 6; change >= 0; change -= 1) bytes[random() % bytes.length] = random();
    check(renderMessage(bytes.subarray(0, random() % (bytes.length + 1)), dictionary).endsWith('\n'), bytes);
  }
});
