/**
 * The Docker files as linters see them (dockerfile-utils; dclint, which holds the Compose Specification's
 * schema), and our own rules.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { readIgnoreRules } from './build-context';
import { composeSource, interpolated, labVariables, readCompose, root } from './compose';
import { readDockerfile, words } from './dockerfile';
import { run } from './native-build';

const dockerfile = readFileSync(path.join(root, 'docker', 'Dockerfile'), 'utf8');
const stages = readDockerfile(dockerfile);
const final = stages.at(-1)?.instructions ?? [];

const complaints = (source: string) =>
  validate(source).map(
    ({ range, message }) =>
      `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );

describe('docker/Dockerfile', () => {
  test('dockerfile-utils finds nothing', () => {
    expect(complaints(dockerfile)).toEqual([]);
    expect(complaints(dockerfile.replace('--interval=10s', '--interva=10s'))).toEqual([
      expect.stringContaining('Unknown flag: interva'),
    ]);
  });

  test('every base image has a tag with a long-term release of Node.js that package.json allows', () => {
    const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const least = Number(/^>=(\d+)$/.exec(engines.node)?.[1]);
    for (const { image } of stages) {
      const major = Number(/^node:(\d+)(?:\.\d+)*-[a-z]+-slim$/.exec(image)?.[1]);
      expect(major).toBeGreaterThanOrEqual(least);
      expect(major % 2).toBe(0);
    }
    expect(stages.length).toBeGreaterThan(1);
  });

  test('the image runs as a numbered user that is not root, takes signals itself and has a health check', () => {
    const users = final.filter(({ keyword }) => keyword === 'USER');
    expect(users.map(({ text }) => text)).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
    expect(final.findIndex(({ keyword }) => keyword === 'USER')).toBeGreaterThan(
      final.findLastIndex(({ keyword }) => keyword === 'RUN' || keyword === 'COPY'),
    );
    for (const keyword of ['ENTRYPOINT', 'HEALTHCHECK']) {
      expect(final.filter((instruction) => instruction.keyword === keyword).map(({ exec }) => exec)).toEqual([
        expect.any(Array),
      ]);
    }
  });

  test('nothing secret is baked in', () => {
    const names = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG')
      .flatMap(({ text }) => words(text));
    expect(names.filter((name) => /TOKEN|PASSWORD|SECRET|KEY|DATABASE_URL/.test(name))).toEqual([]);
    expect(readFileSync(path.join(root, 'docker', 'hss.yaml'), 'utf8')).not.toMatch(
      /^\s*(token|secretKey):|:\/\/[^@\s]*:[^@\s]*@/m,
    );
  });
});

describe('.dockerignore', () => {
  const isIgnored = readIgnoreRules(readFileSync(path.join(root, '.dockerignore'), 'utf8'));

  test.each([
    'hss.yaml',
    'data/secret.key',
    '.git/config',
    '.env',
    'node_modules/pg/package.json',
    'dist/main.js',
    'docker/compose.yml',
    'test/docker/lint.test.ts',
  ])('%s does not reach the build', (file) => {
    expect(isIgnored(file)).toBe(true);
  });

  test.each([
    'package.json',
    'package-lock.json',
    'src/main.ts',
    'src/store/embedded/server.ts',
    'bin/hss',
    'migrations/0001_subscriptions.sql',
    'docker/hss.yaml',
  ])('%s reaches the build', (file) => {
    expect(isIgnored(file)).toBe(false);
  });

  test('its patterns are read as the engine reads them: the last one that matches decides', () => {
    const rules = readIgnoreRules(
      '# a comment\n/a\nb/*.log\n**/secret\n!a/keep\n!b/one.log\nb/one.log\nc?.txt\n',
    );
    expect(
      ['a', 'a/x', 'b/two.log', 'x/y/secret', 'secret/z', 'b/one.log', 'c1.txt'].filter(
        (file) => !rules(file),
      ),
    ).toEqual([]);
    expect(['a/keep', 'a/keep/x', 'b/c/two.log', 'x/a', 'c12.txt'].filter(rules)).toEqual([]);
  });
});

describe('docker/compose.yml', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hss-compose-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** dclint's findings for the file with its variables put in, as compose checks it. */
  async function findings(source: string): Promise<string[]> {
    const file = path.join(folder, 'compose.yml');
    writeFileSync(file, interpolated(source, labVariables));
    const manifest = require.resolve('dclint/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { dclint: string } };
    const { output } = await run(
      [
        process.execPath,
        path.join(path.dirname(manifest), bin.dclint),
        '--config',
        path.join(__dirname, 'dclint.json'),
        '--formatter',
        'json',
        file,
      ],
      { cwd: folder, env: { PATH: process.env['PATH'] } },
    );
    const [result] = JSON.parse(output) as { messages: { line: number; message: string; rule: string }[] }[];
    if (result === undefined) throw new Error(`dclint looked at nothing: ${output}`);
    return result.messages.map(({ line, message, rule }) => `line ${line}: ${message} (${rule})`);
  }

  test('dclint finds nothing: valid by the schema of the Compose Specification, and its good practice', async () => {
    expect(await findings(composeSource)).toEqual([]);
    expect(
      await findings(composeSource.replace('restart: unless-stopped', 'restrat: unless-stopped')),
    ).toEqual([expect.stringContaining('invalid-schema')]);
    expect(await findings(composeSource.replace('"127.0.0.1:8080:8080/tcp"', '"8080:8080/tcp"'))).toEqual([
      expect.stringContaining('no-unbound-port-interfaces'),
    ]);
  }, 60_000);

  test('what has no default must be given', () => {
    expect(() => readCompose({ HSS_API_TOKEN: 'x' })).toThrow('set HSS_SECRET_KEY');
    expect(() => readCompose({ HSS_SECRET_KEY: 'x' })).toThrow('set HSS_API_TOKEN');
  });
});
