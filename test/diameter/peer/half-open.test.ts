/** Half-open connections of strangers take no place from a configured peer, and few strangers none from all. */
import { connect, type Socket } from 'node:net';
import { pause, peerConfig, RawClient, startNode, stopAll, until } from './support';

const strangers: Socket[] = [];
afterEach(async () => {
  for (const socket of strangers.splice(0)) socket.destroy();
  await stopAll();
});

const HSS = 'hss.ims.example';
const CSCF = 'cscf.ims.example';

/** 128 connections from 8 addresses of the loopback, as many as may be half-open. */
async function flood(port: number): Promise<void> {
  for (let n = 0; n < 128; n += 1) {
    const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.7.${1 + (n % 8)}` });
    socket.on('error', () => undefined);
    strangers.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  await pause(50);
}

const patient = { capabilitiesTimeoutMs: 20_000 };
const closed = (): number => strangers.filter((socket) => socket.closed).length;

test.each<[string, string[]]>([
  ['an address', ['127.0.0.1']],
  ['a name', ['localhost']],
])('a peer configured with %s is let in', async (_what, addresses) => {
  const hss = await startNode(HSS, { ...patient, maxHalfOpenConnectionsPerAddress: 16 });
  hss.table.reconfigure([{ ...peerConfig(CSCF, 3868, false), addresses, checkAddress: true }]);
  await pause(50);
  await flood(hss.port);
  expect(closed()).toBe(0);
  const peer = await RawClient.open(hss.port, CSCF);
  expect(peer.result('CEA')).toBe(2001);
  await until(() => closed() === 1, 'the oldest stranger has gone');
  expect(strangers[0]?.closed).toBe(true);
  expect(hss.events.refusals).toEqual(['limit']);
  expect(hss.log.lines).toContainEqual(expect.stringContaining('its place is given to another connection'));
});

test('a peer without addresses comes back from where it was, and any other comes in at the cost of the greediest', async () => {
  const hss = await startNode(HSS, patient);
  hss.table.reconfigure([
    { ...peerConfig(CSCF, 3868, false), addresses: [] },
    { ...peerConfig('other.ims.example', 3868, false), addresses: [] },
  ]);
  const before = await RawClient.open(hss.port, CSCF);
  before.socket.destroy();
  await until(() => hss.table.snapshot()[0]?.state === 'Closed', 'closed');
  await flood(hss.port);
  for (const name of [CSCF, 'other.ims.example'])
    expect((await RawClient.open(hss.port, name)).result('CEA')).toBe(2001);
  await until(() => closed() > 0, 'a stranger has gone');
});

test('strangers at a new address are not locked out by eight others', async () => {
  const hss = await startNode(HSS, { ...patient, acceptUnknownPeers: true });
  await flood(hss.port);
  expect((await RawClient.open(hss.port, 'new.ims.example')).result('CEA')).toBe(2001);
  await until(() => closed() === 1, 'one of the eight has gone');
});
