/**
 * What only SCTP has, on the kernel's stack between two hosts: streams, several addresses, restarts, lost
 * peers, descriptors. RFC 6733 2.1.1, RFC 9260.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TransportConnection, TransportListener } from '../../src/transport/port';
import { KernelSctpTransport, type KernelSctpSettings } from '../../src/transport/sctp-kernel/transport';
import { kernelSctpObstacle } from '../../src/transport/sctp-kernel/availability';
import type { PathEvent } from '../../src/transport/sctp-options';
import { RunningProcess } from '../ims/support/processes';
import { pause, until } from '../diameter/peer/support';
import { message, numberOf, Recorder } from '../transport/contract';
import { createNetworks, cut, lose, mend, onHssHost, PATHS, removeNetworks } from './support/network';

const folder = mkdtempSync(join(tmpdir(), 'hss-sctp-test-'));
const listeners: TransportListener[] = [];
const connections: TransportConnection[] = [];
const processes: RunningProcess[] = [];
const [pathA] = PATHS;
let port = 5_100;

beforeAll(createNetworks);
afterEach(async () => {
  mend(pathA.link);
  for (const child of processes.splice(0)) await child.crash();
  for (const connection of connections.splice(0)) connection.abort('the test is over');
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  await pause(20);
});
afterAll(() => {
  removeNetworks();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(
  transport: KernelSctpTransport,
  addresses: readonly string[],
): Promise<{ accepted: Recorder[]; port: number }> {
  const accepted: Recorder[] = [];
  const listener = await transport.listen({ addresses, port: 0 }, (connection) => {
    connections.push(connection);
    accepted.push(new Recorder(connection));
  });
  listeners.push(listener);
  return { accepted, port: listener.local.port };
}

async function pair(
  settings: KernelSctpSettings,
  addresses: readonly string[],
  local: readonly string[] = [],
): Promise<{ ours: Recorder; theirs: Recorder }> {
  const transport = new KernelSctpTransport(settings);
  const listening = await listen(transport, addresses);
  const connection = await transport.connect({ addresses, port: listening.port }, 5_000, local);
  connections.push(connection);
  await until(() => listening.accepted.length === 1, 'accepted');
  return { ours: new Recorder(connection), theirs: listening.accepted[0]! };
}

/** The peer of fixed-port-peer.ts on the other host. */
function otherHostPeer(localPort: number, remotePort: number, number: number): RunningProcess {
  const root = resolve(__dirname, '../..');
  const [command = '', ...args] = onHssHost(process.execPath, [
    '-r',
    join(root, 'test/cli/register-typescript.cjs'),
    join(__dirname, 'support/fixed-port-peer.ts'),
    pathA.hss,
    String(localPort),
    pathA.peer,
    String(remotePort),
    String(number),
  ]);
  const child = RunningProcess.start({
    name: 'peer',
    command,
    args,
    logFile: join(folder, `peer-${number}.log`),
  });
  processes.push(child);
  return child;
}

test('this kernel has SCTP, and says so', () => {
  expect(kernelSctpObstacle()).toBeNull();
});

test('several local and several remote addresses, IPv4 and IPv6 together: each side knows all paths of the other', async () => {
  const { ours, theirs } = await pair(
    {},
    ['127.0.0.2', '127.0.0.3', '::1'],
    ['127.0.0.4', '127.0.0.5', '::1'],
  );
  expect([...ours.connection.remote.addresses].sort()).toEqual(['127.0.0.2', '127.0.0.3', '::1']);
  expect([...theirs.connection.remote.addresses].sort()).toEqual(['127.0.0.4', '127.0.0.5', '::1']);
  expect([...ours.connection.local.addresses].sort()).toEqual(['127.0.0.4', '127.0.0.5', '::1']);
  await until(
    () => ours.connection.paths()?.paths.every(({ state }) => state === 'active') === true,
    'every path confirmed',
    10_000,
  );
  expect(
    ours.connection
      .paths()
      ?.paths.map(({ address }) => address)
      .sort(),
  ).toEqual(['127.0.0.2', '127.0.0.3', '::1']);
  expect(ours.connection.paths()).toMatchObject({ retransmissionsCount: 0 });
});

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
  ['::', '127.0.0.1'],
])('a listener on %s is reached at %s', async (address, reached) => {
  const transport = new KernelSctpTransport();
  const { accepted, port: bound } = await listen(transport, [address]);
  connections.push(await transport.connect({ addresses: [reached], port: bound }, 5_000));
  await until(() => accepted.length === 1, 'accepted');
});

