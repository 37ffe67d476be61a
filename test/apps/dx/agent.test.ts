/**
 * The locator over real loopback connections: a redirect agent, and a proxy agent between CSCFs and two HSSs
 * [29.228-6.4] [29.229-5.5] [6733-6].
 */
import { encodeAvp, encodeRawAvps } from '../../../src/diameter/codec/encode';
import type { RawAvp } from '../../../src/diameter/codec/types';
import type { IncomingRequest } from '../../../src/diameter/peer/contract';
import { PeerAuthority } from '../../../src/diameter/peer/authority';
import { CxClient } from '../../support/cx-client';
import { cxRequest, withoutAvp, wireAvps, type CxAnswer, type CxCommand } from '../../support/cx-messages';
import { freshDatabase, openStore, type TestStore } from '../../support/database';
import {
  dictionary,
  peerConfig,
  REALM,
  RecordingSink,
  rtr,
  startNode,
  stopAll,
  successAnswer,
  until,
  type Node,
} from '../../diameter/peer/support';
import { entry, SLF, startLocator, stopLocators } from './support';

const HSS1 = 'hss1.ims.example';
const HSS2 = 'hss2.ims.example';
const cscf = { originHost: 'icscf.ims.example', originRealm: REALM };
const alice = { userName: '001@ims.example', publicIdentity: 'sip:alice@ims.example' };
const ofAlice: Record<Exclude<CxCommand, 'RTR' | 'PPR'>, object> = {
  UAR: { ...alice, visitedNetworkIdentifier: Buffer.from('ims.example') },
  LIR: { publicIdentity: alice.publicIdentity },
  SAR: {
    userName: alice.userName,
    publicIdentity: [alice.publicIdentity],
    serverName: 'sip:s',
    serverAssignmentType: 1,
    userDataAlreadyAvailable: 0,
  },
  MAR: {
    ...alice,
    serverName: 'sip:s',
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'SIP Digest' },
  },
};

let store: TestStore;
beforeAll(async () => {
  store = await openStore(await freshDatabase(), { locatorConnections: 2 });
  const { locator } = store;
  await locator.import([
    { ...entry(alice.publicIdentity, HSS1, HSS2), usage: 'ALL_REALM', maxCacheSeconds: 60 },
    entry('sip:bob@ims.example', HSS2),
    entry('002@ims.example', HSS2),
    entry('+49301000-+49301999', HSS1),
    entry('sip:chat-!.*!@ims.example', HSS2),
    entry('domain.example', HSS1),
    { ...entry('sip:never@ims.example', HSS1), usage: 'DONT_CACHE' },
    entry('sip:looping@ims.example', cscf.originHost, SLF, 'relay.ims.example'),
    entry('sip:nowhere@ims.example', 'hss9.ims.example'),
  ]);
});
afterAll(() => store.close());
afterEach(async () => {
  await stopLocators();
  await stopAll();
});

const extra = (answer: CxAnswer): RawAvp[] => (answer.avps['additionalAvps'] ?? []) as RawAvp[];
const redirectHosts = (answer: CxAnswer): string[] =>
  extra(answer)
    .filter(({ code }) => code === 292)
    .map(({ data }) => data.toString());
const number = (answer: CxAnswer, code: number): number | undefined =>
  extra(answer)
    .find((avp) => avp.code === code)
    ?.data.readUInt32BE(0);
const hssNodes = (): Promise<Node[]> =>
  Promise.all([HSS1, HSS2].map((name) => startNode(name, { acceptUnknownPeers: true })));
const only = (node: Node): IncomingRequest => {
  expect(node.sink.requests).toHaveLength(1);
  return node.sink.requests[0] as IncomingRequest;
};
const text = (bytes: Buffer, code: number): string[] =>
  wireAvps(bytes)
    .filter((avp) => avp.code === code)
    .map(({ data }) => data.toString());
