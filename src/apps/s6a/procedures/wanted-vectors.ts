/**
 * Which vectors an Authentication-Information-Request gets [29.272-5.2.3.1.3]: what it asks for, what the
 * subscription allows, and what is preferred. Pure.
 */
import type { AuthenticationInformationRequest } from '../generated/s6a';

export interface Subscribed {
  /** There is an APN configuration. */
  readonly hasApns: boolean;
  /** There are GPRS subscription data. */
  readonly hasGprs: boolean;
}

export interface Wanted {
  readonly eutranCount: number;
  /** Of UTRAN or GERAN. */
  readonly utranCount: number;
  /** RAND || AUTS. */
  readonly resynchronisation: Buffer | undefined;
}

export type WantedOutcome = ({ readonly ok: true } & Wanted) | { readonly ok: false; readonly check: string };

interface Requested {
  readonly numberOfRequestedVectors?: number;
  readonly immediateResponsePreferred?: number;
  readonly reSynchronizationInfo?: Buffer;
}

/** One where the request does not say how many. */
const countOf = (requested: Requested | undefined, most: number): number =>
  requested === undefined ? 0 : Math.min(requested.numberOfRequestedVectors ?? 1, most);

const isImmediate = (requested: Requested | undefined): boolean =>
  requested?.immediateResponsePreferred !== undefined;

const noEps = (check: string): WantedOutcome => ({ ok: false, check });

/**
 * Where both kinds are asked for and one of them for immediate use, only that one is given: the other would grow
 * old in the node. `most`: of each kind.
 */
export function wantedVectors(
  {
    requestedEutranAuthenticationInfo: eutran,
    requestedUtranGeranAuthenticationInfo: utran,
  }: Pick<
    AuthenticationInformationRequest,
    'requestedEutranAuthenticationInfo' | 'requestedUtranGeranAuthenticationInfo'
  >,
  { hasApns, hasGprs }: Subscribed,
  most: number,
): WantedOutcome {
  if (eutran !== undefined && !hasApns && (utran === undefined || isImmediate(eutran)))
    return noEps('E-UTRAN vectors for a subscriber without an APN configuration');
  if (utran !== undefined && !hasApns && !hasGprs)
    return noEps('UTRAN or GERAN vectors for a subscriber with neither APN configuration nor GPRS data');
  const resynchronisation = eutran?.reSynchronizationInfo ?? utran?.reSynchronizationInfo;
  let eutranCount = hasApns ? countOf(eutran, most) : 0;
  let utranCount = countOf(utran, most);
  if (eutran !== undefined && utran !== undefined && isImmediate(eutran) !== isImmediate(utran)) {
    if (isImmediate(eutran)) utranCount = 0;
    else eutranCount = 0;
  }
  return { ok: true, eutranCount, utranCount, resynchronisation };
}
