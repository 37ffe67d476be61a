/** The load generator on the floor and on a real HSS: every answer accounted for, no rate asserted. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { startFloor } from '../../bench/floor';
import { records } from '../../bench/subscriptions';
import { runLoad } from '../../bench/load/generator';
import type { LoadResult } from '../../bench/load/tally';
import { loadCommand, naming } from '../../bench/load/options';
import { encodeNamed } from '../../src/diameter/codec/encode';
import { MessageFramer } from '../../src/diameter/framing/message-framer';
import { dictionary } from '../support/cx-messages';
import { freshDatabase } from '../support/database';
import { endAll, HssProcess, temporaryFolder, writeConfiguration } from '../system/support/hss-process';
import { secretKey } from '../system/support/provisioning';

afterAll(endAll);

const subscribers = 60;

function load(port: number, ...args: string[]): Promise<LoadResult> {
  const command = loadCommand([
    '--port',
    String(port),
    '--subscribers',
    String(subscribers),
    '--connections',
    '2',
    '--window',
    '8',
    '--warmup',
    '0',
    '--seconds',
    '0.3',
    ...args,
  ]);
  if (command === null) throw new Error('help');
  return runLoad(command.options);
}

/** All answers were success; one answer for each latency. */
function expectClean(result: LoadResult): void {
  expect(result).toMatchObject({ refused: 0, timeouts: 0, disconnects: [] });
  expect(result.transactions).toBeGreaterThan(0);
  expect(Object.values(result.commands).reduce((sum, { asSeen }) => sum + asSeen.count, 0)).toBe(
    result.transactions,
  );
  expect(Object.values(result.results).reduce((sum, count) => sum + count, 0)).toBe(result.transactions);
}

test('the floor: closed loop, open loop at its rate, and a number of sequences', async () => {
  const floor = await startFloor();
  try {
    const { port } = floor.local;
    const closed = await load(port);
    expectClean(closed);
    expect(closed.results).toEqual({ 'UAR experimental 2002': closed.transactions });
    const open = await load(port, '--rate', '500', '--seconds', '0.5');
    expectClean(open);
    // 250 were due; a machine that stands still for a while answers some of them later.
    expect(open.transactions).toBeLessThanOrEqual(300);
    const counted = await load(port, '--scenario', 'mix', '--sequences', '25');
    expectClean(counted);
    expect(counted.transactions).toBe(100);
  } finally {
    await floor.close();
  }
});

/** Answers CER and DPR and nothing else, until it closes the connection at the n-th request. */
async function silentServer(closeAt = Infinity): Promise<Server> {
  const server = createServer((socket) => {
    let count = 0;
    const framer = new MessageFramer(65_536);
    socket
      .on('error', () => undefined)
      .on('data', (chunk) =>
        framer.push(chunk, (bytes) => {
          const header = { hopByHopId: bytes.readUInt32BE(12), endToEndId: bytes.readUInt32BE(16) };
          const common = { resultCode: 2001, originHost: 'silent.example', originRealm: 'example' };
          const code = bytes.readUIntBE(5, 3);
          if (code === 257)
            socket.write(
              encodeNamed(
                'CEA',
                header,
                { ...common, hostIpAddress: ['127.0.0.1'], vendorId: 0, productName: 'silent' },
                dictionary,
              ),
            );
          else if (code === 282) socket.write(encodeNamed('DPA', header, common, dictionary));
          else if ((count += 1) >= closeAt) socket.destroy();
        }),
      );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test('what is not answered is counted, a lost connection is told, a refused one as well', async () => {
  const silent = await silentServer();
  const lost = await load(portOf(silent), '--timeout', '60');
  expect(lost).toMatchObject({ transactions: 0, refused: 0, disconnects: [], results: {} });
  // Two connections, eight under way on each, given up after 60 ms and again.
  expect(lost.timeouts).toBeGreaterThanOrEqual(32);
  const counted = await load(portOf(silent), '--timeout', '60', '--sequences', '20');
  expect(counted.timeouts).toBe(20);
  silent.close();
  const closing = await silentServer(5);
  const port = portOf(closing);
  const cut = await load(port);
  expect(cut.disconnects).toHaveLength(2);
  expect(cut.timeouts).toBe(16);
  closing.close();
  await expect(load(port)).rejects.toThrow(`127.0.0.1 port ${port}`);
});

test('a real HSS: the subscriptions of the benchmark, both kinds of them, and scenarios with every command', async () => {
  const hss = await HssProcess.start(
    writeConfiguration(temporaryFolder(), {
      diameter: { originHost: `hss.${naming.realm}`, originRealm: naming.realm },
      store: { url: await freshDatabase(), secretKey },
      logging: { level: 'info' },
    }),
  );
  const lines: Buffer[] = [];
  for (const kind of ['small', 'realistic'] as const)
    for await (const piece of records(kind, subscribers)) lines.push(piece);
  const response = await fetch(`${hss.httpUrl}/v1/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Buffer.concat(lines),
  });
  expect(await response.text()).toMatch(/"replaced":61,.*"failed":0.*\n$/);
  const port = hss.diameterPort;
  const registered = await load(port, '--scenario', 'register', '--sequences', String(subscribers));
  expectClean(registered);
  expect(registered.results).toEqual({ 'SAR 2001': subscribers });
  for (const scenario of ['LIR', 'SAR', 'busy'])
    expectClean(await load(port, '--scenario', scenario, '--seconds', '0.1'));
  const half = await load(port, '--scenario', 'mix', '--rate', '200', '--watch', `hss=${hss.pid}`);
  expectClean(half);
  expect(Object.keys(half.commands).sort()).toEqual(['MAR', 'SAR', 'UAR']);
  if (process.platform === 'linux') expect(half.usage['hss']?.maxMemoryOctets).toBeGreaterThan(2 ** 20);
  // Nobody of that number: refused, and said so.
  const unknown = await load(port, '--scenario', 'LIR', '--first', '500');
  expect(unknown.results).toEqual({ 'LIR experimental 5001': unknown.refused });
}, 60_000);
