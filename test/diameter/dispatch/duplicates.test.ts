import {
  DuplicateDetection,
  type DuplicateLimits,
  type Entry,
} from '../../../src/diameter/dispatch/duplicates';
import { contentHash } from '../../../src/diameter/dispatch/retransmission';
import { cxAnswer } from '../../support/cx-messages';
import { answerTo } from './answer-to';
import { Delivered, delivered, icscf, scscf } from './support';

const limits: DuplicateLimits = { windowMs: 1_000, maxAnswers: 100, maxOctets: 1_000_000 };
const target = { publicIdentity: 'sip:alice@ims.example' };
/** Of the hash, where a test has to know it. */
const SEED = 0x811c9dc5;
const session = { ...target, sessionId: 'icscf.ims.example;7;7' };

const DESTINATION_REALM = 283;

/** From where to where the first AVP with that code is. */
function placeOf(bytes: Buffer, code: number): number[] {
  for (let at = 20; at < bytes.length;) {
    const end = at + ((bytes.readUIntBE(at + 5, 3) + 3) & ~3);
    if (bytes.readUInt32BE(at) === code) return [at, end];
    at = end;
  }
  throw new Error(`no AVP ${code}`);
}

function lir(hopByHopId: number, endToEndId = 70, avps: object = session, origin = icscf): Delivered {
  return delivered('LIR', avps, { hopByHopId, endToEndId }, origin);
}

function admit(detection: DuplicateDetection, request: Delivered, nowMs = 0) {
  const { originHost, sessionId } = request.message.avps as { originHost: string; sessionId: string };
  return detection.admit(request, originHost, sessionId, nowMs);
}

/** @throws Error where the request is no new one */
function admitNew(detection: DuplicateDetection, request: Delivered, nowMs = 0): Entry {
  const admission = admit(detection, request, nowMs);
  if (typeof admission === 'string') throw new Error(`a new request is taken for ${admission}`);
  return admission;
}

function serve(detection: DuplicateDetection, request: Delivered, nowMs = 0): Buffer {
  const entry = admitNew(detection, request, nowMs);
  const answer = answerTo(request);
  detection.done(entry, answer);
  return answer;
}

