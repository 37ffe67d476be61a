/** Runs a command line in this process, with its streams recorded. */
import { Readable } from 'node:stream';
import { commands } from '../../src/cli/commands';
import type { RegisterCommand } from '../../src/cli/context';
import { runCli } from '../../src/cli/program';

export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  readonly commands?: readonly RegisterCommand[];
  /** Whether both outputs pass for a terminal. */
  readonly isTerminal?: boolean;
}

export async function cli(args: readonly string[], settings: CliSettings = {}): Promise<CliRun> {
  let stdout = '';
  let stderr = '';
  const status = await runCli(
    args,
    {
      env: settings.env ?? {},
      cwd: settings.cwd ?? '/',
      stdin: Readable.from(settings.stdin === undefined ? [] : [settings.stdin]),
      stdout: {
        write: (text) => {
          stdout += text;
        },
        isTerminal: settings.isTerminal === true,
      },
      stderr: {
        write: (text) => {
          stderr += text;
        },
        isTerminal: settings.isTerminal === true,
      },
    },
    settings.commands ?? commands,
  );
  return { status, stdout, stderr };
}
