/** What a request draws: MAC-S first, then SQN_MS, then how many are left. */
import { Milenage } from '../../src/authentication/milenage';
import { planDraw, type PlannedDraw, type WantedVectors } from '../../src/authentication/vector-draw';
import { encodeSqn, MAX_SQN } from '../../src/authentication/sequence-number';

const milenage = new Milenage(Buffer.alloc(16, 1), Buffer.alloc(16, 2));
const rand = Buffer.alloc(16, 3);

/** RAND || AUTS of a USIM that has seen `sqnMs`. */
function failure(sqnMs: number, usim = milenage): Buffer {
  const { akStar, macS } = usim.computeAll(rand, sqnMs, Buffer.alloc(2));
  const concealed = encodeSqn(sqnMs).map((octet, i) => octet ^ (akStar[i] ?? 0));
  return Buffer.concat([rand, concealed, macS]);
}

const plan = (sequenceNumber: number, wanted: Partial<WantedVectors>): PlannedDraw =>
  planDraw({
    milenage,
    counter: { holder: 'one', key: 'the counter', sequenceNumber },
    requester: 'mme',
    indBits: 5,
    count: 1,
    ...wanted,
  });
const drawn = { counterKey: 'the counter', requester: 'mme', indBits: 5, count: 1 };

test('so many numbers of the requester, in one batch or two', () => {
  expect(plan(320, { count: 5 })).toEqual({ ok: true, draw: { ...drawn, count: 5 } });
  expect(plan(320, { requester: 'sgsn' })).toEqual({ ok: true, draw: { ...drawn, requester: 'sgsn' } });
  expect(plan(320, { count: 5, secondBatchCount: 4 })).toEqual({
    ok: true,
    draw: { ...drawn, count: 5, secondBatchCount: 4 },
  });
  expect(plan(320, { count: 0 })).toEqual({ ok: true, draw: null });
});

test('[33.102-6.3.5] SQN_MS ahead: the counter goes on above it, also where no vector is wanted', () => {
  const resynchronisation = failure(99 * 32 + 7);
  const atLeast = 99 * 32 + 7;
  expect(plan(320, { resynchronisation })).toEqual({ ok: true, draw: { ...drawn, atLeast } });
  expect(plan(320, { resynchronisation, count: 0 })).toEqual({
    ok: true,
    draw: { ...drawn, count: 0, atLeast },
  });
});

test('[33.102-6.3.5] SQN_MS not ahead: the counter stays', () => {
  expect(plan(320, { resynchronisation: failure(320) })).toEqual({ ok: true, draw: drawn });
  expect(plan(320, { resynchronisation: failure(32), count: 0 })).toEqual({ ok: true, draw: null });
});

test('[33.102-6.3.5] wrong MAC-S: nothing is drawn, whatever SQN_MS would be', () => {
  const other = new Milenage(Buffer.alloc(16, 9), Buffer.alloc(16, 2));
  for (const resynchronisation of [failure(MAX_SQN, other), failure(640).subarray(0, 29)])
    expect(plan(320, { resynchronisation })).toMatchObject({ ok: false, failure: 'wrongMacS' });
});

test('[33.102-C.2.1] both batches have to be left', () => {
  const at = MAX_SQN - 9 * 32;
  expect(plan(at, { count: 5, secondBatchCount: 4 }).ok).toBe(true);
  expect(plan(at, { count: 5, secondBatchCount: 5 })).toMatchObject({ ok: false, failure: 'exhausted' });
});