const lir = (client: CxClient, publicIdentity: string): Promise<CxAnswer> =>
  client.request('LIR', { publicIdentity });

describe('who may ask, and in whose name', () => {
  test.each(['redirect', 'proxy'] as const)(
    '%s: a request in another name is told nothing and sent nowhere; nor is a command of other nodes, or our own name',
    async (mode) => {
      const hsss = mode === 'proxy' ? await hssNodes() : [];
      const slf = await startLocator(store.locator, { settings: { mode }, hsss });
      const client = await CxClient.open(slf.port, cscf);
      for (const originHost of ['scscf7.ims.example', HSS1, SLF])
        for (const [command, avps] of Object.entries(ofAlice)) {
          const answer = await client.request(command as CxCommand, { ...avps, originHost });
          expect(answer).toMatchObject({ result: '3002', header: { error: true } });
          expect(redirectHosts(answer)).toEqual([]);
        }
      const rtrAnswer = await client.send((hopByHopId) => {
        const bytes = rtr(cscf.originHost, 'scscf7.ims.example');
        bytes.writeUInt32BE(hopByHopId, 12);
        return bytes;
      });
      expect(rtrAnswer).toMatchObject({ result: '5003', header: { error: false } });
      expect(slf.lookups).toEqual([]);
      for (const { sink } of hsss) expect(sink.requests).toEqual([]);
      expect(slf.unauthorised).toEqual([
        ...new Array<string>(8).fill('originHost'),
        ...new Array<string>(4).fill('ownIdentity'),
        'command',
      ]);
      expect(slf.log.lines.filter((line) => line.includes('peers[].role')).length).toBeGreaterThan(5);
    },
  );

  test('roles of the configuration; a relay asks for others', async () => {
    const relay = { originHost: 'dra.ims.example', originRealm: REALM };
    const slf = await startLocator(store.locator, {
      peers: [
        { ...peerConfig(cscf.originHost, 3868, false), authority: new PeerAuthority({ roles: ['icscf'] }) },
        { ...peerConfig(relay.originHost, 3868, false), authority: new PeerAuthority({ roles: ['relay'] }) },
      ],
    });
    const client = await CxClient.open(slf.port, cscf);
    expect((await client.request('UAR', ofAlice.UAR)).result).toBe('3006');
    expect((await client.request('MAR', ofAlice.MAR)).result).toBe('5003');
    const agent = await CxClient.open(slf.port, relay);
    expect((await agent.request('MAR', { ...ofAlice.MAR, originHost: cscf.originHost })).result).toBe('3006');
  });
});

