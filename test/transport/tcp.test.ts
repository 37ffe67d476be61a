/** The transport port over real TCP sockets on the loopback. RFC 6733 clause 2.1. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type {
  ClosedReason,
  FramingFault,
  TransportConnection,
  TransportListener,
} from '../../src/transport/port';
import type { StreamTransportOptions } from '../../src/transport/options';
import { descriptorOf, dscpOf } from '../../src/transport/sctp-kernel/kernel-calls';
import { TcpTransport } from '../../src/transport/tcp';
import { until } from '../diameter/peer/support';

/** A message of `octets`: a valid header, and its number in the data. */
function message(octets: number, number = 0): Buffer {
  const bytes = Buffer.alloc(octets, number & 0xff);
  bytes.writeUInt32BE(0x01000000 | octets, 0);
  return bytes;
}

class Recorder {
  readonly messages: Buffer[] = [];
  readonly faults: FramingFault[] = [];
  readonly closed: ClosedReason[] = [];
  drains = 0;
  constructor(readonly connection: TransportConnection) {
    connection.setEvents({
      onMessage: (bytes) => this.messages.push(bytes),
      onFramingFault: (fault) => this.faults.push(fault),
      onDrain: () => {
        this.drains += 1;
      },
      onClosed: (reason) => this.closed.push(reason),
    });
  }
}

const listeners: TransportListener[] = [];
const connections: TransportConnection[] = [];
const others: Array<Server | Socket> = [];

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.abort('test over');
  for (const other of others.splice(0)) {
    if ('destroy' in other) other.destroy();
    else other.close();
  }
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

async function pair(
  options: Partial<StreamTransportOptions> = {},
  address = '127.0.0.1',
): Promise<{ ours: Recorder; theirs: Recorder }> {
  const transport = new TcpTransport(options);
  let accepted: Recorder | null = null;
  const listener = await transport.listen({ addresses: [address], port: 0 }, (connection) => {
    connections.push(connection);
    accepted = new Recorder(connection);
  });
  listeners.push(listener);
  const connection = await transport.connect({ addresses: [address], port: listener.local.port }, 1_000);
  connections.push(connection);
  const ours = new Recorder(connection);
  await until(() => accepted !== null, 'accepted');
  return { ours, theirs: accepted! };
}

/** A raw client on a listener of ours. */
async function raw(
  options: Partial<StreamTransportOptions> = {},
): Promise<{ ours: Recorder; socket: Socket }> {
  const transport = new TcpTransport(options);
  let accepted: Recorder | null = null;
  const listener = await transport.listen({ addresses: ['127.0.0.1'], port: 0 }, (connection) => {
    connections.push(connection);
    accepted = new Recorder(connection);
  });
  listeners.push(listener);
  const socket = connect({ host: '127.0.0.1', port: listener.local.port });
  socket.on('error', () => undefined);
  others.push(socket);
  await until(() => accepted !== null, 'accepted');
  return { ours: accepted!, socket };
}

