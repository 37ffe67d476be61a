/**
 * The addresses that connections of configured peers come from: those of the configuration, names among them
 * resolved when it is taken, and those that a configured peer was let in from last. They decide only who has
 * precedence while a connection is half-open, not who is admitted (admission.ts).
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { identityKey } from './diameter-identity';
import type { PeerConfig } from './options';

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

export class FamiliarAddresses {
  private configured = new BlockList();
  /** By peer; the set is made of it anew when it is asked after a change. */
  private readonly learned = new Map<string, readonly string[]>();
  private learnedSet: ReadonlySet<string> | null = null;

  /** The configured peers are these now. */
  configure(peers: readonly PeerConfig[]): void {
    const list = new BlockList();
    this.configured = list;
    for (const address of new Set(peers.flatMap(({ addresses }) => addresses))) {
      if (isIP(address) !== 0) list.addAddress(address, family(address));
      else
        void lookup(address, { all: true })
          .catch(() => [])
          .then((found) => {
            for (const { address: one } of found) list.addAddress(one, family(one));
          });
    }
    const keys = new Set(peers.map(({ originHost }) => identityKey(originHost)));
    for (const key of this.learned.keys()) if (!keys.has(key)) this.learned.delete(key);
    this.learnedSet = null;
  }

  /** A configured peer was let in from there. */
  learn(originHost: string, addresses: readonly string[]): void {
    this.learned.set(identityKey(originHost), addresses);
    this.learnedSet = null;
  }

  has(address: string): boolean {
    if (isIP(address) === 0) return false;
    this.learnedSet ??= new Set([...this.learned.values()].flat());
    return this.learnedSet.has(address) || this.configured.check(address, family(address));
  }
}