describe('redirect agent [6733-6.1.8]', () => {
  test.each(Object.entries(ofAlice))(
    '[29.228-6.4] %s: E bit, DIAMETER_REDIRECT_INDICATION, the HSSs in order, usage and cache time',
    async (command, avps) => {
      const slf = await startLocator(store.locator);
      const client = await CxClient.open(slf.port, cscf);
      const answer = await client.request(command as CxCommand, avps, { endToEndId: 77 });
      expect(answer.header).toMatchObject({ error: true, request: false, proxiable: true, endToEndId: 77 });
      expect(answer).toMatchObject({ result: '3006', avps: { originHost: SLF, originRealm: REALM } });
      expect(redirectHosts(answer)).toEqual([`aaa://${HSS1}`, `aaa://${HSS2}`]);
      expect(number(answer, 261)).toBe(2);
      expect(number(answer, 262)).toBe(60);
      // [29.229-5.3] also here.
      expect(number(answer, 277)).toBe(1);
      expect(
        extra(answer)
          .filter(({ code }) => [261, 262, 292].includes(code))
          .every(({ mandatory }) => mandatory),
      ).toBe(true);
      expect(slf.lookups).toEqual(['identity']);
      expect(slf.results).toEqual([`${command} DIAMETER_REDIRECT_INDICATION`]);
    },
  );

  test.each([
    ['sip:BOB%40x@ims.example', 'unknown', []],
    ['SIP:bob@IMS.example:5060;transport=tcp', 'identity', [HSS2]],
    ['tel:+49-30-1555', 'range', [HSS1]],
    ['sip:+49301555@elsewhere.example;user=phone', 'range', [HSS1]],
    ['sip:chat-1@ims.example', 'wildcard', [HSS2]],
    ['sip:x@a.domain.example', 'domain', [HSS1]],
    ['no uri at all', 'unknown', []],
  ])('%s is found as %s', async (identity, kind, hosts) => {
    const slf = await startLocator(store.locator);
    const answer = await lir(await CxClient.open(slf.port, cscf), identity);
    expect(slf.lookups).toEqual([kind]);
    expect(redirectHosts(answer)).toEqual(hosts.map((host) => `aaa://${host}`));
    expect(answer.result).toBe(kind === 'unknown' ? 'experimental 5001' : '3006');
    if (kind !== 'unknown') expect([number(answer, 261), number(answer, 262)]).toEqual([6, 300]);
  });

  test('[6733-6.13] DONT_CACHE has no time', async () => {
    const slf = await startLocator(store.locator);
    const answer = await lir(await CxClient.open(slf.port, cscf), 'sip:never@ims.example');
    expect([number(answer, 261), number(answer, 262)]).toEqual([0, 0]);
  });

  test('an SAR without a public identity goes by its User-Name', async () => {
    const slf = await startLocator(store.locator);
    const client = await CxClient.open(slf.port, cscf);
    const answer = await client.request('SAR', {
      userName: '002@IMS.example',
      serverName: 'sip:s',
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
    });
    expect(redirectHosts(answer)).toEqual([`aaa://${HSS2}`]);
  });

  test('[29.229-6.2] unknown: 5001 with the request’s identifiers and Proxy-Info, or DIAMETER_UNABLE_TO_DELIVER, as configured', async () => {
    const proxyInfo = [
      { proxyHost: 'a.example', proxyState: Buffer.from([1]) },
      { proxyHost: 'b.example', proxyState: Buffer.from([2]) },
    ];
    for (const [unknownIdentity, result, error] of [
      ['userUnknown', 'experimental 5001', false],
      ['unableToDeliver', '3002', true],
    ] as const) {
      const slf = await startLocator(store.locator, { settings: { unknownIdentity } });
      const answer = await (
        await CxClient.open(slf.port, cscf)
      ).request('LIR', { publicIdentity: 'sip:nobody@ims.example', proxyInfo });
      expect(answer.result).toBe(result);
      expect(answer.header.error).toBe(error);
      expect(answer.avps['proxyInfo']).toEqual(proxyInfo);
      expect(slf.lookups).toEqual(['unknown']);
    }
  });

  test.each<[string, (request: Buffer) => Buffer]>([
    ['SIP-Auth-Data-Item is missing', (request) => withoutAvp(request, 612)],
    [
      'an AVP of which nobody knows with the M bit',
      (request) => appended(request, { code: 65_000, vendorId: 0, mandatory: true, data: Buffer.from('x') }),
    ],
    [
      'Server-Name is there twice',
      (request) =>
        appended(request, { code: 602, vendorId: 10_415, mandatory: true, data: Buffer.from('sip:t') }),
    ],
    [
      'an Auth-Session-State that is none',
      (request) =>
        appended(withoutAvp(request, 277), {
          code: 277,
          vendorId: 0,
          mandatory: true,
          data: Buffer.from([0, 0, 0, 9]),
        }),
    ],
  ])('any Cx request is redirected, also one that an HSS refuses: %s', async (_fault, spoil) => {
    const slf = await startLocator(store.locator);
    const client = await CxClient.open(slf.port, cscf);
    const answer = await client.send((hopByHopId) =>
      spoil(cxRequest('MAR', cscf, ofAlice.MAR, { hopByHopId })),
    );
    expect(answer.result).toBe('3006');
    expect(redirectHosts(answer)[0]).toBe(`aaa://${HSS1}`);
  });

  test('what says nobody’s name is a missing Public-Identity', async () => {
    const slf = await startLocator(store.locator);
    const client = await CxClient.open(slf.port, cscf);
    const sar = await client.request('SAR', {
      serverName: 'sip:s',
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
    });
    const uar = await client.send((hopByHopId) =>
      withoutAvp(withoutAvp(cxRequest('UAR', cscf, ofAlice.UAR, { hopByHopId }), 601), 1),
    );
    for (const answer of [sar, uar]) expect(answer.result).toBe('5005');
    expect(
      (sar.avps['failedAvp'] as { additionalAvps: RawAvp[] }).additionalAvps.map(({ code }) => code),
    ).toEqual([601]);
  });

  test('[6733-6.1.3] a request that was here before is a loop; another realm is not served; RTR is not for a redirect agent; an unknown command is 3001', async () => {
    const slf = await startLocator(store.locator, { servedRealms: ['second.example'] });
    const client = await CxClient.open(slf.port, cscf);
    const ask = (more: object): Promise<CxAnswer> => client.request('LIR', { ...ofAlice.LIR, ...more });
    expect((await ask({ routeRecord: ['a.example', 'SLF.ims.example'] })).result).toBe('3005');
    expect((await ask({ routeRecord: ['a.example'] })).result).toBe('3006');
    expect((await ask({ destinationRealm: 'foreign.example' })).result).toBe('3003');
    expect((await ask({ destinationRealm: 'SECOND.example' })).result).toBe('3006');
    expect((await ask({ destinationHost: SLF })).result).toBe('3006');
    expect(
      (await client.send((hopByHopId) => withHopByHop(rtr(HSS1, cscf.originHost), hopByHopId))).result,
    ).toBe('3002');
    const odd = cxRequest('LIR', cscf, ofAlice.LIR);
    odd.writeUIntBE(399, 5, 3);
    client.write(withHopByHop(odd, 900));
    await until(() => client.undecodable.length === 1, 'an answer of that command');
    const refused = client.undecodable[0] as Buffer;
    expect([refused.readUIntBE(5, 3), refused.readUInt32BE(12), refused.readUInt8(4) & 0x20]).toEqual([
      399, 900, 0x20,
    ]);
    expect(
      wireAvps(refused)
        .find(({ code }) => code === 268)
        ?.data.readUInt32BE(0),
    ).toBe(3_001);
    expect(slf.log.lines.some((line) => line.includes('LIR refused with DIAMETER_LOOP_DETECTED'))).toBe(true);
  });

  test('a database that cannot be asked is DIAMETER_UNABLE_TO_COMPLY, and the connection stays', async () => {
    const closing = await openStore(await freshDatabase(), { locatorConnections: 1 });
    const slf = await startLocator(closing.locator);
    const client = await CxClient.open(slf.port, cscf);
    await closing.close();
    expect((await lir(client, alice.publicIdentity)).result).toBe('5012');
    expect(slf.lookups).toEqual(['failed']);
    expect(client.isClosed).toBe(false);
  });

  test('requests in progress have a bound', async () => {
    const waiting: (() => void)[] = [];
    const slf = await startLocator(
      {
        resolve: (identities) =>
          new Promise((resolve, reject) =>
            waiting.push(() => {
              store.locator.resolve(identities).then(resolve, reject);
            }),
          ),
      },
      { settings: { maxInProgressCount: 2 } },
    );
    const client = await CxClient.open(slf.port, cscf);
    const held = [lir(client, alice.publicIdentity), lir(client, alice.publicIdentity)];
    await until(() => waiting.length === 2, 'two lookups');
    expect((await lir(client, alice.publicIdentity)).result).toBe('3004');
    for (const go of waiting) go();
    expect((await Promise.all(held)).map(({ result }) => result)).toEqual(['3006', '3006']);
    await slf.agent.whenIdle();
    expect(slf.agent.inProgressCount).toBe(0);
  });
});

