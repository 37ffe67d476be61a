/**
 * Serving nodes of a user in the access network (SGSN, MME), as far as Cx needs them: the HSS-based P-CSCF
 * restoration mechanism [29.228-6.1.2.1] asks whether one of them supports it and passes the S-CSCF's indication on.
 * Another application knows the nodes; src/wiring puts the two together.
 */
import type { LoadedModule } from '../../state/module';
import type { OutboxEntry, SubscriptionSnapshot } from '../../state/ports';

export interface ServingNodePort {
  /** What is loaded with a request that has a P-CSCF-Restoration-Indication. */
  readonly needs: readonly LoadedModule[];
  /** Whether at least one serving node of the IMSI supports the P-CSCF restoration mechanism. Pure. */
  supportsPcscfRestoration(snapshot: SubscriptionSnapshot, imsi: string): boolean;
  /**
   * Requests that ask each of these nodes for it; they are committed with the decision. The address of the failed
   * P-CSCF [29.228-7.31] has no place in them. Pure.
   */
  restorePcscf(snapshot: SubscriptionSnapshot, imsi: string): readonly OutboxEntry[];
}

/**
 * Nobody's serving nodes are known: with the feature on, every indication is refused with
 * SERVING_NODE_FEATURE_UNSUPPORTED.
 */
export const noServingNodes: ServingNodePort = {
  needs: [],
  supportsPcscfRestoration: () => false,
  restorePcscf: () => [],
};
