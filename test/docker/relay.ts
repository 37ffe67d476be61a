/**
 * A TCP port of the loopback that leads to the embedded PostgreSQL's Unix socket, as the compose network
 * leads to its server; can be cut.
 */
import net from 'node:net';
import path from 'node:path';

export interface Relay {
  /** The database by this port. */
  readonly url: string;
  /** Ends all connections and refuses new ones, or takes them again. */
  cut(cut: boolean): void;
  close(): Promise<void>;
}

/** @param url of the database, whose `host` parameter is the folder of the socket */
export async function startRelay(url: string): Promise<Relay> {
  const [, credentials = '', database = '', socketFolder = '', socketPort = ''] =
    /^postgresql:\/\/([^@]+)@\/(\w+)\?host=([^&]+)&port=(\d+)$/.exec(url) ?? [];
  if (socketPort === '') throw new Error('not the URL of an embedded database');
  const socketPath = path.join(decodeURIComponent(socketFolder), `.s.PGSQL.${socketPort}`);
  const open = new Set<net.Socket>();
  let isCut = false;
  const listener = net.createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const server = net.connect({ path: socketPath });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const cut = (value: boolean): void => {
    isCut = value;
    if (value) for (const socket of open) socket.destroy();
  };
  return {
    url: `postgresql://${credentials}@127.0.0.1:${(listener.address() as net.AddressInfo).port}/${database}`,
    cut,
    close: () => {
      const closed = new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
      cut(true);
      return closed;
    },
  };
}
