/** Whole subscribers from lines (src/subscriber/subscriber-line.ts) on their way to the store. */
import type { DefaultSet } from '../subscriber/default-sets';
import type { ProvisioningOutcome, ProvisioningStore } from '../subscriber/provisioning';
import { sharedKind } from '../subscriber/shared-kinds';
import { subscriberLine, wholeSubscriber } from '../subscriber/subscriber-line';
import { subscriptionDocument, type SubscriptionDocument } from '../subscriber/subscription-document';
import { faultyDocument, type Fault } from './problem';
import { checkedDocument } from './validation';

export interface CheckedLine {
  readonly document: SubscriptionDocument;
  readonly defaultSets: readonly DefaultSet[];
}

/**
 * The subscription that a line stands for. `at` and `faults` as in checkedDocument.
 * @throws ProblemError with every fault, with pointers into the line
 */
export function checkedLine(
  value: unknown,
  realms: readonly string[],
  at = '',
  faults: readonly Fault[] = [],
): CheckedLine {
  const whole = wholeSubscriber(checkedDocument(subscriberLine, value, at, faults), realms);
  if (!whole.ok)
    throw faultyDocument(whole.faults.map((fault) => ({ ...fault, pointer: at + fault.pointer })));
  return {
    document: checkedDocument(subscriptionDocument, whole.document, at, []),
    defaultSets: whole.defaultSets,
  };
}

/** "EPS profile internet-ims" */
export const setNoun = ({ kind, document }: DefaultSet): string =>
  `${sharedKind[kind].noun} ${document.name}`;

const put = (store: ProvisioningStore, set: DefaultSet): Promise<ProvisioningOutcome> =>
  set.kind === 'epsProfiles'
    ? store.putShared(set.kind, set.document, { ifNoneMatch: '*' })
    : store.putShared(set.kind, set.document, { ifNoneMatch: '*' });

/** Makes those that do not exist, and says which these were. */
export async function makeDefaultSets(
  store: ProvisioningStore,
  sets: readonly DefaultSet[],
): Promise<DefaultSet[]> {
  const made: DefaultSet[] = [];
  for (const set of sets) if ((await put(store, set)).kind === 'created') made.push(set);
  return made;
}

/** Those that do not exist. */
export async function missingDefaultSets(
  store: ProvisioningStore,
  sets: readonly DefaultSet[],
): Promise<DefaultSet[]> {
  const missing: DefaultSet[] = [];
  for (const set of sets)
    if ((await store.getShared(set.kind, set.document.name)) === null) missing.push(set);
  return missing;
}
