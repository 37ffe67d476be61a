/** A listener that cannot be opened is said by its setting. */
import { createServer, type AddressInfo } from 'node:net';
import { silentLogger } from '../../src/shared/logger';
import { startServer } from '../../src/wiring/server';
import { loadConfig } from '../../src/config/load';
import { opening } from '../../src/wiring/listening';
import { freshDatabase } from '../support/database';
import { endAll, temporaryFolder, writeConfiguration } from '../system/support/hss-process';

afterAll(endAll);

test.each([
  [
    'diameter.listen[1].port',
    (port: number) => ({
      diameter: {
        listen: [
          { addresses: ['127.0.0.1'], port: 0 },
          { addresses: ['127.0.0.1'], port },
        ],
      },
    }),
  ],
  ['http.port', (port: number) => ({ http: { port } })],
  ['metrics.port', (port: number) => ({ metrics: { port } })],
])(
  '%s in use',
  async (setting, settings) => {
    const occupied = createServer();
    await new Promise<void>((ready) => {
      occupied.listen(0, '127.0.0.1', ready);
    });
    const { port } = occupied.address() as AddressInfo;
    const folder = temporaryFolder();
    const file = writeConfiguration(folder, {
      store: { url: await freshDatabase(), secretKey: '5a'.repeat(32) },
      ...settings(port),
    });
    try {
      await expect(startServer(loadConfig({ env: {}, cwd: folder, file }), silentLogger)).rejects.toThrow(
        new RegExp(`^${setting.replace(/[[\].]/g, '\\$&')}: .*EADDRINUSE.*127\\.0\\.0\\.1:${port}`),
      );
    } finally {
      occupied.close();
    }
  },
  30_000,
);

test('what is no trouble with port or address stays as it is', async () => {
  const trouble = new Error('something else');
  await expect(opening('http', () => Promise.reject(trouble))).rejects.toBe(trouble);
  await expect(
    opening('http', () =>
      Promise.reject(Object.assign(new Error('listen EADDRNOTAVAIL 192.0.2.1'), { code: 'EADDRNOTAVAIL' })),
    ),
  ).rejects.toThrow('http.addresses: listen EADDRNOTAVAIL');
  expect(await opening('http', () => Promise.resolve(7))).toBe(7);
});
