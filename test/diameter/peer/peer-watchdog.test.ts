/** [3539-3.4.1] [6733-5.5] Watchdog, our own requests, and their failover, over loopback TCP. */
import { encodeAvp, encodeFromParts, encodeNamed } from '../../../src/diameter/codec/encode';
import { resolvePeerOptions } from '../../../src/diameter/peer/options';
import {
  dictionary,
  lir,
  pause,
  peerConfig,
  RawClient,
  REALM,
  rtr,
  startNode,
  stateOf,
  stopAll,
  until,
  watchdogOf,
} from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';
const A = 'a.ims.example';
const B = 'b.ims.example';

function rta(hopByHopId: number, originHost: string): Buffer {
  return encodeNamed(
    'RTA',
    { hopByHopId, endToEndId: 77 },
    {
      sessionId: 's',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      resultCode: 2001,
      authSessionState: 1,
      originHost,
      originRealm: REALM,
    },
    dictionary,
  );
}

describe('[3539-3.4.1] watchdog', () => {
  test('[6733-5.5.1] a silent connection gets a DWR; its DWA keeps it in OKAY', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, watchdogTwinitMs: 40, watchdogJitterMs: 0 });
    const client = await RawClient.open(hss.port);
    client.answersWatchdogs = true;
    await until(() => client.received.filter((m) => m.abbreviation === 'DWR').length >= 4, 'several DWRs');
    expect(client.last('DWR')?.avps).toMatchObject({
      originHost: HSS,
      originRealm: REALM,
      originStateId: 1000,
    });
    expect(watchdogOf(hss, client.name)).toBe('OKAY');
    expect(hss.events.watchdogs).toEqual([`${client.name}: INITIAL -> OKAY`]);
  });

  test('[6733-5.5.2] the peer’s DWR is answered with a DWA that mirrors its identifiers', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.write(
      encodeNamed(
        'DWR',
        { hopByHopId: 21, endToEndId: 22, retransmitted: true },
        client.origin(),
        dictionary,
      ),
    );
    await until(() => client.result('DWA') === 2001, 'a DWA');
    expect(client.last('DWA')?.header).toMatchObject({
      hopByHopId: 21,
      endToEndId: 22,
      retransmitted: false,
      request: false,
    });
  });

  test('[3539-3.4.1] other messages put the watchdog off', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, watchdogTwinitMs: 80, watchdogJitterMs: 0 });
    const client = await RawClient.open(hss.port);
    for (let i = 0; i < 10; i += 1) {
      client.write(lir(client.name));
      await pause(20);
    }
    expect(client.last('DWR')).toBeUndefined();
  });

  test('[3539-3.4.1] no DWA: SUSPECT after the second interval, closed after the third', async () => {
    const hss = await startNode(HSS, { watchdogTwinitMs: 40, watchdogJitterMs: 0 });
    hss.table.reconfigure([peerConfig(A, 1, false)]);
    const client = await RawClient.open(hss.port, A);
    await until(() => watchdogOf(hss, A) === 'SUSPECT', 'SUSPECT');
    expect(stateOf(hss, A)).toBe('R-Open');
    await until(() => client.closed && stateOf(hss, A) === 'Closed', 'closed');
    expect(hss.events.watchdogs).toEqual([
      `${A}: INITIAL -> OKAY`,
      `${A}: OKAY -> SUSPECT`,
      `${A}: SUSPECT -> DOWN`,
    ]);
    expect(client.received.filter((m) => m.abbreviation === 'DWR')).toHaveLength(1);
  });

  test('[3539-3.4.1] SUSPECT and a message of any kind: back to OKAY', async () => {
    // SUSPECT lasts as long, and a busy machine has to get the message there meanwhile.
    const hss = await startNode(HSS, {
      acceptUnknownPeers: true,
      watchdogTwinitMs: 800,
      watchdogJitterMs: 0,
    });
    const client = await RawClient.open(hss.port);
    await until(() => watchdogOf(hss, client.name) === 'SUSPECT', 'SUSPECT');
    client.write(lir(client.name));
    await until(() => watchdogOf(hss, client.name) === 'OKAY', 'OKAY');
    expect(hss.log.lines).toContain(`${client.name} answers again`);
  });

  test('[3539-3.4.1] REOPEN: back in OKAY after three watchdogs', async () => {
    const hss = await startNode(HSS, { watchdogTwinitMs: 40, watchdogJitterMs: 0 });
    hss.table.reconfigure([peerConfig(A, 1, false)]);
    (await RawClient.open(hss.port, A)).socket.destroy();
    await until(() => watchdogOf(hss, A) === 'DOWN', 'DOWN');
    const client = await RawClient.connect(hss.port, A);
    client.answersWatchdogs = true;
    client.write(client.cer());
    await until(() => watchdogOf(hss, A) === 'OKAY', 'OKAY');
    expect(client.received.filter((m) => m.abbreviation === 'DWR').length).toBe(3);
  });

  test('while we do not read on purpose, the watchdog accuses nobody', async () => {
    const hss = await startNode(HSS, {
      acceptUnknownPeers: true,
      watchdogTwinitMs: 25,
      watchdogJitterMs: 0,
      maxRequestsInProgressPerPeer: 1,
    });
    const client = await RawClient.open(hss.port);
    hss.sink.silent = true;
    client.write(lir(client.name));
    await until(() => hss.sink.requests.length === 1, 'in progress');
    await pause(150);
    expect(watchdogOf(hss, client.name)).toBe('OKAY');
  });

  test('[3539-3.4.1] Twinit below 6 s is refused unless asked for', () => {
    expect(() => resolvePeerOptions({ watchdogTwinitMs: 5_999 })).toThrow(RangeError);
    expect(resolvePeerOptions({ watchdogTwinitMs: 6_000 }).watchdogTwinitMs).toBe(6_000);
    expect(() => resolvePeerOptions({ watchdogJitterMs: 40_000 })).toThrow('watchdogJitterMs is 40000');
  });

  test('[6733-5.4.3] an unknown peer that asks nothing for long is told DO_NOT_WANT_TO_TALK_TO_YOU, if so configured', async () => {
    const hss = await startNode(HSS, {
      acceptUnknownPeers: true,
      watchdogTwinitMs: 30,
      watchdogJitterMs: 0,
      unknownPeerIdleLimitMs: 60,
    });
    const client = await RawClient.open(hss.port);
    client.answersWatchdogs = true;
    await until(() => client.last('DPR') !== undefined, 'a DPR');
    expect(client.last('DPR')?.avps).toMatchObject({ disconnectCause: 2 });
  });
});

