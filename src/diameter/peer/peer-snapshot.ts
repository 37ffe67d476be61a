/** One peer as operators see it. */
import type { PeerStateName, WatchdogStateName } from '../../events/names';
import type { PeerIdentity, PeerSnapshot } from './contract';
import type { PeerConfig } from './options';
import type { PeerLink } from './peer-link';
import type { PeerCapabilities } from './peer-machine';

export interface PeerParts {
  readonly name: string;
  readonly identity: PeerIdentity;
  readonly state: PeerStateName;
  readonly watchdog: WatchdogStateName;
  readonly config: PeerConfig | null;
  readonly link: PeerLink | null;
  readonly capabilities: PeerCapabilities | null;
  readonly openedAtWallMs: number | null;
  readonly pendingCount: number;
}

export function snapshotOf({
  name,
  identity,
  state,
  watchdog,
  config,
  link,
  capabilities,
  openedAtWallMs,
  pendingCount,
}: PeerParts): PeerSnapshot {
  return {
    originHost: name,
    originRealm: identity.originRealm,
    state,
    watchdog,
    configured: config !== null,
    protocol: link?.connection.protocol ?? config?.transport ?? 'tcp',
    remote: link?.remote ?? '',
    productName: capabilities?.productName ?? '',
    applications: capabilities?.applications ?? [],
    connectedSinceMs: openedAtWallMs,
    pendingRequests: pendingCount,
    messagesIn: link?.messagesIn ?? 0,
    messagesOut: link?.messagesOut ?? 0,
    octetsIn: link?.octetsIn ?? 0,
    octetsOut: link?.octetsOut ?? 0,
  };
}
