/**
 * The product as a process under three times what it can carry, by the soak of bench/soak in its short form:
 * throughput, refusals, priority, fairness between peers, watchdogs, memory, overload reports. Judged by
 * ratios, with limits that a machine keeps that does other things as well; docs/overload.md has the full form
 * and its limits.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { freshDatabase } from '../support/database';
import { endAll, temporaryFolder } from '../system/support/hss-process';

interface Line {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly atLeast: boolean;
  readonly holds: boolean;
}

const root = resolve(__dirname, '../..');

afterAll(endAll);

async function soak(
  args: readonly string[],
): Promise<{ readonly status: number | null; readonly out: string; readonly complaints: string }> {
  const child = spawn(
    process.execPath,
    ['-r', join(root, 'test/cli/register-typescript.cjs'), join(root, 'bench/soak/main.ts'), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  const status = await new Promise<number | null>((done) => {
    child.once('close', done);
  });
  return { status, out, complaints };
}

/**
 * Beside other programs the processor may be gone for seconds, which looks like any of the faults: what is
 * broken fails every time.
 */
const ATTEMPTS = 4;

test('[29.228-H.1] [29.228-H.2] [29.228-J.2.3] three times what it can carry: every line of the soak holds', async () => {
  let broken: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { status, out, complaints } = await soak([
      '--short',
      '--json',
      '--program',
      join(root, 'src/main.ts'),
      '--database',
      await freshDatabase(),
      '--data',
      join(temporaryFolder(), 'soak'),
    ]);
    if (out === '') throw new Error(complaints);
    const { lines } = JSON.parse(out) as { readonly lines: readonly Line[] };
    expect(lines.length).toBeGreaterThan(15);
    broken = lines
      .filter(({ holds }) => !holds)
      .map(
        ({ name, value, limit, atLeast }) =>
          `${name}: ${value.toFixed(1)}, ${atLeast ? 'at least' : 'at most'} ${limit}`,
      );
    expect(status).toBe(broken.length === 0 ? 0 : 1);
    if (broken.length === 0) return;
  }
  expect(broken).toEqual([]);
}, 300_000);

test('an option that is wrong is told, and nothing is started', async () => {
  const { status, out, complaints } = await soak(['--factor', 'lots']);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(complaints).toContain('--factor: "lots" is no number');
});
