/**
 * The HTTP API: provisioning and operations over the domain ports. The route table is the whole of it; this
 * file puts access control, content negotiation, parsing, problems and listening around it.
 *
 * /openapi.json and /docs are served without a token even where one is set: they hold nothing but what is in
 * the source, and a browser cannot send a token when it opens a page. "Authorize" on the page then takes the
 * token for the requests it makes.
 */
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import type { AddressInfo } from 'node:net';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type onRequestHookHandler,
} from 'fastify';
import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { ProvisioningStore } from '../subscriber/provisioning';
import type { PeerTable } from '../diameter/peer/contract';
import { boundConnections, httpServerOptions } from '../shared/http-connections';
import { silentLogger, type LogControl, type Logger } from '../shared/logger';
import { accessControl, assertMayListen } from './access-control';
import { addBodyParsers, forgetTypeOfNothing } from './body-parsers';
import type { AdminPart } from './contract';
import { assertAcceptable, assertContentType } from './content-negotiation';
import { noSuchPath, problemOf } from './http-errors';
import { otherMethods } from './other-methods';
import { openApiDocument, type OpenApiDocument } from './openapi/document';
import { problemMediaType, ProblemError } from './problem';
import { RefusedAccesses, type RefusedAccess } from './refused-access';
import { jsonMediaType, mediaTypesOf, type ApiAnswer, type Route } from './route';
import { loggingRoutes } from './routes/logging';
import { peerRoutes } from './routes/peers';
import { sharedSetRoutes } from './routes/shared-sets';
import { subscriberRoutes } from './routes/subscribers';
import { subscriptionRoutes } from './routes/subscriptions';
import { transferRoutes } from './routes/transfer';
import { validateQuery } from './validation';

export interface AdminServerOptions {
  readonly store: ProvisioningStore;
  readonly peers: PeerTable;
  /** What applications bring. */
  readonly applications?: readonly AdminPart[];
  /** Product version, for the OpenAPI document. */
  readonly version: string;
  /**
   * Bearer token; where it is set every data route needs it, where it is not only loopback addresses can be
   * listened on.
   */
  readonly token?: string | undefined;
  readonly logger?: Logger;
  /** Realms that this HSS serves: what is of none of them leaves a warning. */
  readonly domains?: readonly string[];
  /** The log's level; without it the API has no routes for it. */
  readonly log?: LogControl | undefined;
  /** Hears of each request that was not let in. */
  readonly accessRefused?: ((reason: RefusedAccess) => void) | undefined;
  /** Longest body of one document, and longest line of an import; 1 MiB when absent. */
  readonly maxDocumentOctets?: number;
}

export interface ListenOptions {
  readonly addresses: readonly string[];
  /** 0 takes any free port, the same one on every address. */
  readonly port: number;
}

export interface AdminServer {
  /**
   * @returns where it listens, as URLs. @throws Error where an address cannot be bound, or needs a token that
   * is not set
   */
  listen(options: ListenOptions): Promise<readonly string[]>;
  /** Stops listening, lets requests in flight end for `graceMs`, then cuts their connections. */
  close(graceMs?: number): Promise<void>;
  readonly openapi: OpenApiDocument;
}

const defaultMaxDocumentOctets = 1_048_576;
/** A connection on which nothing moves for so long is closed. */
const idleTimeoutMs = 120_000;
const defaultGraceMs = 5_000;
const connectionBounds = {
  maxConnectionsCount: 512,
  maxPerAddressCount: 128,
  maxWaitingCount: 128,
  maxWaitingPerAddressCount: 32,
  loopbackReserveCount: 32,
};
const maxParameterCharacters = 1_024;

type Access = ReturnType<typeof accessControl>;

/** The whole API as a table. */
export function apiRoutes(options: AdminServerOptions): readonly Route[] {
  const { domains = [], applications = [] } = options;
  return [
    ...subscriptionRoutes(options.store, { domains }),
    ...subscriberRoutes(options.store, domains),
    ...sharedSetRoutes(options.store),
    ...applications.flatMap((application) => application.routes),
    ...peerRoutes(options.peers),
    ...(options.log === undefined ? [] : loggingRoutes(options.log)),
    ...transferRoutes({
      store: options.store,
      records: applications.flatMap((application) => application.records),
      domains,
      logger: options.logger ?? silentLogger,
      maxLineOctets: options.maxDocumentOctets ?? defaultMaxDocumentOctets,
    }),
  ];
}

/** Builds the server; it listens only when told. The store may be unavailable: requests then get 503. */
export async function createAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const logger = options.logger ?? silentLogger;
  const maxDocumentOctets = options.maxDocumentOctets ?? defaultMaxDocumentOctets;
  const routes = apiRoutes(options);
  const openapi = openApiDocument(
    routes,
    options.applications ?? [],
    options.version,
    options.token !== undefined,
  );
  const app = fastify({
    bodyLimit: maxDocumentOctets,
    routerOptions: { maxParamLength: maxParameterCharacters },
    exposeHeadRoutes: true,
    // A path that cannot even be looked up never reaches the error handler.
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, problemOf(error, { maxDocumentOctets }).problem);
    },
  });
  const access = accessControl(options.token);
  addBodyParsers(app);
  const refused = new RefusedAccesses(logger, options.accessRefused ?? (() => undefined));
  app.addHook('onClose', (_instance, done) => {
    refused.stop();
    done();
  });
  addErrorHandling(app, logger, maxDocumentOctets, refused);
  await addDescription(app, openapi, access);
  for (const route of routes) addRoute(app, route, access, logger);
  addMethodNotAllowed(app, routes, access);
  await app.ready();
  return { openapi, ...listening(app, options.token) };
}

