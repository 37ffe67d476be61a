/** Whether SCTP of the userland stack can be had on this machine. */
import { existsSync } from 'node:fs';
import type { Obstacle } from '../selection';
import { requireStack } from './stack';

/** Raw IP: a compiled package, a privilege, and a kernel that keeps out of it. */
export function rawSctpObstacle(): Obstacle {
  const udp = udpSctpObstacle();
  if (udp !== null) return udp;
  if (existsSync('/proc/net/sctp'))
    return {
      reason: "the kernel's SCTP is loaded and would abort its associations",
      mend: 'kernel-sctp, or as root: rmmod sctp',
    };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an optional dependency
    const raw = require('raw-socket') as {
      createSocket(options: { protocol: number }): {
        close(): void;
        on(event: string, listener: () => void): void;
      };
    };
    const probe = raw.createSocket({ protocol: 132 });
    probe.on('close', () => undefined);
    probe.close();
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND')
      return {
        reason: 'the npm package raw-socket is not installed',
        mend: 'npm ci on a machine with make, a C++ compiler and Python',
      };
    return {
      reason: `a raw socket is refused (${message})`,
      mend: 'root, or CAP_NET_RAW: setcap cap_net_raw+ep on node, or cap_add in a container',
    };
  }
}

export function udpSctpObstacle(): Obstacle {
  try {
    requireStack();
    return null;
  } catch (error) {
    return {
      reason: `the npm package sctp cannot be loaded: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      mend: 'npm ci',
    };
  }
}
