/**
 * `npm run soak`: what docs/overload.md promises, measured on the running product. Exit status 1 where a line
 * does not hold.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { lines, text } from './lines';
import { soak } from './run';
import { help, settingsFrom } from './settings';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const root = path.join(__dirname, '..', '..');

async function main(): Promise<number> {
  let settings;
  try {
    settings = settingsFrom(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return EXIT_USAGE;
  }
  if (settings === null) {
    process.stdout.write(help);
    return 0;
  }
  if (
    settings.build &&
    spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status !== 0
  )
    return 1;
  const { folder } = settings;
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
  // What was started ends with us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(EXIT_INTERRUPTED));
  const startedMs = performance.now();
  const result = await soak(settings, (said) => {
    process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${said}\n`);
  }).finally(() => {
    if (isNew) rmSync(folder, { recursive: true, force: true });
  });
  const judged = lines(result, settings);
  if (settings.json)
    process.stdout.write(
      `${JSON.stringify({ settings: { ...settings, databaseUrl: undefined }, lines: judged, result }, null, 2)}\n`,
    );
  else
    process.stdout.write(
      `${text(judged, result, settings, `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`)}\n`,
    );
  return judged.every(({ holds }) => holds) ? 0 : 1;
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
