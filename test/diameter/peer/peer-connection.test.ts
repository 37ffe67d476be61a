/**
 * The real driver over loopback TCP: opening, refusing, closing; with two tables of ours and with a raw
 * client.
 */
import { encodeAvp, encodeFromParts, encodeNamed } from '../../../src/diameter/codec/encode';
import {
  dictionary,
  lir,
  pause,
  peerConfig,
  RawClient,
  startNode,
  stateOf,
  stopAll,
  until,
  watchdogOf,
} from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';
const CSCF = 'cscf.ims.example';

describe('[6733-5.3] capabilities exchange', () => {
  test('[6733-5.6] initiator and responder open one connection', async () => {
    const hss = await startNode(HSS);
    const cscf = await startNode(CSCF);
    hss.table.reconfigure([peerConfig(CSCF, cscf.port, false)]);
    cscf.table.reconfigure([peerConfig(HSS.toUpperCase(), hss.port, true)]);
    await until(() => stateOf(hss, CSCF) === 'R-Open' && stateOf(cscf, HSS) === 'I-Open', 'both open');
    expect(watchdogOf(hss, CSCF)).toBe('OKAY');
    const [peer] = cscf.table.snapshot();
    expect(peer).toMatchObject({
      originHost: HSS.toUpperCase(),
      originRealm: 'ims.example',
      productName: 'test',
      applications: [16777216],
      configured: true,
    });
    expect(hss.events.states).toEqual([`${CSCF}: Closed -> R-Open`]);
  });

  test('[29.229-5.6] the CEA carries 2001, both vendors and the Origin-State-Id, and our CER identifiers', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    expect(client.received[0]).toMatchObject({
      abbreviation: 'CEA',
      header: {
        hopByHopId: 11,
        endToEndId: 12,
        request: false,
        error: false,
        retransmitted: false,
        proxiable: false,
      },
      avps: {
        resultCode: 2001,
        originHost: HSS,
        originStateId: 1000,
        supportedVendorId: [10415, 13019],
        hostIpAddress: ['127.0.0.1'],
        vendorSpecificApplicationId: [
          { vendorId: 10415, authApplicationId: 16777216 },
          { vendorId: 13019, authApplicationId: 16777216 },
        ],
      },
    });
  });

  test('[6733-5.3] an unknown peer is answered 3010 and disconnected', async () => {
    const hss = await startNode(HSS);
    const client = await RawClient.open(hss.port);
    expect(client.received[0]?.header.error).toBe(true);
    expect(client.received[0]?.avps).toMatchObject({ resultCode: 3010, originHost: HSS });
    await until(() => client.closed, 'disconnected');
    expect(hss.events.refusals).toEqual(['unknown-peer']);
    expect(hss.table.snapshot()).toEqual([]);
  });

  test('[6733-5.3] no common application is answered 5010 and disconnected', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.connect(hss.port);
    client.write(client.cer({ vendorSpecificApplicationId: [], authApplicationId: [4] }));
    await until(() => client.closed, 'disconnected');
    expect(client.result('CEA')).toBe(5010);
    expect(hss.events.refusals).toEqual(['capabilities']);
  });

  test('[6733-5.3] our own Origin-Host is refused', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port, HSS);
    expect(client.received[0]?.avps).toMatchObject({ resultCode: 3010 });
  });

  test('[6733-7.1.5] a CER without Origin-Realm is answered 5005 and disconnected', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.connect(hss.port);
    const whole = client.cer();
    // Origin-Realm made another AVP that is optional and unknown: code 4000, no flags.
    const realm = whole.indexOf(Buffer.from([0, 0, 1, 40]));
    whole.writeUInt32BE(4000, realm);
    whole[realm + 4] = 0;
    client.write(whole);
    await until(() => client.closed, 'disconnected');
    expect(client.last('CEA')?.avps).toMatchObject({
      resultCode: 5005,
      originHost: HSS,
      failedAvp: { additionalAvps: [{ code: 296 }] },
      errorMessage: expect.stringContaining('Origin-Realm'),
    });
    expect(hss.events.decodeErrors).toEqual(['unidentified missing_avp']);
    expect(hss.events.messages).toEqual(['unidentified in CER', 'unidentified out CEA']);
  });

  test('[6733-5.6.1] a first message that is no CER ends the connection unanswered', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.connect(hss.port);
    client.write(lir(client.name));
    await until(() => client.closed, 'disconnected');
    expect(client.received).toEqual([]);
    expect(hss.events.refusals).toEqual(['no-cer']);
  });

  test('[6733-5.6] the CER has to come in time', async () => {
    const hss = await startNode(HSS, { capabilitiesTimeoutMs: 60 });
    const client = await RawClient.connect(hss.port);
    await until(() => client.closed, 'disconnected');
    expect(hss.events.refusals).toEqual(['handshake-timeout']);
  });

  test('[6733-5.6] R-Open + R-Rcv-CER: a second CER on an open connection is answered 5012 and changes nothing', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.write(client.cer({ originRealm: 'elsewhere' }));
    await until(() => client.result('CEA') === 5012, 'the second answer');
    client.write(lir(client.name));
    await until(() => client.result('LIA') === 2001, 'still served');
    expect(hss.table.snapshot()[0]?.originRealm).toBe('ims.example');
  });

  test('[6733-5.6] R-Open + R-Conn-CER: a second connection of the same peer is disconnected, the first one probed', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const first = await RawClient.open(hss.port);
    first.answersWatchdogs = true;
    const second = await RawClient.connect(hss.port, first.name.toUpperCase());
    second.write(second.cer());
    await until(() => second.closed, 'the second one is disconnected');
    await until(() => first.last('DWR') !== undefined, 'the first one is probed');
    expect(first.closed).toBe(false);
    expect(hss.events.refusals).toEqual(['duplicate']);
  });

  test('half-open connections are bounded for each address, and places come back', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, maxHalfOpenConnectionsPerAddress: 2 });
    const [a, b] = [await RawClient.connect(hss.port, 'a.x'), await RawClient.connect(hss.port, 'b.x')];
    await pause(20);
    const c = await RawClient.connect(hss.port, 'c.x');
    await until(() => c.closed, 'the third is refused');
    expect(hss.events.refusals).toEqual(['limit']);
    a.write(a.cer());
    await until(() => a.result('CEA') === 2001, 'a is open');
    const d = await RawClient.connect(hss.port, 'd.x');
    d.write(d.cer());
    await until(() => d.result('CEA') === 2001, 'd takes a’s place');
    expect(b.closed).toBe(false);
  });

  test('peers without configuration are bounded', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, maxUnknownPeers: 1 });
    const a = await RawClient.open(hss.port, 'a.x');
    const b = await RawClient.open(hss.port, 'b.x');
    expect(b.received[0]?.avps).toMatchObject({ resultCode: 3010 });
    a.socket.destroy();
    await until(() => hss.table.snapshot().length === 0, 'a is forgotten');
    await RawClient.open(hss.port, 'c.x').then((c) => expect(c.result('CEA')).toBe(2001));
  });
});

