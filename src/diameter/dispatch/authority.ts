/**
 * Whether a peer may send a request: in whose name, and which command (GSMA FS.19). The answers, and why
 * they differ, are in docs/decisions/0011-who-may-speak-for-whom.md.
 */
import { ResultCode } from '../generated/base';
import { PeerAuthority } from '../peer/authority';
import type { PeerRole } from '../../shared/peer-roles';
import type { PeerIdentity } from '../peer/contract';
import { identityKey, sameIdentity } from '../peer/diameter-identity';
import type { AuthorityReason } from '../../events/names';

export interface AuthorityFault {
  /** What the metrics count. */
  readonly reason: AuthorityReason;
  readonly resultCode: ResultCode;
  readonly message: string;
}

/** `senders`: the roles that send this command, as `rolesMask` makes them. */
export type AuthorityCheck = (
  peer: PeerIdentity,
  originHost: string,
  originRealm: string,
  command: string,
  senders: number,
) => AuthorityFault | null;

/**
 * `ourHosts`: every Diameter identity of this process. Nobody else may use one [6733-6.1.3]. `usualRoles`: of a
 * peer that is not configured; it speaks for itself.
 */
export function createAuthorityCheck(
  ourHosts: readonly string[],
  usualRoles: readonly PeerRole[],
): AuthorityCheck {
  const unconfigured = new PeerAuthority({ roles: usualRoles });
  const ours = new Set(ourHosts.map(identityKey));

  const foreign = (peer: PeerIdentity, originHost: string, originRealm: string): AuthorityFault | null => {
    if (ours.has(identityKey(originHost)))
      return undeliverable('ownIdentity', `Origin-Host ${originHost} is this node itself`);
    const authority = peer.authority ?? unconfigured;
    if (sameIdentity(originHost, peer.originHost)) {
      if (sameIdentity(originRealm, peer.originRealm) || authority.maySpeakFor(originHost, originRealm))
        return null;
      return undeliverable(
        'originRealm',
        `${peer.originHost} is of realm ${peer.originRealm} and speaks as one of ${originRealm}`,
      );
    }
    if (authority.maySpeakFor(originHost, originRealm)) return null;
    return undeliverable(
      'originHost',
      authority.isRelay
        ? `the relay ${peer.originHost} may not speak for ${originHost} of realm ${originRealm}`
        : `${peer.originHost} may speak for itself only, not for ${originHost}`,
    );
  };

  return (peer, originHost, originRealm, command, senders) => {
    if (originHost !== peer.originHost || originRealm !== peer.originRealm) {
      const fault = foreign(peer, originHost, originRealm);
      if (fault !== null) return fault;
    }
    if (((peer.authority ?? unconfigured).roles & senders) !== 0) return null;
    return {
      reason: 'command',
      resultCode: ResultCode.DIAMETER_AUTHORIZATION_REJECTED,
      message: `no role of ${peer.originHost} may send ${command}`,
    };
  };
}

/** To the requester this hop does not lead here; an agent in between may know another one [6733-7.1.3]. */
function undeliverable(reason: AuthorityReason, message: string): AuthorityFault {
  return { reason, resultCode: ResultCode.DIAMETER_UNABLE_TO_DELIVER, message };
}
