/**
 * What a change of the document tells the MMEs and SGSNs of its IMSIs [29.272-5.2.1.2.3] [29.272-5.2.2.1.3]
 * [29.272-5.2.2.2.3]. A changed K tells them nothing: the next vectors are made of it. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DocumentReaction, Effect, NamedEpsProfiles } from '../../../state/document-reactions';
import type { OutboxEntry } from '../../../state/ports';
import { effectiveEps } from '../../../subscriber/eps';
import { findUsim, type StoredUsim, type Subscription } from '../../../subscriber/subscription';
import { allServingNodes, servingNodes, servingNodesRow, type ServingNodes } from '../state/serving-nodes';
import type { Subscribed } from './data-changes';
import { changeNodes, type ReactionSettings } from './node-changes';

const nothing: Effect = { entries: [] };

/** Undefined where there is no EPS subscription. */
export function subscribed(usim: StoredUsim | undefined, shared: NamedEpsProfiles): Subscribed | undefined {
  const eps = usim === undefined ? undefined : effectiveEps(usim, shared);
  return usim === undefined || eps === undefined ? undefined : { usim, eps };
}

const ofImsi = (subscription: Subscription, imsi: string, shared: NamedEpsProfiles): Subscribed | undefined =>
  subscribed(findUsim(subscription, imsi), shared);

const isSame = (before: Subscribed | undefined, after: Subscribed | undefined): boolean =>
  isDeepStrictEqual([before?.usim.msisdns, before?.eps], [after?.usim.msisdns, after?.eps]);

export const servingNodesReaction = (settings: ReactionSettings): DocumentReaction => ({
  needs: [servingNodes],
  changed: ({ key, before, after, states, shared }) => {
    const known = allServingNodes({ states });
    if (known.length === 0) return nothing;
    const entries: OutboxEntry[] = [];
    const kept: ServingNodes[] = [];
    for (const nodes of known) {
      const old = ofImsi(before, nodes.imsi, shared);
      const now = ofImsi(after, nodes.imsi, shared);
      if (isSame(old, now)) {
        kept.push(nodes);
        continue;
      }
      const effect = changeNodes(nodes, old === undefined ? [] : [old], now, settings);
      entries.push(...effect.entries);
      if (findUsim(after, nodes.imsi) !== undefined) kept.push(effect.nodes);
    }
    const isChanged = kept.length !== known.length || kept.some((nodes, i) => nodes !== known[i]);
    return { entries, ...(isChanged ? { rows: [servingNodesRow(key, { states }, kept)] } : {}) };
  },
  deleted: ({ states }) =>
    allServingNodes({ states }).flatMap((nodes) => changeNodes(nodes, [], undefined, settings).entries),
});
