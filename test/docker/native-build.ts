/**
 * Runs the steps of a Dockerfile without an engine: each stage has a folder for its root, absolute paths are
 * mapped below it, COPY and RUN do there what they would do in the image. Deviates: programs outside the
 * folder are this machine's (the base image is not had), and an ordinary user builds as that user instead of
 * as root.
 */
import { spawn } from 'node:child_process';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { splitOnce, words, type Instruction, type Stage } from './dockerfile';

export interface NativeImage {
  /** Folder that stands for /. */
  readonly root: string;
  /** ENV of the Dockerfile, paths mapped. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** uid:gid of USER. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly entrypoint: readonly string[];
  readonly healthCheck: readonly string[];
  readonly exposed: readonly string[];
}

export interface Finished {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

interface Build extends NativeImage {
  readonly env: Record<string, string>;
  workingFolder: string;
  user: { uid: number; gid: number } | null;
  entrypoint: readonly string[];
  healthCheck: readonly string[];
  exposed: string[];
}

/** Text with the absolute paths in it (at its start, behind a blank, a quote or "=") below `root`. */
export function mapped(root: string, text: string): string {
  return text.replace(/(^|[\s"'=])(?=\/[\w.])/g, `$1${root}`);
}

/**
 * Builds all stages below `folder` from the context; the last stage's image. @throws Error with the failing
 * step and its output
 */
export async function buildNatively(
  stages: readonly Stage[],
  context: string,
  folder: string,
  report: (line: string) => void,
): Promise<NativeImage> {
  const built = new Map<string, Build>();
  let last: Build | undefined;
  for (const stage of stages) {
    const root = path.join(folder, `stage-${stage.name}`);
    const image: Build = {
      root,
      env: {},
      workingFolder: root,
      user: null,
      entrypoint: [],
      healthCheck: [],
      exposed: [],
    };
    await provideNode(root);
    for (const instruction of stage.instructions) {
      const startedAt = performance.now();
      try {
        await apply(instruction, image, context, built);
      } catch (error) {
        throw new Error(
          `docker/Dockerfile line ${instruction.line}: ${instruction.keyword} ${instruction.text}\n${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
      report(
        `${stage.name}: ${instruction.keyword} ${instruction.text.split('\n')[0] ?? ''} (${Math.round(performance.now() - startedAt)} ms)`,
      );
    }
    built.set(stage.name, image);
    last = image;
  }
  if (last === undefined) throw new Error('no stage');
  return last;
}

/** The node of this machine where the base image has its own, so that any user can run it. */
async function provideNode(root: string): Promise<void> {
  const programs = path.join(root, 'usr', 'local', 'bin');
  await fs.mkdir(programs, { recursive: true });
  await fs.copyFile(process.execPath, path.join(programs, 'node'));
  await fs.chmod(path.join(programs, 'node'), 0o755);
}

async function apply(
  instruction: Instruction,
  image: Build,
  context: string,
  built: ReadonlyMap<string, Build>,
): Promise<void> {
  const { keyword, text, exec, flags } = instruction;
  switch (keyword) {
    case 'WORKDIR':
      image.workingFolder = path.posix.isAbsolute(text)
        ? path.join(image.root, text)
        : path.join(image.workingFolder, text);
      await fs.mkdir(image.workingFolder, { recursive: true });
      return;
    case 'ENV':
      for (const word of words(text)) {
        const [name, value] = splitOnce(word, '=');
        image.env[name] = mapped(image.root, value);
      }
      return;
    case 'COPY': {
      const { from, ...others } = flags;
      if (Object.keys(others).length > 0)
        throw new Error(`COPY with --${Object.keys(others).join(', --')} is not known here`);
      const origin = from === undefined ? context : built.get(from)?.root;
      if (origin === undefined) throw new Error(`no stage ${from}`);
      const names = words(text);
      await copy(
        names.slice(0, -1).map((name) => path.join(origin, name)),
        names.at(-1) ?? '',
        image,
      );
      return;
    }
    case 'RUN': {
      if (image.user !== null) throw new Error('RUN behind USER is not known here');
      const { status, output } = await run(['sh', '-c', `umask 022\n${mapped(image.root, text)}`], {
        cwd: image.workingFolder,
        env: buildEnvironment(image.env),
      });
      if (status !== 0) throw new Error(`${offlineHint(output)}status ${status}:\n${output.slice(-4_000)}`);
      return;
    }
    case 'USER': {
      const [, uid = '', gid = ''] = /^(\d+):(\d+)$/.exec(text) ?? [];
      if (uid === '') throw new Error('USER must be uid:gid in numbers');
      image.user = { uid: Number(uid), gid: Number(gid) };
      return;
    }
    case 'EXPOSE':
      image.exposed.push(...words(text));
      return;
    case 'HEALTHCHECK':
      image.healthCheck = mappedWords(image.root, exec);
      return;
    case 'ENTRYPOINT':
      image.entrypoint = mappedWords(image.root, exec);
      return;
    case 'LABEL':
      return;
    default:
      throw new Error(`${keyword} is not known here`);
  }
}

function mappedWords(root: string, exec: readonly string[] | null): string[] {
  if (exec === null)
    throw new Error('only the exec form is known here: with a shell in between no signal arrives');
  return exec.map((word) => (path.posix.isAbsolute(word) ? path.join(root, word) : word));
}

/** A folder's contents, or files, as COPY does; a missing source is an error. */
async function copy(sources: readonly string[], destination: string, image: Build): Promise<void> {
  const target = path.posix.isAbsolute(destination)
    ? path.join(image.root, destination)
    : path.join(image.workingFolder, destination);
  const intoFolder = destination.endsWith('/') || destination === '.';
  if (sources.length > 1 && !intoFolder) throw new Error('several sources need a folder');
  for (const source of sources) {
    const isFolder = (await fs.stat(source)).isDirectory();
    const copyTo = isFolder || !intoFolder ? target : path.join(target, path.basename(source));
    await fs.mkdir(isFolder ? copyTo : path.dirname(copyTo), { recursive: true });
    // cp keeps modes and links, and is quick with node_modules.
    const { status, output } = await run(['cp', '-a', isFolder ? `${source}/.` : source, copyTo], {
      cwd: image.root,
      env: process.env,
    });
    if (status !== 0) throw new Error(output);
  }
}

/**
 * What a RUN sees: this machine's own settings (npm's cache and registry), but nothing of the checkout or of
 * the test run.
 */
function buildEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|config_local_prefix|command|execpath|node_execpath)|INIT_CWD|NODE_(ENV|OPTIONS|PATH)|JEST_|HSS_|DATABASE_URL)/.test(
        name,
      ),
  );
  const programs = (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'));
  return {
    ...Object.fromEntries(inherited),
    PATH: programs.join(':'),
    npm_config_prefer_offline: 'true',
    ...env,
  };
}

function offlineHint(output: string): string {
  return /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/.test(
    output,
  )
    ? 'the package registry cannot be reached and npm has not everything in its cache: this check needs one of them; '
    : '';
}

/** Runs a program to its end. */
export function run(
  command: readonly string[],
  options: {
    cwd: string;
    env: NodeJS.ProcessEnv;
    uid?: number;
    gid?: number;
    input?: string;
    timeoutMs?: number;
  },
): Promise<Finished> {
  const { input, timeoutMs, ...rest } = options;
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...rest,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}
