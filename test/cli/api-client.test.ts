/** The client of the HTTP API against a real HTTP server, and `hss peers` through it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient, ApiError, problemText } from '../../src/cli/api-client';
import { configuredApiUrl } from '../../src/cli/context';
import { fields, table } from '../../src/cli/table';
import { loadConfig } from '../../src/config/load';
import { cli } from './run-cli';

let server: Server;
let url: string;
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => handle(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

const peers = {
  items: [
    {
      originHost: 'scscf.example.org',
      originRealm: 'example.org',
      state: 'R-Open',
      watchdog: 'OKAY',
      configured: true,
      protocol: 'tcp',
      remote: '127.0.0.1:4000',
      productName: 'evil\u001b[31m',
      pendingRequests: 0,
      messagesIn: 12,
      messagesOut: 3,
    },
  ],
};

test('a call sends the token, the query and JSON, and gives status, ETag and body', async () => {
  handle = (request, response, body) =>
    reply(
      response,
      201,
      { method: request.method, url: request.url, authorization: request.headers.authorization, body },
      { etag: '"1"' },
    );
  const client = new ApiClient({ baseUrl: `${url}/`, token: 'secret-token', timeoutMs: 1_000 });
  const answer = await client.call('PUT', '/v1/subscriptions/a%20b', {
    json: { id: 'a b' },
    query: { limit: 5, cursor: undefined },
  });
  expect(answer).toEqual({
    status: 201,
    etag: '"1"',
    body: {
      method: 'PUT',
      url: '/v1/subscriptions/a%20b?limit=5',
      authorization: 'Bearer secret-token',
      body: '{"id":"a b"}',
    },
  });
});

test('a problem becomes readable text with every fault', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Unprocessable Entity',
    status: 422,
    detail: 'The document has 2 faults; nothing was changed.',
    errors: [
      { pointer: '/privateIdentities/0/imsi', detail: 'must be 6 to 15 digits' },
      { parameter: 'limit', detail: 'too large' },
    ],
  };
  handle = (_, response) => reply(response, 422, problem, { 'content-type': 'application/problem+json' });
  const failure = new ApiClient({ baseUrl: url, timeoutMs: 1_000 }).call('PUT', '/v1/x');
  await expect(failure).rejects.toBeInstanceOf(ApiError);
  await expect(failure).rejects.toMatchObject({
    status: 422,
    exitStatus: 1,
    message:
      'The document has 2 faults; nothing was changed. (HTTP 422 Unprocessable Entity)\n  /privateIdentities/0/imsi: must be 6 to 15 digits\n  limit: too large',
  });
});

test.each([
  [401, {}, 'refused (HTTP 401)\nGive the token with --token or HSS_TOKEN.'],
  [404, { title: 'Not Found' }, 'Not Found (HTTP 404)'],
  [
    500,
    { errors: [{ pointer: '', detail: 'all wrong' }] },
    'refused (HTTP 500)\n  (the whole document): all wrong',
  ],
])('problem text of %i', (status, problem, text) => {
  expect(problemText(status, problem)).toBe(text);
});

test('answers that are not JSON, or of the wrong shape, do not confuse it', async () => {
  const client = new ApiClient({ baseUrl: url, timeoutMs: 1_000 });
  handle = (_, response) => reply(response, 502, '<html>Bad gateway</html>\nmore');
  await expect(client.call('GET', '/')).rejects.toThrow('<html>Bad gateway</html> (HTTP 502)');
  handle = (_, response) => reply(response, 500, { title: 5, errors: 'none' });
  await expect(client.call('GET', '/')).rejects.toThrow('refused (HTTP 500)');
  handle = (_, response) => reply(response, 200, '<html>');
  await expect(client.call('GET', '/')).rejects.toThrow('is it the HTTP API of the HSS?');
  handle = (_, response) => {
    response.writeHead(204).end();
  };
  expect((await client.call('DELETE', '/')).body).toBeUndefined();
});

test('an HSS that does not answer in time', async () => {
  handle = () => undefined;
  await expect(new ApiClient({ baseUrl: url, timeoutMs: 100 }).call('GET', '/')).rejects.toThrow(
    'no answer in time',
  );
});

test('hss peers prints a table without control characters, and --json what came', async () => {
  handle = (request, response) =>
    request.url === '/v1/peers' ? reply(response, 200, peers) : reply(response, 404, {});
  const text = await cli(['peers', '--api', url]);
  expect(text).toEqual({
    status: 0,
    stderr: '',
    stdout:
      'PEER               REALM        STATE   WATCHDOG  CONFIGURED  REMOTE              PRODUCT    PENDING  IN  OUT\n' +
      'scscf.example.org  example.org  R-Open  OKAY      yes         tcp 127.0.0.1:4000  evil?[31m        0  12    3\n',
  });
  expect(JSON.parse((await cli(['peers', '--json'], { env: { HSS_API: url } })).stdout)).toEqual(peers);
  handle = (_, response) => reply(response, 200, { items: [] });
  expect((await cli(['peers', '--api', url])).stdout).toBe('No Diameter peers.\n');
});

test('without --api the configuration says where the API is, and only then its token is sent', async () => {
  let authorization: string | undefined;
  handle = (request, response) => {
    authorization = request.headers.authorization;
    reply(response, 200, { items: [] });
  };
  const env = { HSS__HTTP__PORT: new URL(url).port, HSS__HTTP__TOKEN: 'configured-token-0123' };
  expect((await cli(['peers'], { env })).status).toBe(0);
  expect(authorization).toBe('Bearer configured-token-0123');
  await cli(['peers', '--api', url], { env });
  expect(authorization).toBeUndefined();
  await cli(['peers', '--api', url], { env: { ...env, HSS_TOKEN: 'from-environment' } });
  expect(authorization).toBe('Bearer from-environment');
  await cli(['peers', '--token', 'from-option'], { env: { ...env, HSS_TOKEN: 'from-environment' } });
  expect(authorization).toBe('Bearer from-option');
});

test.each([
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
  ['::1', 'http://[::1]:8080'],
  ['192.0.2.7', 'http://192.0.2.7:8080'],
])('an API on %s is reached at %s', (address, expected) => {
  const { config } = loadConfig({
    env: { HSS__HTTP__ADDRESSES: address, HSS__HTTP__TOKEN: '0123456789abcdef' },
    cwd: '/',
    file: '/dev/null',
  });
  expect(configuredApiUrl(config)).toBe(expected);
});

test('tables and fields', () => {
  expect(
    table(
      ['NAME', 'COUNT'],
      [
        ['a', 1],
        ['long name', 20],
        [null, undefined],
      ],
    ),
  ).toBe('NAME       COUNT\na              1\nlong name     20\n-              -');
  expect(table(['NAME'], [])).toBe('(none)');
  expect(
    fields([
      ['one', 1],
      ['yes or no', true],
      ['none', null],
    ]),
  ).toBe('one        1\nyes or no  yes\nnone       -');
});