test('a port in use is refused; a message longer than the limit is a framing fault', async () => {
  const transport = new KernelSctpTransport();
  const { port: bound } = await listen(transport, ['127.0.0.1']);
  await expect(transport.listen({ addresses: ['127.0.0.1'], port: bound }, () => undefined)).rejects.toThrow(
    'EADDRINUSE',
  );
  const { ours, theirs } = await pair({ stream: { maxMessageOctets: 4_096 } }, ['127.0.0.1']);
  ours.connection.send(message(8_192));
  await until(() => theirs.faults.length === 1, 'fault');
  expect(theirs.faults[0]?.resultCode).toBe(5015);
});

test('a message that the kernel cannot take is dropped with a word on it, and the association goes on', async () => {
  const words: string[] = [];
  const { ours, theirs } = await pair(
    {
      stream: { writeLimitOctets: 64 << 20, writeHighWaterOctets: 32 << 20 },
      onUnsendable: (_, detail) => words.push(detail),
    },
    ['127.0.0.1'],
  );
  ours.connection.send(message(8 << 20));
  ours.connection.send(message(40, 2));
  await until(() => theirs.messages.length === 1, 'the short one');
  expect(numberOf(theirs.messages[0]!)).toBe(2);
  expect(words).toEqual([
    expect.stringMatching(
      /^a message of 8388608 octets is dropped: the kernel takes \d+ at once \(sysctl -w net\.core\.wmem_max=8388608\)$/,
    ),
  ]);
  expect(ours.closed).toEqual([]);
});

test.each([
  ['short ones, more than go into one system call', (n: number) => 40 + 4 * (n % 50)],
  ['those that go together and those that go alone, in turn', (n: number) => (n % 3 === 0 ? 20_000 : 400)],
  ['with one in between that is read in pieces', (n: number) => (n === 100 ? 60_000 : 200)],
])('messages of one turn arrive whole, once, and on one stream in order: %s', async (_, octetsOf) => {
  const { ours, theirs } = await pair({ sctp: { streamsCount: 1 }, stream: { writeLimitOctets: 64 << 20 } }, [
    '127.0.0.1',
  ]);
  const numbers = Array.from({ length: 300 }, (_entry, n) => n);
  for (const n of numbers) ours.connection.send(message(octetsOf(n), n));
  // Whoever reads stops in the middle of what has come, and goes on later.
  await until(() => theirs.messages.length > 0, 'the first', 10_000);
  theirs.connection.pauseReading();
  await pause(50);
  const meanwhile = theirs.messages.length;
  await pause(50);
  expect(theirs.messages.length).toBe(meanwhile);
  theirs.connection.resumeReading();
  await until(() => theirs.messages.length >= numbers.length, 'all', 20_000);
  expect(theirs.messages.map(numberOf)).toEqual(numbers);
  expect(theirs.messages.map(({ length }) => length)).toEqual(numbers.map(octetsOf));
});

test('a machine with very many addresses: all of them are told', async () => {
  const many = Array.from({ length: 150 }, (_, index) => `10.98.0.${index + 1}`);
  for (const address of many) execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  try {
    const transport = new KernelSctpTransport();
    const { accepted, port: bound } = await listen(transport, ['0.0.0.0']);
    connections.push(await transport.connect({ addresses: [many[7]!], port: bound }, 5_000));
    await until(() => accepted.length === 1, 'accepted');
    expect(accepted[0]!.connection.local.addresses).toEqual(expect.arrayContaining(many));
  } finally {
    for (const address of many) execFileSync('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo']);
  }
});