function sendProblem(reply: FastifyReply, problem: ProblemError): void {
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type(problemMediaType)
    .send(JSON.stringify(problem.document()));
}

function addErrorHandling(
  app: FastifyInstance,
  logger: Logger,
  maxDocumentOctets: number,
  refused: RefusedAccesses,
): void {
  app.setErrorHandler((error, request, reply) => {
    const { problem, unexpected } = problemOf(error, { maxDocumentOctets });
    if (problem.status === 401 || problem.status === 403)
      refused.note(problem.status, request.headers.authorization, request.ip);
    if (unexpected)
      logger.error(
        { err: error, method: request.method, route: request.routeOptions.url },
        'admin request failed',
      );
    sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) => {
    sendProblem(reply, noSuchPath());
  });
}

async function addDescription(app: FastifyInstance, openapi: OpenApiDocument, access: Access): Promise<void> {
  app.addHook(
    'onRequest',
    guard((request) => {
      if (isDescription(request)) access(request.headers, true);
    }),
  );
  const text = JSON.stringify(openapi);
  app.get('/openapi.json', (_request, reply) => reply.type(jsonMediaType).send(text));
  app.get('/', (_request, reply) => reply.redirect('/docs'));
  await app.register(swagger, {
    mode: 'static',
    specification: { document: JSON.parse(text) as StaticDocumentSpec['document'] },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, validatorUrl: null },
  });
}

/** A hook that lets the request pass unless `check` throws. */
function guard(check: (request: FastifyRequest) => void): onRequestHookHandler {
  return (request, _reply, done) => {
    try {
      check(request);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}

function isDescription(request: FastifyRequest): boolean {
  return !(request.routeOptions.url ?? '/').startsWith('/v1/');
}

function addRoute(app: FastifyInstance, route: Route, access: Access, logger: Logger): void {
  const offer = route.answerMediaType ?? jsonMediaType;
  app.route({
    method: route.method === 'GET' && route.answerMediaType === undefined ? ['GET', 'HEAD'] : route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    // A stream is not begun for a HEAD.
    exposeHeadRoute: false,
    onRequest: guard((request) => {
      access(request.headers, false);
      assertAcceptable(request.headers.accept, offer);
      if (route.body !== undefined)
        assertContentType(request.headers['content-type'], mediaTypesOf(route.body), route.method);
      else forgetTypeOfNothing(request);
    }),
    handler: async (request, reply) => {
      const query = checkedQuery(route, request.query);
      const answer = await route.handle({
        params: request.params as Record<string, string>,
        query,
        headers: request.headers,
        body: request.body,
        stream: request.body instanceof Readable ? request.body : null,
      });
      if (route.method !== 'GET')
        logger.info(
          { operation: route.operationId, path: request.url, status: answer.status },
          'provisioning change',
        );
      return sendAnswer(reply, answer, offer);
    },
  });
}

function checkedQuery(route: Route, query: unknown): unknown {
  if (route.query === undefined) return {};
  const result = validateQuery(route.query, query);
  if (!result.ok) throw new ProblemError(400, 'The query is malformed.', result.faults);
  return result.value;
}

function sendAnswer(reply: FastifyReply, answer: ApiAnswer, mediaType: string): FastifyReply {
  reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .headers(answer.headers ?? {});
  if (answer.stream !== undefined) return reply.type(mediaType).send(Readable.from(answer.stream));
  return answer.body === undefined ? reply.send() : reply.type(mediaType).send(JSON.stringify(answer.body));
}

function addMethodNotAllowed(app: FastifyInstance, routes: readonly Route[], access: Access): void {
  for (const { path, methods, refusal } of otherMethods(routes)) {
    app.route({
      method: [...methods],
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      onRequest: guard((request) => {
        access(request.headers, false);
        throw refusal(request.method);
      }),
      handler: () => undefined,
    });
  }
}

/** One HTTP server for each address, all in front of the same routes. */
function listening(app: FastifyInstance, token: string | undefined): Pick<AdminServer, 'listen' | 'close'> {
  const servers: Server[] = [];
  return {
    listen: async ({ addresses, port }) => {
      for (const address of addresses) assertMayListen(address, token);
      const urls: string[] = [];
      let chosen = port;
      for (const address of addresses) {
        const server = createServer(
          { ...httpServerOptions, keepAliveTimeout: 10_000 },
          (request, response) => {
            app.routing(request, response);
          },
        );
        // Imports may take as long as they take; a sender that stalls is cut by the idle time limit.
        server.requestTimeout = 0;
        server.setTimeout(idleTimeoutMs);
        boundConnections(server, connectionBounds);
        await bind(server, address, chosen);
        servers.push(server);
        chosen = (server.address() as AddressInfo).port;
        urls.push(`http://${address.includes(':') ? `[${address}]` : address}:${chosen}`);
      }
      return urls;
    },
    close: async (graceMs = defaultGraceMs) => {
      await Promise.all(servers.map((server) => stop(server, graceMs)));
      await app.close();
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
