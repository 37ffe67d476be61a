/** Who gets in, over HTTP: token rules on every route, loopback without a token, and a store that is down. */
import { createAdminServer, type AdminServer } from '../../src/admin/server';
import { silentLogger } from '../../src/shared/logger';
import { peerTable, startApi, simpleSubscription, type RunningApi } from './support/running-api';
import { request as httpRequest } from 'node:http';
import { halfOpen } from '../support/half-open';

const token = 'correct-horse-battery-staple';
/** Nobody listens on the discard port; the store goes on trying. */
const unreachable = 'postgresql://hss:x@127.0.0.1:9/hss';

/** fetch does not let a test choose the Host header. */
function statusWithHost(url: string, host: string, origin?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${url}/v1/peers`,
      { headers: { host, ...(origin === undefined ? {} : { origin }) } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.on('error', reject).end();
  });
}

describe('with a token', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi({ token, databaseUrl: unreachable });
  });
  afterAll(() => api.stop());

  test('every operation needs it, whatever the method', async () => {
    let operations = 0;
    for (const [path, item] of Object.entries(api.server.openapi.paths)) {
      for (const method of Object.keys(item)) {
        operations += 1;
        const answer = await api.request(method.toUpperCase(), path.replace(/\{\w+\}/, 'x'));
        expect({ path, method, status: answer.status }).toEqual({ path, method, status: 401 });
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
    expect(operations).toBe(46);
    expect((await api.request('POST', '/v1/peers')).status).toBe(401);
    expect(
      (await api.request('GET', '/v1/peers', { headers: { authorization: `Bearer ${token}x` } })).status,
    ).toBe(401);
    expect(
      (await api.request('GET', '/v1/peers', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(200);
  });

  test('the description and its page are open, and say that a token is needed', async () => {
    expect((await api.request('GET', '/openapi.json')).json()).toMatchObject({ security: [{ bearer: [] }] });
    expect((await api.request('GET', '/docs/')).status).toBe(200);
  });

  test('a store that is down is 503 with Retry-After, on every kind of route', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const attempts: [string, string, unknown?][] = [
      ['GET', '/v1/subscriptions/a'],
      ['GET', '/v1/subscriptions'],
      ['GET', '/v1/subscriptions/a/registration-status'],
      ['PUT', '/v1/subscriptions/a', simpleSubscription('a')],
      ['PATCH', '/v1/subscriptions/a', {}],
      ['DELETE', '/v1/subscriptions/a'],
      ['GET', '/v1/service-profiles'],
      ['PUT', '/v1/service-profiles/a', {}],
      ['GET', '/v1/registrations'],
      ['GET', '/v1/export'],
    ];
    for (const [method, path, body] of attempts) {
      const answer = await api.request(method, path, { headers, body });
      expect({ method, path, status: answer.status, retry: answer.headers.get('retry-after') }).toEqual({
        method,
        path,
        status: 503,
        retry: '1',
      });
      expect(answer.json()).toMatchObject({ status: 503, detail: 'The database does not answer.' });
    }
  });

  test('an import into a store that is down ends with "aborted"', async () => {
    const answer = await api.request('POST', '/v1/import', {
      raw: `${JSON.stringify(simpleSubscription('a'))}\n`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    });
    const events = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.at(-1)).toMatchObject({ type: 'aborted', status: 503, created: 0 });
  });
});

describe('without a token', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi({ databaseUrl: unreachable });
  });
  afterAll(() => api.stop());

  test('only loopback names and no foreign origin', async () => {
    const port = new URL(api.url).port;
    expect(await statusWithHost(api.url, `localhost:${port}`)).toBe(200);
    expect(await statusWithHost(api.url, `localhost:${port}`, `http://localhost:${port}`)).toBe(200);
    expect(await statusWithHost(api.url, `rebound.example:${port}`)).toBe(403);
    expect(await statusWithHost(api.url, `localhost:${port}`, 'https://evil.example')).toBe(403);
  });

  test('it does not listen beyond the loopback', async () => {
    const server: AdminServer = await createAdminServer({ store: api.store, peers: peerTable, version: '0' });
    await expect(server.listen({ addresses: ['127.0.0.1', '0.0.0.0'], port: 0 })).rejects.toThrow(/token/);
    await server.close();
  });

  test('several addresses share one port', async () => {
    const server = await createAdminServer({ store: api.store, peers: peerTable, version: '0' });
    const urls = await server.listen({ addresses: ['127.0.0.1', '127.0.0.2'], port: 0 });
    expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(1);
    for (const url of urls) expect((await fetch(`${url}/v1/peers`)).status).toBe(200);
    await server.close();
    await expect(fetch(`${urls[0] ?? ''}/v1/peers`)).rejects.toThrow();
  });
});

describe('without being let in', () => {
  test('half-sent requests keep nobody out, and are cut', async () => {
    const api = await startApi({ token, databaseUrl: unreachable });
    const crowd = await halfOpen(api.url, 700);
    const startedAtMs = performance.now();
    const headers = { authorization: `Bearer ${token}` };
    expect((await api.request('GET', '/v1/peers', { headers })).status).toBe(200);
    // Without the bounds it is a minute or two.
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(crowd.openCount()).toBeLessThan(100);
    crowd.end();
    await api.stop();
  });

  test('refusals are counted one by one, and told as a number', async () => {
    const lines: { fields: object; message: string }[] = [];
    const reasons: string[] = [];
    const server = await createAdminServer({
      store: {} as never,
      peers: peerTable,
      version: '0',
      token,
      logger: { ...silentLogger, warn: (fields, message) => void lines.push({ fields, message }) },
      accessRefused: (reason) => reasons.push(reason),
    });
    const [url = ''] = await server.listen({ addresses: ['127.0.0.1'], port: 0 });
    const tokens = [undefined, 'wrong-but-secret', 'wrong-but-secret', undefined];
    for (const given of tokens) {
      const headers: Record<string, string> = given === undefined ? {} : { authorization: `Bearer ${given}` };
      expect((await fetch(`${url}/v1/peers`, { headers })).status).toBe(401);
    }
    expect(reasons).toEqual(['noToken', 'wrongToken', 'wrongToken', 'noToken']);
    expect(lines).toHaveLength(1);
    // What was not told yet is told at the end.
    await server.close();
    expect(lines.map(({ fields }) => fields)).toEqual([
      { noToken: 1, wrongToken: 0, host: 0, addresses: ['127.0.0.1'] },
      { noToken: 1, wrongToken: 2, host: 0, addresses: ['127.0.0.1'] },
    ]);
    expect(JSON.stringify(lines)).not.toContain('wrong-but-secret');
  });
});