describe('[6733-5.6.4] election', () => {
  test.each([
    ['a.ims.example', 'b.ims.example'],
    ['b.ims.example', 'a.ims.example'],
  ])(
    '[6733-5.6.4] %s and %s connect at once: one connection stays, that of the smaller name',
    async (one, other) => {
      const first = await startNode(one, { reconnectInitialMs: 1_000, reconnectMaxMs: 1_000 });
      const second = await startNode(other, { reconnectInitialMs: 1_000, reconnectMaxMs: 1_000 });
      first.table.reconfigure([peerConfig(other, second.port, true)]);
      second.table.reconfigure([peerConfig(one, first.port, true)]);
      const open = (): boolean =>
        stateOf(first, other).endsWith('-Open') && stateOf(second, one).endsWith('-Open');
      await until(open, 'both open');
      const [small, large] = one < other ? [first, second] : [second, first];
      expect(stateOf(small, large.name)).toBe('I-Open');
      expect(stateOf(large, small.name)).toBe('R-Open');
      expect(large.events.states.some((s) => s.endsWith('Wait-Returns'))).toBe(true);
      await pause(50);
      expect(open()).toBe(true);
    },
  );
});

describe('[6733-5.4] disconnecting', () => {
  test('[6733-5.4] our shutdown: DPR with the cause, DPA, closed; requests in progress are answered first', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    hss.sink.silent = true;
    client.write(lir(client.name));
    await until(() => hss.sink.requests.length === 1, 'a request in progress');
    const done = hss.table.shutdown('REBOOTING', 1_000);
    await pause(30);
    expect(client.last('DPR')).toBeUndefined();
    hss.sink.requests[0]?.answer(Buffer.from(lirAnswer(hss.sink.requests[0].message.header.hopByHopId)));
    await until(() => client.last('DPR') !== undefined, 'a DPR');
    expect(client.received.map((m) => m.abbreviation)).toEqual(['CEA', 'LIA', 'DPR']);
    const dpr = client.last('DPR');
    expect(dpr?.avps).toMatchObject({ disconnectCause: 0, originHost: HSS });
    // Kamailio's DPA has no Result-Code.
    client.write(
      encodeFromParts(0, 282, 0, dpr?.header.hopByHopId ?? 0, dpr?.header.endToEndId ?? 0, [
        encodeAvp('Origin-Host', client.name, dictionary),
        encodeAvp('Origin-Realm', 'ims.example', dictionary),
      ]),
    );
    await done;
    await until(() => client.closed, 'closed by the sender of the DPR');
  });

  test('[6733-5.4] shutdown does not wait for ever for a peer that is silent', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    const started = performance.now();
    await hss.table.shutdown('BUSY', 100);
    expect(performance.now() - started).toBeLessThan(400);
    await until(() => client.closed, 'closed');
    expect(client.last('DPR')?.avps).toMatchObject({ disconnectCause: 1 });
  });

  test('[6733-5.4] the peer’s DPR is answered with a DPA; it closes, and is forgotten', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.open(hss.port);
    client.write(
      encodeNamed(
        'DPR',
        { hopByHopId: 5, endToEndId: 6 },
        { ...client.origin(), disconnectCause: 0 },
        dictionary,
      ),
    );
    await until(() => client.result('DPA') === 2001, 'a DPA');
    expect(client.last('DPA')?.header).toMatchObject({ hopByHopId: 5, endToEndId: 6 });
    expect(stateOf(hss, client.name)).toBe('Closing');
    client.write(lir(client.name));
    await until(() => client.received.length === 3, 'a request while closing is refused');
    expect(client.received[2]).toMatchObject({
      header: { error: true, commandCode: 302 },
      avps: { resultCode: 3004 },
    });
    client.socket.end();
    await until(() => hss.table.snapshot().length === 0, 'forgotten');
    expect(hss.sink.requests).toEqual([]);
  });

  test('[6733-5.4] a peer that does not close after our DPA is disconnected', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true, disconnectTimeoutMs: 60 });
    const client = await RawClient.open(hss.port);
    client.write(
      encodeNamed(
        'DPR',
        { hopByHopId: 5, endToEndId: 6 },
        { ...client.origin(), disconnectCause: 0 },
        dictionary,
      ),
    );
    await until(() => client.closed, 'disconnected');
  });

  test.each([
    ['REBOOTING', true],
    ['BUSY', false],
    ['DO_NOT_WANT_TO_TALK_TO_YOU', false],
  ] as const)('[6733-5.4.3] after a DPR with %s we connect again soon: %s', async (cause, again) => {
    const hss = await startNode(HSS);
    const cscf = await startNode(CSCF);
    hss.table.reconfigure([peerConfig(CSCF, cscf.port, true)]);
    cscf.table.reconfigure([peerConfig(HSS, hss.port, false)]);
    await until(() => stateOf(hss, CSCF) === 'I-Open', 'open');
    await cscf.table.shutdown(cause, 500);
    await until(() => hss.events.states.some((s) => s.endsWith('Closing -> Closed')), 'closed');
    const attempts = (): number =>
      hss.events.states.filter((s) => s.endsWith('Closed -> Wait-Conn-Ack')).length;
    expect(attempts()).toBe(1);
    if (again) await until(() => attempts() > 1, 'another attempt');
    else await pause(120).then(() => expect(attempts()).toBe(1));
  });

  function lirAnswer(hopByHopId: number): Buffer {
    return encodeNamed(
      'LIA',
      { hopByHopId, endToEndId: 1 },
      {
        sessionId: 's',
        vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
        resultCode: 2001,
        authSessionState: 1,
        originHost: HSS,
        originRealm: 'ims.example',
      },
      dictionary,
    );
  }
});

