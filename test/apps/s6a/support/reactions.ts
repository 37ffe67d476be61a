/** A document before and after a change, with the nodes that serve its IMSI: what the reaction makes of it. */
import { isDeepStrictEqual } from 'node:util';
import { DSR_FLAGS } from '../../../../src/apps/s6a/flags';
import { s6aFeatureList1, s6aFeatureList2, type S6aFeature } from '../../../../src/apps/s6a/feature-tables';
import type {
  DeleteSubscriberDataPayload,
  InsertSubscriberDataPayload,
} from '../../../../src/apps/s6a/outgoing/payloads';
import { servingNodesReaction } from '../../../../src/apps/s6a/reactions/document';
import {
  servingNodes,
  type NodeKind,
  type ServingNode,
  type ServingNodes,
  type ServingNodesByImsi,
} from '../../../../src/apps/s6a/state/serving-nodes';
import type { OutboxEntry } from '../../../../src/state/ports';
import type { SubscriptionDocumentInput } from '../../../../src/subscriber/subscription-document';
import { sharedData, storedSubscription } from '../../cx/support/test-hss';
import { defaultS6aSettings } from './s6a-hss';
import { epsSubscriber, IMSI, twoApns } from './subscribers';

type UsimInput = NonNullable<SubscriptionDocumentInput['usims']>[number];
export type Eps = NonNullable<UsimInput['eps']>;

const maskOf = (list: typeof s6aFeatureList1 | typeof s6aFeatureList2, names: readonly string[]): number =>
  list.features.reduce((mask, { name, bit }) => (names.includes(name) ? mask + 2 ** bit : mask), 0);

/** Feature lists that say these names. */
export const announcing = (...names: S6aFeature[]): NonNullable<ServingNode['features']> => ({
  1: maskOf(s6aFeatureList1, names),
  2: maskOf(s6aFeatureList2, names),
});
export const allFeatures = { 1: 0xffff_ffff, 2: 0x7fff_ffff };

/** "S6a/S6d-Indicator" of an MME. */
const ofMme = 1 << 1;
export const node = (kind: NodeKind, change: Partial<ServingNode> = {}): ServingNode => ({
  host: `${kind}1.epc.example`,
  realm: 'epc.example',
  visitedPlmnId: '00f110',
  sinceMs: 0,
  ulrFlags: kind === 'mme' ? ofMme : 0,
  ratType: kind === 'mme' ? 1004 : 1000,
  features: allFeatures,
  isPurged: false,
  ...change,
});
export const atMme: ServingNodes = { imsi: IMSI, mme: node('mme') };
export const atSgsn: ServingNodes = { imsi: IMSI, sgsn: node('sgsn') };

export const usim = (
  eps: Partial<Eps> | undefined,
  change: Partial<UsimInput> = {},
): SubscriptionDocumentInput =>
  epsSubscriber({ eps: eps === undefined ? undefined : { ...twoApns, ...eps }, ...change });

const flagNames = Object.entries(DSR_FLAGS);

/** As a test says it: what, then its details. */
export function shown({ kind, destinationHost, payload }: OutboxEntry): unknown[] {
  const head = [kind.slice('s6a.'.length), destinationHost.split('.')[0]];
  if (kind === 's6a.IDR') {
    const { changed, changedContexts, idrFlags } = payload as unknown as InsertSubscriberDataPayload;
    return [
      ...head,
      [...changed].sort(),
      ...(changedContexts === undefined ? [] : [changedContexts]),
      ...(idrFlags === undefined ? [] : [{ idrFlags }]),
    ];
  }
  if (kind === 's6a.DSR') {
    const {
      imsi: _imsi,
      kind: _kind,
      dsrFlags,
      ...details
    } = payload as unknown as DeleteSubscriberDataPayload;
    const names = flagNames.filter(([, flag]) => Math.floor(dsrFlags / flag) % 2 === 1).map(([name]) => name);
    return [...head, names, ...(Object.keys(details).length === 0 ? [] : [details])];
  }
  const { cancellationType, isReattachRequired } = payload;
  return [...head, cancellationType, ...(isReattachRequired === true ? ['reattach'] : [])];
}

export interface Told {
  readonly entries: readonly unknown[][];
  /** Undefined where the state stays. */
  readonly nodes: ServingNodesByImsi | undefined;
}

/** What the change makes the HSS send and keep. The reaction is asked twice: it is pure. */
export function told(
  before: SubscriptionDocumentInput,
  after: SubscriptionDocumentInput | null,
  nodes: ServingNodes | ServingNodesByImsi,
  options: { readonly epsProfiles?: readonly unknown[]; readonly settings?: object } = {},
): Told {
  const row = 'imsi' in nodes ? [nodes] : nodes;
  const states = { [servingNodes.name]: { version: 3, row } };
  const shared = sharedData(options.epsProfiles === undefined ? {} : { epsProfiles: options.epsProfiles });
  const reaction = servingNodesReaction({ ...defaultS6aSettings, ...options.settings });
  const [old, now] = [storedSubscription(before), after === null ? null : storedSubscription(after)];
  const ask = () =>
    now === null
      ? { entries: reaction.deleted({ before: old, states }), rows: [] }
      : reaction.changed({ key: 1, before: old, after: now, states, shared });
  const effect = ask();
  if (!isDeepStrictEqual(ask(), effect)) throw new Error('the same change gave another effect');
  const [change] = effect.rows ?? [];
  return { entries: effect.entries.map(shown), nodes: change?.row as ServingNodesByImsi | undefined };
}

/** What one changed property of the EPS data makes the HSS send. */
export const sent = (
  before: Partial<Eps>,
  after: Partial<Eps>,
  nodes: ServingNodes = atMme,
): readonly unknown[][] => told(usim(before), usim(after), nodes).entries;
