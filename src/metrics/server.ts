/**
 * The listener for scrapers and orchestrators: /metrics, /livez (the event loop turns) and /readyz (the
 * database is reachable, migrations are current, we listen). It needs no token, so it is a listener of its
 * own, on loopback unless configured.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../shared/logger';
import { boundConnections, httpServerOptions } from '../shared/http-connections';
import { foreignRequest, isLoopbackName } from '../shared/loopback';
import type { Readiness } from './readiness';

export interface MetricsServerOptions {
  readonly addresses: readonly string[];
  /** 0 for any free one. */
  readonly port: number;
}

export interface MetricsServer {
  /** Where it listens, in the order of the addresses. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
  close(): Promise<void>;
}

interface Sources {
  readonly metrics: { text(): Promise<string>; readonly registry: { readonly contentType: string } };
  readonly readiness: Readiness;
  readonly logger: Logger;
}

const connectionBounds = {
  maxConnectionsCount: 128,
  maxPerAddressCount: 64,
  maxWaitingCount: 64,
  maxWaitingPerAddressCount: 16,
  loopbackReserveCount: 16,
};
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Listens on every address. @throws Error (EADDRINUSE and its like) with nothing left open. */
export async function startMetricsServer(
  sources: Sources,
  options: MetricsServerOptions,
): Promise<MetricsServer> {
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(closed));
  };
  try {
    for (const address of options.addresses) {
      const isLocal = isLoopbackName(address);
      const server = createServer(httpServerOptions, (request, response) => {
        answer(sources, request, response, isLocal).catch((error: unknown) => {
          sources.logger.warn({ err: error, url: request.url }, 'metrics request failed');
          if (!response.headersSent) send(request, response, json(500, { error: 'internal error' }));
          else response.destroy();
        });
      });
      boundConnections(server, connectionBounds);
      server.requestTimeout = REQUEST_TIMEOUT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      servers.push(server);
      await listening(server, address, options.port);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints: servers.map(endpointOf), close };
}

/** `isLocal`: only this machine reaches the listener, so no other name leads there but by DNS rebinding. */
async function answer(
  sources: Sources,
  request: IncomingMessage,
  response: ServerResponse,
  isLocal: boolean,
): Promise<void> {
  request.resume();
  if (isLocal && foreignRequest(request.headers) !== null) {
    const error =
      'the Host or Origin header does not name this machine, and only this machine is listened to';
    send(request, response, json(403, { error }));
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(request, response, json(405, { error: 'only GET and HEAD' }));
    return;
  }
  send(request, response, await route(sources, (request.url ?? '/').split('?', 1)[0] ?? '/'));
}

async function route({ metrics, readiness }: Sources, path: string): Promise<Reply> {
  switch (path) {
    case '/metrics':
      return { status: 200, contentType: metrics.registry.contentType, body: await metrics.text() };
    case '/livez':
      return json(200, { alive: true });
    case '/readyz': {
      const report = await readiness.report();
      return json(report.ready ? 200 : 503, report);
    }
    default:
      return json(404, { error: 'not found', paths: ['/metrics', '/livez', '/readyz'] });
  }
}

function json(status: number, body: unknown): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: Reply,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: host === '::' ? false : undefined }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function endpointOf(server: Server): { address: string; port: number } {
  const { address, port } = server.address() as AddressInfo;
  return { address, port };
}
