/** The list of commands, in the order in which `hss --help` shows them. One line per command. */
import type { RegisterCommand } from '../context';
import { registerConfig } from './config';
import { registerPeers } from './peers';
import { registerStart } from './start';
import { registerVersion } from './version';

export const commands: readonly RegisterCommand[] = [
  registerStart,
  registerConfig,
  registerPeers,
  registerVersion,
];