test('octets that look like news of the kernel end at most the association that they came on', async () => {
  const events: PathEvent[] = [];
  const transport = new KernelSctpTransport({ onPathEvent: (event) => events.push(event) });
  const { accepted, port: bound } = await listen(transport, ['127.0.0.1']);
  const open = async (): Promise<Recorder> => {
    const connection = await transport.connect({ addresses: ['127.0.0.1'], port: bound }, 5_000);
    connections.push(connection);
    return new Recorder(connection);
  };
  const bystander = await open();
  const forger = await open();
  await until(() => accepted.length === 2, 'accepted');
  const notification = (type: number, octets: number, state: number): Buffer => {
    const bytes = Buffer.alloc(octets);
    bytes.writeUInt16LE(type, 0);
    bytes.writeUInt32LE(octets, 4);
    bytes.writeUInt16LE(state, 8);
    return bytes;
  };
  for (const forged of [
    notification(0x8002, 148, 0),
    notification(0x8001, 20, 1),
    notification(0x80ff, 8_000, 0).subarray(0, 9),
    notification(0x8001, 20, 2),
  ])
    forger.connection.send(forged);
  await until(() => accepted.some((theirs) => theirs.closed.length + theirs.faults.length > 0), 'its end');
  bystander.connection.send(message(40, 5));
  await until(() => accepted.some((theirs) => theirs.messages.length === 1), 'the bystander goes on');
  expect(bystander.closed).toEqual([]);
});

