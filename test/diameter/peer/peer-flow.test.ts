/**
 * A peer that floods, stalls, cuts or garbles: neither memory nor the other peers suffer. Over loopback TCP.
 */
import { encodeAvp, encodeFromParts } from '../../../src/diameter/codec/encode';
import type { IncomingRequest } from '../../../src/diameter/peer/contract';
import {
  dictionary,
  lir,
  pause,
  RawClient,
  REALM,
  startNode,
  stateOf,
  stopAll,
  successAnswer,
  successAnswerTo,
  until,
} from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';

/** Requests with hop-by-hop identifiers 1 to `count`. */
function flood(client: RawClient, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => lir(client.name, i + 1, i + 1)));
}

describe('flow control', () => {
  test('a flooding peer is paused at its limit while another one is served', async () => {
    const hss = await startNode(HSS, {
      acceptUnknownPeers: true,
      maxRequestsInProgressPerPeer: 50,
      maxMessagesPerTurn: 16,
    });
    const flooder = await RawClient.open(hss.port, 'flooder.x');
    const other = await RawClient.open(hss.port, 'other.x');
    hss.sink.silent = true;
    flooder.write(flood(flooder, 5_000));
    const of = (name: string): IncomingRequest[] =>
      hss.sink.requests.filter((r) => r.peer.originHost === name);
    await until(() => of('flooder.x').length === 50, 'the limit');
    await pause(40);
    expect(of('flooder.x')).toHaveLength(50);
    other.write(lir(other.name));
    await until(() => of('other.x').length === 1, 'the other one');
    of('other.x')[0]?.answer(successAnswer(of('other.x')[0]!.message, HSS));
    await until(() => other.result('LIA') === 2001, 'the other one is answered');

    const received = hss.table.snapshot().find((s) => s.originHost === 'flooder.x')?.messagesIn ?? 0;
    expect(received).toBeLessThan(1_000);
    let most = 0;
    let answered = 0;
    while (answered < 5_000) {
      const waiting = of('flooder.x').slice(answered);
      most = Math.max(most, waiting.length);
      for (const request of waiting) request.answer(successAnswer(request.message, HSS));
      answered += waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBeLessThanOrEqual(50);
    await until(() => flooder.received.length === 5_001, 'every answer');
    expect(flooder.received.slice(1).map((m) => m.header.hopByHopId)).toEqual(
      Array.from({ length: 5_000 }, (_, i) => i + 1),
    );
  });

  test('fairness: one turn handles a bounded number of messages of each peer', async () => {
    const hss = await startNode(HSS, {
      acceptUnknownPeers: true,
      maxMessagesPerTurn: 8,
      maxRequestsInProgressPerPeer: 10_000,
    });
    const flooder = await RawClient.open(hss.port, 'flooder.x');
    const other = await RawClient.open(hss.port, 'other.x');
    const turns: number[] = [];
    let inTurn = 0;
    hss.sink.onRequest = (request) => {
      hss.sink.requests.push(request);
      if (inTurn === 0)
        setImmediate(() => {
          turns.push(inTurn);
          inTurn = 0;
        });
      inTurn += request.peer.originHost === 'flooder.x' ? 1 : 0;
      request.answer(successAnswer(request.message, HSS));
    };
    flooder.write(flood(flooder, 2_000));
    other.write(lir(other.name));
    await until(() => other.result('LIA') === 2001, 'the other one is served');
    expect(hss.sink.requests.findIndex((r) => r.peer.originHost === 'other.x')).toBeLessThan(1_000);
    await until(() => hss.sink.requests.length === 2_001, 'everything');
    expect(Math.max(...turns)).toBeLessThanOrEqual(16);
  });

  test('a peer that does not read is not read from either, and gets everything once it reads', async () => {
    const hss = await startNode(
      HSS,
      { acceptUnknownPeers: true },
      { writeHighWaterOctets: 64 * 1024, writeLimitOctets: 8 << 20 },
    );
    const slow = await RawClient.open(hss.port, 'slow.x');
    hss.sink.onRequest = (request) => {
      hss.sink.requests.push(request);
      request.answer(largeAnswer(request));
    };
    slow.socket.pause();
    const count = 1_500;
    slow.write(flood(slow, count));
    let before = -1;
    await until(() => {
      const settled = hss.sink.requests.length === before && before > 0;
      before = hss.sink.requests.length;
      return settled;
    }, 'nothing more is handled');
    await pause(50);
    const handled = hss.sink.requests.length;
    expect(handled).toBeLessThan(count);
    slow.socket.resume();
    await until(() => slow.received.length === count + 1, 'every answer', 10_000);
  });

  test('a peer that reads nothing at all is reset at the limit of its write queue', async () => {
    const hss = await startNode(
      HSS,
      { acceptUnknownPeers: true, maxMessagesPerTurn: 1_000 },
      { writeHighWaterOctets: 1 << 20, writeLimitOctets: 2 << 20 },
    );
    const slow = await RawClient.open(hss.port, 'slow.x');
    hss.sink.silent = true;
    slow.socket.pause();
    slow.write(flood(slow, 800));
    await until(() => hss.sink.requests.length === 800, 'all in progress');
    const results = hss.sink.requests.map((request) => request.answer(largeAnswer(request)));
    await until(() => stateOf(hss, 'slow.x') === 'unknown', 'reset');
    expect(results).toContain(true);
    expect(hss.log.lines.some((line) => line.includes('the peer does not read'))).toBe(true);
  });

  test('an answer is taken once, and dropped when the connection is gone', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    hss.sink.silent = true;
    client.write(flood(client, 2));
    await until(() => hss.sink.requests.length === 2, 'two requests');
    const [first, second] = hss.sink.requests;
    const bytes = successAnswer(first!.message, HSS);
    expect(first?.answer(bytes)).toBe(true);
    expect(first?.answer(bytes)).toBe(false);
    client.socket.destroy();
    await until(() => hss.table.snapshot().length === 0, 'gone');
    expect(second?.answer(bytes)).toBe(false);
  });

  function largeAnswer(request: IncomingRequest): Buffer {
    const { header } = request.message;
    const small = successAnswer(request.message, HSS).subarray(20);
    const filler = encodeAvp('Class', Buffer.alloc(16_000), dictionary);
    return encodeFromParts(
      0x40,
      header.commandCode,
      header.applicationId,
      header.hopByHopId,
      header.endToEndId,
      [Buffer.from(small), filler],
    );
  }
});

