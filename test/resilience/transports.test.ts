/**
 * The benchmark over each transport that this machine has: every answer accounted for, no rate asserted; and
 * how the table sets them side by side.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, startFloorProcess, transportArgs } from '../../bench/child';
import { startFloor } from '../../bench/floor';
import { runLoad } from '../../bench/load/generator';
import { floorCommand, loadCommand } from '../../bench/load/options';
import type { LoadResult } from '../../bench/load/tally';
import {
  availableTransports,
  generatorTransport,
  makeTransport,
  needsOf,
  transportList,
  transportObstacle,
} from '../../bench/load/transports';
import { table, UML_NOTE, type Measurement, type Report } from '../../bench/report';
import { settingsFrom } from '../../bench/settings';
import { TRANSPORT_NAMES, type TransportName } from '../../src/shared/transport-names';

const folder = mkdtempSync(join(tmpdir(), 'hss-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const subscribers = 60;
const small = [
  '--subscribers',
  String(subscribers),
  '--connections',
  '2',
  '--window',
  '4',
  '--warmup',
  '0',
  '--seconds',
  '0.3',
];
/** Tests never load a module of the kernel: that one is in test/sctp. */
const names: readonly TransportName[] = ['tcp', 'tls', 'userland-sctp', 'userland-sctp-udp'];

describe.each(names)('the floor and the generator over %s', (name) => {
  const obstacle = transportObstacle(name);
  const when = obstacle === null ? test : test.skip;

  when(
    `closed loop, open loop, and a number of sequences, on two connections${obstacle === null ? '' : ` (${obstacle.reason})`}`,
    async () => {
      const needs = await needsOf([name], folder);
      const floor = await startFloor(0, makeTransport(name, needs));
      try {
        const run = (...args: string[]): Promise<LoadResult> => {
          const command = loadCommand([...small, '--port', String(floor.local.port), ...args]);
          if (command === null) throw new Error('help');
          return runLoad({ ...command.options, transport: generatorTransport(name, needs) });
        };
        const closed = await run();
        expect(closed).toMatchObject({
          transport: name,
          refused: 0,
          timeouts: 0,
          disconnects: [],
          results: { 'UAR experimental 2002': closed.transactions },
        });
        expect(closed.transactions).toBeGreaterThan(0);
        const open = await run('--rate', '100');
        expect(open).toMatchObject({ refused: 0, timeouts: 0, disconnects: [] });
        // 30 were due.
        expect(open.transactions).toBeLessThanOrEqual(40);
        expect(await run('--scenario', 'mix', '--sequences', '10')).toMatchObject({
          transactions: 40,
          refused: 0,
          timeouts: 0,
          disconnects: [],
        });
      } finally {
        await floor.close();
      }
    },
    30_000,
  );

  when(
    'as processes of their own',
    async () => {
      const args = transportArgs(name, await needsOf([name], folder));
      const floor = await startFloorProcess(args);
      try {
        const result = await load({
          ...args,
          port: floor.port,
          subscribers,
          connections: 2,
          window: 4,
          sequences: 20,
        });
        expect(result).toMatchObject({
          transport: name,
          transactions: 20,
          refused: 0,
          timeouts: 0,
          disconnects: [],
        });
      } finally {
        await floor.stop();
      }
    },
    30_000,
  );
});

