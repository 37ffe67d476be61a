/**
 * The whole product over kernel SCTP: freeDiameter both ways round, Cx with tshark reading along, two
 * networks of which one breaks.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Usim } from '../ims/support/usim';
import { Capture } from '../ims/support/capture';
import { pause } from '../diameter/peer/support';
import { waitFor } from '../ims/support/processes';
import { KernelSctpTransport } from '../../src/transport/sctp-kernel/transport';
import { Cscf, type Answer } from './support/cscf';
import { FreeDiameter } from './support/freediameter';
import { DIAMETER_PORT, hssOrigin, SctpHss } from './support/hss';
import {
  createNetworks,
  cut,
  HSS_ADDRESSES,
  mend,
  PATHS,
  PEER_ADDRESSES,
  removeNetworks,
} from './support/network';

const folder = mkdtempSync(join(tmpdir(), 'hss-sctp-test-'));
const realm = 'ims.example';
const incoming = 'incoming.ims.example';
const outgoing = 'outgoing.ims.example';
const outgoingPort = 3870;
const keys = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };
const serverName = 'sip:scscf1.ims.example:6060';

const hss = new SctpHss(join(folder, 'hss'), [
  {
    identity: outgoing,
    addresses: PEER_ADDRESSES,
    port: outgoingPort,
    connect: true,
    transport: ['kernel-sctp', 'tcp'],
    localAddresses: HSS_ADDRESSES,
  },
]);
const transport = new KernelSctpTransport({ stream: { maxMessageOctets: 131_072 } });
const cscfs: Cscf[] = [];
let capture: Capture;

async function cscf(name: string, local: readonly string[] = PEER_ADDRESSES): Promise<Cscf> {
  const opened = await Cscf.open(
    transport,
    HSS_ADDRESSES,
    DIAMETER_PORT,
    { originHost: `${name}.${realm}`, originRealm: realm },
    local,
  );
  cscfs.push(opened);
  return opened;
}

const user = (name: string) => ({ userName: `${name}@${realm}`, publicIdentity: `sip:${name}@${realm}` });

async function provision(name: string, serviceInfo: readonly string[] = []): Promise<void> {
  const { userName, publicIdentity } = user(name);
  await hss.api('PUT', `/v1/subscriptions/${name}`, {
    id: name,
    privateIdentities: [
      { identity: userName, authentication: { aka: keys, sipDigest: { realm, password: 'a password' } } },
    ],
    serviceProfiles: [
      {
        name: 'own',
        initialFilterCriteria: serviceInfo.map((text, priority) => ({
          priority,
          applicationServer: { serverName: `sip:as${priority}.${realm}`, serviceInfo: text },
        })),
      },
    ],
    implicitRegistrationSets: [
      { name: 'default', publicIdentities: [{ identity: publicIdentity, serviceProfile: 'own' }] },
    ],
  });
}

const sar = (peer: Cscf, name: string, serverAssignmentType = 1): Promise<Answer> =>
  peer.request('SAR', {
    userName: user(name).userName,
    publicIdentity: [user(name).publicIdentity],
    serverName,
    serverAssignmentType,
    userDataAlreadyAvailable: 0,
  });
const lir = (peer: Cscf, name: string): Promise<Answer> =>
  peer.request('LIR', { publicIdentity: user(name).publicIdentity });

async function peerIs(identity: string, state: string | undefined, timeoutMs = 20_000): Promise<void> {
  let seen: string | undefined;
  await waitFor(`${identity} ${state}`, timeoutMs, async () => {
    seen = (await hss.peer(identity))?.state;
    return seen === state;
  }).catch((error: Error) => {
    throw new Error(`${error.message} (it is ${seen})\n${hss.log(30)}`);
  });
}

beforeAll(async () => {
  createNetworks();
  capture = await Capture.start(join(folder, 'sctp.pcapng'), join(folder, 'dumpcap.log'), DIAMETER_PORT, {
    protocol: 'sctp',
    networks: PATHS.map(({ link }) => link),
  });
  await hss.start();
}, 150_000);

afterAll(async () => {
  for (const opened of cscfs) opened.connection.abort('the tests are over');
  await hss.stop();
  await capture.stop();
  removeNetworks();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('takes kernel SCTP and TCP, on all addresses of each', () => {
  const log = hss.log();
  for (const address of HSS_ADDRESSES) {
    expect(log).toContain(`kernel-sctp ${address}:${DIAMETER_PORT}`);
    expect(log).toContain(`tcp ${address}:${DIAMETER_PORT}`);
  }
});

test('freeDiameter connects to us and we to it; watchdogs go on for longer than two intervals; each says goodbye with DPR', async () => {
  const caller = new FreeDiameter({
    folder: join(folder, 'incoming'),
    identity: incoming,
    realm,
    listenOn: PEER_ADDRESSES,
    port: 3869,
    connect: { identity: hssOrigin.originHost, addresses: HSS_ADDRESSES, port: DIAMETER_PORT },
  });
  const called = new FreeDiameter({
    folder: join(folder, 'outgoing'),
    identity: outgoing,
    realm,
    listenOn: PEER_ADDRESSES,
    port: outgoingPort,
  });
  try {
    called.start();
    caller.start();
    await peerIs(incoming, 'R-Open', 40_000);
    await peerIs(outgoing, 'I-Open', 40_000);
    const [in0, out0] = [await hss.peer(incoming), await hss.peer(outgoing)];
    expect(in0?.protocol).toBe('sctp');
    expect(out0?.protocol).toBe('sctp');
    // Twice Tw with its jitter, 2 * (6 + 2) s.
    await pause(16_500);
    const [in1, out1] = [await hss.peer(incoming), await hss.peer(outgoing)];
    expect(in1).toMatchObject({ state: 'R-Open', watchdog: 'OKAY', remote: in0?.remote });
    expect(out1).toMatchObject({ state: 'I-Open', watchdog: 'OKAY', remote: out0?.remote });
    for (const [before, after] of [
      [in0, in1],
      [out0, out1],
    ]) {
      expect((after?.messagesIn ?? 0) - (before?.messagesIn ?? 0)).toBeGreaterThanOrEqual(2);
      expect((after?.messagesOut ?? 0) - (before?.messagesOut ?? 0)).toBeGreaterThanOrEqual(2);
    }
    for (const { peer } of PATHS)
      expect(await hss.metric(`hss_diameter_path_up{peer="${outgoing}",path="${peer}"}`)).toBe(1);
    expect(
      await hss.metric(
        `hss_diameter_path_round_trip_seconds{peer="${incoming}",path="${PEER_ADDRESSES[0]}"}`,
      ),
    ).toBeDefined();
    await caller.stop();
    await peerIs(incoming, undefined);
    expect(hss.log()).toContain(`${incoming} asks to disconnect`);

    // The one we connect to dies without a word and comes back.
    await called.crash();
    await peerIs(outgoing, 'Closed');
    called.start();
    await peerIs(outgoing, 'I-Open', 60_000);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\n--- caller\n${caller.tail()}\n--- called\n${called.tail()}\n--- HSS\n${hss.log(40)}`,
      { cause: error },
    );
  } finally {
    await caller.stop();
    await called.stop();
  }
  await peerIs(outgoing, 'Closed');
}, 240_000);

test('UAR, MAR, SAR and LIR over several addresses', async () => {
  await provision('alice');
  const peer = await cscf('scscf1');
  expect([...peer.connection.remote.addresses].sort()).toEqual([...HSS_ADDRESSES]);
  const uaa = await peer.request('UAR', { ...user('alice'), visitedNetworkIdentifier: Buffer.from(realm) });
  expect(uaa.result).toBe('experimental 2001');
  const maa = await peer.request('MAR', {
    ...user('alice'),
    serverName,
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  });
  expect(maa.result).toBe('2001');
  const [item] = maa.avps['sipAuthDataItem'] as { sipAuthenticate: Buffer; sipAuthorization: Buffer }[];
  const challenge = new Usim({
    k: Buffer.from(keys.k, 'hex'),
    opc: Buffer.from(keys.opc, 'hex'),
    indBits: 5,
  }).challenge(item!.sipAuthenticate.subarray(0, 16), item!.sipAuthenticate.subarray(16, 32));
  expect(challenge.kind).toBe('response');
  expect(challenge).toMatchObject({ res: item!.sipAuthorization });
  expect((await sar(peer, 'alice')).result).toBe('2001');
  const lia = await lir(peer, 'alice');
  expect(lia.result).toBe('2001');
  expect(lia.avps['serverName']).toBe(serverName);
  await peer.disconnect();
  expect(peer.closed?.kind).toBe('local');
  await peerIs(`scscf1.${realm}`, undefined);
});

test('User-Data of 60 kilobytes arrives intact', async () => {
  const texts = Array.from({ length: 15 }, (_, index) => `${index} `.repeat(4_096).slice(0, 4_000));
  await provision('large', texts);
  const peer = await cscf('scscf2');
  const saa = await sar(peer, 'large');
  expect(saa.result).toBe('2001');
  expect(saa.octets).toBeGreaterThan(60_000);
  const xml = (saa.avps['userData'] as Buffer).toString();
  expect([...xml.matchAll(/<ServiceInfo>([^<]*)<\/ServiceInfo>/g)].map((match) => match[1])).toEqual(texts);
  await peer.disconnect();
});

test('one of two networks breaks during load: no transaction is lost and nobody connects again', async () => {
  await provision('load');
  const peer = await cscf('scscf3');
  expect((await sar(peer, 'load')).result).toBe('2001');
  let [asked, answered, slowest] = [0, 0, 0];
  let stop = false;
  const one = async (): Promise<void> => {
    while (!stop) {
      asked += 1;
      const began = performance.now();
      const { result } = await lir(peer, 'load');
      if (result !== '2001') throw new Error(`LIA with ${result}`);
      answered += 1;
      slowest = Math.max(slowest, performance.now() - began);
    }
  };
  const load = Promise.all(Array.from({ length: 10 }, one));
  await pause(1_500);
  const before = answered;
  cut(PATHS[0].link);
  try {
    await pause(12_000);
    expect(answered - before).toBeGreaterThan(100);
  } finally {
    mend(PATHS[0].link);
  }
  await pause(8_000);
  const label = `{peer="scscf3.${realm}"`;
  stop = true;
  await load;
  expect(answered).toBe(asked);
  expect(peer.closed).toBeNull();
  expect((await hss.peer(`scscf3.${realm}`))?.state).toBe('R-Open');
  expect(await hss.metric(`hss_diameter_association_retransmissions${label}}`)).toBeGreaterThan(0);
  expect(hss.log()).toMatch(/path to 10\.99\.1\.1 (unreachable|potentially failed)/);
  for (const { peer: path } of PATHS)
    expect(await hss.metric(`hss_diameter_path_up${label},path="${path}"}`)).toBe(1);
  process.stdout.write(
    `two networks, one broken for 12 s: ${answered} transactions, the slowest took ${Math.round(slowest)} ms\n`,
  );
  await peer.disconnect();
}, 90_000);

test('an abort and an orderly end are told apart in the log, and leave nothing behind', async () => {
  const aborted = await cscf('scscf4');
  aborted.connection.abort('the test wants it');
  await peerIs(`scscf4.${realm}`, undefined);
  const again = await cscf('scscf4');
  expect((await lir(again, 'load')).result).toBe('2001');
  await again.disconnect();
  await peerIs(`scscf4.${realm}`, undefined);
});

test('what we sent decodes in tshark without complaint, as PPID 46 and one message to a chunk', async () => {
  await pause(200);
  await capture.stop();
  const report = await capture.analyse('HSS');
  expect(report.malformed).toEqual([]);
  expect(report.unknownAvps).toEqual([]);
  expect(report.warnings).toEqual([]);
  for (const command of ['CEA 2001', 'DPA 2001', 'UAA experimental 2001', 'MAA 2001', 'SAA 2001', 'LIA 2001'])
    expect([...report.sent.keys()]).toContain(command);
  // Whose turn it is to ask is a matter of milliseconds.
  expect([...report.sent.keys()].some((name) => name === 'DWR' || name === 'DWA 2001')).toBe(true);
  const ppids = execFileSync(
    'tshark',
    [
      '-r',
      capture.file,
      '-Y',
      `sctp.srcport==${DIAMETER_PORT} && sctp.data_payload_proto_id`,
      '-T',
      'fields',
      '-e',
      'sctp.data_payload_proto_id',
      '-e',
      'sctp.data_sid',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const [ids, streams] = [new Set<string>(), new Set<string>()];
  for (const line of ppids.trim().split('\n')) {
    const [id = '', stream = ''] = line.split('\t');
    for (const each of id.split(',')) ids.add(each);
    for (const each of stream.split(',')) streams.add(each);
  }
  expect([...ids]).toEqual(['46']);
  expect(streams.size).toBeGreaterThan(8);
}, 180_000);
