import {
  DEFAULT_DELTA_SEQ,
  MAX_SQN,
  shareOut,
  decodeSqn,
  encodeSqn,
  areLeft,
  resynchronise,
} from '../../src/authentication/sequence-number';
import { ReferenceCounter } from '../support/reference-counter';
import { SequenceArray } from '../support/sequence-array';
import { indSliceOf, vectorRequesters } from '../../src/authentication/ind-slices';

/** Marsaglia's xorshift32: a seeded generator, so that a failure can be run again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

const indOf = (sqn: number, indBits: number): number => sqn % 2 ** indBits;

/** The next values of a counter for an S-CSCF, where nobody else asks. */
function next(current: number, count: number, indBits = 5): { values: number[]; newCurrent: number } {
  const counter = new ReferenceCounter(current);
  const values = counter.draw('ims', count, indBits);
  return { values, newCurrent: counter.sequenceNumber };
}

describe('[33.102-C.1.1.2] generation without a clock', () => {
  test('SEQ rises by one for each vector, IND by one for each batch [33.102-C.3.4]', () => {
    expect(next(0, 3, 5)).toEqual({ values: [32 + 1, 64 + 1, 96 + 1], newCurrent: 97 });
    expect(next(97, 2, 5)).toEqual({ values: [128 + 2, 160 + 2], newCurrent: 162 });
    expect(next(162, 1).values).toEqual([192 + 3]);
  });

  test('IND goes around within its slice without touching SEQ', () => {
    expect(next(7 * 32 + 31, 1, 5)).toEqual({ values: [8 * 32], newCurrent: 256 });
    expect(next(5, 2, 0)).toEqual({ values: [6, 7], newCurrent: 7 });
    expect(next(2 ** 16 - 1, 1, 16)).toEqual({ values: [2 ** 16], newCurrent: 2 ** 16 });
  });

  test('values above 32 bits are exact', () => {
    const current = 0xff9bb4d0b607;
    expect(next(current, 1, 5).values[0]).toBe(Number((BigInt(current) / 32n + 1n) * 32n + 8n));
  });
});

describe('[33.102-C.2.1] the upper end', () => {
  const highest = 2 ** 43 - 1;

  test.each([
    [(highest - 2) * 32, 2, true],
    [(highest - 3) * 32, 3, true],
    [(highest - 3) * 32, 4, false],
    [highest * 32, 1, false],
    [(highest - 1) * 32, 2, false],
    [MAX_SQN, 1, false],
    [MAX_SQN - 31, 1, false],
    [MAX_SQN, 0, true],
  ])('after %d, %d more are left: %s', (current, count, left) => {
    expect(areLeft(current, count, 5)).toBe(left);
  });
});

describe('what several draws of one counter get', () => {
  test.each([0, 1, 2, 5, 16])('is what they would get one after the other, IND of %d bits', (indBits) => {
    const random = generator(20261130 + indBits);
    for (let round = 0; round < 200; round++) {
      const requester = vectorRequesters[random(4)] ?? 'ims';
      const counter = new ReferenceCounter(random(2 ** 20));
      const draws = Array.from({ length: 1 + random(6) }, () => ({
        counterKey: 'k',
        requester,
        indBits,
        count: random(5),
        ...(random(2) === 0 ? {} : { secondBatchCount: random(5) }),
      }));
      const batch = (count: number) => (count === 0 ? [] : counter.draw(requester, count, indBits));
      const expected = draws.map(({ count, secondBatchCount = 0 }) => [
        ...batch(count),
        ...batch(secondBatchCount),
      ]);
      expect(shareOut(draws, counter.sequenceNumber)).toEqual(expected);
    }
  });

  test('nobody who draws gets nothing', () => {
    expect(shareOut([], 33)).toEqual([]);
  });
});

