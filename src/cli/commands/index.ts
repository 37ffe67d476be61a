/** The list of commands, in the order in which `hss --help` shows them. One line per command. */
import { applications } from '../applications';
import type { RegisterCommand } from '../context';
import { registerConfig } from './config';
import { decodeCommand } from './decode';
import { exportCommand } from './export';
import { importCommand } from './import';
import { registerMigrate } from './migrate';
import { registerPeers } from './peers';
import { registerRotateKeys } from './rotate-keys';
import { registerSharedSets } from './shared-sets';
import { showCommand } from './show';
import { registerStart } from './start';
import { registerSubscription } from './subscription';
import { registerVersion } from './version';

export const commands: readonly RegisterCommand[] = [
  registerStart,
  showCommand(applications),
  registerPeers,
  ...applications.flatMap(({ operations }) => operations),
  registerSubscription,
  registerSharedSets,
  ...applications.flatMap(({ provisioning }) => provisioning),
  importCommand(applications),
  exportCommand(applications),
  decodeCommand(applications),
  registerConfig,
  registerMigrate,
  registerRotateKeys,
  registerVersion,
];
