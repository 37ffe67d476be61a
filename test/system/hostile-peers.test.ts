/**
 * Peers that send rubbish, half messages or nothing: each gets what RFC 6733 says, and another peer is served
 * meanwhile as before.
 */
import { connect } from 'node:net';
import { CxClient } from '../support/cx-client';
import { AVP, cxRequest, wireAvps, wireCodes, type CxAnswer } from '../support/cx-messages';
import { freshDatabase } from '../support/database';
import { lir, mar, sequenceNumber } from './support/cscf';
import {
  endAll,
  eventually,
  HssProcess,
  leave,
  temporaryFolder,
  writeConfiguration,
} from './support/hss-process';
import { keys, provision, secretKey, secretsOfUsers, user } from './support/provisioning';

const realm = 'ims.example';
const alice = user('alice');
const incompleteMessageTimeoutMs = 500;

let hss: HssProcess;
let port: number;
let good: CxClient;
let strangers = 0;

/** A peer that nobody knows yet. */
function stranger(): { originHost: string; originRealm: string } {
  strangers += 1;
  return { originHost: `stranger${strangers}.${realm}`, originRealm: realm };
}

beforeAll(async () => {
  hss = await HssProcess.start(
    writeConfiguration(temporaryFolder(), {
      store: { url: await freshDatabase(), secretKey },
      diameter: { incompleteMessageTimeoutMs, capabilitiesTimeoutMs: 1_000 },
      logging: { level: 'info' },
    }),
  );
  port = hss.diameterPort;
  await provision(hss, ['alice']);
  good = await CxClient.open(port, { originHost: `scscf1.${realm}`, originRealm: realm });
}, 90_000);

afterAll(endAll);

/** The good peer is asked before and after, over the connection it has had all the time. */
async function whileGoodPeerIsServed(act: () => Promise<void>): Promise<void> {
  let acting = true;
  const served = (async () => {
    let slowestMs = 0;
    for (let more = true; more;) {
      more = acting;
      const started = performance.now();
      expect((await lir(good, alice.publicIdentity)).result).toBe('experimental 5003');
      slowestMs = Math.max(slowestMs, performance.now() - started);
    }
    return slowestMs;
  })();
  try {
    await act();
  } finally {
    acting = false;
  }
  expect(await served).toBeLessThan(1_000);
}

/** Sends octets on a new connection; what comes back until the other side closes. */
function exchange(octets: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(received)));
    socket.end(octets);
  });
}

/**
 * The same after capabilities were exchanged; the connection is left to the other side to close. Result-Code
 * and Hop-by-Hop Identifier of what comes back, which has no Session-Id since none could be read.
 */
async function afterCapabilities(
  octets: Buffer,
): Promise<{ result: number | undefined; hopByHopId: number }[]> {
  const client = await CxClient.open(port, stranger());
  client.write(octets);
  await client.closed;
  return [...client.unexpected.map(({ bytes }) => bytes), ...client.undecodable].map((bytes) => ({
    result: wireAvps(bytes)
      .find(({ code }) => code === AVP.resultCode)
      ?.data.readUInt32BE(0),
    hopByHopId: bytes.readUInt32BE(12),
  }));
}

const header = (version: number, length: number, flags = 0xc0, code = 302): Buffer => {
  const octets = Buffer.alloc(20);
  octets.writeUInt8(version, 0);
  octets.writeUIntBE(length, 1, 3);
  octets.writeUInt8(flags, 4);
  octets.writeUIntBE(code, 5, 3);
  octets.writeUInt32BE(16_777_216, 8);
  octets.writeUInt32BE(0x1234, 12);
  return octets;
};

test('garbage instead of a CER, and after one', async () => {
  await whileGoodPeerIsServed(async () => {
    await exchange(Buffer.from('GET / HTTP/1.1\r\nHost: hss\r\n\r\n'));
    await exchange(Buffer.alloc(4_096, 0xff));
    await afterCapabilities(Buffer.from('GET / HTTP/1.1\r\nHost: hss\r\n\r\n'));
  });
});

test('half a message and then the end, and half a message and then nothing', async () => {
  await whileGoodPeerIsServed(async () => {
    const whole = cxRequest('LIR', stranger(), { publicIdentity: alice.publicIdentity });
    expect(await exchange(whole.subarray(0, 10))).toHaveLength(0);
    const client = await CxClient.open(port, stranger());
    client.write(whole.subarray(0, whole.length - 3));
    const started = performance.now();
    await client.closed;
    expect(performance.now() - started).toBeLessThan(incompleteMessageTimeoutMs + 1_000);
    expect(client.unexpected).toEqual([]);
  });
});

test('a connection that says nothing is closed when the time for its CER is up', async () => {
  await whileGoodPeerIsServed(async () => {
    const client = await CxClient.connect(port, stranger());
    const started = performance.now();
    await client.closed;
    expect(performance.now() - started).toBeGreaterThan(900);
  });
});

