/** The applications of this HSS and what they keep: the list that everything else loops over. */
import { forgettingCampaigns, sharedSetCampaigns } from '../apps/cx/reactions/campaigns';
import { registrationReaction } from '../apps/cx/reactions/document';
import { registration } from '../apps/cx/state/registration';
import { credentials } from '../authentication/credentials';
import type { CampaignReaction } from '../state/campaigns';
import type { DocumentReaction } from '../state/document-reactions';
import type { StoredModules } from '../state/module';

/** State that is kept of subscriptions. */
export const storedModules: StoredModules = { head: registration, loaded: [credentials] };

/** What applications do where a document changes, or where a campaign comes to a subscription. */
export const storedReactions: {
  readonly documentReactions: readonly DocumentReaction[];
  readonly campaignReactions: readonly CampaignReaction[];
} = {
  documentReactions: [registrationReaction],
  campaignReactions: [sharedSetCampaigns, forgettingCampaigns],
};
