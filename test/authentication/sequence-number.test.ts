import {
  DEFAULT_DELTA_SEQ,
  MAX_SQN,
  SequenceNumberExhaustedError,
  decodeSqn,
  encodeSqn,
  nextSequenceNumbers,
  resynchronise,
} from '../../src/authentication/sequence-number';
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

const seqOf = (sqn: number, indBits: number): number => Math.floor(sqn / 2 ** indBits);
const indOf = (sqn: number, indBits: number): number => sqn % 2 ** indBits;

/** The USIM's side [33.102-C.2.2]: an array of the highest SEQ accepted per IND, and the delta of C.2.1. */
class Usim {
  private readonly seqByInd: number[];
  private highest: number;
  constructor(
    private readonly indBits: number,
    private readonly deltaSeq: number,
    start: number,
  ) {
    this.seqByInd = new Array<number>(2 ** indBits).fill(seqOf(start, indBits));
    this.highest = start;
  }

  /** Accepts the SQN, or answers with SQN_MS. */
  receive(sqn: number): { accepted: true } | { accepted: false; sqnMs: number } {
    const seq = seqOf(sqn, this.indBits);
    const ind = indOf(sqn, this.indBits);
    if (seq <= (this.seqByInd[ind] ?? 0) || seq - seqOf(this.highest, this.indBits) > this.deltaSeq)
      return { accepted: false, sqnMs: this.highest };
    this.seqByInd[ind] = seq;
    if (seq > seqOf(this.highest, this.indBits)) this.highest = sqn;
    return { accepted: true };
  }
}

/** For an S-CSCF, where nobody else asks. */
function next(current: number, count: number, indBits?: number): { values: number[]; newCurrent: number } {
  const { values, counter } = nextSequenceNumbers(
    { sequenceNumber: current, lastInds: [] },
    count,
    'ims',
    indBits,
  );
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
  const maxSeq = 2 ** 43 - 1;

  test('the last SEQ can be given', () => {
    expect(next((maxSeq - 2) * 32, 2, 5).values.map((sqn) => seqOf(sqn, 5))).toEqual([maxSeq - 1, maxSeq]);
  });

  test.each([
    [maxSeq * 32, 1],
    [(maxSeq - 1) * 32, 2],
    [MAX_SQN, 1],
    [MAX_SQN - 31, 1],
  ])('after %d, %d more are refused', (current, count) => {
    expect(() => next(current, count, 5)).toThrow(SequenceNumberExhaustedError);
  });

  test('a batch that fits only in part gives nothing', () => {
    expect(() => next((maxSeq - 3) * 32, 4, 5)).toThrow(SequenceNumberExhaustedError);
    expect(next((maxSeq - 3) * 32, 3, 5).values).toHaveLength(3);
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
      const usim = new Usim(5, 2 ** 10, start);
      const resync = resynchronise(random(2 ** 20) * 32 + random(32), start, 5, 2 ** 10);
      const [given] = next(resync.newCurrent, 1).values;
      expect(usim.receive(given ?? -1).accepted).toBe(resync.outcome !== 'tooFarAhead');
    }
  });
});

describe('no value is ever given twice', () => {
  test.each([
    [0, 1],
    [1, 2],
    [5, 3],
    [5, 4],
    [8, 5],
    [16, 6],
  ])('10,000 random batches and resynchronisations, IND of %d bits (seed %d)', (indBits, seed) => {
    const random = generator(seed * 7919);
    let current = random(2 ** 20);
    let highest = current;
    const given = new Set<number>();
    for (let step = 0; step < 10_000; step++) {
      if (random(4) === 0) {
        // Any SQN_MS at all: far below, equal, in between, above, of a value that was given.
        const choices = [
          random(2 ** 20),
          current,
          Math.max(0, current - random(2 ** 12)),
          Math.min(MAX_SQN, current + random(2 ** 24)),
        ];
        const resync = resynchronise(current, choices[random(4)] ?? 0, indBits);
        expect(resync.newCurrent).toBeGreaterThanOrEqual(current);
        current = resync.newCurrent;
      } else {
        const batch = next(current, 1 + random(5), indBits);
        for (const value of batch.values) {
          if (value <= highest || given.has(value)) throw new Error(`${value} was given after ${highest}`);
          given.add(value);
          highest = value;
        }
        expect(batch.newCurrent).toBe(highest);
        current = batch.newCurrent;
      }
      highest = Math.max(highest, current);
    }
    expect(given.size).toBeGreaterThan(10_000);
  });

  test('[33.102-C.1.2] two servers that use their batches in turns are both accepted', () => {
    const usim = new Usim(5, DEFAULT_DELTA_SEQ, 0);
    const first = next(0, 4);
    const second = next(first.newCurrent, 4);
    const turns = first.values.flatMap((value, i) => [second.values[i] ?? -1, value]);
    expect(turns.map((value) => usim.receive(value).accepted)).toEqual(new Array(8).fill(true));
    expect(usim.receive(first.values[3] ?? -1)).toEqual({ accepted: false, sqnMs: second.values[3] });
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
      const usim = new Usim(5, DEFAULT_DELTA_SEQ, 0);
      const held = nextSequenceNumbers({ sequenceNumber: 0, lastInds: [] }, 1, holder);
      let { counter } = held;
      for (let i = 0; i < 100; i++) {
        const batch = nextSequenceNumbers(counter, 1, other);
        expect(usim.receive(batch.values[0] ?? -1)).toEqual({ accepted: true });
        counter = batch.counter;
      }
      expect(usim.receive(held.values[0] ?? -1)).toEqual({ accepted: true });
    }
  });

  test('IND of a slice goes on where it was, whatever others took meanwhile', () => {
    const ims = nextSequenceNumbers({ sequenceNumber: 0, lastInds: [] }, 1, 'ims');
    const mme = nextSequenceNumbers(ims.counter, 3, 'mme');
    const again = nextSequenceNumbers(mme.counter, 1, 'ims');
    expect([ims, mme, again].map(({ values }) => indOf(values[0] ?? -1, 5))).toEqual([1, 16, 2]);
    expect(again.counter).toEqual({ sequenceNumber: 5 * 32 + 2, lastInds: [2, 16] });
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
      expect(() => next(sqn, 1)).toThrow(RangeError);
      expect(() => resynchronise(sqn, 0)).toThrow(RangeError);
      expect(() => resynchronise(0, sqn)).toThrow(RangeError);
    }
    for (const count of [0, -1, 1.5, Number.NaN]) expect(() => next(0, count)).toThrow(RangeError);
    for (const bits of [-1, 17, 2.5]) {
      expect(() => next(0, 1, bits)).toThrow(RangeError);
      expect(() => resynchronise(0, 0, bits)).toThrow(RangeError);
    }
    expect(() => decodeSqn(Buffer.alloc(5))).toThrow(RangeError);
    expect(() => decodeSqn(Buffer.alloc(7))).toThrow(RangeError);
  });
});
