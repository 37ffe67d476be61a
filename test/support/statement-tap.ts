/**
 * Between the product and PostgreSQL: passes every octet on and writes down the statements that go by, as
 * they stand on the wire.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PARSE = 0x50;
const QUERY = 0x51;
const BIND = 0x42;

export interface StatementTap {
  /** As the database's, by way of the tap. */
  readonly url: string;
  /** Each text once, of Parse and of simple queries. */
  readonly texts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Of one direction, from the client: the startup message has no type. */
class FrontendMessages {
  private buffer = Buffer.alloc(0);
  private started = false;

  push(chunk: Buffer, take: (type: number, body: Buffer) => void): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (;;) {
      const header = this.started ? 1 : 0;
      if (this.buffer.length < header + 4) return;
      const end = header + this.buffer.readUInt32BE(header);
      if (this.buffer.length < end) return;
      if (this.started) take(this.buffer[0] ?? 0, this.buffer.subarray(5, end));
      this.started = true;
      this.buffer = this.buffer.subarray(end);
    }
  }
}

const cString = (body: Buffer, from: number): string => body.toString('utf8', from, body.indexOf(0, from));

/** Taps the server behind a URL with a socket folder, as the tests' databases have. */
export async function tapStatements(url: string): Promise<StatementTap> {
  const folder = mkdtempSync(join(tmpdir(), 'hss-tap-'));
  const target = new URLSearchParams(url.split('?')[1]);
  const texts = new Set<string>();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect({ path: join(target.get('host') ?? '', `.s.PGSQL.${target.get('port')}`) });
    const messages = new FrontendMessages();
    const named = new Map<string, string>();
    client.on('data', (chunk: Buffer) =>
      messages.push(chunk, (type, body) => {
        if (type === QUERY) for (const text of cString(body, 0).split(';')) texts.add(text.trim());
        if (type === PARSE) {
          const name = cString(body, 0);
          const text = cString(body, Buffer.byteLength(name) + 1).trim();
          named.set(name, text);
          texts.add(text);
        }
        if (type === BIND && !named.has(cString(body, Buffer.byteLength(cString(body, 0)) + 1)))
          texts.add('a statement that was prepared before the tap');
      }),
    );
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  const path = join(folder, '.s.PGSQL.5432');
  server.listen(path);
  await once(server, 'listening');
  return {
    url: url.replace(/\?.*$/, `?host=${encodeURIComponent(folder)}&port=5432`),
    texts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