describe('retransmitted requests', () => {
  test('[6733-3] the same Origin-Host and End-to-End Identifier gets the same octets but for its own Hop-by-Hop Identifier', () => {
    const detection = new DuplicateDetection(limits);
    const answer = serve(detection, lir(1));
    const copy = lir(0xfedcba98);
    expect(admit(detection, copy, 999)).toBe('duplicate');
    const expected = Buffer.from(answer);
    expected.writeUInt32BE(0xfedcba98, 12);
    expect(copy.octets.equals(expected)).toBe(true);
    expect(answer.readUInt32BE(12)).toBe(1);
  });

  test('[6733-3] with the T bit set it is the same request', () => {
    const detection = new DuplicateDetection(limits);
    serve(detection, lir(1));
    const copy = delivered('LIR', session, { hopByHopId: 2, endToEndId: 70, retransmitted: true });
    expect(copy.message.header.retransmitted).toBe(true);
    expect(admit(detection, copy)).toBe('duplicate');
    expect(cxAnswer(copy.octets).header.hopByHopId).toBe(2);
  });

  test('[6733-3] the T bit alone makes no duplicate: what is not known is served', () => {
    const detection = new DuplicateDetection(limits);
    admitNew(detection, delivered('LIR', session, { hopByHopId: 2, endToEndId: 70, retransmitted: true }));
  });

  test('copies that come while the first is in progress wait for its answer', () => {
    const detection = new DuplicateDetection(limits);
    const first = lir(1);
    const entry = admitNew(detection, first);
    const copies = [lir(2), lir(3)];
    for (const copy of copies) expect(admit(detection, copy)).toBe('duplicate');
    expect(copies.map((copy) => copy.answers.length)).toEqual([0, 0]);
    detection.done(entry, answerTo(first));
    expect(copies.map((copy) => cxAnswer(copy.octets).header.hopByHopId)).toEqual([2, 3]);
  });

  test('only so many copies wait; the ones above are handed back to be refused, and the others are still answered', () => {
    const detection = new DuplicateDetection(limits);
    const first = lir(1);
    const entry = admitNew(detection, first);
    const copies = Array.from({ length: 40 }, (_, i) => lir(i + 2));
    const outcomes = copies.map((copy) => admit(detection, copy));
    expect(new Set(outcomes)).toEqual(new Set(['duplicate', 'tooMany']));
    detection.done(entry, answerTo(first));
    expect(copies.map((copy) => copy.answers.length)).toEqual(
      outcomes.map((outcome) => (outcome === 'duplicate' ? 1 : 0)),
    );
  });

  test.each([
    ['another Session-Id', () => lir(2, 70, { ...target, sessionId: 'icscf.ims.example;7;8' })],
    [
      'another command',
      () =>
        delivered(
          'UAR',
          { ...session, userName: 'alice@ims.example', visitedNetworkIdentifier: Buffer.from('v') },
          { endToEndId: 70 },
        ),
    ],
    ['another Origin-Host', () => lir(2, 70, session, scscf)],
    ['another End-to-End Identifier', () => lir(1, 71)],
  ])('%s makes it a new request', (_name, second) => {
    const detection = new DuplicateDetection(limits);
    serve(detection, lir(1));
    admitNew(detection, second());
  });

  test('[6733-3] the same identifiers with other content make a new request, in progress or answered', () => {
    const detection = new DuplicateDetection(limits);
    const bob = { ...session, publicIdentity: 'sip:bobby@ims.example' };
    const entry = admitNew(detection, lir(1));
    const other = admitNew(detection, lir(2, 70, bob));
    detection.done(entry, answerTo(lir(1)));
    detection.done(other, answerTo(lir(2, 70, bob)));
    expect(admit(detection, lir(3, 70, bob))).toBe('duplicate');
    admitNew(detection, lir(4));
  });

  test('[6733-3] each single octet of the content counts', () => {
    const bytes = lir(1).message.bytes;
    const hashes = new Set([contentHash(bytes, SEED)]);
    const [from = 0, to = 0] = placeOf(bytes, DESTINATION_REALM);
    const octets = Array.from({ length: bytes.length - 20 }, (_, i) => i + 20);
    const counted = octets.filter((at) => at < from || at >= to);
    for (const at of counted) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      hashes.add(contentHash(changed, SEED));
    }
    expect(hashes.size).toBe(counted.length + 1);
  });

  test('[6733-5.5.4] [6733-6.7] a copy by another agent: Route-Record, Proxy-Info and priority may differ, and its own Proxy-Info comes back', () => {
    const proxied = (hopByHopId: number, host: string, more: object = {}): Delivered =>
      lir(hopByHopId, 70, {
        ...session,
        routeRecord: [host],
        proxyInfo: [{ proxyHost: host, proxyState: Buffer.from(`state of ${host}`) }],
        ...more,
      });
    const detection = new DuplicateDetection(limits);
    const first = proxied(1, 'dra1.ims.example');
    detection.done(admitNew(detection, first), answerTo(first));
    const copies = [
      proxied(2, 'dra2.ims.example', { drmp: 3, destinationHost: 'hss.ims.example' }),
      lir(3),
      proxied(4, 'dra1.ims.example'),
    ];
    for (const copy of copies) expect(admit(detection, copy)).toBe('duplicate');
    const hosts = copies.map((copy) =>
      ((cxAnswer(copy.octets).avps['proxyInfo'] ?? []) as { proxyHost: string; proxyState: Buffer }[]).map(
        ({ proxyHost, proxyState }) => `${proxyHost}: ${String(proxyState)}`,
      ),
    );
    expect(hosts).toEqual([
      ['dra2.ims.example: state of dra2.ims.example'],
      [],
      ['dra1.ims.example: state of dra1.ims.example'],
    ]);
    expect(copies.map((copy) => cxAnswer(copy.octets).header.hopByHopId)).toEqual([2, 3, 4]);
  });

  test('octets that break the framing of AVPs neither hang nor fail', () => {
    for (let length = 0; length < 60; length += 1)
      for (const octet of [0, 1, 0xff])
        expect(Number.isInteger(contentHash(Buffer.alloc(length, octet), 7))).toBe(true);
  });

  test('an answer is kept for the window and no longer', () => {
    const detection = new DuplicateDetection(limits);
    serve(detection, lir(1), 0);
    expect(admit(detection, lir(2), 999)).toBe('duplicate');
    admitNew(detection, lir(3), 1_000);
  });

  test('a window of 0 keeps nothing', () => {
    const detection = new DuplicateDetection({ ...limits, windowMs: 0 });
    serve(detection, lir(1), 5);
    expect(detection.keptOctets).toBe(0);
    admitNew(detection, lir(2), 5);
  });

  test('only so many answers are kept; the oldest go first', () => {
    const detection = new DuplicateDetection({ ...limits, maxAnswers: 3 });
    for (const id of [1, 2, 3, 4]) serve(detection, lir(id, id));
    for (const id of [4, 3, 2]) expect(admit(detection, lir(9, id))).toBe('duplicate');
    admitNew(detection, lir(9, 1));
  });

  test('only so many octets are kept, and the book-keeping comes back to nothing', () => {
    const maxOctets = 5_000;
    const detection = new DuplicateDetection({ ...limits, maxOctets });
    let largest = 0;
    for (let id = 1; id <= 200; id += 1) {
      const request = lir(id, id);
      const entry = admitNew(detection, request);
      largest = Math.max(largest, detection.keptOctets);
      detection.done(entry, answerTo(request));
    }
    expect(largest).toBeLessThanOrEqual(maxOctets);
    expect(admit(detection, lir(1, 200))).toBe('duplicate');
    admitNew(detection, lir(1, 1));
    const last = admitNew(detection, lir(1, 500), 10_000);
    detection.forget(last);
    expect(detection.keptOctets).toBe(0);
  });

  test('a request that was pushed out while in progress still answers the copies that waited, and is not kept', () => {
    const detection = new DuplicateDetection({ ...limits, maxAnswers: 1 });
    const first = lir(1, 1);
    const entry = admitNew(detection, first);
    const copy = lir(2, 1);
    admit(detection, copy);
    serve(detection, lir(3, 2));
    const octets = detection.keptOctets;
    detection.done(entry, answerTo(first));
    expect(copy.answers).toHaveLength(1);
    expect(detection.keptOctets).toBe(octets);
  });

  test('what is forgotten answers the copies that wait and is served again when it comes again', () => {
    const detection = new DuplicateDetection(limits);
    const first = lir(1);
    const entry = admitNew(detection, first);
    const copy = lir(2);
    admit(detection, copy);
    detection.forget(entry);
    detection.done(entry, answerTo(first));
    expect(copy.answers).toHaveLength(1);
    admitNew(detection, lir(3));
  });

  test('forgetting a request leaves a newer one with the same identifiers alone', () => {
    const detection = new DuplicateDetection(limits);
    const old = admitNew(detection, lir(1));
    const newer = lir(2, 70, { ...target, sessionId: 'icscf.ims.example;7;9' });
    const entry = admitNew(detection, newer);
    detection.forget(old);
    detection.done(entry, answerTo(newer));
    expect(admit(detection, lir(3, 70, { ...target, sessionId: 'icscf.ims.example;7;9' }))).toBe('duplicate');
  });

  test('requests whose identifiers have the same hash are told apart, whichever comes or goes first', () => {
    const detection = new DuplicateDetection(limits, SEED);
    const twin = twinOf(70, icscf.originHost, scscf.originHost);
    const first = () => lir(1, 70, session, icscf);
    const second = () => lir(2, twin, session, scscf);
    const firstEntry = admitNew(detection, first());
    serve(detection, second());
    expect(admit(detection, second())).toBe('duplicate');
    detection.done(firstEntry, answerTo(first()));
    expect(admit(detection, first())).toBe('duplicate');
    detection.forget(admitNew(detection, lir(3, twin, { ...session, sessionId: 'another' }, scscf)));
    expect(admit(detection, first())).toBe('duplicate');
    admitNew(detection, second());
  });

  test('what is kept is found, and nothing else, while requests are forgotten and answered in any order', () => {
    const detection = new DuplicateDetection(
      { windowMs: 1_000_000, maxAnswers: 5_000, maxOctets: 100_000_000 },
      SEED,
    );
    const open = new Map<number, Entry>();
    const kept = new Set<number>();
    const request = (id: number): Delivered =>
      lir(1, id, { ...target, sessionId: `icscf.ims.example;7;${id}` });
    // Always the same "random" order.
    let state = 1;
    const draw = (count: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >>> 8) % count;
    };
    for (let step = 1; step <= 6_000; step += 1) {
      open.set(step << 16, admitNew(detection, request(step << 16)));
      // Some stay open for long, so that places in front of them are kept.
      while (open.size > 40) {
        const [id, entry] = [...open][draw(open.size)] as [number, Entry];
        open.delete(id);
        if (draw(2) === 0) detection.forget(entry);
        else kept.add(id);
        detection.done(entry, answerTo(request(id)));
      }
    }
    expect(kept.size).toBeGreaterThan(2_500);
    for (let step = 1; step <= 6_000; step += 1) {
      const id = step << 16;
      if (open.has(id)) continue;
      const admission = admit(detection, request(id));
      if (kept.has(id)) expect(admission).toBe('duplicate');
      else detection.forget(admission as Entry);
    }
  });

  test('thousands of answers stay what they were, while others come and go', () => {
    const detection = new DuplicateDetection({ windowMs: 1_000, maxAnswers: 5_000, maxOctets: 100_000_000 });
    const answers = new Map<number, Buffer>();
    for (let id = 1; id <= 12_000; id += 1) {
      const request = lir(id, id * 7);
      const entry = admitNew(detection, request);
      if (id % 5 === 0) detection.forget(entry);
      const answer = answerTo(request);
      detection.done(entry, answer);
      if (id % 5 !== 0) answers.set(id, answer);
    }
    for (const id of [12_000 - 6_000, 11_000, 11_999]) {
      const copy = lir(id, id * 7);
      if (answers.has(id)) expect(admit(detection, copy)).toBe('duplicate');
      expect(copy.answers[0]?.equals(answers.get(id) ?? Buffer.alloc(0))).toBe(
        answers.has(id) ? true : undefined,
      );
    }
    admitNew(detection, lir(1, 7));
  });
});

/**
 * The End-to-End Identifier with which another host has the hash that this one has with `id`: FNV-1a run
 * backwards.
 */
function twinOf(id: number, host: string, other: string): number {
  const prime = 0x01000193;
  let inverse = 1;
  for (let i = 0; i < 5; i += 1) inverse = Math.imul(inverse, 2 - Math.imul(prime, inverse));
  let hash = SEED ^ id;
  for (const character of host) hash = Math.imul(hash ^ character.charCodeAt(0), prime);
  for (const character of [...other].reverse()) hash = Math.imul(hash, inverse) ^ character.charCodeAt(0);
  return (hash ^ SEED) >>> 0;
}
