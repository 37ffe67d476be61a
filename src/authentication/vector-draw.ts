/**
 * What a request for vectors draws from the counter of a K: so many numbers, above what a synchronisation failure
 * tells [33.102-6.3.5]. Whoever asks, S-CSCF, MME or SGSN, the rules are these. Pure.
 */
import type { HeldCounter } from './credentials';
import type { VectorRequester } from './ind-slices';
import type { Milenage } from './milenage';
import { areLeft, numberCount, resynchronise, type SequenceNumberDraw } from './sequence-number';

const RAND_OCTETS = 16;
const AUTS_OCTETS = 14;
/** RAND || AUTS, in SIP-Authorization [29.229-6.3.11] and Re-Synchronization-Info [29.272-7.3.15]. */
export const RESYNCHRONISATION_OCTETS = RAND_OCTETS + AUTS_OCTETS;

export interface WantedVectors {
  readonly milenage: Milenage;
  /** Of the K, as it was loaded. */
  readonly counter: HeldCounter;
  readonly requester: VectorRequester;
  /** Length of IND in bits. */
  readonly indBits: number;
  readonly count: number;
  /** See SequenceNumberDraw. */
  readonly secondBatchCount?: number | undefined;
  /** RAND || AUTS of a synchronisation failure. */
  readonly resynchronisation?: Buffer | undefined;
}

export type PlannedDraw =
  /** `draw`: null where no number is wanted and the counter stays. */
  | { readonly ok: true; readonly draw: SequenceNumberDraw | null }
  /** `check`: why there are no vectors, in words, for the log. The counter stays. */
  | { readonly ok: false; readonly failure: 'wrongMacS' | 'exhausted'; readonly check: string };

/**
 * MAC-S is verified before anything else is looked at. SQN_MS moves the counter on where it is ahead, with the
 * commit of the draw, and never moves it back.
 * @throws RangeError when the RAND of `resynchronisation` is too short.
 */
export function planDraw(wanted: WantedVectors): PlannedDraw {
  const { counter, requester, indBits, count, secondBatchCount, resynchronisation } = wanted;
  let { sequenceNumber } = counter;
  if (resynchronisation !== undefined) {
    const verified = wanted.milenage.verifyAuts(
      resynchronisation.subarray(0, RAND_OCTETS),
      resynchronisation.subarray(RAND_OCTETS),
    );
    if (!verified.ok)
      return {
        ok: false,
        failure: 'wrongMacS',
        check: 'AUTS does not verify (MAC-S): wrong K or OPc, or not for this RAND; SQN unchanged',
      };
    sequenceNumber = resynchronise(sequenceNumber, verified.sqnMs, indBits).newCurrent;
  }
  const isAhead = sequenceNumber > counter.sequenceNumber;
  const draw: SequenceNumberDraw = {
    counterKey: counter.key,
    requester,
    indBits,
    count,
    ...(secondBatchCount === undefined ? {} : { secondBatchCount }),
    ...(isAhead ? { atLeast: sequenceNumber } : {}),
  };
  const total = numberCount(draw);
  if (!areLeft(sequenceNumber, total, indBits))
    return {
      ok: false,
      failure: 'exhausted',
      check: `no ${total} sequence numbers are left above ${sequenceNumber} [33.102-C.2.1]`,
    };
  return { ok: true, draw: total === 0 && !isAhead ? null : draw };
}
