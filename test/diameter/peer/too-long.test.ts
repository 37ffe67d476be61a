/**
 * No message leaves that is longer than its peer takes, whatever its command: answers become short errors,
 * requests are not sent, and the connection lives on [6733-7.1.5].
 */
import { decodeMessage, DEFAULT_DECODE_LIMITS } from '../../../src/diameter/codec/decode';
import { encodeAvp, encodeFromParts } from '../../../src/diameter/codec/encode';
import { shortAnswer } from '../../../src/diameter/peer/sending';
import {
  dictionary,
  lir,
  peerConfig,
  RawClient,
  REALM,
  rtr,
  startNode,
  stopAll,
  successAnswer,
  until,
  type Node,
} from './support';

const HSS = 'hss.ims.example';

afterEach(stopAll);

/** Answers LIRs with that many octets more than need be. */
function answeringLong(node: Node, padding: number): void {
  node.sink.hold = true;
  const { sink } = node;
  const hold = sink.onRequest.bind(sink);
  sink.onRequest = (request) => {
    hold(request);
    const answer = successAnswer(request.message, HSS);
    const long = Buffer.concat([answer, encodeAvp('Error-Message', 'x'.repeat(padding), dictionary)]);
    long.writeUIntBE(long.length, 1, 3);
    request.answer(long);
  };
}

const results = (client: RawClient): (number | undefined)[] =>
  client.received.slice(1).map(({ avps }) => (avps as { resultCode?: number }).resultCode);

test('a peer without configuration: the default bound, UNABLE_TO_COMPLY instead, and the next request is served', async () => {
  const hss = await startNode(HSS, { acceptUnknownPeers: true });
  answeringLong(hss, 97_000);
  const client = await RawClient.open(hss.port);
  client.write(lir(client.name, 5, 6));
  await until(() => client.received.length === 2, 'an answer');
  expect(results(client)).toEqual([5012]);
  expect(client.received[1]?.header).toMatchObject({
    hopByHopId: 5,
    endToEndId: 6,
    error: false,
    commandCode: 302,
  });
  expect(client.octets.every((octets) => octets.length < 65_536)).toBe(true);
  expect(hss.events.tooLongMessages).toEqual([expect.stringMatching(/^raw\.ims\.example LIA 97\d{3}$/)]);
  expect(hss.log.lines.filter((line) => line.includes('maxMessageOctets'))).toHaveLength(1);
  hss.sink.onRequest = (request) => request.answer(successAnswer(request.message, HSS));
  client.write(lir(client.name, 7, 8));
  await until(() => client.received.length === 3, 'the next answer');
  expect(results(client)).toEqual([5012, 2001]);
  expect(client.closed).toBe(false);
});

test('a configured peer has its own bound, which a new configuration changes', async () => {
  const hss = await startNode(HSS, { maxMessageOctets: 4_096 });
  answeringLong(hss, 6_000);
  const config = peerConfig('raw.ims.example', 1, false);
  hss.table.reconfigure([{ ...config, maxMessageOctets: 8_192 }]);
  const client = await RawClient.open(hss.port);
  client.write(lir(client.name, 1, 1));
  await until(() => client.received.length === 2, 'an answer');
  expect(hss.sink.requests[0]?.maxAnswerOctets).toBe(8_192);
  hss.table.reconfigure([config]);
  client.write(lir(client.name, 2, 2));
  await until(() => client.received.length === 3, 'an answer');
  expect(results(client)).toEqual([2001, 5012]);
});

test('a request of ours that is too long is not sent, and who sent it hears why', async () => {
  const hss = await startNode(HSS, { acceptUnknownPeers: true, maxMessageOctets: 4_096 });
  const client = await RawClient.open(hss.port);
  const long = Buffer.concat([
    rtr(HSS, client.name),
    encodeAvp('Error-Message', 'x'.repeat(5_000), dictionary),
  ]);
  long.writeUIntBE(long.length, 1, 3);
  expect(await hss.table.send(long, client.name, null, 1_000)).toEqual({
    kind: 'tooLong',
    octets: long.length,
    maxOctets: 4_096,
  });
  expect(hss.events.tooLongMessages).toEqual([`${client.name} RTR ${long.length}`]);
  expect(client.octets).toHaveLength(1);
  // Another way may take it.
  hss.table.reconfigure([{ ...peerConfig('agent.ims.example', 1, false), maxMessageOctets: 65_535 }], true);
  const agent = await RawClient.open(hss.port, 'agent.ims.example');
  void hss.table.send(long, client.name, agent.name, 100);
  await until(() => agent.octets.length === 2, 'the request by way of the agent');
});

test('a short answer keeps an error, and makes UNABLE_TO_COMPLY of any success', () => {
  const answer = (...result: Buffer[]): Buffer =>
    encodeFromParts(0x40, 300, 16_777_216, 3, 4, [
      encodeAvp('Session-Id', 's;1', dictionary),
      encodeAvp(
        'Vendor-Specific-Application-Id',
        { vendorId: 10415, authApplicationId: 16777216 },
        dictionary,
      ),
      encodeAvp('Auth-Session-State', 1, dictionary),
      encodeAvp('Origin-Host', HSS, dictionary),
      encodeAvp('Origin-Realm', REALM, dictionary),
      ...result,
      encodeAvp('Server-Name', 'sip:scscf', dictionary),
      encodeAvp('Proxy-Info', { proxyHost: 'p.example', proxyState: Buffer.from('state') }, dictionary),
    ]);
  const experimental = (code: number): Buffer =>
    encodeAvp('Experimental-Result', { vendorId: 10415, experimentalResultCode: code }, dictionary);
  const shortened = (...result: Buffer[]): Record<string, unknown> => {
    const decoded = decodeMessage(
      shortAnswer(answer(...result)) ?? Buffer.alloc(0),
      dictionary,
      DEFAULT_DECODE_LIMITS,
    );
    if (!decoded.ok) throw new Error(decoded.failure.message);
    return decoded.message.avps as Record<string, unknown>;
  };
  for (const success of [encodeAvp('Result-Code', 2001, dictionary), experimental(2002)]) {
    const avps = shortened(success);
    expect(avps).toMatchObject({
      sessionId: 's;1',
      resultCode: 5012,
      proxyInfo: [{ proxyHost: 'p.example' }],
    });
    expect(avps['serverName']).toBeUndefined();
    expect(avps['experimentalResult']).toBeUndefined();
  }
  expect(shortened(experimental(5004))).toMatchObject({
    experimentalResult: { experimentalResultCode: 5004 },
  });
  expect(shortened(encodeAvp('Result-Code', 5005, dictionary))).toMatchObject({ resultCode: 5005 });
  expect(shortAnswer(lir('a.example'))).toBeNull();
});
