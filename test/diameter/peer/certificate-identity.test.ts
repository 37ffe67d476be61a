/** [6733-13.1] A certificate is for one Diameter identity, and its holder can be no other peer. */
import { X509Certificate } from 'node:crypto';
import { connect, type ConnectionOptions } from 'node:tls';
import { certifiedNamesOf } from '../../../src/transport/certified-names';
import { TlsTransport } from '../../../src/transport/tls';
import { CertificateMaker, type Certified } from '../../support/certificates';
import type { PeerConfig, PeerOptions } from '../../../src/diameter/peer/options';
import { peerConfig, RawClient, startNode, stateOf, stopAll, until, type Node } from './support';

const HSS = 'hss.ims.example';
const CSCF = 'cscf.ims.example';
const OTHER = 'other.ims.example';

const maker = new CertificateMaker();
const hssCertificate = maker.make('authority', HSS, [`DNS:${HSS}`]);
const ofCscf = maker.make('authority', 'whatever', [`DNS:${CSCF}`]);
const byUri = maker.make('authority', 'whatever', [`URI:aaas://${CSCF}:5658;transport=tcp`]);
const onlyCommonName = maker.make('authority', CSCF);

afterEach(stopAll);
afterAll(() => maker.end());

describe('whose certificate it is', () => {
  const names = (...entries: string[]) =>
    certifiedNamesOf(new X509Certificate(maker.make('authority', 'cn.ims.example', entries).certificate));

  test.each<[string, string[], string, boolean]>([
    ['the DNS name', [`DNS:${CSCF}`], CSCF, true],
    ['case and the dot of the root do not count', [`DNS:${CSCF}`], 'CSCF.ims.example.', true],
    ['one of several', ['DNS:a.ims.example', `DNS:${CSCF}`], CSCF, true],
    ['another one', [`DNS:${OTHER}`], CSCF, false],
    ['a name below it', [`DNS:${CSCF}`], `x.${CSCF}`, false],
    ['a wildcard of a whole label', ['DNS:*.ims.example'], CSCF, true],
    ['but not of two', ['DNS:*.ims.example'], `x.${CSCF}`, false],
    ['nor of a part', ['DNS:c*.ims.example'], CSCF, false],
    ['an identity that means all names below', [`DNS:${CSCF}`], '.ims.example', false],
    ['no identity', [`DNS:${CSCF}`], '', false],
    ['a zero octet', [`DNS:${CSCF}`], `${CSCF}\0.else.example`, false],
    ['a Diameter URI', [`URI:aaa://${CSCF}`], CSCF, true],
    ['with port and parameters', [`URI:aaas://${CSCF}:5658;transport=tcp`], CSCF, true],
    ['a URI of another scheme', [`URI:https://${CSCF}`], CSCF, false],
    ['a URI of another host', [`URI:aaa://${OTHER};x=${CSCF}`], CSCF, false],
    ['the common name', [], 'cn.ims.example', false],
    ['the common name beside a URI', ['URI:urn:x'], 'cn.ims.example', false],
  ])('%s', (_what, entries, identity, expected) => {
    expect(names(...entries).certifies(identity)).toBe(expected);
  });

  test('a name with a comma in it is no list of names', () => {
    // As openssl prints what an authority signed without looking: DNS:"x, URI:aaa://cscf.ims.example".
    const forged = { subjectAltName: `DNS:"x, URI:aaa://${CSCF}"`, checkHost: () => undefined };
    expect(certifiedNamesOf(forged as unknown as X509Certificate).certifies(CSCF)).toBe(false);
  });
});

const transport = (own: Certified, requireClientCertificate = true): TlsTransport =>
  new TlsTransport({}, { ...own, requireClientCertificate, handshakeTimeoutMs: 2_000 });

async function hssWith(
  peers: readonly PeerConfig[],
  options: Partial<PeerOptions> = {},
  requireClientCertificate = true,
): Promise<Node> {
  const hss = await startNode(HSS, options, {}, {}, transport(hssCertificate, requireClientCertificate));
  hss.table.reconfigure(peers);
  return hss;
}

/** A real TLS client that shows `own` and sends a CER as `name`; its Result-Code. */
async function cerOver(
  hss: Node,
  own: Certified | null,
  name: string,
  more: ConnectionOptions = {},
): Promise<{ client: RawClient; result: number | undefined; message: string | undefined }> {
  const socket = connect({
    host: '127.0.0.1',
    port: hss.port,
    ca: hssCertificate.authorities,
    checkServerIdentity: () => undefined,
    ...(own === null ? {} : { cert: own.certificate, key: own.key }),
    ...more,
  });
  const client = RawClient.over(socket, name);
  client.write(client.cer());
  await until(() => client.result('CEA') !== undefined, 'a CEA');
  const { errorMessage } = client.last('CEA')?.avps as { errorMessage?: string };
  return { client, result: client.result('CEA'), message: errorMessage };
}

