/** The command line: exit statuses, --json, and the commands that need no running HSS. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema';
import { cli } from './run-cli';

const root = join(__dirname, '..', '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-cli-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The program as a user starts it: a process of its own. */
function program(args: readonly string[], env: Record<string, string> = {}) {
  const run = spawnSync(
    process.execPath,
    ['-r', join(__dirname, 'register-typescript.cjs'), join(root, 'src', 'cli', 'hss.ts'), ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: 25_000,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    },
  );
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

describe('the real program', () => {
  test('a mistake in the configuration ends with status 78 and names it', () => {
    const { status, stdout, stderr } = program([
      'config',
      'check',
      '--config',
      file('bad.yaml', 'diameter:\n  watchdogIntervalSeconds: 2\nhttp: { addresses: [192.0.2.1] }\n'),
    ]);
    expect(status).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'diameter.watchdogIntervalSeconds (bad.yaml, line 2, column 3)\n    found:   2\n    allowed: a whole number from 6 to 3600',
    );
    expect(stderr).toContain('http.token');
  });

  test('so does one in the environment, for any command that needs the configuration', () => {
    expect(program(['peers'], { HSS__HTTP__PORT: 'x' })).toMatchObject({
      status: 78,
      stderr: expect.stringContaining('environment variable HSS__HTTP__PORT'),
    });
  });

  test('a good one ends with 0', () => {
    expect(program(['config', 'check', '--json'])).toMatchObject({
      status: 0,
      stderr: '',
      stdout: `${JSON.stringify({ ok: true, file: null, environment: [], warnings: [] }, null, 2)}\n`,
    });
  });
});

