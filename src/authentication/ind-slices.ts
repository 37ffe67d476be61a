/**
 * Which values of IND each kind of requester gets [33.102-C.1.1] [33.102-C.1.2] [33.102-C.3.4]. The USIM keeps
 * the highest SEQ for each IND, so a vector is stale only after a newer one of the same IND was used. An MME
 * that keeps a vector while the S-CSCF asks for more must not lose it: the two never share an IND.
 *
 * The values are halved again and again: half for the IMS, where many S-CSCFs and private identities ask, a
 * quarter for MMEs, and an eighth each for SGSNs and all others. With fewer than three bits of IND the last
 * kinds share a value, and with none all do.
 */

/** Kinds of requester, each with its slice; the order is stored, so new kinds go to the end. */
export const vectorRequesters = ['ims', 'mme', 'sgsn', 'other'] as const;
export type VectorRequester = (typeof vectorRequesters)[number];

export interface IndSlice {
  /** Place of the kind among all. */
  readonly number: number;
  /** Lowest IND. */
  readonly first: number;
  readonly count: number;
}

/** Shares of all values of IND: where each begins, and how much it is. */
const shares: Readonly<Record<VectorRequester, readonly [first: number, size: number]>> = {
  ims: [0, 1 / 2],
  mme: [1 / 2, 1 / 4],
  sgsn: [3 / 4, 1 / 8],
  other: [7 / 8, 1 / 8],
};

/** The slice of a kind of requester where IND has `indBits` bits. */
export function indSliceOf(requester: VectorRequester, indBits: number): IndSlice {
  const indValues = 2 ** indBits;
  const [first, size] = shares[requester];
  return {
    number: vectorRequesters.indexOf(requester),
    first: Math.floor(indValues * first),
    count: Math.max(1, Math.floor(indValues * size)),
  };
}
