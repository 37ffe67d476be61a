/**
 * `npm run bench`: measures, prints one table and writes JSON. `npm run bench -- load ...` is the load
 * generator alone, against any HSS; `npm run bench -- floor` the floor alone. Exit status: 0, 1 where
 * something failed, 2 where an option is wrong; `load` 1 as well where an answer was missing or not 2xxx.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startFloor } from './floor';
import { runLoad } from './load/generator';
import { floorCommand, floorHelp, loadCommand, loadHelp, loadText } from './load/options';
import { measure } from './measure';
import { table } from './report';
import { help, settingsFrom } from './settings';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const root = path.join(__dirname, '..');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** @throws Error, as a mistake of the caller */
function asked<T>(parse: () => T, usage: string): T {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(EXIT_USAGE);
  }
}

async function loadMain(args: readonly string[]): Promise<number> {
  const command = asked(() => loadCommand(args), loadHelp);
  if (command === null) {
    print(loadHelp);
    return 0;
  }
  const result = await runLoad(command.options);
  print(command.json ? JSON.stringify(result) : loadText(result));
  return result.refused + result.timeouts + result.disconnects.length === 0 ? 0 : 1;
}

/** Until it is told to stop. */
async function floorMain(args: readonly string[]): Promise<number> {
  const command = asked(() => floorCommand(args), floorHelp);
  if (command === null) {
    print(floorHelp);
    return 0;
  }
  const listener = await startFloor(command.port, command.transport);
  print(`floor on ${command.transport.name} 127.0.0.1:${listener.local.port}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    // Then whoever started it is gone.
    if (command.untilStdinEnds) process.stdin.on('end', () => resolve()).resume();
  });
  process.exit(0);
}

function revision(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // No git, or no checkout.
    return 'unknown';
  }
}

async function benchMain(args: readonly string[]): Promise<number> {
  const settings = asked(() => settingsFrom(args), help);
  if (settings === null) {
    print(help);
    return 0;
  }
  if (
    settings.build &&
    spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status !== 0
  )
    return 1;
  const startedMs = performance.now();
  const isNew = mkdirSync(settings.folder, { recursive: true }) !== undefined;
  // What was started ends with us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(EXIT_INTERRUPTED));
  const report = await measure(
    settings,
    settings.program === null ? revision() : 'of another build',
    (text) => {
      process.stderr.write(
        `${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`,
      );
    },
  ).finally(() => {
    if (isNew) rmSync(settings.folder, { recursive: true, force: true });
  });
  const file =
    settings.output ??
    path.join(__dirname, 'results', `${report.startedAt.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  print(`\n${table(report)}\n\nwritten to ${path.relative(process.cwd(), file)}`);
  return 0;
}

async function main(): Promise<number> {
  const [first, ...others] = process.argv.slice(2);
  if (first === 'load') return loadMain(others);
  if (first === 'floor') return floorMain(others);
  return benchMain(process.argv.slice(2));
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
