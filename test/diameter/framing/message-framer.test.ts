/** Cutting a stream into messages [6733-3]. The vectors' own test cuts each of them at every offset. */
import { MessageFramer } from '../../../src/diameter/framing/message-framer';

function message(octets: number, fill = 0): Buffer {
  const bytes = Buffer.alloc(octets, fill);
  bytes[0] = 1;
  bytes.writeUIntBE(octets, 1, 3);
  return bytes;
}

function collect(
  framer: MessageFramer,
  chunks: readonly Buffer[],
): { messages: Buffer[]; fault: ReturnType<MessageFramer['push']> } {
  const messages: Buffer[] = [];
  let fault: ReturnType<MessageFramer['push']> = null;
  for (const chunk of chunks)
    fault = framer.push(chunk, (one) => {
      messages.push(one);
    });
  return { messages, fault };
}

test('many messages in one chunk, the last one cut', () => {
  const sent = [20, 24, 1000, 20, 65_536].map((octets, index) => message(octets, index));
  const stream = Buffer.concat([...sent, message(40).subarray(0, 10)]);
  const framer = new MessageFramer(65_536);
  const { messages, fault } = collect(framer, [stream]);
  expect(fault).toBeNull();
  expect(messages.map((one) => one.length)).toEqual([20, 24, 1000, 20, 65_536]);
  expect(messages.every((one, index) => one.equals(sent[index] ?? Buffer.alloc(0)))).toBe(true);
  expect(framer.bufferedOctets).toBe(10);
});

test('octet by octet', () => {
  const stream = Buffer.concat([message(20, 1), message(52, 2), message(20, 3)]);
  const framer = new MessageFramer(1024);
  const { messages } = collect(
    framer,
    Array.from(stream, (_, index) => stream.subarray(index, index + 1)),
  );
  expect(Buffer.concat(messages).equals(stream)).toBe(true);
});

test('any two cuts', () => {
  const stream = Buffer.concat([message(24, 1), message(20, 2), message(28, 3)]);
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const { messages, fault } = collect(new MessageFramer(1024), [
        stream.subarray(0, first),
        stream.subarray(first, second),
        stream.subarray(second),
      ]);
      if (fault !== null || messages.length !== 3 || !Buffer.concat(messages).equals(stream))
        throw new Error(`cut at ${first} and ${second}`);
    }
  }
});

test("the messages are the receiver's own: the chunk may be used again", () => {
  const chunk = message(24, 7);
  const { messages } = collect(new MessageFramer(1024), [chunk]);
  chunk.fill(0);
  expect(messages[0]?.equals(message(24, 7))).toBe(true);
});

test('[6733-7.1.5] 5011: another version, found at its first octet; what came before is delivered', () => {
  const framer = new MessageFramer(1024);
  const { messages, fault } = collect(framer, [Buffer.concat([message(20), Buffer.from([2, 0, 0, 20])])]);
  expect(messages.length).toBe(1);
  expect(fault).toMatchObject({ resultCode: 5011, detail: 'version 2' });
  expect(fault?.headerBytes.toString('hex')).toBe('02000014');
});

test.each([[0], [16], [22], [1028], [0xffffff]])('[6733-7.1.5] 5015: Message Length %i', (length) => {
  const header = message(20, 9);
  header.writeUIntBE(length, 1, 3);
  for (const cut of [0, 1, 3, 4, 5, 19, 20]) {
    const framer = new MessageFramer(1024);
    const { messages, fault } = collect(framer, [header.subarray(0, cut), header.subarray(cut)]);
    expect(fault).toMatchObject({ resultCode: 5015 });
    expect(fault?.headerBytes.equals(header.subarray(0, fault.headerBytes.length))).toBe(true);
    expect(messages).toEqual([]);
  }
  expect(
    collect(new MessageFramer(1024), [Buffer.concat([header, message(20)])]).fault?.headerBytes.equals(
      header,
    ),
  ).toBe(true);
});

test('after a fault nothing more is taken', () => {
  const framer = new MessageFramer(1024);
  const first = framer.push(Buffer.from('GET / HTTP/1.1\r\n'), () => {
    throw new Error('no message');
  });
  expect(first).toMatchObject({ resultCode: 5011 });
  expect(
    framer.push(message(20), () => {
      throw new Error('no message');
    }),
  ).toBe(first);
});

test('never more is held than one message', () => {
  const framer = new MessageFramer(4096);
  const half = message(4096).subarray(0, 4000);
  framer.push(half, () => undefined);
  expect(framer.bufferedOctets).toBe(4000);
  framer.push(Buffer.alloc(96), () => undefined);
  expect(framer.bufferedOctets).toBe(0);
});

test('many small chunks cost as much as their octets, not their square', () => {
  const octets = 4 * 1024 * 1024;
  const stream = message(octets);
  const framer = new MessageFramer(octets);
  let whole = 0;
  for (let at = 0; at < octets; at += 16)
    framer.push(stream.subarray(at, at + 16), () => {
      whole += 1;
    });
  // Copying everything held at each of the 262,144 chunks would be 550 GB; the test would not end within its
  // time.
  expect(whole).toBe(1);
});
