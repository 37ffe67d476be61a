/** The `hss` command line: global options, exit statuses, and the list of commands. */
import { Command, CommanderError } from 'commander';
import { createContext, type CommandIo, type GlobalOptions, type RegisterCommand } from './context';
import { CommandError, exitStatus } from './exit-status';
import { ConfigError } from '../config/load';
import { productVersion } from '../shared/version';

/**
 * Runs one command line.
 * @param argv the arguments after the program's name.
 * @returns the exit status: 0, 1 for a failure, 2 for wrong usage, 78 for a mistake in the configuration.
 */
export async function runCli(
  argv: readonly string[],
  io: CommandIo,
  commands: readonly RegisterCommand[],
): Promise<number> {
  const program = createProgram(io, commands);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitStatus.success;
  } catch (error) {
    return report(error, io);
  }
}

export function createProgram(io: CommandIo, commands: readonly RegisterCommand[]): Command {
  const program = new Command('hss')
    .description('A Home Subscriber Server for EPC and IMS')
    .version(productVersion, '-V, --version')
    .option('-c, --config <file>', 'configuration file (HSS_CONFIG, else ./hss.yaml where it exists)')
    .option('--api <url>', 'HTTP API of the running HSS (HSS_API, else what the configuration says)')
    .option('--token <token>', 'bearer token of that API (HSS_TOKEN, else the configured one)')
    .option('--json', 'results as JSON')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showSuggestionAfterError()
    .exitOverride();
  const context = createContext(io, () => program.opts<GlobalOptions>());
  for (const register of commands) register(program, context);
  return program;
}

function report(error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.success : exitStatus.usage;
  if (error instanceof ConfigError) {
    io.stderr.write(`${error.message}\n`);
    return error.exitStatus;
  }
  if (error instanceof CommandError) {
    if (error.message !== '') io.stderr.write(`hss: ${error.message}\n`);
    return error.exitStatus;
  }
  io.stderr.write(`hss: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitStatus.failure;
}
