/**
 * Loopback ports: free ones, looked for beforehand since Kamailio and SIPp cannot be told "any"; and who is
 * connected to one.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, AddressInfo } from 'node:net';

/**
 * A port free for TCP and UDP on 127.0.0.1, outside what the kernel hands out, so that it is still free after
 * a restart.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const candidate = 10_000 + Math.floor(Math.random() * 20_000);
    if ((await tcpFree(candidate)) && (await udpFree(candidate))) return candidate;
  }
}

function tcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => {
      const bound = (server.address() as AddressInfo).port === port;
      server.close(() => resolve(bound));
    });
  });
}

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

/** TCP connections established on a local IPv4 port, seen from its side (/proc/net/tcp, state 01). */
export function establishedCount(localPort: number): number {
  const local = `:${localPort.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => {
      const [, localAddress, , state] = line.trim().split(/\s+/);
      return localAddress?.endsWith(local) === true && state === '01';
    }).length;
}