describe('reconnecting and reconfiguring', () => {
  test('[6733-2.1] attempts come with growing pauses until the peer is there', async () => {
    const cscf = await startNode(CSCF);
    const { port } = cscf;
    await cscf.table.shutdown('REBOOTING', 10);
    const hss = await startNode(HSS);
    const at: number[] = [];
    const record = hss.events.peerStateChanged.bind(hss.events);
    hss.events.peerStateChanged = (peer, from, to) => {
      if (to === 'Wait-Conn-Ack') at.push(performance.now());
      record(peer, from, to);
    };
    hss.table.reconfigure([peerConfig(CSCF, port, true)]);
    await until(() => at.length === 4, 'four attempts');
    const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(29);
    expect(pauses[1]).toBeGreaterThanOrEqual(59);
    expect(pauses[2]).toBeGreaterThanOrEqual(118);
    expect(
      hss.log.lines.some((line) => line.startsWith(`Cannot connect to ${CSCF}: 127.0.0.1 port ${port}`)),
    ).toBe(true);
  });

  test('[3539-3.4.1] after a lost connection the peer is in REOPEN and is served nevertheless', async () => {
    const hss = await startNode(HSS);
    hss.table.reconfigure([peerConfig('raw.ims.example', 1, false)]);
    const first = await RawClient.open(hss.port);
    first.socket.destroy();
    await until(() => watchdogOf(hss, first.name) === 'DOWN', 'DOWN');
    const second = await RawClient.open(hss.port);
    second.answersWatchdogs = true;
    expect(watchdogOf(hss, second.name)).toBe('REOPEN');
    second.write(lir(second.name));
    await until(() => second.result('LIA') === 2001, 'served');
  });

  test('reconfigure adds, keeps, changes and removes peers without a restart', async () => {
    const hss = await startNode(HSS);
    const cscf = await startNode(CSCF);
    cscf.table.reconfigure([peerConfig(HSS, hss.port, false)]);
    const client = await RawClient.open(hss.port);
    expect(client.received[0]?.avps).toMatchObject({ resultCode: 3010 });

    hss.table.reconfigure([peerConfig(CSCF, cscf.port, true), peerConfig(client.name, 1, false)]);
    await until(() => stateOf(hss, CSCF) === 'I-Open', 'connected to the new one');
    const again = await RawClient.open(hss.port);
    expect(again.result('CEA')).toBe(2001);

    hss.table.reconfigure([peerConfig(CSCF, cscf.port, true)]);
    await until(() => again.last('DPR') !== undefined, 'the removed one is told');
    expect(again.last('DPR')?.avps).toMatchObject({ disconnectCause: 2 });
    expect(stateOf(hss, CSCF)).toBe('I-Open');
    expect(hss.events.states.filter((s) => s === `${CSCF}: Closed -> Wait-Conn-Ack`)).toHaveLength(1);

    const moved = await startNode(CSCF);
    moved.table.reconfigure([peerConfig(HSS, hss.port, false)]);
    hss.table.reconfigure([peerConfig(CSCF, moved.port, true)], true);
    await until(() => stateOf(moved, HSS) === 'R-Open', 'connected to the new address');
    expect(stateOf(cscf, HSS)).toBe('Closed');
    const unknown = await RawClient.open(hss.port, 'someone.else');
    expect(unknown.result('CEA')).toBe(2001);
  });

  test('[6733-8.16] a restarted peer is noticed by its greater Origin-State-Id', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    const client = await RawClient.connect(hss.port);
    client.write(client.cer({ originStateId: 7 }));
    await until(() => client.received.length === 1, 'open');
    client.write(
      encodeNamed(
        'DWR',
        { hopByHopId: 1, endToEndId: 1 },
        { ...client.origin(), originStateId: 8 },
        dictionary,
      ),
    );
    await until(() => client.result('DWA') === 2001, 'a DWA');
    expect(client.last('DWA')?.avps).toMatchObject({ originStateId: 1000 });
    expect(hss.log.lines).toContain(`${client.name} was restarted (Origin-State-Id 7 -> 8)`);
  });
});
