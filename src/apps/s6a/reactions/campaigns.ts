/**
 * A changed EPS profile on its way to the nodes of everybody who names it [29.272-5.2.2.1.3] [29.272-5.2.2.2.3]. A
 * node may have any of the profiles of before: its subscriber may have attached while an earlier campaign was under
 * way. What differs from one of them is sent. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CampaignReaction } from '../../../state/campaigns';
import type { OutboxEntry } from '../../../state/ports';
import type { EpsProfile } from '../../../subscriber/eps';
import { findUsim } from '../../../subscriber/subscription';
import { allServingNodes, servingNodes, servingNodesRow } from '../state/serving-nodes';
import { subscribed } from './document';
import { changeNodes, type ReactionSettings } from './node-changes';

const ACTION = 's6aEpsData';

export const epsProfileCampaigns = (settings: ReactionSettings): CampaignReaction => ({
  actions: [ACTION],
  concerned: 'exists (select 1 from serving_nodes n where n.subscription_key = r.subscription_key)',
  needs: [servingNodes],
  keepsBefore: true,
  actionFor: (kind, before, after) =>
    kind === 'epsProfiles' && !isDeepStrictEqual(before, after) ? ACTION : null,
  react: ({ key, campaign: { name }, subscription, states, shared, befores }) => {
    const known = allServingNodes({ states });
    const entries: OutboxEntry[] = [];
    const after = known.map((nodes) => {
      const usim = findUsim(subscription, nodes.imsi);
      if (usim?.eps?.profile !== name) return nodes;
      const old = befores.map((profile) =>
        subscribed(usim, { epsProfiles: new Map([[name, profile as EpsProfile]]) }),
      );
      const effect = changeNodes(
        nodes,
        old.filter((one) => one !== undefined),
        subscribed(usim, shared),
        settings,
      );
      entries.push(...effect.entries);
      return effect.nodes;
    });
    const isChanged = after.some((nodes, i) => nodes !== known[i]);
    return { entries, ...(isChanged ? { rows: [servingNodesRow(key, { states }, after)] } : {}) };
  },
});