describe('exit statuses', () => {
  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['config'], 'Usage: hss config'],
    [['config', 'check', '--nonsense'], "unknown option '--nonsense'"],
    [['decode'], "missing required argument 'message'"],
    [['peers', '--api', 'ftp://x'], '--api must be an http'],
    [[], 'Usage: hss'],
  ])('%j is wrong usage: 2', async (args, message) => {
    const { status, stderr } = await cli(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test.each([[['--help']], [['config', '--help']], [['--version']], [['version']]])(
    '%j succeeds: 0',
    async (args) => {
      expect(await cli(args)).toMatchObject({ status: 0, stderr: '' });
    },
  );

  test('an HSS that does not run is a failure: 1', async () => {
    const { status, stderr } = await cli(['peers', '--api', 'http://127.0.0.1:9']);
    expect(status).toBe(1);
    expect(stderr).toContain('the HSS at http://127.0.0.1:9 cannot be asked');
  });

  test('a defect shows its stack: 1', async () => {
    const run = await cli(['broken'], {
      commands: [
        (command) => {
          command.command('broken').action(() => {
            throw new TypeError('a defect');
          });
        },
      ],
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('TypeError: a defect\n    at');
  });
});

describe('hss config', () => {
  test('show gives the settings in force with secrets masked, as YAML and as JSON', async () => {
    const env = {
      DATABASE_URL: 'postgres://hss:hunter2@db/hss',
      HSS__HTTP__TOKEN: 'hunter2-hunter2-hunter2',
      HSS_SECRET_KEY: 'hunter2',
    };
    const text = await cli(['config', 'show'], { env, cwd: folder });
    const json = await cli(['--json', 'config', 'show'], { env, cwd: folder });
    expect(text.stdout + json.stdout).not.toContain('hunter2');
    expect(text.stdout).toContain(
      '# no configuration file; from the environment: DATABASE_URL, HSS_SECRET_KEY, HSS__HTTP__TOKEN\n',
    );
    expect(parse(text.stdout)).toEqual(JSON.parse(json.stdout));
    expect(JSON.parse(json.stdout)).toMatchObject({
      store: { url: 'postgres://hss:********@db/hss', secretKey: '********' },
      http: { token: '********' },
    });
  });

  test('check tells warnings', async () => {
    const path = file(
      'open.yaml',
      'diameter: { unknownPeers: accept, listen: [{ addresses: ["0.0.0.0"] }] }',
    );
    const { status, stdout } = await cli(['config', 'check', '-c', path]);
    expect(status).toBe(0);
    expect(stdout).toContain(
      'Warning: diameter.unknownPeers is accept while Diameter listens beyond loopback',
    );
  });

  test('example is a configuration file with all defaults', async () => {
    const { stdout } = await cli(['config', 'example']);
    expect(parse(stdout)).toEqual(configSchema.parse({}));
    expect(await cli(['config', 'check', '--config', file('example.yaml', stdout)])).toMatchObject({
      status: 0,
    });
  });
});

describe('hss decode', () => {
  const watchdog = `010000388000011800000000deadbeef12345678${'0000010840000011'}${Buffer.from('hss.b.com').toString('hex')}000000${'000001284000000d'}${Buffer.from('b.com').toString('hex')}000000`;

  test('hexadecimal digits, spaced or not', async () => {
    const { status, stdout } = await cli(['decode', watchdog]);
    expect(status).toBe(0);
    expect(stdout).toContain('Device-Watchdog-Request (DWR)');
    expect(stdout).toContain('0xdeadbeef');
    expect((await cli(['decode', watchdog.replace(/(..)/g, '$1 ')])).stdout).toBe(stdout);
  });

  test('a file of octets, a file of digits, and standard input of either', async () => {
    const { stdout } = await cli(['decode', watchdog]);
    file('message.bin', Buffer.from(watchdog, 'hex'));
    file('message.hex', `${watchdog}\n`);
    expect((await cli(['decode', 'message.bin'], { cwd: folder })).stdout).toBe(stdout);
    expect((await cli(['decode', 'message.hex'], { cwd: folder })).stdout).toBe(stdout);
    expect((await cli(['decode', '-'], { stdin: Buffer.from(watchdog, 'hex') })).stdout).toBe(stdout);
    expect((await cli(['decode', '-'], { stdin: watchdog })).stdout).toBe(stdout);
  });

  test('--json, and what is no message', async () => {
    expect(JSON.parse((await cli(['decode', watchdog, '--json'])).stdout)).toMatchObject({
      octets: 56,
      messages: 1,
      faults: [],
      tree: expect.arrayContaining(['Device-Watchdog-Request (DWR)']),
    });
    expect((await cli(['decode', watchdog + watchdog])).status).toBe(0);
    expect(await cli(['decode', 'neither'])).toMatchObject({
      status: 2,
      stderr: 'hss: "neither" is neither a file nor hexadecimal digits\n',
    });
    expect(await cli(['decode', '-'])).toMatchObject({ status: 2, stderr: 'hss: standard input is empty\n' });
  });
});

describe('hss decode of what cannot be decoded', () => {
  const withoutOrigin = '010000148000011800000000deadbeef12345678';
  const avp = (code: number, length: number, data: Buffer): Buffer => {
    const head = Buffer.from('0000000040000000', 'hex');
    head.writeUInt32BE(code, 0);
    head.writeUIntBE(length, 5, 3);
    return Buffer.concat([head, data]);
  };
  const message = (application: number, command: number, ...avps: Buffer[]): string => {
    const body = Buffer.concat(avps);
    const header = Buffer.from('0100000080000000000000000000000100000002', 'hex');
    header.writeUIntBE(20 + body.length, 1, 3);
    header.writeUIntBE(command, 5, 3);
    header.writeUInt32BE(application, 8);
    return Buffer.concat([header, body]).toString('hex');
  };

  test('ends with 1 and says of which message, and still shows all of them', async () => {
    const { status, stdout, stderr } = await cli(['decode', withoutOrigin]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^taken for hexadecimal digits: 1 message\nhss: message 1 cannot be decoded: .*Origin-Host/,
      ),
    ]);
    expect(stdout).toContain('Device-Watchdog-Request (DWR)');
    expect(await cli(['decode', '0102'])).toMatchObject({
      status: 1,
      stderr:
        'taken for hexadecimal digits: 1 message\nhss: message 1 cannot be decoded: no Diameter header\n',
    });
    expect(JSON.parse((await cli(['decode', withoutOrigin, '--json'])).stdout)).toMatchObject({
      messages: 1,
      faults: [{ message: 1, fault: expect.stringContaining('Origin-Host') }],
    });
  });

  test('a message of another application is none of our business', async () => {
    const { status, stdout } = await cli([
      'decode',
      message(16_777_238, 272, avp(263, 13, Buffer.from('s;1;1\0\0\0', 'latin1'))),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('DIAMETER_APPLICATION_UNSUPPORTED');
  });

  test('what is invalid is shown by its first 64 octets and its length, and keys not at all', async () => {
    const { status, stdout } = await cli([
      'decode',
      message(0, 280, avp(264, 0xffff, Buffer.alloc(500, 0xab))),
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain(`${'ab'.repeat(56)} ... 508 octets`);
    expect(stdout).not.toContain('ab'.repeat(57));
    const wrongSize = await cli(['decode', message(0, 280, avp(278, 308, Buffer.alloc(300, 0xcd)))]);
    expect(wrongSize.stdout).toContain(`! 300 octets are no Unsigned32: ${'cd'.repeat(64)} ... 300 octets`);
    // Digest-HA1, whose length leads out of the message.
    const secret = await cli(['decode', message(16_777_216, 303, avp(121, 0xffff, Buffer.alloc(32, 0xef)))]);
    expect(secret.stdout).toContain(
      'Digest-HA1 (121) -M-: ! AVP Length 65535 where 40 octets are left: (hidden)',
    );
    expect(secret.stdout).not.toContain('efef');
  });
});

test('hss version', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect((await cli(['--version'])).stdout).toBe(`${version}\n`);
  expect(JSON.parse((await cli(['version', '--json'])).stdout)).toEqual({
    hss: version,
    node: process.versions.node,
  });
});
