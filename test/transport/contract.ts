/**
 * What every transport has to do for the peer layer, whatever carries it: the same tests for TCP, TLS and
 * each kind of SCTP. RFC 6733 2.1.
 */
import type {
  ClosedReason,
  FramingFault,
  Transport,
  TransportConnection,
  TransportListener,
} from '../../src/transport/port';
import type { StreamTransportOptions } from '../../src/transport/options';
import { until } from '../diameter/peer/support';

/** A message of `octets`: a valid header, and its number in the data. */
export function message(octets: number, number = 0): Buffer {
  const bytes = Buffer.alloc(octets, number & 0xff);
  bytes.writeUInt32BE(0x01000000 | octets, 0);
  bytes.writeUInt32BE(number, 12);
  return bytes;
}

export const numberOf = (bytes: Buffer): number => bytes.readUInt32BE(12);

export class Recorder {
  readonly messages: Buffer[] = [];
  readonly faults: FramingFault[] = [];
  readonly closed: ClosedReason[] = [];
  drains = 0;
  onMessage: ((bytes: Buffer) => void) | null = null;
  constructor(readonly connection: TransportConnection) {
    connection.setEvents({
      onMessage: (bytes) => {
        this.messages.push(bytes);
        this.onMessage?.(bytes);
      },
      onFramingFault: (fault) => this.faults.push(fault),
      onDrain: () => {
        this.drains += 1;
      },
      onClosed: (reason) => this.closed.push(reason),
    });
  }
}

export interface Pair {
  readonly ours: Recorder;
  readonly theirs: Recorder;
  readonly listener: TransportListener;
}

export interface ContractSettings {
  readonly make: (options: Partial<StreamTransportOptions>) => Transport;
  readonly address: string;
  /** Messages may overtake each other once several streams are in use. */
  readonly ordered: boolean;
  /** The longest message that is tried, octets. */
  readonly largest?: number;
  readonly messagesCount?: number;
  readonly refusal: RegExp;
  /** Ports cannot be chosen by the system. */
  readonly port?: () => number;
}

/** Connections and listeners that are ended after each test. */
export class Bench {
  private readonly listeners: TransportListener[] = [];
  private readonly connections: TransportConnection[] = [];

  constructor(private readonly settings: ContractSettings) {}

  async pair(options: Partial<StreamTransportOptions> = {}): Promise<Pair> {
    const { make, address } = this.settings;
    const accepted: Recorder[] = [];
    const listener = await make(options).listen(
      { addresses: [address], port: this.settings.port?.() ?? 0 },
      (connection) => {
        this.connections.push(connection);
        accepted.push(new Recorder(connection));
      },
    );
    this.listeners.push(listener);
    const connection = await make(options).connect(
      { addresses: [address], port: listener.local.port },
      5_000,
    );
    this.connections.push(connection);
    const ours = new Recorder(connection);
    await until(() => accepted.length > 0, 'accepted');
    return { ours, theirs: accepted[0]!, listener };
  }