describe('[6733-2.1.1] streams', () => {
  /** How many messages came before one that was sent earlier, over a network that loses packets. */
  async function overtakings(streamsCount: number): Promise<number> {
    const child = join(__dirname, 'support/echo-listener.ts');
    const root = resolve(__dirname, '../..');
    port += 1;
    const [command = '', ...args] = onHssHost(process.execPath, [
      '-r',
      join(root, 'test/cli/register-typescript.cjs'),
      child,
      pathA.hss,
      String(port),
    ]);
    const echo = RunningProcess.start({
      name: 'echo',
      command,
      args,
      logFile: join(folder, `echo-${port}.log`),
    });
    processes.push(echo);
    await until(() => echo.tail().includes('listening'), 'the echo', 15_000);
    const connection = await new KernelSctpTransport({ sctp: { streamsCount } }).connect(
      { addresses: [pathA.hss], port },
      5_000,
      [pathA.peer],
    );
    connections.push(connection);
    const ours = new Recorder(connection);
    connection.send(message(100, 0));
    connection.send(message(100, 1));
    await until(() => ours.messages.length === 2, 'the first answers');
    lose(pathA.link, 5);
    const count = 2_000;
    for (let i = 2; i < count; i += 1) {
      connection.send(message(700, i));
      if (i % 20 === 0) await pause(5);
    }
    await until(() => ours.messages.length === count, 'every answer', 60_000);
    mend(pathA.link);
    expect(ours.messages.map(numberOf).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    expect(connection.paths()?.retransmissionsCount).toBeGreaterThan(0);
    let [highest, late] = [-1, 0];
    for (const bytes of ours.messages) {
      if (numberOf(bytes) < highest) late += 1;
      highest = Math.max(highest, numberOf(bytes));
    }
    return late;
  }

  test('with several, a lost packet holds up its own stream only', async () => {
    expect(await overtakings(16)).toBeGreaterThan(10);
  }, 120_000);

  test('with one, everything waits for it', async () => {
    expect(await overtakings(1)).toBe(0);
  }, 120_000);
});

test('[9260-5.2] a peer that was restarted: the old connection ends, and what it says now comes from a new one', async () => {
  // A heartbeat that the other host answers before the second life begins would end the first one with an
  // ABORT.
  const { accepted, port: bound } = await listen(new KernelSctpTransport({ sctp: { heartbeatMs: 60_000 } }), [
    pathA.peer,
  ]);
  const first = otherHostPeer(5_001, bound, 1);
  await until(() => accepted.length === 1 && accepted[0]!.messages.length === 1, 'the first life', 15_000);
  accepted[0]!.connection.send(message(100, 9));
  await pause(300);
  cut(pathA.link);
  await first.crash();
  await pause(200);
  mend(pathA.link);
  otherHostPeer(5_001, bound, 2);
  await until(() => accepted.length === 2 && accepted[1]!.messages.length === 1, 'the second life', 15_000);
  expect(accepted[0]!.closed).toEqual([
    { kind: 'reset', detail: 'the peer was restarted: it set the association up anew' },
  ]);
  expect(accepted[0]!.messages.map(numberOf)).toEqual([1]);
  expect(accepted[1]!.messages.map(numberOf)).toEqual([2]);
  expect(accepted[1]!.closed).toEqual([]);
  accepted[1]!.connection.abort('enough');
  await until(() => accepted[1]!.closed.length === 1, 'closed');
}, 60_000);

test('a peer that is gone without a word is given up after the retransmissions, its path is reported first', async () => {
  const events: PathEvent[] = [];
  const sctp = {
    heartbeatMs: 500,
    pathRetransmissionsCount: 2,
    associationRetransmissionsCount: 4,
    retransmissionTimeoutInitialMs: 200,
    retransmissionTimeoutMinMs: 200,
    retransmissionTimeoutMaxMs: 500,
  };
  const { accepted, port: bound } = await listen(
    new KernelSctpTransport({ sctp, onPathEvent: (event) => events.push(event) }),
    [pathA.peer],
  );
  otherHostPeer(5_002, bound, 1);
  await until(() => accepted.length === 1 && accepted[0]!.messages.length === 1, 'connected', 15_000);
  cut(pathA.link);
  accepted[0]!.connection.send(message(100));
  await until(() => accepted[0]!.closed.length === 1, 'given up', 15_000);
  expect(accepted[0]!.closed[0]).toEqual({ kind: 'timeout', detail: 'the peer does not answer any more' });
  expect(events).toContainEqual({ remote: pathA.hss, address: pathA.hss, change: 'unreachable' });
}, 60_000);

test('nobody there: connecting ends with its time limit, and a name that means several addresses is one node', async () => {
  const transport = new KernelSctpTransport();
  cut(pathA.link);
  await expect(transport.connect({ addresses: [pathA.hss], port: 9 }, 400)).rejects.toThrow(
    /10\.99\.1\.2 port 9: no answer within 400 ms/,
  );
  await expect(transport.connect({ addresses: [], port: 9 }, 400)).rejects.toThrow(
    'no address to connect to',
  );
  const { accepted, port: bound } = await listen(transport, ['127.0.0.1', '::1']);
  connections.push(await transport.connect({ addresses: ['localhost'], port: bound }, 5_000));
  await until(() => accepted.length === 1, 'accepted');
});

test('10,000 connects and disconnects leave no descriptor and no association behind', async () => {
  const transport = new KernelSctpTransport();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const accepted: Recorder[] = [];
  let ended = 0;
  const listener = await transport.listen({ addresses: ['127.0.0.1'], port: 0 }, (connection) => {
    const theirs = new Recorder(connection);
    theirs.onMessage = (bytes) => connection.send(bytes);
    accepted.push(theirs);
  });
  listeners.push(listener);
  const one = async (index: number): Promise<void> => {
    const connection = await transport.connect(
      { addresses: ['127.0.0.1'], port: listener.local.port },
      10_000,
    );
    const ours = new Recorder(connection);
    connection.send(message(60, index));
    await until(() => ours.messages.length === 1, 'the answer', 10_000);
    if (index % 2 === 0) connection.abort('half of them');
    else connection.close(5_000);
    await until(() => ours.closed.length === 1, 'closed', 10_000);
    ended += 1;
  };
  for (let i = 0; i < 20; i += 1) await one(i);
  await until(() => accepted.every((theirs) => theirs.closed.length === 1), 'the first ones', 10_000);
  const before = descriptors();
  const counts = 10_000;
  for (let i = 0; i < counts; i += 20)
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(i + index)));
  await until(() => accepted.every((theirs) => theirs.closed.length === 1), 'all of them', 20_000);
  expect(ended).toBe(counts + 20);
  expect(accepted).toHaveLength(counts + 20);
  expect(accepted.filter((theirs) => theirs.closed[0]?.kind === 'graceful')).toHaveLength(counts / 2 + 10);
  expect(accepted.filter((theirs) => theirs.closed[0]?.kind === 'reset')).toHaveLength(counts / 2 + 10);
  await pause(300);
  expect(descriptors()).toBeLessThanOrEqual(before);
  expect(readFileSync('/proc/net/sctp/assocs', 'utf8').trim().split('\n')).toHaveLength(1);
}, 300_000);
