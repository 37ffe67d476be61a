/**
 * What goes through many subscriptions in batches: a change of a shared set, or the order to forget an S-CSCF
 * (kind `scscf`, action `forget`). And S-CSCFs as subscriptions name them.
 */
import type { SharedKind } from '../../../subscriber/provisioning';

export const campaignKinds = [
  'serviceProfiles',
  'ifcSets',
  'capabilitySets',
  'chargingSets',
  'scscf',
] as const satisfies readonly (SharedKind | 'scscf')[];
export type CampaignKind = (typeof campaignKinds)[number];
export const campaignActions = ['profile', 'serverChange', 'forget'] as const;
export type CampaignAction = (typeof campaignActions)[number];

/** An S-CSCF name with where its requests came from last, and how many subscriptions it is assigned to. */
export interface AssignedServerView {
  readonly name: string;
  readonly diameterHost: string;
  readonly diameterRealm: string;
  readonly subscriptionCount: number;
  /** Of them, those with a registered or unregistered set. */
  readonly activeCount: number;
}

/** S-CSCFs that are assigned to subscriptions. All throw StoreUnavailableError. */
export interface AssignedServers {
  /** The one with the most subscriptions first. */
  list(limit: number): Promise<readonly AssignedServerView[]>;
  /**
   * Begins a campaign that clears the registrations of every subscription with that S-CSCF name, and tells the
   * S-CSCF. @returns its id; null where no subscription has the name
   */
  forget(name: string): Promise<number | null>;
}
