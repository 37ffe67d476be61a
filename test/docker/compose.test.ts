/**
 * The parts of the lab fit each other: image, configuration, compose file and Prometheus name the same ports,
 * hosts and settings.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { cli } from '../cli/run-cli';
import { readEnvironment } from '../../src/config/environment';
import { loadConfig } from '../../src/config/load';
import type { HssConfig } from '../../src/config/schema';
import { portKind, transportPreference } from '../../src/shared/transport-names';
import { composeFile, labVariables, publishedPorts, readCompose, root, serviceOf } from './compose';
import { readDockerfile, words } from './dockerfile';

const configFile = path.join(root, 'docker', 'hss.yaml');
const compose = readCompose();
const hss = serviceOf(compose, 'hss');
const environment = hss.environment ?? {};
const stages = readDockerfile(readFileSync(path.join(root, 'docker', 'Dockerfile'), 'utf8'));
const image = stages.at(-1)?.instructions ?? [];

const config = (env: Readonly<Record<string, string>> = environment): HssConfig =>
  loadConfig({ env, cwd: '/', file: configFile }).config;
const diameterPorts = ({ diameter }: HssConfig) =>
  diameter.listen.flatMap(({ transport, port }) =>
    transportPreference(transport).map((name) => `${port}/${portKind(name)}`),
  );
const listening = (settings: HssConfig) =>
  [...diameterPorts(settings), `${settings.http.port}/tcp`, `${settings.metrics.port}/tcp`].sort();

test('every variable of the hss service is a setting', () => {
  const { overrides, faults } = readEnvironment(environment);
  expect(faults).toEqual([]);
  expect(overrides.map(({ name }) => name).sort()).toEqual(Object.keys(environment).sort());
});

test('docker/hss.yaml passes `hss config check` with the environment of compose.yml, and says what is missing without', async () => {
  const checked = await cli(['--config', configFile, 'config', 'check', '--json'], { env: environment });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, file: configFile });
  const bare = await cli(['--config', configFile, 'config', 'check']);
  expect(bare.status).toBe(78);
  expect(bare.stderr).toContain('http.token');
});

test('the image refuses unknown peers, the lab takes them', () => {
  const { HSS__DIAMETER__UNKNOWN_PEERS: unknownPeers, ...others } = environment;
  expect(unknownPeers).toBe('accept');
  expect(config().diameter.unknownPeers).toBe('accept');
  expect(config(others).diameter.unknownPeers).toBe('refuse');
});

test('exposed and published ports are those the configuration listens on, published on loopback unless asked otherwise', () => {
  const exposed = image.filter(({ keyword }) => keyword === 'EXPOSE').flatMap(({ text }) => words(text));
  expect(exposed.sort()).toEqual(listening(config()));
  const published = publishedPorts(hss);
  expect(published.map(({ container, protocol }) => `${container}/${protocol}`).sort()).toEqual(
    listening(config()),
  );
  for (const service of Object.values(compose.services)) {
    for (const { address, host, container } of publishedPorts(service))
      expect({ address, host }).toEqual({ address: '127.0.0.1', host: container });
  }
  const open = serviceOf(readCompose({ ...labVariables, HSS_DIAMETER_ADDRESS: '0.0.0.0' }), 'hss');
  expect(
    publishedPorts(open)
      .filter(({ address }) => address === '0.0.0.0')
      .map(({ container, protocol }) => `${container}/${protocol}`)
      .sort(),
  ).toEqual(diameterPorts(config()).sort());
});

test('the health check asks the port of the metrics', () => {
  const [check] = image.filter(({ keyword }) => keyword === 'HEALTHCHECK');
  expect(check?.text).toContain(`process.env.HSS__METRICS__PORT || ${config().metrics.port}`);
  expect(config().metrics.addresses).toEqual(['0.0.0.0']);
});

test('the database that the HSS is told of is the one of the postgres service', () => {
  const url = new URL(config().store.url ?? '');
  const postgres = serviceOf(compose, url.hostname);
  expect({
    POSTGRES_USER: url.username,
    POSTGRES_PASSWORD: url.password,
    POSTGRES_DB: url.pathname.slice(1),
  }).toEqual(postgres.environment);
  expect(url.port).toBe('5432');
  expect(hss.depends_on?.[url.hostname]?.condition).toBe('service_healthy');
});

test('Prometheus scrapes the metrics port of the hss service with the file that is mounted', () => {
  const prometheus = serviceOf(compose, 'prometheus');
  const mounted = (prometheus.volumes ?? [])
    .map((text) => text.split(':'))
    .find(([source = '']) => source.startsWith('./'));
  const file = path.join(path.dirname(composeFile), mounted?.[0] ?? '');
  expect(prometheus.command).toContain(`--config.file=${mounted?.[1] ?? ''}`);
  const scraped = parse(readFileSync(file, 'utf8')) as {
    scrape_configs: { job_name: string; metrics_path?: string; static_configs: { targets: string[] }[] }[];
  };
  expect(scraped.scrape_configs).toEqual([
    { job_name: 'hss', static_configs: [{ targets: [`hss:${config().metrics.port}`] }] },
  ]);
});

test('named volumes are declared, and the build finds its Dockerfile', () => {
  const used = Object.values(compose.services)
    .flatMap(({ volumes }) => volumes ?? [])
    .map((text) => text.split(':')[0] ?? '')
    .filter((name) => !name.startsWith('.'));
  expect(used.sort()).toEqual(Object.keys(compose.volumes).sort());
  const context = path.resolve(path.dirname(composeFile), hss.build?.context ?? '');
  expect(context).toBe(path.resolve(root));
  expect(existsSync(path.join(context, hss.build?.dockerfile ?? ''))).toBe(true);
});
