/** The small pure parts: back-off, places for connections, pending requests, identifiers. */
import { backOffMs } from '../../../src/diameter/peer/back-off';
import {
  ConnectionLimits,
  type Newcomer,
  type Reservation,
} from '../../../src/diameter/peer/connection-limits';
import { EndToEndIds } from '../../../src/diameter/peer/end-to-end-ids';
import { PendingRequests, type PendingRequest } from '../../../src/diameter/peer/pending-requests';
import { systemClock, systemRandom, type RandomSource } from '../../../src/shared/clock';

const fixed = (value: number): RandomSource => ({ bytes: (size) => Buffer.alloc(size, value) });

describe('[6733-2.1] reconnection back-off', () => {
  const bounds = { reconnectInitialMs: 100, reconnectMaxMs: 1_500, reconnectJitterRatio: 0.5 };
  test('doubles up to its bound', () => {
    expect([0, 1, 2, 3, 4, 5, 1_000].map((failures) => backOffMs(failures, bounds, fixed(0)))).toEqual([
      100, 200, 400, 800, 1_500, 1_500, 1_500,
    ]);
  });
  test('adds at most the jitter', () => {
    expect(backOffMs(0, bounds, fixed(0xff))).toBe(150);
  });
});

describe('places for connections', () => {
  const bounds = { maxConnections: 4, maxHalfOpenConnections: 3, maxHalfOpenConnectionsPerAddress: 2 };
  const from = (address: string, familiar = false, giveUp: () => void = () => undefined): Newcomer => ({
    address,
    familiar,
    giveUp,
  });
  const place = (limits: ConnectionLimits, address: string): Reservation => {
    const got = limits.reserve(from(address));
    if (typeof got === 'string') throw new Error(got);
    return got;
  };
  test('each bound is named when it is reached', () => {
    const limits = new ConnectionLimits(bounds);
    const first = place(limits, 'a');
    place(limits, 'b');
    place(limits, 'b');
    expect(limits.reserve(from('b'))).toBe('2 connections from b wait for their CER');
    expect(limits.reserve(from('a'))).toBe('3 connections wait for their CER');
    first.established();
    first.established();
    place(limits, 'c');
    expect(limits.reserve(from('c'))).toBe('4 connections are open');
    first.release();
    first.release();
    expect(limits.openConnections).toBe(3);
    expect(limits.halfOpenConnections).toBe(3);
  });
  test('a half-open connection that goes away gives back both of its places', () => {
    const limits = new ConnectionLimits(bounds);
    place(limits, 'a').release();
    expect([limits.openConnections, limits.halfOpenConnections]).toEqual([0, 0]);
    expect(typeof limits.reserve(from('a'))).toBe('object');
  });
  test('a familiar address takes the place of the oldest stranger, and nobody takes its own', () => {
    const limits = new ConnectionLimits(bounds);
    const gone: string[] = [];
    const held = (name: string, address: string, familiar: boolean): unknown =>
      limits.reserve(from(address, familiar, () => gone.push(name)));
    held('s1', 'a', false);
    held('s2', 'b', false);
    held('f1', 'f', true);
    held('f2', 'f', true);
    expect(gone).toEqual(['s1']);
    held('f3', 'g', true);
    expect(gone).toEqual(['s1', 's2']);
    expect(held('f4', 'h', true)).toBe('3 connections wait for their CER');
    expect(held('s3', 'a', false)).toBe('3 connections wait for their CER');
    expect([limits.openConnections, limits.halfOpenConnections]).toEqual([3, 3]);
  });
  test('maxConnections holds no familiar address back while a stranger is half-open', () => {
    const limits = new ConnectionLimits({ ...bounds, maxConnections: 2 });
    place(limits, 'a').established();
    const gone: string[] = [];
    limits.reserve(from('b', false, () => gone.push('b')));
    expect(typeof limits.reserve(from('f', true))).toBe('object');
    expect([gone, limits.openConnections]).toEqual([['b'], 2]);
    expect(limits.reserve(from('g', true))).toBe('2 connections are open');
  });
  test('a stranger takes a place from the address that holds the most, if that has two more', () => {
    const limits = new ConnectionLimits({ ...bounds, maxConnections: 9 });
    const gone: string[] = [];
    for (const [name, address] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const)
      limits.reserve(from(address, false, () => gone.push(name)));
    expect(typeof limits.reserve(from('c'))).toBe('object');
    expect(gone).toEqual(['a1']);
    expect(limits.reserve(from('d'))).toBe('3 connections wait for their CER');
  });
});

describe('pending requests', () => {
  const request = (moves: boolean): PendingRequest & { lost: boolean[] } => {
    const lost: boolean[] = [];
    return {
      lost,
      settle: () => undefined,
      failover: (_, connectionLost) => {
        lost.push(connectionLost);
        return moves;
      },
    };
  };
  test('[6733-3] identifiers are taken once, wrap around and avoid those in use', () => {
    const pending = new PendingRequests(10, 0xfffffffe);
    const a = request(false);
    expect(pending.add(a)).toBe(0xffffffff);
    expect(pending.add(request(false))).toBe(0);
    expect(pending.newHopByHopId()).toBe(1);
    expect(pending.take(0xffffffff)).toBe(a);
    expect(pending.take(0xffffffff)).toBeUndefined();
  });
  test('[6733-5.5.4] suspect: those that find no other peer stay; lost: none stays', () => {
    const pending = new PendingRequests(10, 0);
    const [stays, moves] = [request(false), request(true)];
    pending.add(stays);
    pending.add(moves);
    pending.failover('suspect', false);
    expect(pending.size).toBe(1);
    pending.failover('lost', true);
    expect(pending.size).toBe(0);
    expect([stays.lost, moves.lost]).toEqual([[false, true], [false]]);
  });
  test('are bounded', () => {
    const pending = new PendingRequests(1, 0);
    pending.add(request(false));
    expect(pending.add(request(false))).toBeNull();
  });
});

test('[6733-3] End-to-End Identifiers carry 12 bits of the time and do not repeat', () => {
  const clock = { ...systemClock, nowMs: () => 0x12345abc * 1000 };
  const ids = new EndToEndIds(clock, fixed(0xff));
  expect(ids.next()).toBe(0xabc00000);
  expect(ids.next()).toBe(0xabc00001);
  const random = new EndToEndIds(systemClock, systemRandom);
  expect(new Set(Array.from({ length: 5_000 }, () => random.next())).size).toBe(5_000);
});
