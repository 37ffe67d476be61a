/**
 * A configured peer is more than its Origin-Host: realm and, where wanted, address have to fit, in both
 * directions [6733-5.3].
 */
import { admitsPeer } from '../../../src/diameter/peer/admission';
import type { PeerConfig } from '../../../src/diameter/peer/options';
import { pause, peerConfig, RawClient, startNode, stateOf, stopAll, until } from './support';

afterEach(stopAll);

const HSS = 'hss.ims.example';
const CSCF = 'cscf.ims.example';
const config = (change: Partial<PeerConfig> = {}): PeerConfig => ({
  ...peerConfig(CSCF, 3868, false),
  checkAddress: true,
  ...change,
});

describe('whether a peer is admitted', () => {
  const identity = { originHost: CSCF, originRealm: 'IMS.example.' };

  test.each<[string, Partial<PeerConfig>, string, boolean]>([
    ['the address itself', { addresses: ['192.0.2.7'] }, '192.0.2.7', true],
    ['one of several', { addresses: ['192.0.2.7', '2001:db8::1'] }, '2001:db8:0:0::1', true],
    ['IPv4 within IPv6', { addresses: ['192.0.2.7'] }, '::ffff:192.0.2.7', true],
    ['another one', { addresses: ['192.0.2.7'] }, '192.0.2.8', false],
    ['another one, not checked', { addresses: ['192.0.2.7'], checkAddress: false }, '192.0.2.8', true],
    ['none configured', { addresses: [] }, '192.0.2.8', true],
    ['a name that is looked up', { addresses: ['192.0.2.7', 'localhost'] }, '127.0.0.1', true],
    ['a name of others', { addresses: ['localhost'] }, '192.0.2.8', false],
    ['a name that nobody knows', { addresses: ['nowhere.invalid'] }, '192.0.2.8', false],
  ])('%s', async (_what, change, remote, admitted) => {
    const verdict = await admitsPeer(config(change), identity, [remote]);
    if (admitted) expect(verdict).toBe(true);
    else
      expect(verdict).toBe(
        `it comes from ${remote}, configured for ${CSCF} (peers[].addresses, peers[].checkAddress) is ${(change.addresses ?? []).join(', ')}`,
      );
  });

  test('realms are compared as names; another one is refused before the address is looked at', async () => {
    // A multi-homed peer is known by any of its addresses.
    expect(await admitsPeer(config({ addresses: ['192.0.2.2'] }), identity, ['192.0.2.1', '192.0.2.2'])).toBe(
      true,
    );
    expect(
      await admitsPeer(config({ addresses: ['192.0.2.2'] }), identity, ['192.0.2.1', '192.0.2.3']),
    ).toContain('192.0.2.1, 192.0.2.3');
    expect(await admitsPeer(config(), identity, ['127.0.0.1'])).toBe(true);
    expect(
      await admitsPeer(config({ addresses: [] }), { ...identity, originRealm: 'else.example' }, [
        '127.0.0.1',
      ]),
    ).toBe(`its Origin-Realm is else.example, configured for ${CSCF} (peers[].realm) is ims.example`);
  });
});

describe('over connections', () => {
  test('[6733-5.3] a CER with another realm: 3010, a line in the log, and the connection ends; others stay', async () => {
    const hss = await startNode(HSS, { acceptUnknownPeers: true });
    hss.table.reconfigure([config()]);
    const other = await RawClient.open(hss.port, 'other.ims.example');
    const client = await RawClient.connect(hss.port, CSCF);
    client.write(client.cer({ originRealm: 'else.example' }));
    await until(() => client.closed, 'disconnected');
    expect(client.last('CEA')?.avps).toMatchObject({
      resultCode: 3010,
      errorMessage: expect.stringContaining('peers[].realm'),
    });
    expect(hss.events.refusals).toEqual(['unknown-peer']);
    expect(hss.log.lines).toContainEqual(
      expect.stringMatching(
        /is refused: cscf\.ims\.example is not admitted: its Origin-Realm is else\.example/,
      ),
    );
    expect(stateOf(hss, CSCF)).toBe('Closed');
    expect(other.closed).toBe(false);
  });

  test.each([[['192.0.2.1']], [['192.0.2.1', 'nowhere.invalid']]])(
    '[6733-5.3] a CER from another address than %s: 3010',
    async (addresses) => {
      const hss = await startNode(HSS, { acceptUnknownPeers: true });
      hss.table.reconfigure([config({ addresses })]);
      const client = await RawClient.connect(hss.port, CSCF);
      client.write(client.cer());
      await until(() => client.closed, 'disconnected');
      expect(client.last('CEA')?.avps).toMatchObject({
        resultCode: 3010,
        errorMessage: expect.stringContaining('it comes from 127.0.0.1'),
      });
      expect(stateOf(hss, CSCF)).toBe('Closed');
    },
  );

  test('from a configured name it opens, and a connection that ends during the look-up leaves nothing behind', async () => {
    const hss = await startNode(HSS);
    hss.table.reconfigure([config({ addresses: ['localhost'] })]);
    const hasty = await RawClient.connect(hss.port, CSCF);
    hasty.write(hasty.cer());
    hasty.socket.destroy();
    await pause(50);
    const client = await RawClient.open(hss.port, CSCF);
    expect(client.result('CEA')).toBe(2001);
    expect(stateOf(hss, CSCF)).toBe('R-Open');
  });

  test('[6733-5.6] a CEA with another realm: no connection', async () => {
    const hss = await startNode(HSS);
    const cscf = await startNode(CSCF);
    cscf.table.reconfigure([peerConfig(HSS, hss.port, false)]);
    hss.table.reconfigure([config({ originRealm: 'else.example', port: cscf.port, connect: true })]);
    await until(
      () =>
        hss.log.lines.some((line) =>
          line.includes('No connection with cscf.ims.example: its Origin-Realm is ims.example'),
        ),
      'the refusal',
    );
    expect(stateOf(hss, CSCF)).not.toBe('I-Open');
    hss.table.reconfigure([config({ port: cscf.port, connect: true })]);
    await until(() => stateOf(hss, CSCF) === 'I-Open', 'open with the right realm');
  });
});
