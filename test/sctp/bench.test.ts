/** `npm run bench` prints kernel SCTP beside TCP: the floor and UAR, for a moment. No rate is asserted. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../../bench/report';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hss-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a line for each, with the ratio to TCP, and the transport in the JSON', () => {
  const output = join(folder, 'result.json');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '-r',
      join(root, 'test/cli/register-typescript.cjs'),
      join(root, 'bench/main.ts'),
      '--quick',
      '--no-build',
      '--no-pgbench',
      '--transport',
      'tcp,sctp',
      '--scenarios',
      'UAR',
      '--seconds',
      '1',
      '--warmup',
      '0.5',
      '--subscribers',
      '100',
      '--data',
      join(folder, 'data'),
      '--output',
      output,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const at = (name: string): number => lines[0]?.indexOf(name) ?? -1;
  const shown = lines.slice(2).map((cells) => [cells[1], cells[at('transport')], cells[at('/tcp')]]);
  const aRatio = expect.stringMatching(/^\d+\.\d\d$/);
  expect(shown).toEqual([
    ['floor: constant UAA', 'tcp', ''],
    ['floor: constant UAA', 'kernel-sctp', aRatio],
    ['UAR', 'tcp', ''],
    ['UAR', 'kernel-sctp', aRatio],
  ]);
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  expect(
    report.measurements.map(({ scenario, transport, point, runs }) => [
      scenario,
      transport,
      point,
      runs.length,
    ]),
  ).toEqual([
    ['UAR', 'tcp', 'floor', 1],
    ['UAR', 'kernel-sctp', 'floor', 1],
    ['UAR', 'tcp', 'saturation', 1],
    ['UAR', 'kernel-sctp', 'saturation', 1],
  ]);
  for (const { transport, runs } of report.measurements) {
    for (const run of runs) {
      expect(run).toMatchObject({ transport, refused: 0, timeouts: 0, disconnects: [] });
      expect(run.transactions).toBeGreaterThan(0);
    }
  }
}, 180_000);
