/** What the campaigns of Cx do to a subscription: changes of shared sets, and an S-CSCF that is forgotten. Pure. */
import type { CampaignReaction } from '../../../state/campaigns';
import type { SharedKind } from '../../../subscriber/provisioning';
import { campaignAction, sharedTriggers, type SharedAction } from '../outgoing/shared-triggers';
import { wholeTerminationOf } from '../outgoing/push';
import { clearRegistration } from '../state/clear-registration';
import { registration, registrationOf } from '../state/registration';

/** Each registered set that a change of a shared set touches. */
export const sharedSetCampaigns: CampaignReaction = {
  actions: ['profile', 'serverChange'] satisfies SharedAction[],
  concerned: 'r.registered_sets + r.unregistered_sets > 0',
  actionFor: campaignAction,
  react: ({ campaign: { kind, name, action }, sharedProfiles, subscription, states }) => ({
    entries: sharedTriggers(
      { kind: kind as SharedKind, name, action: action as SharedAction, sharedProfiles },
      subscription,
      registrationOf({ states }),
    ),
  }),
};

/**
 * Each subscription with the name of an S-CSCF that is forgotten gets its registrations cleared and an RTR with
 * SERVER_CHANGE, as the clause says for a new S-CSCF [29.228-6.1.3.1]; the state does not wait for it.
 */
export const forgettingCampaigns: CampaignReaction = {
  actions: ['forget'],
  concerned: 'r.scscf_name = $1',
  react: ({ subscription, states }) => {
    const before = registrationOf({ states });
    const entry = wholeTerminationOf(subscription, before, 'manual', 'SERVER_CHANGE');
    return {
      entries: entry === null ? [] : [entry],
      head: { module: registration, value: clearRegistration(subscription, before).status },
    };
  },
};
