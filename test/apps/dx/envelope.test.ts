/**
 * What an agent changes in a request and what it leaves alone, and that nothing a request can hold stops it
 * [6733-6.1.9].
 */
import { LocatorAgent } from '../../../src/apps/dx/agent';
import { forwardedRequest, readEnvelope } from '../../../src/apps/dx/envelope';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../src/diameter/codec/decode';
import { resolveAmong, PatternIndex } from '../../../src/apps/dx/locator/pattern-index';
import { systemClock } from '../../../src/shared/clock';
import { silentEvents } from '../../../src/events/event-spine';
import { silentLogger } from '../../../src/shared/logger';
import { cxRequest, decoded, dictionary, wireAvps } from '../../support/cx-messages';
import { unbounded } from '../../diameter/dispatch/support';
import { entry } from './support';

const origin = { originHost: 'icscf.ims.example', originRealm: 'ims.example' };
const alice = { userName: '001@ims.example', publicIdentity: 'sip:alice@ims.example' };
const uar = (more: object = {}): Buffer =>
  cxRequest(
    'UAR',
    origin,
    { ...alice, visitedNetworkIdentifier: Buffer.from([0, 1, 2]), ...more },
    { hopByHopId: 5, endToEndId: 6 },
  );

describe('a request that is sent on', () => {
  const destination = { host: 'hss1.ims.example', realm: 'hss.example' };

  test.each([
    ['without a Destination-Host', {}],
    ['with one', { destinationHost: 'slf.ims.example' }],
  ])('%s: destination in place, Route-Record last, every other AVP as it is', (_name, more) => {
    const before = uar({
      ...more,
      routeRecord: ['a.example'],
      additionalAvps: [{ code: 65_000, vendorId: 99, mandatory: false, data: Buffer.from('odd') }],
    });
    const after = forwardedRequest(before, { routeRecord: 'icscf.ims.example', destination }) as Buffer;
    expect(decoded(after).header).toEqual({ ...decoded(before).header, length: after.length });
    expect(decoded(after).avps).toMatchObject({
      destinationHost: destination.host,
      destinationRealm: destination.realm,
      routeRecord: ['a.example', 'icscf.ims.example'],
    });
    const rest = (bytes: Buffer): unknown[] =>
      wireAvps(bytes).filter(({ code }) => ![282, 283, 293].includes(code));
    expect(rest(after)).toEqual(rest(before));
    expect(wireAvps(after).at(-1)).toMatchObject({ code: 282, flags: 0x40 });
  });

  test('one that names its destination itself gets the Route-Record only', () => {
    const before = uar({ destinationHost: 'hss9.ims.example' });
    const after = forwardedRequest(before, { routeRecord: 'x.example' }) as Buffer;
    expect(after.subarray(20, before.length)).toEqual(before.subarray(20));
    expect(after.length).toBe(before.length + 20);
  });

  test('what cannot be followed, or would be too long, is not sent', () => {
    const cut = uar();
    cut.writeUIntBE(3, 20 + 5, 3);
    expect(readEnvelope(cut)).toBeNull();
    expect(forwardedRequest(cut, { routeRecord: 'x' })).toBeNull();
    const long = Buffer.alloc(0xfffffc - 4);
    uar().copy(long);
    const at = uar().length;
    long.writeUInt32BE(65_000, at);
    long.writeUIntBE(long.length - at, at + 5, 3);
    expect(forwardedRequest(long, { routeRecord: 'x.example' })).toBeNull();
  });
});

test('[6733-7] whatever is in a request: one answer to each, nothing thrown, and what can be read is located', async () => {
  const patterns = new PatternIndex();
  patterns.put(entry('ims.example', 'hss1.ims.example'));
  const sent: Buffer[] = [];
  for (const mode of ['redirect', 'proxy'] as const) {
    const agent = new LocatorAgent({
      node: { originHost: 'slf.ims.example', originRealm: 'ims.example', servedRealms: [] },
      settings: {
        mode,
        unknownIdentity: 'userUnknown',
        usage: 'ALL_USER',
        maxCacheSeconds: 1,
        answerTimeoutMs: 10,
        maxInProgressCount: 10_000,
      },
      locator: {
        resolve: (identities) =>
          Promise.resolve(
            resolveAmong(
              identities,
              identities.map(() => null),
              patterns,
            ),
          ),
      },
      localHss: null,
      dictionary,
      decode: (bytes) => decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS),
      clock: systemClock,
      logger: silentLogger,
      hops: {
        openPeer: () => origin,
        send: (request) => {
          sent.push(request);
          return Promise.resolve({ kind: 'timeout' });
        },
      },
      events: silentEvents,
    });
    let state = 4_711;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const results = new Map<number, number>();
    let asked = 0;
    for (let round = 0; round < 4_000; round += 1) {
      const bytes = uar();
      for (let changes = random(4); changes > 0; changes -= 1)
        bytes.writeUInt8(random(256), 4 + random(bytes.length - 4));
      const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
      const isRequest = (bytes.readUInt8(4) & 0x80) !== 0;
      if (!isRequest) continue;
      let answers = 0;
      const answer = (octets: Buffer): boolean => {
        answers += 1;
        asked += 1;
        const resultAvp = wireAvps(octets).find(({ code }) => code === 268);
        results.set(
          resultAvp?.data.readUInt32BE(0) ?? 0,
          (results.get(resultAvp?.data.readUInt32BE(0) ?? 0) ?? 0) + 1,
        );
        return true;
      };
      if (result.ok)
        agent.onRequest({ ...unbounded, peer: origin, receivedAtMs: 0, message: result.message, answer });
      else agent.onUndecodable({ ...unbounded, peer: origin, failure: result.failure, answer });
      await agent.whenIdle();
      expect(answers).toBe(1);
    }
    expect(asked).toBeGreaterThan(3_000);
    if (mode === 'redirect') expect(results.get(3_006)).toBeGreaterThan(1_000);
    // Nobody answers the proxy.
    else expect(results.get(3_002)).toBeGreaterThan(1_000);
  }
  for (const request of sent) expect(readEnvelope(request)).not.toBeNull();
}, 60_000);