describe('[6733-5.5.4] requests of ours', () => {
  test('a request reaches the peer with an identifier of ours, and its answer comes back', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port, A);
    const outcome = hss.table.send(rtr(HSS, A), A.toUpperCase(), null, 1_000);
    await until(() => client.last('RTR') !== undefined, 'the RTR');
    const header = client.last('RTR')!.header;
    expect(header).toMatchObject({ endToEndId: 77, retransmitted: false });
    expect(hss.table.snapshot()[0]?.pendingRequests).toBe(1);
    client.write(rta(header.hopByHopId, A));
    expect(await outcome).toMatchObject({
      kind: 'answer',
      message: { abbreviation: 'RTA', avps: { resultCode: 2001 } },
    });
    expect(hss.events.messages).toContain(`${A} out RTR`);
    expect(hss.table.snapshot()[0]?.pendingRequests).toBe(0);
  });

  test('no open connection: unroutable', async () => {
    const hss = await startNode(HSS);
    hss.table.reconfigure([peerConfig(A, 1, false)]);
    expect(await hss.table.send(rtr(HSS, A), A, null, 1_000)).toMatchObject({ kind: 'unroutable' });
  });

  test('no answer: timeout; a late one is dropped', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port, A);
    expect(await hss.table.send(rtr(HSS, A), A, null, 40)).toEqual({ kind: 'timeout' });
    expect(hss.table.snapshot()[0]?.pendingRequests).toBe(0);
    client.write(rta(client.last('RTR')!.header.hopByHopId, A));
    await until(() => hss.log.lines.some((line) => line.includes('belongs to no request')), 'dropped');
  });

  test('an answer that breaks its format settles the request as such', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port, A);
    const outcome = hss.table.send(rtr(HSS, A), A, null, 1_000);
    await until(() => client.last('RTR') !== undefined, 'the RTR');
    const { hopByHopId } = client.last('RTR')!.header;
    client.write(
      encodeFromParts(0x40, 304, 16777216, hopByHopId, 77, [encodeAvp('Session-Id', 's', dictionary)]),
    );
    expect(await outcome).toMatchObject({ kind: 'undecodable', failure: { resultCode: 5005 } });
  });

  test('the node itself is not connected: through the peer by which it was heard', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const agent = await RawClient.open(hss.port, B);
    const outcome = hss.table.send(rtr(HSS, A), A, B, 1_000);
    await until(() => agent.last('RTR') !== undefined, 'the RTR');
    agent.write(rta(agent.last('RTR')!.header.hopByHopId, A));
    expect(await outcome).toMatchObject({ kind: 'answer' });
  });

  test('[6733-5.5.4] the connection is lost: the request goes to the other peer with the T bit and its End-to-End Identifier', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const direct = await RawClient.open(hss.port, A);
    const agent = await RawClient.open(hss.port, B);
    const outcome = hss.table.send(rtr(HSS, A), A, B, 2_000);
    await until(() => direct.last('RTR') !== undefined, 'the RTR');
    expect(agent.last('RTR')).toBeUndefined();
    direct.socket.destroy();
    await until(() => agent.last('RTR') !== undefined, 'the RTR again');
    expect(agent.last('RTR')?.header).toMatchObject({ retransmitted: true, endToEndId: 77 });
    agent.write(rta(agent.last('RTR')!.header.hopByHopId, A));
    expect(await outcome).toMatchObject({ kind: 'answer' });
  });

  test('[3539-3.4.1] Failover() on SUSPECT moves pending requests; with nobody else they stay', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, watchdogTwinitMs: 60, watchdogJitterMs: 0 });
    const direct = await RawClient.open(hss.port, A);
    const agent = await RawClient.open(hss.port, B);
    agent.answersWatchdogs = true;
    const moves = hss.table.send(rtr(HSS, A), A, B, 2_000);
    const stays = hss.table.send(rtr(HSS, A), A, null, 2_000);
    await until(() => agent.last('RTR') !== undefined, 'failed over');
    expect(watchdogOf(hss, A)).toBe('SUSPECT');
    agent.write(rta(agent.last('RTR')!.header.hopByHopId, A));
    expect(await moves).toMatchObject({ kind: 'answer' });
    const second = direct.received.filter((m) => m.abbreviation === 'RTR')[1]!;
    direct.write(rta(second.header.hopByHopId, A));
    expect(await stays).toMatchObject({ kind: 'answer' });
  });

  test('the connection is lost and nobody takes over: unroutable at once', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port, A);
    const outcome = hss.table.send(rtr(HSS, A), A, null, 60_000);
    await until(() => client.last('RTR') !== undefined, 'the RTR');
    client.socket.destroy();
    expect(await outcome).toMatchObject({ kind: 'unroutable' });
  });

  test('requests that wait for one peer are bounded', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, maxPendingRequestsPerPeer: 2 });
    await RawClient.open(hss.port, A);
    const outcomes = [1, 2, 3].map(() => hss.table.send(rtr(HSS, A), A, null, 50));
    expect((await Promise.all(outcomes)).map((o) => o.kind)).toEqual(['timeout', 'timeout', 'unroutable']);
  });
});
