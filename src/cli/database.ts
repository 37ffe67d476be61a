/** The configured database for commands that work on it directly: the outside one, or the embedded one started for as long as it takes. */
import { loggerFor } from './command-log';
import type { CommandContext } from './context';
import { CommandError } from './exit-status';
import type { HssConfig } from '../config/schema';
import type { Logger } from '../shared/logger';
import { startEmbedded } from '../store/embedded';

export interface DatabaseAccess {
  readonly config: HssConfig;
  /** Holds a password: never print it. */
  readonly url: string;
  readonly logger: Logger;
}

/** @throws ConfigError, CommandError where the database cannot be had (the embedded one while the HSS runs). */
export async function withDatabase<T>(context: CommandContext, work: (access: DatabaseAccess) => Promise<T>): Promise<T> {
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

async function readable<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const text = error instanceof AggregateError ? error.errors.map((entry) => (entry instanceof Error ? entry.message : String(entry))).join('; ') : error instanceof Error ? error.message : String(error);
    throw new CommandError(`the database: ${text}`, 1, { cause: error });
  }
}
