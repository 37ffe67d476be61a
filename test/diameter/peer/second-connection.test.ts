/**
 * [6733-5.6] A second connection of a peer: rejected while the first one is alive, let in where the first one
 * is dead or is being closed.
 */
import {
  lir,
  pause,
  peerConfig,
  RawClient,
  startNode,
  stateOf,
  stopAll,
  successAnswer,
  until,
} from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';
const CSCF = 'cscf.ims.example';

/** A configured peer, or one that is not. */
const kinds = [['configured'], ['unknown']];

async function hssFor(kind: string, options: Parameters<typeof startNode>[1] = {}) {
  const hss = await startNode(HSS, { acceptUnknownPeers: kind === 'unknown', ...options });
  if (kind === 'configured') hss.table.reconfigure([peerConfig(CSCF, 3868, false)]);
  return hss;
}

test.each(kinds)(
  '%s: a first connection that says nothing is let go, and the second one is served',
  async (kind) => {
    const hss = await hssFor(kind);
    const dead = await RawClient.open(hss.port, CSCF);
    const second = await RawClient.connect(hss.port, CSCF);
    second.write(second.cer());
    await until(() => dead.last('DWR') !== undefined, 'the first one is asked');
    expect(second.received).toEqual([]);
    await until(() => second.result('CEA') === 2001, 'let in');
    await until(() => dead.closed, 'the first one is closed');
    second.write(lir(CSCF));
    await until(() => second.result('LIA') === 2001, 'served');
    expect(stateOf(hss, CSCF)).toBe('R-Open');
    expect(hss.table.snapshot()).toHaveLength(1);
    expect(hss.events.refusals).toEqual([]);
    expect(hss.log.lines).toContainEqual(expect.stringContaining('does not answer within 400 ms'));
  },
);

test.each(kinds)('%s: with a DWA from the first one the second is rejected at once', async (kind) => {
  const hss = await hssFor(kind, { takeoverTimeoutMs: 20_000 });
  const first = await RawClient.open(hss.port, CSCF);
  first.answersWatchdogs = true;
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  await until(() => second.closed, 'rejected');
  expect(second.received).toEqual([]);
  expect(hss.events.refusals).toEqual(['duplicate']);
  first.write(lir(CSCF));
  await until(() => first.result('LIA') === 2001, 'the first one is served');
});

test('a first one that asks all the time is alive, DWA or not', async () => {
  const hss = await hssFor('unknown');
  const first = await RawClient.open(hss.port, CSCF);
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  const busy = setInterval(() => first.write(lir(CSCF)), 10);
  await until(() => second.closed, 'rejected').finally(() => clearInterval(busy));
  expect(first.closed).toBe(false);
  expect(hss.events.refusals).toEqual(['duplicate']);
});

test('a first one that we do not read on purpose is not let go', async () => {
  const hss = await hssFor('unknown', { maxRequestsInProgressPerPeer: 2 });
  hss.sink.hold = true;
  const first = await RawClient.open(hss.port, CSCF);
  first.write(Buffer.concat([lir(CSCF, 1, 1), lir(CSCF, 2, 2)]));
  await until(() => hss.sink.requests.length === 2, 'in work');
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  await until(() => second.closed, 'rejected');
  expect(first.closed).toBe(false);
});

test('one connection waits at most; what ends or talks while it waits leaves nothing behind', async () => {
  const hss = await hssFor('unknown', { takeoverTimeoutMs: 20_000 });
  const first = await RawClient.open(hss.port, CSCF);
  const [second, third] = [await RawClient.connect(hss.port, CSCF), await RawClient.connect(hss.port, CSCF)];
  second.write(second.cer());
  await until(() => first.last('DWR') !== undefined, 'asked');
  third.write(third.cer());
  await until(() => third.closed, 'the third is rejected');
  expect(second.closed).toBe(false);
  second.socket.destroy();
  const talker = await RawClient.connect(hss.port, CSCF);
  await pause(50);
  talker.write(Buffer.concat([talker.cer(), lir(CSCF)]));
  await until(() => talker.closed, 'nothing is to come before the CEA');
  expect(talker.received).toEqual([]);
  // The first one ends by itself: who waits then is let in without the time limit.
  const fourth = await RawClient.connect(hss.port, CSCF);
  fourth.write(fourth.cer());
  await pause(50);
  expect(fourth.received).toEqual([]);
  first.socket.destroy();
  await until(() => fourth.result('CEA') === 2001, 'let in');
});

test('takeoverTimeoutMs 0: the second one is rejected at once, the first one asked', async () => {
  const hss = await hssFor('unknown', { takeoverTimeoutMs: 0 });
  const first = await RawClient.open(hss.port, CSCF);
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  await until(() => second.closed && first.last('DWR') !== undefined, 'rejected');
  expect(first.closed).toBe(false);
});

test('[6733-5.4] a peer that connects anew before its old connection has ended in order waits for that', async () => {
  const hss = await hssFor('configured', { disconnectTimeoutMs: 4_000, takeoverTimeoutMs: 4_000 });
  const first = await RawClient.open(hss.port, CSCF);
  first.write(first.dpr());
  await until(() => first.result('DPA') === 2001, 'a DPA');
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  await pause(50);
  expect(second.closed).toBe(false);
  first.socket.end();
  await until(() => second.result('CEA') === 2001, 'let in');
});

test('a shutdown ends what waits', async () => {
  const hss = await hssFor('configured', { takeoverTimeoutMs: 20_000 });
  const first = await RawClient.open(hss.port, CSCF);
  const second = await RawClient.connect(hss.port, CSCF);
  second.write(second.cer());
  await until(() => first.last('DWR') !== undefined, 'it waits');
  await hss.table.shutdown('REBOOTING', 100);
  await until(() => first.closed && second.closed, 'both are closed');
  expect(second.received).toEqual([]);
});

test('[6733-7.1.5] a framing fault with a request in work: the FIN of the peer is seen, and its new connection served', async () => {
  const hss = await hssFor('configured', { takeoverTimeoutMs: 0, closeGraceMs: 20_000 });
  hss.sink.hold = true;
  const client = await RawClient.open(hss.port, CSCF);
  client.lenient = true;
  // The answer comes up after the connection is being closed, and before the peer's FIN can be read.
  hss.events.messageUndecodable = () => {
    process.nextTick(() => {
      const request = hss.sink.requests[0];
      expect(request?.answer(successAnswer(request.message, HSS))).toBe(false);
    });
  };
  const bad = lir(CSCF, 9, 9);
  bad[0] = 2;
  client.write(Buffer.concat([lir(CSCF, 8, 8), bad]));
  await until(() => client.closed, 'closed');
  await until(() => stateOf(hss, CSCF) === 'Closed', 'its end is seen');
  const again = await RawClient.open(hss.port, CSCF);
  expect(again.result('CEA')).toBe(2001);
});
