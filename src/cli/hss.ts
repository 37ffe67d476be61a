#!/usr/bin/env node
/**
 * The program `hss`: hands the process's arguments and streams to program.ts and ends with its exit status.
 */
import { commands } from './commands';
import type { Output } from './context';
import { runCli } from './program';

function output(stream: NodeJS.WriteStream): Output {
  // `hss ... | head`: the reader has gone, which is no failure of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY === true,
  };
}

void runCli(
  process.argv.slice(2),
  {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
  },
  commands,
).then((status) => {
  process.exitCode = status;
});
