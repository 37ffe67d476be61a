/**
 * Authentication vectors of an opened credential, one for each SQN, each with a RAND of its own: quintuplets for
 * the IMS and UTRAN [33.102-6.3.2], K_ASME in place of CK and IK for E-UTRAN [33.401-6.1.2], and triplets for
 * GERAN [33.102-6.8.1.2]. The members are named as the AVPs are. Vectors come in the order of the SQNs, which is
 * the order of Item-Number: the lower one is used first [29.272-5.2.3.1.2].
 */
import type { RandomSource } from '../shared/clock';
import { c2, c3 } from './geran-conversion';
import { kasme } from './kasme';
import type { AuthenticationVector } from './milenage';
import type { OpenedCredential } from './opened-credential';

const RAND_OCTETS = 16;
const SQN_OCTETS = 6;

/** E-UTRAN-Vector [29.272-7.3.18]. */
export interface EutranVector {
  readonly rand: Buffer;
  readonly xres: Buffer;
  readonly autn: Buffer;
  readonly kasme: Buffer;
}

/** UTRAN-Vector [29.272-7.3.19]. */
export interface UtranVector {
  readonly rand: Buffer;
  readonly xres: Buffer;
  readonly autn: Buffer;
  readonly confidentialityKey: Buffer;
  readonly integrityKey: Buffer;
}

/** GERAN-Vector [29.272-7.3.20]. */
export interface GeranVector {
  readonly rand: Buffer;
  readonly sres: Buffer;
  readonly kc: Buffer;
}

/** For the IMS: quintuplets with AMF as it is provisioned. */
export const imsVectors = (
  credential: OpenedCredential,
  sqns: readonly number[],
  random: RandomSource,
): AuthenticationVector[] => quintuplets(credential, credential.amf.provisioned, sqns, random);

/**
 * For an MME; CK and IK stay here.
 * @param visitedPlmnId Visited-PLMN-Id as it came, 3 octets: the vector is good in that network only
 * @throws RangeError when Visited-PLMN-Id has another length.
 */
export const eutranVectors = (
  credential: OpenedCredential,
  sqns: readonly number[],
  visitedPlmnId: Buffer,
  random: RandomSource,
): EutranVector[] =>
  quintuplets(credential, credential.amf.eutran, sqns, random).map(({ rand, xres, autn, ck, ik }) => ({
    rand,
    xres,
    autn,
    kasme: kasme(ck, ik, visitedPlmnId, autn.subarray(0, SQN_OCTETS)),
  }));

/** For an SGSN of a USIM that is used in UTRAN. */
export const utranVectors = (
  credential: OpenedCredential,
  sqns: readonly number[],
  random: RandomSource,
): UtranVector[] =>
  quintuplets(credential, credential.amf.utran, sqns, random).map(({ rand, xres, autn, ck, ik }) => ({
    rand,
    xres,
    autn,
    confidentialityKey: ck,
    integrityKey: ik,
  }));

/** For an SGSN that takes triplets only; a USIM in its phone makes the same conversion. */
export const geranVectors = (
  credential: OpenedCredential,
  sqns: readonly number[],
  random: RandomSource,
): GeranVector[] => quintuplets(credential, credential.amf.utran, sqns, random).map(tripletOf);

/**
 * Of a SIM: A3/A8 on Milenage, where SRES and Kc come of f2, f3 and f4 by c2 and c3 (TS 55.205 clause 4). These
 * functions take no SQN, so none is drawn.
 */
export const simVectors = (
  credential: OpenedCredential,
  count: number,
  random: RandomSource,
): GeranVector[] =>
  geranVectors(
    credential,
    Array.from({ length: count }, () => 0),
    random,
  );

const tripletOf = ({ rand, xres, ck, ik }: AuthenticationVector): GeranVector => ({
  rand,
  sres: c2(xres),
  kc: c3(ck, ik),
});

function quintuplets(
  { milenage }: OpenedCredential,
  amf: Buffer,
  sqns: readonly number[],
  random: RandomSource,
): AuthenticationVector[] {
  return milenage.generateVectors(
    sqns.map(() => random.bytes(RAND_OCTETS)),
    sqns,
    amf,
  );
}
