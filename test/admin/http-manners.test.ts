/** Small mistakes over HTTP get an answer that says what to do: methods, bodies, queries, paths. */
import { request as httpRequest } from 'node:http';
import type { Logger } from '../../src/shared/logger';
import { simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
const errors: unknown[] = [];
const logger: Logger = {
  ...Object.fromEntries(['trace', 'debug', 'info', 'warn'].map((level) => [level, () => undefined])),
  error: (fields: unknown) => {
    errors.push(fields);
  },
} as unknown as Logger;

beforeAll(async () => {
  api = await startApi({ logger });
});
afterAll(() => api.stop());

/** fetch rewrites paths and leaves out headers of what has no body; this does not. */
function plainRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; length: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    httpRequest({ hostname, port, method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(pieces).toString(),
          length: response.headers['content-length'],
        });
      });
    })
      .on('error', reject)
      .end();
  });
}

test.each(['application/json', 'application/json; charset=utf-8', 'text/plain'])(
  'a DELETE with content type %s and no body deletes',
  async (type) => {
    await api.request('PUT', '/v1/subscriptions/gone', { body: simpleSubscription('gone') });
    expect(await plainRequest('DELETE', '/v1/subscriptions/gone', { 'content-type': type })).toMatchObject({
      status: 204,
    });
    expect((await plainRequest('GET', '/v1/subscriptions', { 'content-type': type })).status).toBe(200);
  },
);

test.each(['/', '/docs', '/docs/', '/openapi.json', '/docs/static/index.html', '/v1/subscriptions'])(
  'HEAD of %s is GET without the body',
  async (path) => {
    const [head, get] = [await plainRequest('HEAD', path), await plainRequest('GET', path)];
    expect(head).toEqual({ status: get.status, text: '', length: get.length });
    expect(get.status).toBeLessThan(400);
  },
);

test.each([
  ['/v1/subscriptions', '/v1/subscriptions/{id}'],
  ['/v1/ifc-sets', '/v1/ifc-sets/{name}'],
  ['/v1/locator/entries', '/v1/locator/entries/{value}'],
])('POST %s is answered with Allow and "use PUT %s"', async (path, one) => {
  const answer = await api.request('POST', path, { body: {} });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect(answer.json<{ detail: string }>().detail).toContain(`Use PUT ${one}`);
});

test('a body that is too large names the limit', async () => {
  const raw = JSON.stringify({ text: 'x'.repeat(1_048_576) });
  const answer = await api.request('PUT', '/v1/subscriptions/large', { raw });
  expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([
    413,
    expect.stringContaining('1048576 octets'),
  ]);
});

test.each([
  '/v1/subscriptions?cursor=nonsense',
  '/v1/subscriptions?cursor=YWJj',
  '/v1/registrations?cursor=x!',
  '/v1/service-profiles?cursor=nonsense',
  '/v1/locator/entries?cursor=%00',
])('a cursor that no page gave is 400: %s', async (path) => {
  const answer = await api.request('GET', path);
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({
    errors: [{ parameter: 'cursor', detail: expect.stringContaining('nextCursor') as unknown }],
  });
});

test('a cursor of a page leads to the next one', async () => {
  for (const path of ['/v1/subscriptions', '/v1/service-profiles']) {
    const first = (await api.request('GET', `${path}?limit=1`)).json<{
      items: unknown[];
      nextCursor: string;
    }>();
    const next = (await api.request('GET', `${path}?limit=1&cursor=${first.nextCursor}`)).json<{
      items: unknown[];
    }>();
    expect(next.items).toHaveLength(1);
    expect(next.items).not.toEqual(first.items);
  }
});

test.each([
  ['limit=abc', 'must be a whole number'],
  ['limit=1.5', 'must be a whole number'],
  ['limit=0', 'must be at least 1'],
  ['limit=5000', 'must be at most 1000'],
  ['impi=a@b&impi=c@d', 'must be a string, given once'],
])('?%s is told as "%s"', async (query, detail) => {
  const answer = await api.request('GET', `/v1/subscriptions?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({ errors: [{ parameter: query.split('=')[0], detail }] });
});

test.each(['/docs/static/%2e%2e/x', '/docs/static/..%2f..%2fpackage.json', '/docs/static/nothing.js'])(
  '%s is 404, and no failure in the log',
  async (path) => {
    errors.length = 0;
    const answer = await plainRequest('GET', path);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([404, { status: 404 }]);
    expect(errors).toEqual([]);
  },
);

test("a path that is none is the client's mistake", async () => {
  errors.length = 0;
  expect((await plainRequest('GET', '/docs/static/%00')).status).toBe(404);
  expect((await plainRequest('GET', '/docs/static/%zz')).status).toBe(400);
  expect(errors).toEqual([]);
});
