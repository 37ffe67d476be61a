/**
 * Whether a request is for this node, RFC 6733 clauses 6.1.4 and 7.1.3 [6733-6.1.4]. We are no agent: what is
 * for another realm or host cannot be delivered by us.
 */
import { ResultCode } from '../generated/base';

export interface LocalNode {
  readonly originHost: string;
  readonly originRealm: string;
  /** Realms served besides our own. */
  readonly servedRealms: readonly string[];
}

export interface RoutingFault {
  readonly resultCode: ResultCode;
  readonly message: string;
}

/** Compares as DiameterIdentity is compared: without regard to case. */
export function createRoutingCheck(
  node: LocalNode,
): (destinationRealm: string | undefined, destinationHost: string | undefined) => RoutingFault | null {
  const realms = new Set([node.originRealm, ...node.servedRealms].map((realm) => realm.toLowerCase()));
  const host = node.originHost.toLowerCase();
  return (destinationRealm, destinationHost) => {
    if (
      destinationRealm !== undefined &&
      !realms.has(destinationRealm) &&
      !realms.has(destinationRealm.toLowerCase())
    ) {
      return {
        resultCode: ResultCode.DIAMETER_REALM_NOT_SERVED,
        message: `Destination-Realm ${destinationRealm} is not served here`,
      };
    }
    if (destinationHost !== undefined && destinationHost !== host && destinationHost.toLowerCase() !== host) {
      return {
        resultCode: ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        message: `Destination-Host ${destinationHost} is not this node, and this node does not relay`,
      };
    }
    return null;
  };
}