describe('TCP', () => {
  test.each(['127.0.0.1', '::1'])(
    'carries whole messages both ways over %s and knows both ends',
    async (address) => {
      const { ours, theirs } = await pair({}, address);
      for (let i = 0; i < 200; i += 1) expect(ours.connection.send(message(20 + 4 * i, i))).toBe(true);
      theirs.connection.send(message(64, 9));
      await until(() => theirs.messages.length === 200 && ours.messages.length === 1, 'all messages');
      expect(theirs.messages.map((bytes) => bytes.length)).toEqual(
        Array.from({ length: 200 }, (_, i) => 20 + 4 * i),
      );
      expect(theirs.messages[150]?.equals(message(620, 150))).toBe(true);
      expect(ours.connection.remote).toEqual({ addresses: [address], port: theirs.connection.local.port });
      expect(ours.connection.local.port).toBe(theirs.connection.remote.port);
    },
  );

  test('listens on several addresses with one port', async () => {
    const seen: string[] = [];
    const transport = new TcpTransport();
    const listener = await transport.listen({ addresses: ['127.0.0.1', '::1'], port: 0 }, (connection) => {
      connections.push(connection);
      seen.push(connection.remote.addresses[0] ?? '');
    });
    listeners.push(listener);
    for (const address of ['127.0.0.1', '::1']) {
      connections.push(await transport.connect({ addresses: [address], port: listener.local.port }, 1_000));
    }
    await until(() => seen.length === 2, 'both');
    expect(seen.sort()).toEqual(['127.0.0.1', '::1']);
  });

  test('a port in use is refused and leaves nothing listening', async () => {
    const transport = new TcpTransport();
    const first = await transport.listen({ addresses: ['127.0.0.1'], port: 0 }, () => undefined);
    listeners.push(first);
    await expect(
      transport.listen({ addresses: ['127.0.0.2', '127.0.0.1'], port: first.local.port }, () => undefined),
    ).rejects.toThrow('EADDRINUSE');
    await expect(
      transport.connect({ addresses: ['127.0.0.2'], port: first.local.port }, 500),
    ).rejects.toThrow('ECONNREFUSED');
  });

  test('connect goes on to the next address and names every failure', async () => {
    const transport = new TcpTransport();
    const listener = await transport.listen({ addresses: ['127.0.0.1'], port: 0 }, (connection) =>
      connections.push(connection),
    );
    listeners.push(listener);
    const connection = await transport.connect(
      { addresses: ['127.0.0.3', '127.0.0.1'], port: listener.local.port },
      1_000,
    );
    connections.push(connection);
    expect(connection.remote.addresses).toEqual(['127.0.0.1']);
    await expect(
      transport.connect({ addresses: ['127.0.0.3', '127.0.0.4'], port: listener.local.port }, 1_000),
    ).rejects.toThrow(/127\.0\.0\.3 port \d+: .*ECONNREFUSED.*; 127\.0\.0\.4 port/);
    await expect(transport.connect({ addresses: [], port: 1 }, 1_000)).rejects.toThrow(
      'no address to connect to',
    );
  });

  test.each(['127.0.0.1', '::1'])(
    '[29.228-J.2.3] DSCP on %s: what both sides send is marked, and only where it is asked for',
    async (address) => {
      const dscpAt = (connection: TransportConnection): number =>
        dscpOf(
          descriptorOf((connection as unknown as { readonly socket: Socket }).socket),
          address === '::1',
        );
      for (const [dscp, expected] of [
        [46, 46],
        [null, 0],
      ] as const) {
        const transport = new TcpTransport({ dscp });
        const accepted: TransportConnection[] = [];
        const listener = await transport.listen({ addresses: [address], port: 0 }, (connection) =>
          accepted.push(connection),
        );
        listeners.push(listener);
        const connected = await transport.connect({ addresses: [address], port: listener.local.port }, 1_000);
        await until(() => accepted.length === 1, 'the connection is accepted');
        connections.push(connected, ...accepted);
        for (const connection of [connected, ...accepted]) expect(dscpAt(connection)).toBe(expected);
      }
    },
  );

  test('what the messages of a read cause to be sent leaves at its end, together; the rest with the turn', async () => {
    const { ours, theirs } = await pair();
    const queued: number[] = [];
    theirs.connection.setEvents({
      onMessage: (bytes) => {
        theirs.connection.send(bytes);
        queued.push(theirs.connection.queuedOctets);
        // After the read, before the turn of the event loop ends.
        process.nextTick(() => queued.push(theirs.connection.queuedOctets));
      },
      onFramingFault: () => undefined,
      onDrain: () => undefined,
      onClosed: () => undefined,
    });
    for (let n = 1; n <= 3; n += 1) ours.connection.send(message(40, n));
    expect(ours.connection.queuedOctets).toBe(120);
    await until(() => ours.messages.length === 3, 'answers');
    expect(queued).toEqual([40, 80, 120, 0, 0, 0]);
  });

  test('messages of one turn leave together', async () => {
    const transport = new TcpTransport();
    const chunks: Buffer[] = [];
    const server = createServer((socket) => {
      others.push(socket);
      socket.on('data', (chunk) => chunks.push(chunk));
    });
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const connection = await transport.connect(
      { addresses: ['127.0.0.1'], port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
      1_000,
    );
    connections.push(connection);
    for (let i = 0; i < 100; i += 1) connection.send(message(100, i));
    expect(connection.queuedOctets).toBe(10_000);
    await until(() => Buffer.concat(chunks).length === 10_000, 'all octets');
    expect(chunks.length).toBe(1);
  });

  test('back-pressure: send says false above the mark, onDrain comes, nothing is lost', async () => {
    const { ours, theirs } = await pair({ writeHighWaterOctets: 100_000, writeLimitOctets: 64 << 20 });
    theirs.connection.pauseReading();
    let sent = 0;
    while (ours.connection.send(message(60_000, sent)) && sent < 1_000) {
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    sent += 1;
    expect(sent).toBeLessThan(1_000);
    expect(ours.connection.queuedOctets).toBeGreaterThan(100_000);
    expect(ours.drains).toBe(0);
    theirs.connection.resumeReading();
    await until(() => ours.drains === 1 && theirs.messages.length === sent, 'drained');
    expect(ours.connection.queuedOctets).toBe(0);
  });

  test('a write queue above its limit resets the connection', async () => {
    const { ours, theirs } = await pair({ writeHighWaterOctets: 1_000, writeLimitOctets: 200_000 });
    // What the kernel takes does not count, so it has to be more than that.
    for (let i = 0; i < 400; i += 1) ours.connection.send(message(60_000));
    expect(ours.connection.send(message(60_000))).toBe(false);
    await until(() => ours.closed.length === 1 && theirs.closed.length === 1, 'closed');
    expect(ours.closed[0]).toMatchObject({
      kind: 'local',
      detail: expect.stringContaining('the peer does not read'),
    });
    // A reset behind octets that were not read yet looks like an end to libuv (hang-up after a partial read).
    expect(['reset', 'graceful']).toContain(theirs.closed[0]?.kind);
  });

  test('paused reading delivers nothing more than what was read already', async () => {
    const { ours, theirs } = await pair();
    theirs.connection.pauseReading();
    await new Promise((resolve) => setImmediate(resolve));
    ours.connection.send(message(40));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(theirs.messages).toHaveLength(0);
    theirs.connection.resumeReading();
    await until(() => theirs.messages.length === 1, 'delivered');
  });

  test('close sends what is queued and ends in order, once on each side', async () => {
    const { ours, theirs } = await pair();
    for (let i = 0; i < 50; i += 1) ours.connection.send(message(1_000, i));
    ours.connection.close(1_000);
    ours.connection.close(1_000);
    expect(ours.connection.send(message(20))).toBe(false);
    await until(() => ours.closed.length === 1 && theirs.closed.length === 1, 'closed');
    expect(theirs.messages).toHaveLength(50);
    expect(theirs.closed[0]?.kind).toBe('graceful');
    expect(ours.closed[0]?.kind).toBe('local');
  });

  test('close does not wait longer than its grace for the other side', async () => {
    const transport = new TcpTransport();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      socket.on('error', () => undefined);
      others.push(socket);
    });
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const connection = await transport.connect(
      { addresses: ['127.0.0.1'], port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
      1_000,
    );
    const ours = new Recorder(connection);
    connection.close(40);
    await until(() => ours.closed.length === 1, 'closed');
  });

  test('abort resets', async () => {
    const { ours, theirs } = await pair();
    ours.connection.abort('test');
    await until(() => theirs.closed.length === 1 && ours.closed.length === 1, 'closed');
    expect(theirs.closed[0]?.kind).toBe('reset');
    expect(ours.closed[0]).toEqual({ kind: 'local', detail: 'test' });
  });

  test('a message that stays incomplete resets the connection; whole ones before it do not help', async () => {
    const { ours, socket } = await raw({ incompleteMessageLimitMs: 50 });
    socket.write(Buffer.concat([message(40), message(100).subarray(0, 60)]));
    await until(() => ours.closed.length === 1, 'closed');
    expect(ours.messages).toHaveLength(1);
    expect(ours.closed[0]).toEqual({
      kind: 'timeout',
      detail: 'a message stayed incomplete for 50 ms (60 octets of it were read)',
    });
  });

  test('the time during which we do not read is not held against the sender', async () => {
    const { ours, socket } = await raw({ incompleteMessageLimitMs: 40 });
    socket.write(message(100).subarray(0, 60));
    await new Promise((resolve) => setTimeout(resolve, 10));
    ours.connection.pauseReading();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(ours.closed).toHaveLength(0);
    socket.write(message(100).subarray(60));
    ours.connection.resumeReading();
    await until(() => ours.messages.length === 1, 'whole');
  });

  test('[6733-7.1.5] a framing fault is reported once and nothing is read after it', async () => {
    const { ours, socket } = await raw();
    const wrong = message(20);
    wrong[0] = 7;
    socket.write(Buffer.concat([message(20), wrong, message(20)]));
    await until(() => ours.faults.length === 1, 'the fault');
    socket.write(message(20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ours.faults).toHaveLength(1);
    expect(ours.faults[0]?.resultCode).toBe(5011);
    expect(ours.messages).toHaveLength(1);
    expect(ours.closed).toHaveLength(0);
    ours.connection.close(50);
    await until(() => ours.closed.length === 1, 'closed by the owner');
  });

  test('a listener that is closed takes no new connections and keeps those it has', async () => {
    const { ours, theirs } = await pair();
    await listeners[0]!.close();
    await expect(new TcpTransport().connect(ours.connection.remote, 500)).rejects.toThrow('ECONNREFUSED');
    ours.connection.send(message(20));
    await until(() => theirs.messages.length === 1, 'still carried');
  });
});
