/** The userland stack and the kernel's talk to each other over UDP. RFC 6951. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TransportConnection } from '../../src/transport/port';
import { kernelSctpObstacle } from '../../src/transport/sctp-kernel/availability';
import { rawSctpObstacle } from '../../src/transport/sctp-userland/availability';
import { UdpSctpTransport } from '../../src/transport/sctp-userland/udp';
import { RunningProcess } from '../ims/support/processes';
import { pause, until } from '../diameter/peer/support';
import { message, numberOf, Recorder } from '../transport/contract';
import { createNetworks, cut, mend, onHssHost, PATHS, removeNetworks } from './support/network';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hss-sctp-test-'));
const [path] = PATHS;
const udpPort = 9_899;
const processes: RunningProcess[] = [];
const connections: TransportConnection[] = [];

/** A program of test/sctp/support on the other host, whose kernel speaks SCTP in UDP. */
function other(program: string, name: string, ...args: string[]): RunningProcess {
  const [command = '', ...rest] = onHssHost(process.execPath, [
    '-r',
    join(root, 'test/cli/register-typescript.cjs'),
    join(__dirname, 'support', program),
    ...args,
  ]);
  const child = RunningProcess.start({ name, command, args: rest, logFile: join(folder, `${name}.log`) });
  processes.push(child);
  return child;
}

beforeAll(() => {
  expect(kernelSctpObstacle()).toBeNull();
  createNetworks();
  const [command = '', ...args] = onHssHost('sysctl', [
    '-q',
    '-w',
    `net.sctp.udp_port=${udpPort}`,
    `net.sctp.encap_port=${udpPort}`,
  ]);
  execFileSync(command, args);
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.abort('the test is over');
  await pause(50);
  for (const child of processes.splice(0)) await child.crash();
});
afterAll(() => {
  removeNetworks();
  rmSync(folder, { recursive: true, force: true });
});

test('the userland stack connects to the kernel: messages of all sizes come back, the end is in order', async () => {
  const echo = other('echo-listener.ts', 'echo', path.hss, '3868');
  await until(() => echo.tail().includes('listening'), 'the echo', 15_000);
  const connection = await new UdpSctpTransport({ sctp: { udpPort } }).connect(
    { addresses: [path.hss], port: 3868 },
    5_000,
  );
  connections.push(connection);
  const ours = new Recorder(connection);
  const sizes = [20, 1_000, 1_400, 1_500, 5_000, 30_000, 65_532];
  for (const [index, size] of sizes.entries()) {
    connection.send(message(size, index));
    await until(() => ours.messages.length === index + 1, `${size} octets`, 10_000);
    expect(ours.messages[index]?.equals(message(size, index))).toBe(true);
  }
  for (let i = 0; i < 300; i += 1) connection.send(message(200, 100 + i));
  await until(() => ours.messages.length === sizes.length + 300, 'all', 20_000);
  expect(
    ours.messages
      .slice(sizes.length)
      .map(numberOf)
      .toSorted((a, b) => a - b),
  ).toEqual(Array.from({ length: 300 }, (_, i) => 100 + i));
  connection.close(5_000);
  await until(() => ours.closed.length === 1, 'closed', 10_000);
  expect(ours.closed[0]?.kind).toBe('local');
}, 60_000);

test('the kernel connects to the userland stack; restarted, it is let in again', async () => {
  const accepted: Recorder[] = [];
  const listener = await new UdpSctpTransport({ sctp: { udpPort } }).listen(
    { addresses: [path.peer], port: 3868 },
    (connection) => {
      connections.push(connection);
      accepted.push(new Recorder(connection));
    },
  );
  try {
    const first = other('fixed-port-peer.ts', 'first', path.hss, '5001', path.peer, '3868', '1');
    await until(() => accepted.length === 1 && accepted[0]!.messages.length === 1, 'the first', 15_000);
    expect(accepted[0]!.connection.remote).toEqual({ addresses: [path.hss], port: 5_001 });
    accepted[0]!.connection.send(message(40_000, 3));
    await pause(300);
    await first.crash();
    await until(() => accepted[0]!.closed.length === 1, 'its end', 10_000);
    expect(accepted[0]!.closed[0]?.kind).toBe('reset');
    other('fixed-port-peer.ts', 'second', path.hss, '5001', path.peer, '3868', '2');
    await until(() => accepted.length === 2 && accepted[1]!.messages.length === 1, 'the second', 15_000);
    expect(accepted[1]!.messages.map(numberOf)).toEqual([2]);

    // This time its ABORT does not come through: it begins anew on the association that we still hold.
    accepted[1]!.connection.send(message(100, 3));
    await pause(300);
    cut(path.link);
    for (const child of processes.splice(0)) await child.crash();
    await pause(200);
    mend(path.link);
    expect(accepted[1]!.closed).toEqual([]);
    other('fixed-port-peer.ts', 'third', path.hss, '5001', path.peer, '3868', '4');
    await until(() => accepted.length === 3 && accepted[2]!.messages.length === 1, 'the third', 20_000);
    expect(accepted[1]!.closed).toEqual([
      { kind: 'reset', detail: 'the peer was restarted: it set the association up anew' },
    ]);
    expect(accepted[2]!.messages.map(numberOf)).toEqual([4]);
    accepted[2]!.connection.close(3_000);
    await until(() => accepted[2]!.closed.length === 1, 'its end', 10_000);
  } finally {
    await listener.close();
  }
}, 120_000);

test('the userland stack over raw IP keeps out where the kernel has SCTP', () => {
  expect(rawSctpObstacle()?.reason).toBe("the kernel's SCTP is loaded and would abort its associations");
});
