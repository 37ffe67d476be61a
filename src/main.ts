/**
 * `npm start`: runs the HSS until SIGINT or SIGTERM; a second one does not wait. SIGHUP reads the
 * configuration again and takes over its peers and keys. Exit status: 0 after an orderly stop, 1 when
 * something cannot be started, 78 when the configuration has a mistake.
 */
import { parseArgs } from 'node:util';
import { ConfigError } from './config/config-error';
import { loadConfig } from './config/load';
import { tuneHeap } from './shared/heap';
import { createLogger } from './shared/logging';
import { startServer, type RunningServer } from './wiring/server';

export interface RunOptions {
  readonly configFile?: string | undefined;
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
  // Before anything is started, so that an early Ctrl-C stops in order as well.
  let signals = 0;
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        signals += 1;
        // Whoever asks twice does not want to wait; the embedded database stops by itself when we are gone.
        if (signals > 1) process.exit(EXIT_FAILURE);
        resolve(signal);
      });
    }
  });
  let server: RunningServer | null = null;
  process.on('SIGHUP', () => {
    if (server === null) return;
    try {
      server.reconfigure(load());
      logger.info(
        {},
        'configuration read again: peers and keys are taken over, other settings need a restart',
      );
    } catch (error) {
      logger.error({ err: error }, 'the configuration is not taken over');
    }
  });
  try {
    server = await startServer(loaded, logger);
    process.stdout.write(server.banner);
    logger.info({ signal: await ended }, 'stopping');
    await server.stop();
    logger.info({}, 'stopped');
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return error.exitStatus;
    }
    logger.error(
      { err: error },
      `the HSS cannot start: ${error instanceof Error ? error.message : String(error)}`,
    );
    return EXIT_FAILURE;
  } finally {
    await logger.flush();
  }
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
