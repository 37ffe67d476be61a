/**
 * The configured database for commands that work on it directly: the outside one, or the embedded one started
 * for as long as it takes.
 */
import { loggerFor } from './command-log';
import type { CommandContext } from './context';
import { CommandError } from './exit-status';
import { ConfigError } from '../config/load';
import type { HssConfig } from '../config/schema';
import { errorText } from '../shared/error-text';
import type { Logger } from '../shared/logger';
import { UnfitDatabaseError } from '../shared/unfit-database';
import { startEmbedded } from '../store/embedded';

export interface DatabaseAccess {
  readonly config: HssConfig;
  /** Holds a password: never print it. */
  readonly url: string;
  readonly logger: Logger;
}

/**
 * @throws ConfigError, CommandError where the database cannot be had (the embedded one while the HSS runs).
 */
export async function withDatabase<T>(
  context: CommandContext,
  work: (access: DatabaseAccess) => Promise<T>,
): Promise<T> {
  const { config } = context.config();
  const logger = loggerFor(context);
  if (config.store.url !== undefined) return readable(work({ config, url: config.store.url, logger }));
  const embedded = await readable(startEmbedded({ folder: config.store.dataFolder, logger }));
  try {
    return await readable(work({ config, url: embedded.url, logger }));
  } finally {
    await embedded.stop();
  }
}

/** Turns what the database and its driver throw into one readable line. */
export async function readable<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConfigError) throw error;
    const status = error instanceof UnfitDatabaseError ? error.exitStatus : 1;
    throw new CommandError(`the database: ${errorText(error)}`, status, { cause: error });
  }
}
