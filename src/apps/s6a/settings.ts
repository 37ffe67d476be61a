/** What an operator chooses of the S6a/S6d application. */
import type { PlmnId } from './plmn';

export interface S6aSettings {
  /** Upper bound of what Number-Of-Requested-Vectors may ask for, of each kind [29.272-5.2.3.1.3]. */
  readonly maxAuthenticationVectors: number;
  /** PLMNs that are home for every subscriber, beside the one that the IMSI begins with. */
  readonly homePlmns: ReadonlySet<PlmnId>;
  /**
   * By Origin-Realm in lower case: the serving networks that its nodes may ask vectors for [29.272-5.2.3.1.3]; any
   * network for a realm that is absent.
   */
  readonly servingNetworks: ReadonlyMap<string, ReadonlySet<PlmnId>>;
  /**
   * An update location is refused where the node does not support a barring that the subscriber has; without it
   * the barring is left out [29.272-7.3.10].
   */
  readonly refuseUnsupportedBarring: boolean;
  /** Equipment that a ULR names is recorded as used by the IMSI (s13.recordUse). */
  readonly recordEquipmentUse: boolean;
  /** Nodes, as `identityKey` writes them, whose refused ULRs are answered with ULA-Flags and Subscription-Data, too. */
  readonly errorUlaWithSubscriptionData: ReadonlySet<string>;
  /** Nodes that get GERAN vectors in the place of UTRAN vectors. */
  readonly geranVectors: ReadonlySet<string>;
  /** Nodes that get all APN configurations with one that changed. */
  readonly wholeApnProfile: ReadonlySet<string>;
}
