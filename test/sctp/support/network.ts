/**
 * Two hosts on one machine, joined by two networks: the peers in this network namespace, the HSS in one of
 * its own.
 */
import { execFileSync, spawnSync } from 'node:child_process';

export const PATHS = [
  { link: 'sctp-a', peer: '10.99.1.1', hss: '10.99.1.2' },
  { link: 'sctp-b', peer: '10.99.2.1', hss: '10.99.2.2' },
] as const;
export const PEER_ADDRESSES = PATHS.map(({ peer }) => peer);
export const HSS_ADDRESSES = PATHS.map(({ hss }) => hss);

const namespace = 'hss-sctp-test';

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export function createNetworks(): void {
  removeNetworks();
  run('ip', 'netns', 'add', namespace);
  run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  for (const { link, peer, hss } of PATHS) {
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', link, 'netns', namespace);
    run('ip', 'address', 'add', `${peer}/24`, 'dev', link);
    run('ip', '-n', namespace, 'address', 'add', `${hss}/24`, 'dev', link);
    run('ip', 'link', 'set', link, 'up');
    run('ip', '-n', namespace, 'link', 'set', link, 'up');
  }
  // A cut path must not be walked around through the other network.
  for (const [index, { peer }] of PATHS.entries()) {
    run('ip', 'rule', 'add', 'from', peer, 'table', String(101 + index));
    run(
      'ip',
      'route',
      'add',
      `10.99.${index + 1}.0/24`,
      'dev',
      PATHS[index]!.link,
      'table',
      String(101 + index),
    );
  }
}

export function removeNetworks(): void {
  spawnSync('ip', ['netns', 'delete', namespace]);
  for (const [index, { link, peer }] of PATHS.entries()) {
    spawnSync('ip', ['link', 'delete', link]);
    spawnSync('ip', ['rule', 'delete', 'from', peer, 'table', String(101 + index)]);
  }
}

/**
 * Packets of a path vanish silently from now on, in both directions; the links stay up, as with a broken
 * switch between them.
 */
export function cut(link: string): void {
  run('tc', 'qdisc', 'add', 'dev', link, 'root', 'netem', 'loss', '100%');
  run('ip', 'netns', 'exec', namespace, 'tc', 'qdisc', 'add', 'dev', link, 'root', 'netem', 'loss', '100%');
}

/** Every so-many-th packet is lost. */
export function lose(link: string, percent: number): void {
  run('tc', 'qdisc', 'add', 'dev', link, 'root', 'netem', 'loss', `${percent}%`);
}

export function mend(link: string): void {
  spawnSync('tc', ['qdisc', 'delete', 'dev', link, 'root']);
  spawnSync('ip', ['netns', 'exec', namespace, 'tc', 'qdisc', 'delete', 'dev', link, 'root']);
}

/** A command line that runs on the other host. */
export const onHssHost = (command: string, args: readonly string[]): string[] => [
  'ip',
  'netns',
  'exec',
  namespace,
  command,
  ...args,
];