describe('[33.102-6.3.5] resynchronisation', () => {
  test('SQN_MS ahead of us: SQN_HE takes its value, and the next is acceptable', () => {
    const sqnMs = 1000 * 32 + 9;
    expect(resynchronise(10 * 32 + 3, sqnMs)).toEqual({ outcome: 'advanced', newCurrent: sqnMs });
    expect(next(sqnMs, 1).values).toEqual([1001 * 32 + 10]);
  });

  test('in range already: nothing changes, also when AUTS comes twice', () => {
    expect(resynchronise(500 * 32, 500 * 32 + 31)).toEqual({ outcome: 'inRange', newCurrent: 500 * 32 });
    expect(resynchronise(500 * 32 + 7, 20 * 32)).toEqual({ outcome: 'inRange', newCurrent: 500 * 32 + 7 });
    const once = resynchronise(10, 77 * 32).newCurrent;
    expect(resynchronise(once, 77 * 32)).toEqual({ outcome: 'inRange', newCurrent: once });
  });

  test('too far ahead: told, and never set back', () => {
    const sqnMs = 5 * 32;
    const last = (5 + DEFAULT_DELTA_SEQ - 1) * 32;
    expect(resynchronise(last, sqnMs)).toEqual({ outcome: 'inRange', newCurrent: last });
    expect(resynchronise(last + 32, sqnMs)).toEqual({ outcome: 'tooFarAhead', newCurrent: last + 32 });
  });

  test('the outcome is that of a USIM with the array of C.2.2', () => {
    const random = generator(20260801);
    for (let i = 0; i < 2000; i++) {
      const start = random(2 ** 20) * 32 + random(32);
      const usim = new SequenceArray(5, start, 2 ** 10);
      const resync = resynchronise(random(2 ** 20) * 32 + random(32), start, 5, 2 ** 10);
      const [given] = next(resync.newCurrent, 1).values;
      expect(usim.accepts(given ?? -1)).toBe(resync.outcome !== 'tooFarAhead');
    }
  });
});

describe('batches held at the same time', () => {
  test('[33.102-C.1.2] two servers that use their batches in turns are both accepted', () => {
    const usim = new SequenceArray(5);
    const first = next(0, 4);
    const second = next(first.newCurrent, 4);
    const turns = first.values.flatMap((value, i) => [second.values[i] ?? -1, value]);
    expect(turns.map((value) => usim.accepts(value))).toEqual(new Array(8).fill(true));
    expect([usim.accepts(first.values[3] ?? -1), usim.highest]).toEqual([false, second.values[3]]);
  });
});

describe('[33.102-C.1.1] each kind of requester has its own values of IND', () => {
  test.each([0, 1, 2, 3, 4, 5, 8, 16])(
    'slices of %d bits cover all values, and overlap only below 3 bits',
    (bits) => {
      const slices = vectorRequesters.map((requester) => indSliceOf(requester, bits));
      const inds = slices.flatMap(({ first, count }) =>
        Array.from({ length: Math.min(count, 64) }, (_, i) => first + i),
      );
      expect(Math.max(...inds)).toBeLessThan(2 ** bits);
      if (bits >= 3) {
        expect(slices.reduce((sum, { count }) => sum + count, 0)).toBe(2 ** bits);
        expect(new Set(inds).size).toBe(inds.length);
      }
    },
  );

  test('a vector that an MME holds is accepted after 100 newer ones of S-CSCFs, and the other way round', () => {
    for (const [holder, other] of [
      ['mme', 'ims'],
      ['ims', 'mme'],
      ['sgsn', 'mme'],
    ] as const) {
      const usim = new SequenceArray(5);
      const counter = new ReferenceCounter();
      const [held = -1] = counter.draw(holder, 1);
      for (let i = 0; i < 100; i++) expect(usim.accepts(counter.draw(other, 1)[0] ?? -1)).toBe(true);
      expect(usim.accepts(held)).toBe(true);
    }
  });

  test('IND of a slice goes on where it was, whatever others took meanwhile', () => {
    const counter = new ReferenceCounter();
    const [ims, mme, again] = [counter.draw('ims', 1), counter.draw('mme', 3), counter.draw('ims', 1)];
    expect([ims, mme, again].map(([first = -1]) => indOf(first, 5))).toEqual([1, 16, 2]);
    expect(again).toEqual([5 * 32 + 2]);
  });
});

describe('encoding', () => {
  test.each([
    [0, '000000000000'],
    [1, '000000000001'],
    [0xff9bb4d0b607, 'ff9bb4d0b607'],
    [MAX_SQN, 'ffffffffffff'],
  ])('%d is %s', (sqn, octets) => {
    expect(encodeSqn(sqn).toString('hex')).toBe(octets);
    expect(decodeSqn(Buffer.from(octets, 'hex'))).toBe(sqn);
  });

  test('what is no SQN is refused', () => {
    for (const sqn of [-1, 2 ** 48, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => encodeSqn(sqn)).toThrow(RangeError);
      expect(() => resynchronise(sqn, 0)).toThrow(RangeError);
      expect(() => resynchronise(0, sqn)).toThrow(RangeError);
    }
    for (const bits of [-1, 17, 2.5]) {
      expect(() => areLeft(0, 1, bits)).toThrow(RangeError);
      expect(() => resynchronise(0, 0, bits)).toThrow(RangeError);
    }
    expect(() => decodeSqn(Buffer.alloc(5))).toThrow(RangeError);
    expect(() => decodeSqn(Buffer.alloc(7))).toThrow(RangeError);
  });
});
