/**
 * A program whose standard output stalls, fails or is not there: it goes on, forgets what does not fit, says
 * so afterwards, and ends when it is told to.
 */
import { spawn, spawnSync, execFileSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { WriterEnd, WriterReport } from '../shared/support/log-writer';

const root = join(__dirname, '../..');
const program = [
  '-r',
  join(root, 'test/cli/register-typescript.cjs'),
  join(__dirname, '../shared/support/log-writer.ts'),
];
/** Who waits for its output stands still until the test ends; a busy machine may take a moment as well. */
const standsStillMs = 3_000;
const flushBoundMs = 5_000;

/** What makes a terminal; without it these tests say in their place that they were left out. */
const hasPython = spawnSync('python3', ['--version']).status === 0;
const terminalTest = hasPython ? test : test.skip;

const folder = mkdtempSync(join(tmpdir(), 'hss-stalled-'));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  const child = spawn(command, args, { stdio });
  running.add(child);
  return child;
}

const writer = (output: number | 'pipe', format = 'json'): ChildProcess =>
  start(process.execPath, [...program, format], ['ignore', output, 'inherit', 'ipc']);

function ask<Answer>(child: ChildProcess, what: 'report' | 'pause' | 'end'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    child.send(what);
  });
}

async function eventually<T>(what: () => Promise<T> | T, good: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await what();
    if (good(value)) return value;
    if (performance.now() > deadline) throw new Error(`not in time: ${JSON.stringify(value)}`);
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
  }
}

const untilDropping = (child: ChildProcess): Promise<WriterReport> =>
  eventually(
    () => ask<WriterReport>(child, 'report'),
    ({ dropped }) => dropped > 1_000,
  );

/** It drops, keeps no more than its buffer, never stood still, and ends at once. */
async function expectUnmoved(child: ChildProcess, endStatus: number): Promise<WriterEnd> {
  const report = await untilDropping(child);
  expect(report.bufferedOctets).toBeLessThanOrEqual(262_144);
  const ended = new Promise((done) => {
    child.once('exit', done);
  });
  const end = await ask<WriterEnd>(child, 'end');
  expect(end.worstMs).toBeLessThan(standsStillMs);
  expect(end.flushMs).toBeLessThan(flushBoundMs);
  expect(await ended).toBe(endStatus);
  return end;
}

/** A pipe of the system: what spawn makes is a socket. The test holds both ends. */
function namedPipe(name: string): { readonly path: string; readonly both: number } {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return { path, both: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
}

/** All that can be read now. */
function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  let text = '';
  for (;;) {
    try {
      const octets = readSync(descriptor, buffer);
      if (octets === 0) return text;
      text += buffer.toString('utf8', 0, octets);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return text;
      throw error;
    }
  }
}

/** The program's own end of it blocks, as that of any shell does. */
const writeEnd = (path: string): number => openSync(path, 'w');

test('a full disk', async () => {
  const full = openSync('/dev/full', 'w');
  await expectUnmoved(writer(full), 3);
  closeSync(full);
}, 60_000);

test('no output at all', async () => {
  const child = start(
    '/bin/sh',
    ['-c', 'exec "$0" "$@" >&-', process.execPath, ...program],
    ['ignore', 'ignore', 'inherit', 'ipc'],
  );
  await eventually(
    () => ask<WriterReport>(child, 'report'),
    ({ sent }) => sent > 1_000,
  );
  const end = await ask<WriterEnd>(child, 'end');
  expect(end).toMatchObject({ written: true, dropped: 0 });
}, 60_000);

test('a pipe that nobody reads', async () => {
  const { path, both } = namedPipe('nobody');
  const end = writeEnd(path);
  await expectUnmoved(writer(end), 3);
  closeSync(end);
  closeSync(both);
}, 60_000);

test('a socket that nobody reads', async () => {
  const child = writer('pipe');
  child.stdout?.pause();
  await expectUnmoved(child, 3);
}, 60_000);

test('a reader that comes back gets what was kept, and one line that tells how many are missing', async () => {
  const { path, both } = namedPipe('returns');
  const end = writeEnd(path);
  const child = writer(end);
  await untilDropping(child);
  const { sent, dropped } = await ask<WriterReport>(child, 'pause');
  let text = '';
  await eventually(
    () => {
      text += readAll(both);
      return text.length;
    },
    () => text.includes('log lines were dropped'),
  );
  const last = await ask<WriterEnd>(child, 'end');
  text += readAll(both);
  expect(last.written).toBe(true);
  expect(text.startsWith('begins\n')).toBe(true);
  const lines = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const told = lines.filter((line) => 'dropped' in line);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: 'warn', dropped, cause: 'stalled' });
  expect(lines.length - 1).toBe(sent - dropped);
  closeSync(end);
  closeSync(both);
}, 60_000);

test('a reader that went away: another one gets lines again', async () => {
  const { path, both } = namedPipe('successor');
  const end = writeEnd(path);
  const child = writer(end);
  await eventually(
    () => readAll(both),
    (read) => read.includes('a line'),
  );
  closeSync(both);
  await untilDropping(child);
  const successor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let text = '';
  await eventually(
    () => {
      text += readAll(successor);
      return text.length;
    },
    () => text.includes('log lines were dropped'),
  );
  expect(text.includes('"cause":"EPIPE"')).toBe(true);
  await ask<WriterEnd>(child, 'end');
  closeSync(successor);
  closeSync(end);
}, 60_000);

terminalTest.each(['pretty', 'json'])(
  'a terminal that is held by Ctrl-S, %s: nothing stands still, and it shows lines again when it is let go',
  async (format) => {
    const child = start(
      'python3',
      [join(__dirname, '../shared/support/terminal.py'), process.execPath, ...program, format],
      ['pipe', 'pipe', 'inherit', 'ipc'],
    );
    let shown = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      shown += chunk.toString('utf8');
    });
    await untilDropping(child);
    (child.stdin as Writable).write('go\n');
    await eventually(
      () => shown,
      (text) => text.includes('log lines were dropped'),
    );
    const end = await ask<WriterEnd>(child, 'end');
    expect(end.worstMs).toBeLessThan(standsStillMs);
  },
  60_000,
);

terminalTest(
  'a terminal that stays held does not keep the program from its end',
  async () => {
    const child = start(
      'python3',
      [join(__dirname, '../shared/support/terminal.py'), process.execPath, ...program, 'pretty'],
      ['pipe', 'ignore', 'inherit', 'ipc'],
    );
    await expectUnmoved(child, 3);
  },
  60_000,
);
