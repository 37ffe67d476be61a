/**
 * A client that goes away in the middle of an import leaves whole records behind, and a server that goes on.
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const importHead = (host: string): string =>
  `POST /v1/import HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

test('an import that is cut off stores no half record', async () => {
  const { host, port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(importHead(host));
  const lines = Array.from(
    { length: 1_000 },
    (_, i) => `${JSON.stringify(simpleSubscription(`cut-${i}`))}\n`,
  );
  socket.write(chunk(lines.join('')));
  // The first batch is stored while more is expected.
  for (
    let tries = 0;
    tries < 100 && (await api.request('GET', '/v1/subscriptions/cut-0')).status !== 200;
    tries += 1
  )
    await sleep(50);
  socket.write(chunk(lines[0]?.slice(0, 30) ?? ''));
  socket.destroy();
  await sleep(100);
  expect((await api.request('GET', '/v1/subscriptions/cut-0')).json()).toMatchObject({ id: 'cut-0' });
  expect((await api.request('GET', '/v1/subscriptions/cut-999')).status).toBe(404);
  expect(
    (await api.request('GET', '/v1/subscriptions?limit=1000')).json<{ items: unknown[] }>().items,
  ).toHaveLength(804);
});

test('answers come while the body is still being sent', async () => {
  const { host, port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += String(text);
  });
  socket.write(importHead(host) + chunk('{}\n'));
  for (let tries = 0; tries < 100 && !received.includes('"failure"'); tries += 1) await sleep(20);
  expect(received).toContain('HTTP/1.1 200');
  expect(received).toContain('"type":"failure","line":1');
  socket.write(chunk(`${JSON.stringify(simpleSubscription('late'))}\n`) + '0\r\n\r\n');
  for (let tries = 0; tries < 100 && !received.includes('"summary"'); tries += 1) await sleep(20);
  expect(received).toContain(
    '"type":"summary","lines":2,"records":2,"created":1,"replaced":0,"unchanged":0,"failed":1',
  );
  socket.destroy();
});