const unbound = (change: Partial<PeerConfig> = {}, name = CSCF): PeerConfig => ({
  ...peerConfig(name, 3868, false),
  addresses: [],
  ...change,
});

describe('[6733-13.1] a peer that connects', () => {
  test('with its own certificate: open, and other names are refused with 3010 and a line in the log', async () => {
    const hss = await hssWith([unbound(), unbound({}, OTHER)]);
    expect((await cerOver(hss, ofCscf, CSCF)).result).toBe(2001);
    const squatter = await cerOver(hss, ofCscf, OTHER);
    expect(squatter.result).toBe(3010);
    expect(squatter.message).toBe(
      `${OTHER} is not admitted: its certificate is not for ${OTHER} but for DNS:${CSCF} (diameter.tls.checkPeerIdentity)`,
    );
    expect(hss.log.lines).toContainEqual(expect.stringContaining(squatter.message ?? ''));
    expect(hss.events.refusals).toEqual(['unknown-peer']);
    expect(stateOf(hss, OTHER)).toBe('Closed');
  });

  test('a Diameter URI is as good; a common name alone is not', async () => {
    const hss = await hssWith([unbound()]);
    expect((await cerOver(hss, onlyCommonName, CSCF)).message).toContain('it has no subjectAltName');
    expect((await cerOver(hss, byUri, CSCF)).result).toBe(2001);
  });

  test('peers without configuration are bound to their certificates too', async () => {
    const hss = await hssWith([], { acceptUnknownPeers: true });
    expect((await cerOver(hss, ofCscf, OTHER)).result).toBe(3010);
    expect((await cerOver(hss, ofCscf, CSCF)).result).toBe(2001);
  });

  test('without the check any certificate of the authority will do', async () => {
    const hss = await hssWith([unbound()], { checkCertificateIdentity: false });
    expect((await cerOver(hss, onlyCommonName, CSCF)).result).toBe(2001);
  });

  test('where certificates are not required, one that is shown binds all the same', async () => {
    const hss = await hssWith([unbound(), unbound({}, OTHER)], {}, false);
    expect((await cerOver(hss, ofCscf, OTHER)).result).toBe(3010);
    expect((await cerOver(hss, null, CSCF)).result).toBe(2001);
  });

  test('peers[].requireCertificate: no connection without one, whatever the other settings are', async () => {
    const hss = await hssWith(
      [unbound({ requireCertificate: true })],
      { checkCertificateIdentity: false },
      false,
    );
    const bare = await cerOver(hss, null, CSCF);
    expect([bare.result, bare.message]).toEqual([
      3010,
      `${CSCF} is not admitted: it shows no certificate that we trust (peers[].requireCertificate)`,
    ]);
    expect((await cerOver(hss, onlyCommonName, CSCF)).result).toBe(3010);
    const foreign = maker.make('stranger', CSCF, [`DNS:${CSCF}`]);
    expect((await cerOver(hss, foreign, CSCF)).result).toBe(3010);
    expect((await cerOver(hss, ofCscf, CSCF)).result).toBe(2001);
  });

  test('a session that is resumed is bound as its first handshake was', async () => {
    const hss = await hssWith([unbound({ requireCertificate: true }), unbound({}, OTHER)]);
    let session: Buffer | undefined;
    const first = await cerOver(hss, ofCscf, CSCF);
    const socket = first.client.socket;
    socket.on('session', (given: Buffer) => {
      session = given;
    });
    expect(first.result).toBe(2001);
    socket.destroy();
    await until(() => stateOf(hss, CSCF) === 'Closed', 'closed');
    const again = { session: session ?? (socket as unknown as { getSession(): Buffer }).getSession() };
    expect((await cerOver(hss, ofCscf, OTHER, again)).result).toBe(3010);
    expect((await cerOver(hss, ofCscf, CSCF, again)).result).toBe(2001);
  });
});

test('[6733-13.1] a peer that we connect to must be the one that its certificate names', async () => {
  const cscf = await startNode(CSCF, {}, {}, {}, transport(maker.make('authority', OTHER, [`DNS:${OTHER}`])));
  const honest = await startNode(
    OTHER,
    {},
    {},
    {},
    transport(maker.make('authority', 'o', [`DNS:${OTHER}`])),
  );
  for (const node of [cscf, honest]) node.table.reconfigure([peerConfig(HSS, 1, false)]);
  const to = (name: string, port: number): PeerConfig => ({
    ...peerConfig(name, port, true),
    transport: 'tls',
  });
  const hss = await hssWith([to(CSCF, cscf.port), to(OTHER, honest.port)]);
  await until(() => stateOf(hss, OTHER) === 'I-Open', 'the honest one');
  await until(
    () =>
      hss.log.lines.some((line) =>
        line.includes(`No connection with ${CSCF}: its certificate is not for ${CSCF} but for DNS:${OTHER}`),
      ),
    'the refusal',
  );
  expect(stateOf(hss, CSCF)).not.toBe('I-Open');
});
