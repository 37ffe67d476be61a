/**
 * What an application brings to the configuration beside the schemas of its sections, which schema.ts puts in
 * their places. Pure.
 */
import type { CrossFault } from './config-error';

/** `Settings`: what it looks at of the whole configuration. */
export interface ConfigPart<Settings> {
  /** What peers of the application can be: `peers[].role` may say so. */
  readonly peerRoles?: readonly string[];
  /** Mistakes that only show in combination. */
  readonly faults?: (config: Settings) => readonly CrossFault[];
  /** What works but is worth a line in the log. */
  readonly warnings?: (config: Settings) => readonly string[];
  /** The same configuration with the settings of the application that other sections decide. */
  readonly settled?: <Config extends Settings>(config: Config) => Config;
}