describe('proxy agent [29.229-5.5]', () => {
  const settings = { mode: 'proxy' } as const;

  test('[6733-6.1.9] to the HSS with its host and realm and a Route-Record; the answer comes back unchanged under the saved hop-by-hop identifier', async () => {
    const [hss1, hss2] = (await hssNodes()) as [Node, Node];
    const slf = await startLocator(store.locator, { settings, hsss: [hss1, hss2] });
    const client = await CxClient.open(slf.port, cscf);
    const proxyInfo = [{ proxyHost: 'a.example', proxyState: Buffer.from([1]) }];
    const answer = await client.request(
      'UAR',
      { ...ofAlice.UAR, routeRecord: ['edge.example'], proxyInfo },
      { endToEndId: 4_242 },
    );
    expect(answer).toMatchObject({
      result: '2001',
      header: { endToEndId: 4_242, error: false },
      avps: { originHost: HSS1, originRealm: REALM },
    });
    const { message, peer } = only(hss1);
    expect(peer.originHost).toBe(SLF);
    expect(message.header).toMatchObject({ endToEndId: 4_242, proxiable: true, retransmitted: false });
    expect(message.avps).toMatchObject({
      originHost: cscf.originHost,
      destinationHost: HSS1,
      destinationRealm: REALM,
      routeRecord: ['edge.example', cscf.originHost],
      publicIdentity: alice.publicIdentity,
      userName: alice.userName,
      proxyInfo,
    });
    expect(hss2.sink.requests).toEqual([]);
    expect((await lir(client, 'sip:bob@ims.example')).avps['originHost']).toBe(HSS2);
    expect(slf.forwards).toEqual(['answered', 'answered']);
    expect(slf.results).toEqual(['UAR DIAMETER_SUCCESS', 'LIR DIAMETER_SUCCESS']);
  });

  test('a Destination-Host of the request is replaced where it is ours, kept where it is not', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    const slf = await startLocator(store.locator, { settings, hsss });
    const client = await CxClient.open(slf.port, cscf);
    expect((await client.request('LIR', { ...ofAlice.LIR, destinationHost: SLF })).avps['originHost']).toBe(
      HSS1,
    );
    expect(text(only(hsss[0]).message.bytes, 293)).toEqual([HSS1]);
    // The S-CSCF knows its HSS: not looked up.
    expect(
      (await client.request('LIR', { ...ofAlice.LIR, destinationHost: HSS2, destinationRealm: 'as.it.is' }))
        .avps['originHost'],
    ).toBe(HSS2);
    expect(only(hsss[1]).message.avps).toMatchObject({
      destinationHost: HSS2,
      destinationRealm: 'as.it.is',
      routeRecord: [cscf.originHost],
    });
    expect(slf.lookups).toEqual(['identity']);
    expect(
      (await client.request('LIR', { ...ofAlice.LIR, destinationHost: 'hss9.ims.example' })).result,
    ).toBe('3002');
  });

  test('requests that overtake each other get their own answers', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    for (const { sink } of hsss) sink.hold = true;
    const slf = await startLocator(store.locator, {
      settings: { ...settings, answerTimeoutMs: 5_000 },
      hsss,
    });
    const clients = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        CxClient.open(slf.port, { originHost: `${name}.ims.example`, originRealm: REALM }),
      ),
    );
    const asked = clients.flatMap((client, c) =>
      Array.from({ length: 20 }, async (_, i) => {
        const sessionId = `${c};${i}`;
        const answer = await client.request(
          'LIR',
          { sessionId, publicIdentity: i % 2 === 0 ? alice.publicIdentity : 'sip:bob@ims.example' },
          { endToEndId: 500 + i },
        );
        expect(answer.avps['sessionId']).toBe(sessionId);
        expect(answer.header.endToEndId).toBe(500 + i);
        expect(answer.avps['originHost']).toBe(i % 2 === 0 ? HSS1 : HSS2);
      }),
    );
    await until(() => hsss.every(({ sink }) => sink.requests.length === 30), 'all have arrived');
    for (const { sink, name } of hsss)
      for (const request of [...sink.requests].reverse())
        request.answer(successAnswer(request.message, name));
    await Promise.all(asked);
  });

  test('[29.228-6.4] an HSS that is not connected is left for the next, without the T bit', async () => {
    const hss2 = await startNode(HSS2, { acceptUnknownPeers: true });
    const slf = await startLocator(store.locator, { settings, hsss: [hss2] });
    const answer = await lir(await CxClient.open(slf.port, cscf), alice.publicIdentity);
    expect(answer).toMatchObject({ result: '2001', avps: { originHost: HSS2 } });
    expect(only(hss2).message).toMatchObject({
      header: { retransmitted: false },
      avps: { destinationHost: HSS2 },
    });
    expect(slf.forwards).toEqual(['answered']);
  });

  test('[6733-5.5.4] one that does not answer in time, or is lost meanwhile, too, with the T bit and the same End-to-End Identifier', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    hsss[0].sink.silent = true;
    const slf = await startLocator(store.locator, { settings: { ...settings, answerTimeoutMs: 200 }, hsss });
    const client = await CxClient.open(slf.port, cscf);
    expect((await client.request('LIR', ofAlice.LIR, { endToEndId: 9 })).avps['originHost']).toBe(HSS2);
    expect(only(hsss[1]).message.header).toMatchObject({ retransmitted: true, endToEndId: 9 });
    expect(only(hsss[0]).message.header).toMatchObject({ retransmitted: false, endToEndId: 9 });
    expect(slf.forwards).toEqual(['failedOver', 'answered']);
    expect(slf.log.lines.some((line) => line.includes('did not answer within 200 ms'))).toBe(true);

    const lost = startsAndLoses(hsss[0]);
    const answer = await client.request('LIR', ofAlice.LIR, { endToEndId: 10 });
    await lost;
    expect(answer).toMatchObject({ result: '2001', avps: { originHost: HSS2 } });
    expect(hsss[1].sink.requests[1]?.message.header).toMatchObject({ retransmitted: true, endToEndId: 10 });
  });

  test('[6733-7.1.3] one that is too busy, too; where no other can, its own answer comes back', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    for (const { sink } of hsss) sink.hold = true;
    const slf = await startLocator(store.locator, {
      settings: { ...settings, answerTimeoutMs: 5_000 },
      hsss,
    });
    const client = await CxClient.open(slf.port, cscf);
    const asked = lir(client, alice.publicIdentity);
    await until(() => hsss[0].sink.requests.length === 1, 'the first HSS is asked');
    only(hsss[0]).answer(tooBusy(only(hsss[0]), HSS1));
    await until(() => hsss[1].sink.requests.length === 1, 'the second HSS is asked');
    only(hsss[1]).answer(tooBusy(only(hsss[1]), HSS2));
    expect(await asked).toMatchObject({
      result: '3004',
      header: { error: true },
      avps: { originHost: HSS2 },
    });
  });

  test('nobody is there: DIAMETER_UNABLE_TO_DELIVER with the reason; never back to the requester, to a node of the Route-Records or to itself', async () => {
    const slf = await startLocator(store.locator, { settings });
    const client = await CxClient.open(slf.port, cscf);
    const nowhere = await lir(client, 'sip:nowhere@ims.example');
    expect(nowhere).toMatchObject({
      result: '3002',
      avps: { errorMessage: 'hss9.ims.example is not connected' },
    });
    await CxClient.open(slf.port, { originHost: 'relay.ims.example', originRealm: REALM });
    const looping = await client.request('LIR', {
      publicIdentity: 'sip:looping@ims.example',
      routeRecord: ['relay.ims.example'],
    });
    expect(looping).toMatchObject({
      result: '3002',
      avps: {
        errorMessage: `${cscf.originHost} had the request before; ${SLF} is not connected; relay.ims.example had the request before`,
      },
    });
    expect(client.requests).toEqual([]);
    expect((await client.request('LIR', { ...ofAlice.LIR, routeRecord: [SLF] })).result).toBe('3005');
    expect(slf.forwards).toEqual(['undeliverable', 'undeliverable']);
  });

  test('[6733-3] without the P bit nothing is sent on: what can be located is redirected, the rest not delivered', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    const slf = await startLocator(store.locator, { settings, hsss });
    const client = await CxClient.open(slf.port, cscf);
    const answer = await client.request('LIR', ofAlice.LIR, { proxiable: false });
    expect(answer).toMatchObject({ result: '3006', header: { proxiable: false } });
    expect(redirectHosts(answer)).toEqual([`aaa://${HSS1}`, `aaa://${HSS2}`]);
    expect(
      (await client.request('LIR', { ...ofAlice.LIR, destinationHost: HSS2 }, { proxiable: false })).result,
    ).toBe('3002');
    expect(hsss.flatMap(({ sink }) => sink.requests)).toEqual([]);
  });

  test('what an HSS would refuse is for it to refuse: the octets pass as they are', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    const slf = await startLocator(store.locator, { settings: { ...settings, answerTimeoutMs: 100 }, hsss });
    const client = await CxClient.open(slf.port, cscf);
    const asked = client.send((hopByHopId) =>
      appended(withoutAvp(cxRequest('MAR', cscf, ofAlice.MAR, { hopByHopId }), 612), {
        code: 65_000,
        vendorId: 7,
        mandatory: true,
        data: Buffer.from('odd'),
      }),
    );
    await until(() => hsss[0].sink.undecodable.length === 1, 'it arrives');
    expect(hsss[0].sink.undecodable[0]?.failure.resultCode).toBeGreaterThanOrEqual(5_001);
    await asked;
  });

  test('[6733-6.2] answers that break their own format pass, too', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    for (const { sink } of hsss) sink.hold = true;
    const slf = await startLocator(store.locator, { settings, hsss });
    const client = await CxClient.open(slf.port, cscf);
    const asked = lir(client, alice.publicIdentity).catch((error: Error) => error.message);
    await until(() => hsss[0].sink.requests.length === 1, 'the HSS is asked');
    only(hsss[0]).answer(withoutAvp(successAnswer(only(hsss[0]).message, HSS1), 277));
    expect(await asked).toContain('Auth-Session-State');
    expect(slf.forwards).toEqual(['answered']);
  });

  test('the requester goes away: its answer is dropped, everybody else is served on', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    hsss[0].sink.hold = true;
    const slf = await startLocator(store.locator, {
      settings: { ...settings, answerTimeoutMs: 5_000 },
      hsss,
    });
    const client = await CxClient.open(slf.port, cscf);
    const asked = lir(client, alice.publicIdentity).catch((error: Error) => error.message);
    await until(() => hsss[0].sink.requests.length === 1, 'the HSS is asked');
    client.close();
    expect(await asked).toContain('closed');
    await until(() => slf.table.openPeer(cscf.originHost) === null, 'the locator has seen it');
    only(hsss[0]).answer(successAnswer(only(hsss[0]).message, HSS1));
    await until(() => slf.forwards.includes('requesterGone'), 'the answer is dropped');
    hsss[0].sink.hold = false;
    expect((await lir(await CxClient.open(slf.port, cscf), alice.publicIdentity)).result).toBe('2001');
    expect(slf.log.lines.some((line) => line.includes(`${cscf.originHost} is gone`))).toBe(true);
  });

  test('[29.228-6.1.3] RTR of an HSS is relayed to the S-CSCF that it names, and its RTA back', async () => {
    const hsss = (await hssNodes()) as [Node, Node];
    const slf = await startLocator(store.locator, { settings, hsss });
    const client = await CxClient.open(slf.port, cscf);
    const received: Record<string, unknown>[] = [];
    client.serve = (request) => {
      received.push(request.avps);
      return { resultCode: 2001 };
    };
    const outcome = await hsss[0].table.send(rtr(HSS1, cscf.originHost), cscf.originHost, SLF, 2_000);
    expect(outcome).toMatchObject({
      kind: 'answer',
      message: {
        abbreviation: 'RTA',
        avps: { resultCode: 2001, originHost: cscf.originHost },
        header: { endToEndId: 77 },
      },
    });
    expect(received).toMatchObject([
      { originHost: HSS1, destinationHost: cscf.originHost, routeRecord: [HSS1] },
    ]);
    const gone = await hsss[0].table.send(rtr(HSS1, 'gone.ims.example'), 'gone.ims.example', SLF, 2_000);
    expect(gone).toMatchObject({
      kind: 'answer',
      message: { header: { error: true }, avps: { resultCode: 3002 } },
    });
  });

  test('an HSS in the same process is handed its requests', async () => {
    const local = new RecordingSink('hss-here.ims.example');
    await store.locator.put(entry('sip:here@ims.example', 'hss-here.ims.example'), {});
    const slf = await startLocator(store.locator, {
      settings,
      localHss: { originHost: 'hss-here.ims.example', originRealm: 'here.example', sink: local },
    });
    const client = await CxClient.open(slf.port, cscf);
    expect(await lir(client, 'sip:here@ims.example')).toMatchObject({
      result: '2001',
      avps: { originHost: 'hss-here.ims.example' },
    });
    expect(
      await client.request('LIR', { ...ofAlice.LIR, destinationHost: 'HSS-here.ims.example' }),
    ).toMatchObject({ result: '2001' });
    expect(local.requests.map(({ message }) => message.avps)).toMatchObject([
      {
        destinationHost: 'hss-here.ims.example',
        destinationRealm: 'here.example',
        routeRecord: [cscf.originHost],
      },
      { destinationHost: 'HSS-here.ims.example', destinationRealm: REALM },
    ]);
    void client
      .send((hopByHopId) =>
        withoutAvp(
          cxRequest('MAR', cscf, { ...ofAlice.MAR, publicIdentity: 'sip:here@ims.example' }, { hopByHopId }),
          612,
        ),
      )
      .catch(() => undefined);
    await until(() => local.undecodable.length === 1, 'also what it has to refuse');
  });
});

function withHopByHop(request: Buffer, hopByHopId: number): Buffer {
  request.writeUInt32BE(hopByHopId, 12);
  return request;
}

function appended(request: Buffer, avp: RawAvp): Buffer {
  const message = Buffer.concat([request, encodeRawAvps([avp])]);
  message.writeUIntBE(message.length, 1, 3);
  return message;
}

/** DIAMETER_TOO_BUSY, with the E bit. */
function tooBusy(request: IncomingRequest, originHost: string): Buffer {
  const answer = withoutAvp(successAnswer(request.message, originHost), 268);
  const message = appended(answer, {
    code: 268,
    vendorId: 0,
    mandatory: true,
    data: encodeAvp('Result-Code', 3004, dictionary).subarray(8),
  });
  message[4] = (message[4] ?? 0) | 0x20;
  return message;
}

/** The HSS takes one more request and then its connections are cut. */
async function startsAndLoses(hss: Node): Promise<void> {
  const before = hss.sink.requests.length;
  await until(() => hss.sink.requests.length > before, 'it is asked');
  await hss.table.shutdown('REBOOTING', 1);
}