describe('broken streams', () => {
  test('half a message is given up after the limit; other peers go on', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true }, { incompleteMessageLimitMs: 60 });
    const half = await RawClient.open(hss.port, 'half.x');
    const other = await RawClient.open(hss.port, 'other.x');
    half.write(lir(half.name).subarray(0, 33));
    await until(() => half.closed, 'closed');
    expect(hss.log.lines.some((line) => /incomplete for 60 ms \(33 octets/.test(line))).toBe(true);
    other.write(lir(other.name));
    await until(() => other.result('LIA') === 2001, 'the other one is served');
  });

  test('a CER sent octet by octet over the limit is given up too', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true }, { incompleteMessageLimitMs: 80 });
    const slow = await RawClient.connect(hss.port);
    const cer = slow.cer();
    for (let i = 0; i < cer.length && !slow.closed; i += 1) {
      slow.write(cer.subarray(i, i + 1));
      await pause(5);
    }
    expect(slow.closed).toBe(true);
    expect(hss.events.refusals).toEqual(['closed']);
  });

  test('a message cut into single octets in time is understood', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.socket.setNoDelay(true);
    for (const octet of lir(client.name)) client.write(Buffer.from([octet]));
    await until(() => client.result('LIA') === 2001, 'answered');
  });

  test('[6733-7.1.5] a request of another version is answered 5011 and the connection closed', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.lenient = true;
    const request = lir(client.name, 9, 9);
    request[0] = 2;
    client.write(request);
    await until(() => client.octets.length === 2 && client.closed, 'answered and closed');
    expect(client.octets[1]?.readUInt32BE(12)).toBe(9);
    expect(client.octets[1]?.includes(Buffer.from('0000010c4000000c00001393', 'hex'))).toBe(true);
    expect(hss.events.decodeErrors).toEqual([`${client.name} framing`]);
  });

  test('[6733-7.1.5] a message beyond the length limit is answered 5015 and the connection closed', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true }, { maxMessageOctets: 4_096 });
    const client = await RawClient.open(hss.port);
    client.lenient = true;
    client.write(lir(client.name, 9, 9, 8_000));
    await until(() => client.octets.length === 2 && client.closed, 'answered and closed');
    expect(client.octets[1]?.includes(Buffer.from('0000010c4000000c00001397', 'hex'))).toBe(true);
  });

  test.each([
    ['text', Buffer.from('GET / HTTP/1.1\r\nHost: hss\r\n\r\n')],
    ['zeros', Buffer.alloc(4_096)],
    ['a header of nonsense', Buffer.from('01ffffff'.repeat(40), 'hex')],
  ])('garbage (%s) before the CER ends the connection', async (_, garbage) => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.connect(hss.port);
    client.write(garbage);
    await until(() => client.closed, 'closed');
    const next = await RawClient.open(hss.port);
    expect(next.result('CEA')).toBe(2001);
  });

  test('a connection cut in the middle of a message closes the peer and nothing else', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.write(lir(client.name).subarray(0, 50));
    client.socket.end();
    await until(() => hss.table.snapshot().length === 0, 'closed');
    expect(hss.log.lines.some((line) => line.includes('in the middle of a message (50 octets read)'))).toBe(
      true,
    );
    expect(hss.sink.requests).toEqual([]);
  });

  test('an application request that cannot be decoded goes upwards with what to answer', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    const request = encodeFromParts(0xc0, 302, 16777216, 3, 4, [
      encodeAvp('Session-Id', 's;1', dictionary),
      encodeAvp('Origin-Host', client.name, dictionary),
      encodeAvp('Origin-Realm', REALM, dictionary),
    ]);
    client.write(request);
    await until(() => hss.sink.undecodable.length === 1, 'reported');
    expect(hss.sink.undecodable[0]).toMatchObject({
      peer: { originHost: client.name },
      failure: { resultCode: 5005, sessionId: 's;1' },
    });
    const refused = hss.sink.undecodable[0]!;
    expect(refused.answer(successAnswerTo(refused.failure.header!, 's;1', HSS))).toBe(true);
    await until(() => client.last('LIA') !== undefined, 'answered');
  });
});
