/** The tap at the peer link, over loopback TCP: what it sees is what the other side sent and got, byte for byte. */
import { decodeHeader } from '../../../src/diameter/codec/header';
import { DiameterTap, type TappedMessage } from '../../../src/events/diameter-tap';
import { cxRequest } from '../../support/cx-messages';
import { lir, RawClient, REALM, startNode, stopAll, until, type Node } from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';

/** Copies what the tap hands out, as every listener does that keeps it. */
function record(tap: DiameterTap): { readonly seen: TappedMessage[]; readonly detach: () => void } {
  const seen: TappedMessage[] = [];
  const detach = tap.attach((message) => seen.push({ ...message, octets: Buffer.from(message.octets) }));
  return { seen, detach };
}

const lines = (seen: readonly TappedMessage[]): string[] =>
  seen.map(({ direction, peer, octets }) => {
    const header = decodeHeader(octets);
    return `${peer} ${direction} ${header?.commandCode}${header?.request === true ? ' request' : ''}`;
  });
const octetsOf = (seen: readonly TappedMessage[], direction: 'in' | 'out'): Buffer[] =>
  seen.filter((message) => message.direction === direction).map(({ octets }) => octets);

const uar = (client: RawClient): Buffer =>
  cxRequest('UAR', client.origin(), {
    userName: 'alice@ims.example',
    publicIdentity: 'sip:alice@ims.example',
    visitedNetworkIdentifier: Buffer.from(REALM),
  });

async function answered(client: RawClient, bytes: Buffer): Promise<void> {
  const before = client.octets.length;
  client.write(bytes);
  await until(() => client.octets.length > before, 'an answer');
}

describe('with a peer', () => {
  let hss: Node;
  beforeEach(async () => {
    hss = await startNode(HSS, { acceptUnknownPeers: true, watchdogTwinitMs: 60, watchdogJitterMs: 0 });
  });

  test('[6733-5.3] [6733-5.5] CER and CEA, UAR and UAA, DWR and DWA: both directions, byte for byte, with connection and time', async () => {
    const { seen } = record(hss.tap);
    const startedMs = Date.now();
    const client = await RawClient.connect(hss.port);
    client.answersWatchdogs = true;
    const cer = client.cer();
    await answered(client, cer);
    const request = uar(client);
    await answered(client, request);
    await until(() => seen.length >= 6, 'a DWR and its DWA');

    expect(lines(seen.slice(0, 6))).toEqual([
      'null in 257 request',
      `${client.name} out 257`,
      `${client.name} in 300 request`,
      `${client.name} out 300`,
      `${client.name} out 280 request`,
      `${client.name} in 280`,
    ]);
    expect(octetsOf(seen, 'out').slice(0, 3)).toEqual(client.octets.slice(0, 3));
    expect(octetsOf(seen, 'in').slice(0, 2)).toEqual([cer, request]);
    const [first] = seen;
    expect(first?.connection).toEqual({
      id: 1,
      protocol: 'tcp',
      local: { addresses: ['127.0.0.1'], port: hss.port },
      remote: { addresses: ['127.0.0.1'], port: client.socket.localPort },
    });
    for (const { connection, atMs } of seen) {
      expect(connection).toBe(first?.connection);
      expect(atMs).toBeGreaterThanOrEqual(startedMs);
      expect(atMs).toBeLessThanOrEqual(Date.now());
    }
    const monotonic = seen.map(({ monotonicMs }) => monotonicMs);
    expect(monotonic).toEqual([...monotonic].sort((a, b) => a - b));
  });

  test('[6733-7.1.5] a message that cannot be decoded, and its error answer', async () => {
    const client = await RawClient.open(hss.port);
    client.lenient = true;
    const { seen } = record(hss.tap);
    const broken = lir(client.name);
    // The length of its first AVP.
    broken.writeUIntBE(0xff_ff_f0, 25, 3);
    client.write(broken);
    await until(() => client.octets.at(-1)?.readUIntBE(5, 3) === 302, 'an error answer');
    expect(octetsOf(seen, 'in')[0]).toEqual(broken);
    expect(octetsOf(seen, 'out')).toContainEqual(client.octets.at(-1));
  });

  test('two connections have two numbers; what is tapped after one has detached reaches the other', async () => {
    const early = record(hss.tap);
    const first = await RawClient.open(hss.port, 'one.ims.example');
    const late = record(hss.tap);
    const second = await RawClient.open(hss.port, 'two.ims.example');
    early.detach();
    early.detach();
    const before = early.seen.length;
    await answered(first, uar(first));
    await answered(second, uar(second));
    expect(early.seen).toHaveLength(before);
    const requests = late.seen.filter(({ octets }) => decodeHeader(octets)?.commandCode === 300);
    expect(requests.map(({ peer, connection }) => `${peer} ${connection.id}`)).toEqual([
      'one.ims.example 1',
      'one.ims.example 1',
      'two.ims.example 2',
      'two.ims.example 2',
    ]);
    late.detach();
    expect(hss.tap.listener).toBeNull();
    const seen = late.seen.length;
    await answered(first, uar(first));
    expect(late.seen).toHaveLength(seen);
  });

  test('a listener that throws harms nobody: the peer is served, other listeners see all, the log has one line', async () => {
    hss.tap.attach(() => {
      throw new TypeError('a bug in a listener');
    });
    const { seen } = record(hss.tap);
    const client = await RawClient.open(hss.port);
    await answered(client, uar(client));
    expect(client.result('UAA')).toBe(2001);
    expect(lines(seen.slice(0, 4))).toEqual([
      'null in 257 request',
      `${client.name} out 257`,
      `${client.name} in 300 request`,
      `${client.name} out 300`,
    ]);
    expect(hss.tap.faults.count).toBeGreaterThanOrEqual(4);
    expect(hss.log.lines.filter((line) => line.startsWith('A listener of tap failed'))).toHaveLength(1);
  });
});

test('[6733-5.6.1] before the CER: a first message that is none, and a peer that is not admitted with its CEA', async () => {
  const hss = await startNode(HSS, { acceptUnknownPeers: false });
  const { seen } = record(hss.tap);
  const rude = await RawClient.connect(hss.port);
  const request = uar(rude);
  rude.write(request);
  await until(() => rude.closed, 'the connection is closed');
  expect(lines(seen)).toEqual(['null in 300 request']);
  expect(seen[0]?.octets).toEqual(request);

  const stranger = await RawClient.open(hss.port);
  expect(lines(seen.slice(1))).toEqual(['null in 257 request', 'null out 257']);
  expect(seen[1]?.octets).toEqual(stranger.cer());
  expect(seen[2]?.octets).toEqual(stranger.octets[0]);
});
