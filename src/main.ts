/**
 * `npm start`: runs the HSS until SIGINT or SIGTERM; a second one does not wait. SIGHUP reads the
 * configuration again and takes over its peers, keys and log level. Exit status: 0 after an orderly stop, 1
 * when something cannot be started or an error reaches nobody, 78 when the configuration has a mistake, when
 * Node is too old or when the database is not for this build.
 */
import './shared/supported-node';
import { parseArgs } from 'node:util';
import { ConfigError } from './config/config-error';
import { loadConfig, type LoadedConfig } from './config/load';
import { tuneHeap } from './shared/heap';
import { createLogger, type RootLogger } from './shared/logging';
import { UnfitDatabaseError } from './shared/unfit-database';
import type { ProductApplication } from './wiring/applications';
import { startServer, type RunningServer } from './wiring/server';

export interface RunOptions {
  readonly configFile?: string | undefined;
  /** Those of the product where absent. */
  readonly applications?: readonly ProductApplication[];
}

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Runs until a signal ends it; resolves with the exit status. */
export async function runServer(options: RunOptions): Promise<number> {
  // Without a listener of ours Node.js opens its debugger at this signal, to everybody on this machine.
  process.on('SIGUSR1', () => undefined);
  tuneHeap();
  const load = () => loadConfig({ env: process.env, cwd: process.cwd(), file: options.configFile });
  let loaded;
  try {
    loaded = load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitStatus;
  }
  const logger = createLogger(loaded.config.logging);
  logWhatReachesNobody(logger);
  const status = await serve(loaded, load, logger, options.applications);
  await endLog(logger, status);
  return status;
}

async function serve(
  loaded: LoadedConfig,
  load: () => LoadedConfig,
  logger: RootLogger,
  applications?: readonly ProductApplication[],
): Promise<number> {
  // Before anything is started, so that an early Ctrl-C stops in order as well.
  let signals = 0;
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        signals += 1;
        // Whoever asks twice does not want to wait; the embedded database stops by itself when we are gone.
        if (signals > 1) endNow(logger);
        resolve(signal);
      });
    }
  });
  let server: RunningServer | null = null;
  const reload = async (running: RunningServer): Promise<void> => {
    try {
      const changed = load();
      await running.reconfigure(changed);
      logger.setLevel(changed.config.logging.level);
      logger.info(
        { level: logger.level },
        'configuration read again: peers, keys and the log level are taken over, other settings need a restart',
      );
    } catch (error) {
      logger.error({ err: error }, 'the configuration is not taken over');
    }
  };
  // One after the other: the last configuration is the one that stays.
  let reloads = Promise.resolve();
  process.on('SIGHUP', () => {
    if (server === null) return;
    const running = server;
    reloads = reloads.then(() => reload(running));
  });
  try {
    server = await startServer(loaded, logger, logger, applications);
    logger.print(server.banner);
    logger.info({ signal: await ended }, 'stopping');
    await server.stop();
    logger.info({}, 'stopped');
    return 0;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UnfitDatabaseError) {
      process.stderr.write(`${error.message}\n`);
      return error.exitStatus;
    }
    logger.error(
      { err: error },
      `the HSS cannot start: ${error instanceof Error ? error.message : String(error)}`,
    );
    return EXIT_FAILURE;
  }
}

/** An error that nobody handles leaves the process in a state that nobody knows: it is told, and ends it. */
function logWhatReachesNobody(logger: RootLogger): void {
  let ending = false;
  const end = (error: unknown, message: string): void => {
    logger.error({ err: error }, message);
    if (ending) return;
    ending = true;
    void endLog(logger, EXIT_FAILURE).then(() => process.exit(EXIT_FAILURE));
  };
  process.on('uncaughtException', (error) => end(error, 'an error reached nobody: the HSS ends'));
  process.on('unhandledRejection', (reason) => end(reason, 'a rejection reached nobody: the HSS ends'));
  // Node writes these to standard error, and waits for it.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.warn({ err: warning }, `Node warns: ${warning.message}`));
}

/** Ends the process itself where its output does not take the last lines: what is left would keep it. */
async function endLog(logger: RootLogger, status: number): Promise<void> {
  if (!(await logger.flush())) endNow(logger, status);
}

function endNow(logger: RootLogger, status: number = EXIT_FAILURE): void {
  // Every other way to end waits for a thread that waits in a write.
  if (logger.holdsExit) process.kill(process.pid, 'SIGKILL');
  process.exit(status);
}

function configFileArgument(): string | undefined {
  try {
    return parseArgs({ options: { config: { type: 'string', short: 'c' } } }).values.config;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nusage: npm start [-- --config FILE]\n`,
    );
    process.exit(EXIT_USAGE);
  }
}

if (require.main === module) {
  void runServer({ configFile: configFileArgument() }).then((status) => {
    process.exitCode = status;
  });
}
