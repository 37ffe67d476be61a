/**
 * Whether a connection may be that of a peer: its certificate has to be for its Origin-Host. Besides, the
 * Origin-Realm of a configured peer and, where that is wanted, the address that it comes from have to be the
 * configured ones [6733-5.3] [6733-13.1]. Names among the addresses are looked up each time.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { PeerIdentity } from './contract';
import { sameIdentity } from './diameter-identity';
import type { CertifiedNames } from '../../transport/port';
import type { PeerConfig } from './options';

/** True, or why not, in words that name the setting. */
export type Admission = true | string;

/**
 * Whether one of the addresses is configured: a multi-homed peer has several, and names those that it is
 * reached by.
 */
function holds(addresses: readonly string[], remotes: readonly string[]): boolean {
  const list = new BlockList();
  for (const address of addresses) list.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return remotes.some((remote) => list.check(remote, isIPv6(remote) ? 'ipv6' : 'ipv4'));
}

/** Whether the realm is the configured one. */
export function admitsRealm({ originRealm, originHost }: PeerConfig, realm: string): Admission {
  if (originRealm === '' || sameIdentity(originRealm, realm)) return true;
  return `its Origin-Realm is ${realm}, configured for ${originHost} (peers[].realm) is ${originRealm}`;
}

/**
 * [6733-13.1] Whether the certificate of a connection is that of the node. Where none was shown (over TCP and
 * SCTP there is none), that is enough unless the peer is configured otherwise.
 */
export function admitsCertificate(
  names: CertifiedNames | null,
  originHost: string,
  config: PeerConfig | null,
  checked: boolean,
): Admission {
  const required = config?.requireCertificate === true;
  if (names === null)
    return !required || 'it shows no certificate that we trust (peers[].requireCertificate)';
  if ((!checked && !required) || names.certifies(originHost)) return true;
  const setting = required ? 'peers[].requireCertificate' : 'diameter.tls.checkPeerIdentity';
  return `its certificate is not for ${originHost} but for ${names.shown} (${setting})`;
}

/** A promise where a name has to be looked up first; it never rejects. */
export function admitsPeer(
  config: PeerConfig,
  identity: PeerIdentity,
  remotes: readonly string[],
): Admission | Promise<Admission> {
  const realm = admitsRealm(config, identity.originRealm);
  const known = remotes.filter((remote) => isIP(remote) !== 0);
  if (realm !== true || config.checkAddress !== true || config.addresses.length === 0 || known.length === 0)
    return realm;
  const names = config.addresses.filter((address) => isIP(address) === 0);
  if (
    holds(
      config.addresses.filter((address) => isIP(address) !== 0),
      known,
    )
  )
    return true;
  const refusal = `it comes from ${known.join(', ')}, configured for ${config.originHost} (peers[].addresses, peers[].checkAddress) is ${config.addresses.join(', ')}`;
  if (names.length === 0) return refusal;
  return Promise.all(names.map((name) => lookup(name, { all: true }).catch(() => []))).then((found) =>
    holds(
      found.flat().map(({ address }) => address),
      known,
    )
      ? true
      : refusal,
  );
}
