/** The list of commands, in the order in which `hss --help` shows them. One line per command. */
import type { RegisterCommand } from '../context';
import { registerConfig } from './config';
import { registerDecode } from './decode';
import { registerExport } from './export';
import { registerImport } from './import';
import { registerMigrate } from './migrate';
import { registerPeers } from './peers';
import { registerDeregister, registerPush } from './push-orders';
import { registerPushes } from './pushes';
import { registerRegistrations } from './registrations';
import { registerRotateKeys } from './rotate-keys';
import { registerSharedSets } from './shared-sets';
import { registerScscf } from './scscf';
import { registerShow } from './show';
import { registerSlf } from './slf';
import { registerStart } from './start';
import { registerSubscription } from './subscription';
import { registerVersion } from './version';

export const commands: readonly RegisterCommand[] = [
  registerStart,
  registerShow,
  registerPeers,
  registerRegistrations,
  registerDeregister,
  registerPush,
  registerPushes,
  registerScscf,
  registerSubscription,
  registerSharedSets,
  registerSlf,
  registerImport,
  registerExport,
  registerDecode,
  registerConfig,
  registerMigrate,
  registerRotateKeys,
  registerVersion,
];