test('[6733-7.1.5] version 2: DIAMETER_UNSUPPORTED_VERSION, then the end', async () => {
  await whileGoodPeerIsServed(async () => {
    expect(await afterCapabilities(header(2, 20))).toEqual([{ result: 5011, hopByHopId: 0x1234 }]);
  });
});

test.each([
  ['larger than allowed', 0xfffffc],
  ['not a multiple of four', 22],
  ['shorter than a header', 16],
])(
  '[6733-7.1.5] a message length that is %s: DIAMETER_INVALID_MESSAGE_LENGTH, then the end',
  async (_name, length) => {
    await whileGoodPeerIsServed(async () => {
      expect(await afterCapabilities(header(1, length))).toEqual([{ result: 5015, hopByHopId: 0x1234 }]);
    });
  },
);

test('[6733-5.6.1] a request before the CER: no answer, the connection is closed', async () => {
  await whileGoodPeerIsServed(async () => {
    expect(
      await exchange(cxRequest('LIR', stranger(), { publicIdentity: alice.publicIdentity })),
    ).toHaveLength(0);
  });
});

test('[6733-6.2] an answer that nobody asked for is dropped and the connection goes on', async () => {
  const client = await CxClient.open(port, stranger());
  const question = cxRequest('LIR', client.origin, { publicIdentity: alice.publicIdentity });
  const answer = Buffer.from((await lir(client, alice.publicIdentity)).bytes);
  answer.writeUInt32BE(0x7777, 12);
  client.write(answer);
  expect(
    (
      await client.send((hopByHopId) => {
        question.writeUInt32BE(hopByHopId, 12);
        return question;
      })
    ).result,
  ).toBe('experimental 5003');
  expect(client.unexpected).toEqual([]);
  client.close();
});

test('[6733-7.1.5] an unknown AVP with the M bit: DIAMETER_AVP_UNSUPPORTED with Failed-AVP, and the connection goes on', async () => {
  const client = await CxClient.open(port, stranger());
  const unknown = { code: 77_777, vendorId: 0, mandatory: true, data: Buffer.from('?') };
  const refused = await client.request('LIR', {
    publicIdentity: alice.publicIdentity,
    additionalAvps: [unknown],
  });
  expect(refused).toMatchObject({ result: '5001', header: { error: false } });
  expect(wireCodes(refused.bytes)).toContain(AVP.failedAvp);
  expect((await lir(client, alice.publicIdentity)).result).toBe('experimental 5003');
  client.close();
});

test('[6733-5.5.4] the same request twice, also over another connection of the peer: one vector, the same octets', async () => {
  const client = await CxClient.open(port, { originHost: `scscf2.${realm}`, originRealm: realm });
  const bytes = cxRequest('MAR', client.origin, {
    ...alice,
    serverName: 'sip:scscf2.ims.example',
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  });
  const repeat = (to: CxClient, retransmitted: boolean): Promise<CxAnswer> =>
    to.send((hopByHopId) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32BE(hopByHopId, 12);
      if (retransmitted) copy.writeUInt8(copy.readUInt8(4) | 0x10, 4);
      return copy;
    });
  const answers = await Promise.all([repeat(client, false), repeat(client, false), repeat(client, true)]);
  await leave(hss, client);
  const again = await CxClient.open(port, client.origin);
  answers.push(await repeat(again, true));
  expect(new Set(answers.map(({ bytes: octets }) => octets.toString('hex', 16))).size).toBe(1);
  const [first] = answers;
  if (first === undefined) throw new Error('no answer');
  // The next SEQ is one above: the copies took none.
  const next = await mar(again, alice);
  expect(Math.floor(sequenceNumber(next, keys) / 32)).toBe(Math.floor(sequenceNumber(first, keys) / 32) + 1);
  again.close();
});

test('1,000 connects and disconnects, with and without a CER, leave no file descriptor behind', async () => {
  const before = hss.openFileDescriptors;
  await whileGoodPeerIsServed(async () => {
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) {
        const client = await CxClient.connect(port, stranger());
        if (i % 2 === 0) await client.exchangeCapabilities();
        client.close();
        await client.closed;
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  });
  await eventually(() => hss.openFileDescriptors <= before, `${before} file descriptors again`);
  const peers = await fetch(`${hss.httpUrl}/v1/peers`);
  expect(await peers.text()).not.toContain('stranger');
}, 60_000);

test('the good peer kept its connection all the time, and no secret was written', () => {
  expect(good.isClosed).toBe(false);
  expect(good.unexpected).toEqual([]);
  expect(hss.log.filter(({ level }) => level === 'error')).toEqual([]);
  hss.expectNoSecrets(secretsOfUsers);
});