  async end(): Promise<void> {
    for (const connection of this.connections.splice(0)) connection.abort('test over');
    await Promise.all(this.listeners.splice(0).map((listener) => listener.close()));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function transportContract(settings: ContractSettings): void {
  const bench = new Bench(settings);
  const largest = settings.largest ?? 65_532;
  const count = settings.messagesCount ?? 200;
  const sorted = (messages: readonly Buffer[]) =>
    settings.ordered ? [...messages] : messages.toSorted((a, b) => numberOf(a) - numberOf(b));
  afterEach(() => bench.end());

  test('carries whole messages both ways and knows both ends', async () => {
    const { ours, theirs } = await bench.pair();
    for (let i = 0; i < count; i += 1) expect(ours.connection.send(message(20 + 4 * i, i))).toBe(true);
    theirs.connection.send(message(64, 9));
    await until(() => theirs.messages.length === count && ours.messages.length === 1, 'all messages');
    sorted(theirs.messages).forEach((bytes, i) => expect(bytes.equals(message(20 + 4 * i, i))).toBe(true));
    expect(ours.messages[0]?.equals(message(64, 9))).toBe(true);
    expect(ours.connection.remote.addresses).toContain(settings.address);
    expect(theirs.connection.local.port).toBe(ours.connection.remote.port);
    expect(theirs.connection.remote.port).toBe(ours.connection.local.port);
  }, 30_000);

  test('requests and answers back and forth', async () => {
    const { ours, theirs } = await bench.pair();
    theirs.onMessage = (bytes) => theirs.connection.send(bytes);
    let next = 0;
    ours.onMessage = () => {
      next += 1;
      if (next < count) ours.connection.send(message(120, next));
    };
    ours.connection.send(message(120, 0));
    await until(() => ours.messages.length === count, 'every answer', 20_000);
    expect(ours.messages.map(numberOf)).toEqual(Array.from({ length: count }, (_, i) => i));
  }, 30_000);

  test('the largest message arrives intact, both ways', async () => {
    const { ours, theirs } = await bench.pair({ maxMessageOctets: 65_536 });
    const long = message(largest, 7);
    for (let i = 20; i < long.length; i += 1) long[i] = (i * 7) & 0xff;
    ours.connection.send(Buffer.from(long));
    theirs.connection.send(Buffer.from(long));
    await until(() => theirs.messages.length === 1 && ours.messages.length === 1, 'both', 20_000);
    expect(theirs.messages[0]?.equals(long)).toBe(true);
    expect(ours.messages[0]?.equals(long)).toBe(true);
  }, 30_000);

  test('a peer that stops reading pauses us: send says false, memory stays bounded, onDrain comes, nothing is lost', async () => {
    const { ours, theirs } = await bench.pair({ writeHighWaterOctets: 100_000, writeLimitOctets: 64 << 20 });
    ours.connection.send(message(20, 0));
    theirs.connection.send(message(20, 0));
    await until(() => theirs.messages.length === 1 && ours.messages.length === 1, 'the first ones');
    theirs.connection.pauseReading();
    let sent = 1;
    const size = Math.min(20_000, largest);
    // What the buffers below us take may let it go on a few times.
    for (let drains = -1; drains < ours.drains && sent < 3_000;) {
      drains = ours.drains;
      while (ours.connection.send(message(size, sent)) && sent < 3_000) {
        sent += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const drainsBefore = ours.drains;
    expect(sent).toBeLessThan(3_000);
    expect(ours.connection.queuedOctets).toBeGreaterThan(0);
    const already = theirs.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(theirs.messages.length).toBe(already);
    theirs.connection.resumeReading();
    await until(
      () =>
        ours.drains === drainsBefore + 1 &&
        theirs.messages.length === sent &&
        ours.connection.queuedOctets === 0,
      'drained',
      60_000,
    );
    expect(sorted(theirs.messages).map(numberOf)).toEqual(Array.from({ length: sent }, (_, i) => i));
  }, 90_000);

  test('a write queue above its limit resets the connection', async () => {
    const { ours, theirs } = await bench.pair({ writeHighWaterOctets: 1_000, writeLimitOctets: 100_000 });
    // What the kernel takes does not count, so it has to be more than that.
    for (let i = 0; i < 1_000; i += 1) ours.connection.send(message(20_000));
    expect(ours.connection.send(message(20_000))).toBe(false);
    await until(() => ours.closed.length === 1 && theirs.closed.length === 1, 'closed', 10_000);
    expect(ours.closed[0]).toMatchObject({
      kind: 'local',
      detail: expect.stringContaining('the peer does not read'),
    });
    // A reset behind octets that were not read yet looks like an end to libuv (hang-up after a partial read).
    expect(['reset', 'graceful']).toContain(theirs.closed[0]?.kind);
  });

  test('close sends what is queued and ends in order, once on each side', async () => {
    const { ours, theirs } = await bench.pair();
    for (let i = 0; i < 50; i += 1) ours.connection.send(message(1_000, i));
    ours.connection.close(5_000);
    ours.connection.close(5_000);
    expect(ours.connection.send(message(20))).toBe(false);
    await until(() => ours.closed.length === 1 && theirs.closed.length === 1, 'closed', 10_000);
    expect(theirs.messages).toHaveLength(50);
    expect(theirs.closed).toEqual([{ kind: 'graceful', detail: 'closed by the peer' }]);
    expect(ours.closed).toEqual([{ kind: 'local', detail: 'closed by us' }]);
  });

  test('abort is told apart from an orderly end', async () => {
    const { ours, theirs } = await bench.pair();
    ours.connection.send(message(20));
    await until(() => theirs.messages.length === 1, 'delivered');
    ours.connection.abort('test');
    await until(() => theirs.closed.length === 1 && ours.closed.length === 1, 'closed', 10_000);
    expect(theirs.closed[0]?.kind).toBe('reset');
    expect(ours.closed[0]).toEqual({ kind: 'local', detail: 'test' });
    expect(theirs.connection.send(message(20))).toBe(false);
  });

  test('[6733-7.1.5] a framing fault is reported once and nothing is read after it', async () => {
    const { ours, theirs } = await bench.pair();
    const wrong = message(20, 2);
    wrong[0] = 7;
    ours.connection.send(message(20, 1));
    ours.connection.send(wrong);
    await until(() => theirs.faults.length === 1, 'the fault');
    ours.connection.send(message(20, 3));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(theirs.faults).toHaveLength(1);
    expect(theirs.faults[0]?.resultCode).toBe(5011);
    expect(theirs.messages).toHaveLength(1);
    expect(theirs.closed).toHaveLength(0);
    theirs.connection.close(50);
    await until(() => theirs.closed.length === 1, 'closed by the owner');
  });

  test('a listener that is closed takes no new connections and keeps those it has', async () => {
    const { ours, theirs, listener } = await bench.pair();
    await listener.close();
    await expect(
      settings.make({}).connect({ addresses: [settings.address], port: listener.local.port }, 1_500),
    ).rejects.toThrow(settings.refusal);
    ours.connection.send(message(20));
    await until(() => theirs.messages.length === 1, 'still carried');
  });
}
