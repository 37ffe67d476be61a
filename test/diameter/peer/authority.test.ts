/** What a peer may say goes with each of its requests, as it is configured at that moment. */
import { PeerAuthority } from '../../../src/diameter/peer/authority';
import { CxClient } from '../../support/cx-client';
import { peerConfig, REALM, startNode, stopAll } from './support';

afterEach(stopAll);

test('of its configuration, of a changed one without a new connection, and nothing for a peer that is not configured', async () => {
  const node = await startNode('hss.ims.example', { acceptUnknownPeers: true });
  const [relay, icscf] = [new PeerAuthority({ roles: ['relay'] }), new PeerAuthority({ roles: ['icscf'] })];
  const named = { ...peerConfig('cscf.ims.example', 3868, false), authority: relay };
  node.table.reconfigure([named], true);
  const client = await CxClient.open(node.port, { originHost: 'cscf.ims.example', originRealm: REALM });
  const other = await CxClient.open(node.port, { originHost: 'other.ims.example', originRealm: REALM });
  const asked = async (from: CxClient): Promise<PeerAuthority | undefined> => {
    await from.request('LIR', { publicIdentity: 'sip:a@ims.example' });
    return node.sink.requests.at(-1)?.peer.authority;
  };
  expect(await asked(client)).toBe(relay);
  expect(await asked(other)).toBeUndefined();
  node.table.reconfigure([{ ...named, authority: icscf }], true);
  expect(await asked(client)).toBe(icscf);
  expect(client.isClosed).toBe(false);
  for (const each of [client, other]) each.close();
});
