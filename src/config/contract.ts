/**
 * What an application brings to the configuration beside the schemas of its sections, which schema.ts puts in
 * their places. Pure.
 */
import type { CrossFault } from './config-error';

/** How we deviate for a peer that cannot do otherwise. */
export interface PeerInterop {
  readonly name: string;
  /** For the documentation: what we do for such a peer, and why. */
  readonly description: string;
}

/** `Settings`: what it looks at of the whole configuration. */
export interface ConfigPart<Settings> {
  /** What peers of the application can be: `peers[].role` may say so. */
  readonly peerRoles?: readonly string[];
  /** Deviations from the standards that a peer may need: `peers[].interop` may name them. */
  readonly peerInterop?: readonly PeerInterop[];
  /** Mistakes that only show in combination. */
  readonly faults?: (config: Settings) => readonly CrossFault[];
  /** What works but is worth a line in the log. */
  readonly warnings?: (config: Settings) => readonly string[];
  /** The same configuration with the settings of the application that other sections decide. */
  readonly settled?: <Config extends Settings>(config: Config) => Config;
}
