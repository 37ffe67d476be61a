/** Connections that send half of the head of a request and nothing more. */
import { connect, type Socket } from 'node:net';

export interface HalfOpen {
  /** How many are still there. */
  readonly openCount: () => number;
  readonly end: () => void;
}

/** @returns once all are connected or were closed */
export async function halfOpen(url: string, count: number): Promise<HalfOpen> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write('GET /v1/peers HTTP/1.1\r\nHost: local');
            resolve();
          });
          socket.on('error', () => resolve());
          socket.resume();
          sockets.push(socket);
        }),
    ),
  );
  return {
    openCount: () => sockets.filter((socket) => !socket.destroyed).length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