describe('which transports', () => {
  test("TCP alone where nothing is said; names of the configuration, TCP first, each once; sctp for the kernel's; all", () => {
    expect(settingsFrom([])?.transports).toEqual(['tcp']);
    expect(transportList('sctp,tls,tcp,kernel-sctp')).toEqual(['tcp', 'tls', 'kernel-sctp']);
    expect(settingsFrom(['--transport', 'all'])?.transports).toBe('all');
    expect([...transportList(TRANSPORT_NAMES.join(','))].sort()).toEqual([...TRANSPORT_NAMES].sort());
  });

  test('one that there is not is told with those that there are; tls needs its files; floor knows its options', () => {
    expect(() => transportList('tcp,udp')).toThrow(
      '--transport: "udp" is none of tcp, tls, kernel-sctp, userland-sctp, userland-sctp-udp; sctp is kernel-sctp',
    );
    expect(() => loadCommand(['--transport', 'tls'])).toThrow('--tls-certificate and --tls-key');
    expect(() =>
      floorCommand([
        '--transport',
        'tls',
        '--tls-certificate',
        join(folder, 'none.pem'),
        '--tls-key',
        join(folder, 'none.pem'),
      ]),
    ).toThrow('none.pem');
    expect(() => floorCommand(['70000'])).toThrow('--port');
    expect(() => loadCommand(['--udp-port', '0'])).toThrow('--udp-port: "0" is no number from 1 to 65535');
    expect(floorCommand(['3868'])).toMatchObject({ port: 3868, transport: { name: 'tcp' } });
  });

  test('what this machine lacks is an error where it was asked for, and said where all were', () => {
    // A machine whose PATH leads nowhere has no openssl.
    const script =
      'try { require("./bench/load/transports").availableTransports(["tcp", "tls"], () => undefined); } catch (error) { console.log(error.message); }';
    const { stdout } = spawnSync(
      process.execPath,
      ['-r', './test/cli/register-typescript.cjs', '-e', script],
      { cwd: join(__dirname, '../..'), encoding: 'utf8', env: { PATH: folder } },
    );
    expect(stdout.trim()).toBe('tls: no openssl to make a certificate with (install openssl)');
    // Which of them this machine has must not matter here, and asking for the kernel's would load it.
    const said: string[] = [];
    const lacking = (name: TransportName) =>
      name === 'kernel-sctp' ? { reason: 'this kernel has no SCTP', mend: 'as root: modprobe sctp' } : null;
    expect(availableTransports('all', (text) => said.push(text), lacking)).toEqual([
      'tcp',
      'tls',
      'userland-sctp',
      'userland-sctp-udp',
    ]);
    expect(said).toEqual(['without kernel-sctp: this kernel has no SCTP (as root: modprobe sctp)']);
    expect(availableTransports(['tcp'], () => undefined)).toEqual(['tcp']);
  });
});

describe('the table', () => {
  const latency = { count: 1, p50Ms: 1, p90Ms: 1, p99Ms: 1, p999Ms: 1, maxMs: 1, meanMs: 1 };
  const result = (transport: TransportName, perSecond: number, cpuSeconds: number): LoadResult => ({
    scenario: 'UAR',
    transport,
    loop: 'closed',
    connections: 4,
    window: 16,
    ratePerSecond: null,
    seconds: 1,
    transactions: 1_000_000,
    transactionsPerSecond: perSecond,
    refused: 0,
    timeouts: 0,
    disconnects: [],
    results: {},
    latency,
    commands: {},
    usage: { hss: { cpuSeconds, maxMemoryOctets: null }, floor: { cpuSeconds, maxMemoryOctets: null } },
  });
  const measured = (
    transport: TransportName,
    point: Measurement['point'],
    perSecond: number,
    cpuSeconds: number,
  ): Measurement => ({
    scenario: 'UAR',
    transport,
    subscribers: point === 'floor' ? 0 : 1_000,
    point,
    runs: [result(transport, perSecond, cpuSeconds)],
  });
  const report = (measurements: readonly Measurement[], machine: Report['machine'] = {}): Report => ({
    startedAt: '',
    machine,
    product: {},
    database: {},
    settings: {},
    sizes: [],
    measurements,
  });
  const cells = (text: string): Record<string, string>[] => {
    const [names = [], , ...lines] = text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    return lines.map((line) => Object.fromEntries(line.map((cell, column) => [names[column] ?? '', cell])));
  };

  test('each transport is held against TCP and against its own floor', () => {
    const text = table(
      report([
        measured('tcp', 'floor', 100_000, 10),
        measured('kernel-sctp', 'floor', 40_000, 15),
        measured('tcp', 'saturation', 20_000, 40),
        measured('kernel-sctp', 'saturation', 10_000, 50),
        measured('tcp', 'half', 10_000, 40),
        measured('kernel-sctp', 'half', 5_000, 50),
      ]),
    );
    expect(
      cells(text).map((line) => [
        line['transport'],
        line['load'],
        line['/tcp'],
        line['/floor'],
        line['HSS /tcp'],
      ]),
    ).toEqual([
      ['tcp', '4 x 16', '', '', ''],
      ['kernel-sctp', '4 x 16', '0.40', '', '1.50'],
      ['tcp', '4 x 16', '', '0.20', ''],
      ['kernel-sctp', '4 x 16', '0.50', '0.25', '1.25'],
      ['tcp', 'half', '', '', ''],
      ['kernel-sctp', 'half', '', '', '1.25'],
    ]);
    expect(text).not.toContain(UML_NOTE);
  });

  test('one transport needs no ratios; user-mode Linux is told', () => {
    const text = table(report([measured('tcp', 'saturation', 20_000, 40)], { 'user-mode Linux': 'yes' }));
    expect(Object.keys(cells(text)[0] ?? {})).toEqual(expect.arrayContaining(['transport', 'tx/s']));
    expect(text).not.toContain('/tcp');
    expect(text.endsWith(UML_NOTE)).toBe(true);
  });
});
