/**
 * What a peer may say and in whose name: its roles, and for a relay whose Origin-Hosts it may carry
 * (GSMA FS.19). Nothing in here knows an application; applications say which roles send which command.
 */
import { RELAY, rolesMask, type PeerRole } from '../../shared/peer-roles';
import { identityKey } from './diameter-identity';

/** Any role: what a relay that has no other role may carry. */
const ANY_ROLE = -1;

export interface AuthoritySettings {
  readonly roles: readonly PeerRole[];
  /** For a relay: whose requests it may carry besides those of the realms; with neither those of anybody. */
  readonly originHosts?: readonly string[];
  /** For a relay: realms whose nodes it may speak for. Their names end with that of the realm. */
  readonly originRealms?: readonly string[];
}

/** Settled once for each peer, so that a request costs a comparison or two. */
export class PeerAuthority {
  /** Senders of a command are among them, or the peer may not send it. */
  readonly roles: number;
  /** Whether it may carry requests of others at all. */
  readonly isRelay: boolean;
  private readonly hosts: ReadonlySet<string>;
  private readonly realms: ReadonlySet<string>;

  constructor({ roles, originHosts = [], originRealms = [] }: AuthoritySettings) {
    this.isRelay = roles.includes(RELAY);
    const own = roles.filter((role) => role !== RELAY);
    this.roles = this.isRelay && own.length === 0 ? ANY_ROLE : rolesMask(own);
    this.hosts = new Set(originHosts.map(identityKey));
    this.realms = new Set(originRealms.map(identityKey));
  }

  /** Whether a request of another node may come by this peer. */
  maySpeakFor(originHost: string, originRealm: string): boolean {
    if (!this.isRelay) return false;
    if (this.hosts.size === 0 && this.realms.size === 0) return true;
    const host = identityKey(originHost);
    const realm = identityKey(originRealm);
    if (this.realms.size > 0 && !this.realms.has(realm)) return false;
    // A realm is named in the request itself, so it says nothing about a host that is not below it.
    return this.hosts.has(host) || (this.realms.size > 0 && (host === realm || host.endsWith(`.${realm}`)));
  }
}
