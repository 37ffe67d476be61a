/** What changes of the subscription and of EPS profiles do to serving nodes. */
import type { CampaignReaction } from '../../../state/campaigns';
import type { DocumentReaction } from '../../../state/document-reactions';
import { epsProfileCampaigns } from './campaigns';
import { servingNodesReaction } from './document';
import type { ReactionSettings } from './node-changes';

interface ServingNodeReactions {
  readonly documentReactions: readonly DocumentReaction[];
  readonly campaignReactions: readonly CampaignReaction[];
}

export const servingNodeReactions = (settings: ReactionSettings): ServingNodeReactions => ({
  documentReactions: [servingNodesReaction(settings)],
  campaignReactions: [epsProfileCampaigns(settings)],
});
