/**
 * Whether this machine's kernel has SCTP, found out by opening a socket; that also loads the module where the
 * system allows it.
 */
import type { Obstacle } from '../selection';
import { closeSocket, KernelError, openSocket } from './kernel-calls';

const mends: Readonly<Record<string, string>> = {
  EPROTONOSUPPORT: 'as root: modprobe sctp; a file in /etc/modules-load.d with the line "sctp" keeps it',
  ESOCKTNOSUPPORT: 'as root: modprobe sctp; a file in /etc/modules-load.d with the line "sctp" keeps it',
  EAFNOSUPPORT: 'a kernel with IPv4',
  EACCES: 'let the container or service manager allow SCTP sockets',
  EPERM: 'let the container or service manager allow SCTP sockets',
};

export function kernelSctpObstacle(): Obstacle {
  try {
    closeSocket(openSocket('IPv4'));
    return null;
  } catch (error) {
    if (!(error instanceof KernelError)) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      return {
        reason: `system calls cannot be made: ${reason}`,
        mend: 'Linux, and the npm package koffi with its part for this processor',
      };
    }
    const missing = error.code === 'EPROTONOSUPPORT' || error.code === 'ESOCKTNOSUPPORT';
    return {
      reason: missing ? `this kernel has no SCTP (${error.message})` : error.message,
      mend: mends[error.code] ?? 'see socket(2)',
    };
  }
}
