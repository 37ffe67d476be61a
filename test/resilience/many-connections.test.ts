/**
 * Many connections that end in the middle of something, against a node in a process of its own: whatever
 * strangers do, the process goes on, and what is not yet a peer is bounded from the first packet on. RFC 6733
 * clauses 2.1 and 13.1.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { CertificateMaker } from '../support/certificates';
import type { NodeProcessSettings } from '../diameter/peer/node-process';
import { pause, until } from '../diameter/peer/support';
import { UdpSctpTransport } from '../../src/transport/sctp-userland/udp';
import { udpSctpObstacle } from '../../src/transport/sctp-userland/availability';
import { message } from '../transport/contract';

const root = resolve(__dirname, '../..');
const maker = new CertificateMaker();
const { certificate, key, authorities } = maker.make('authority', 'hss.ims.example');
const tls = { certificate, key, requireClientCertificate: false, handshakeTimeoutMs: 20_000 };
const children: ChildProcess[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => maker.end());

class NodeProcess {
  ended: { readonly code: number | null; readonly signal: string | null } | null = null;
  port = 0;
  private constructor(readonly child: ChildProcess) {
    children.push(child);
    child.once('exit', (code, signal) => {
      this.ended = { code, signal };
    });
  }

  static async start(transport: string, settings: NodeProcessSettings): Promise<NodeProcess> {
    const args = [
      '-r',
      join(root, 'test/cli/register-typescript.cjs'),
      join(root, 'test/diameter/peer/node-process.ts'),
    ];
    const child = spawn(process.execPath, [...args, transport, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    const node = new NodeProcess(child);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += String(text);
    });
    await until(() => output.includes('\n') || node.ended !== null, 'the port', 25_000);
    node.port = (JSON.parse(output) as { port: number }).port;
    return node;
  }
}

function plain(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

function secured(port: number): TLSSocket {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    ca: authorities,
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const closedOf = (some: readonly Socket[]): number => some.filter((socket) => socket.closed).length;

/** The time limits are long: what ends soon ends for another reason. */
const options = { capabilitiesTimeoutMs: 20_000 };

describe.each<[string, (port: number) => Socket, NodeProcessSettings]>([
  ['tcp', plain, { options }],
  ['tls', secured, { options, tls }],
])('%s', (transport, open, settings) => {
  test('[6733-13.1] connections beyond maxHalfOpenConnectionsPerAddress without a CER are reset, and the process goes on', async () => {
    const node = await NodeProcess.start(transport, settings);
    for (let round = 1; round <= 5; round += 1) {
      const opened = many(40, () => open(node.port));
      await until(() => closedOf(opened) >= 24 || node.ended !== null, `round ${round}`, 15_000);
      await pause(50);
      expect(node.ended).toBeNull();
      expect(closedOf(opened)).toBe(24);
      for (const socket of opened) socket.destroy();
      // The next round needs the places.
      await pause(200);
    }
  }, 60_000);

  test('maxConnections is reached: the same', async () => {
    const node = await NodeProcess.start(transport, {
      ...settings,
      options: { ...options, maxConnections: 3 },
    });
    const opened = many(60, () => open(node.port));
    await until(() => closedOf(opened) >= 57 || node.ended !== null, 'the refusals', 15_000);
    await pause(50);
    expect(node.ended).toBeNull();
    expect(closedOf(opened)).toBe(57);
  }, 60_000);

  test.each([0, 2, 5, 10, 20])(
    'SIGTERM %i ms after 100 connections began: it ends in order',
    async (delayMs) => {
      const wide = { ...options, maxHalfOpenConnectionsPerAddress: 1_000 };
      const node = await NodeProcess.start(transport, { ...settings, options: wide });
      const opened = many(100, () => open(node.port));
      await pause(delayMs);
      node.child.kill('SIGTERM');
      await until(() => node.ended !== null, 'the end', 15_000);
      expect(node.ended).toEqual({ code: 0, signal: null });
      await until(() => closedOf(opened) === 100, 'all of them closed', 15_000);
    },
    60_000,
  );

  test('connections that are reset from within their messages: the process goes on', async () => {
    const node = await NodeProcess.start(transport, { ...settings, unruly: true });
    const opened = many(100, () => {
      const socket = open(node.port);
      // With the handshake's last flight, and again later, so that reads are under way.
      for (let n = 0; n < 20; n += 1) socket.write(Buffer.concat(many(20, () => message(1_000))));
      return socket;
    });
    await until(() => closedOf(opened) === 100 || node.ended !== null, 'the resets', 15_000);
    await pause(50);
    expect(node.ended).toBeNull();
  }, 60_000);
});

test('[6733-13.1] TCP connections to a TLS port that begin no handshake are half-open: those beyond the bound are reset at once', async () => {
  const node = await NodeProcess.start('tls', { options, tls });
  const opened = many(300, () => plain(node.port));
  await until(() => closedOf(opened) >= 284 || node.ended !== null, 'the resets', 15_000);
  await pause(50);
  expect(node.ended).toBeNull();
  expect(closedOf(opened)).toBe(284);
  for (const socket of opened) socket.destroy();
  await pause(200);
  const after = secured(node.port);
  await until(() => after.getProtocol() !== null && !after.connecting, 'another one is let in');
}, 60_000);

const sctp = udpSctpObstacle() === null ? describe : describe.skip;
sctp('userland-sctp-udp', () => {
  test('associations beyond the bound, and those of a SIGTERM: it goes on, and ends in order', async () => {
    const udpPort = 20_000 + Math.floor(Math.random() * 20_000);
    const node = await NodeProcess.start('userland-sctp-udp', { options, udpPort });
    const client = new UdpSctpTransport({ sctp: { udpPort } });
    let closed = 0;
    const connections = await Promise.all(
      many(30, async () => {
        const connection = await client.connect({ addresses: ['127.0.0.1'], port: node.port }, 10_000);
        connection.setEvents({
          onMessage: () => undefined,
          onFramingFault: () => undefined,
          onDrain: () => undefined,
          onClosed: () => {
            closed += 1;
          },
        });
        return connection;
      }),
    );
    try {
      await until(() => closed >= 14 || node.ended !== null, 'the refusals', 10_000);
      await pause(50);
      expect(node.ended).toBeNull();
      expect(closed).toBe(14);
      node.child.kill('SIGTERM');
      await until(() => node.ended !== null, 'the end', 10_000);
      expect(node.ended).toEqual({ code: 0, signal: null });
    } finally {
      for (const connection of connections) connection.abort('the test is over');
    }
  }, 60_000);
});
