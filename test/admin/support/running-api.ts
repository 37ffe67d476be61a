/** The API on a database of its own, with a client that keeps every body it was ever answered. */
import { createHash } from 'node:crypto';
import { createAdminServer, type AdminServer } from '../../../src/admin/server';
import { cxAdmin } from '../../../src/apps/cx/admin';
import { dxAdmin } from '../../../src/apps/dx/admin';
import { s6aAdmin } from '../../../src/apps/s6a/admin';
import { createAttachmentStore } from '../../../src/apps/s6a/store/attachments';
import { createDestinations } from '../../../src/apps/s6a/store/destinations';
import { sharedKindsInOrder } from '../../../src/subscriber/shared-kinds';
import { s13Admin } from '../../../src/apps/s13/admin';
import { demoData } from '../../../src/subscriber/demo-subscribers';
import type { PeerSnapshot, PeerTable } from '../../../src/diameter/peer/contract';
import type { Logger } from '../../../src/shared/logger';
import { freshDatabase, openStore, type TestStore } from '../../support/database';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

export interface RunningApi {
  readonly url: string;
  readonly store: TestStore;
  readonly server: AdminServer;
  /** Every answer so far, bodies and headers. */
  readonly seen: string[];
  request(
    method: string,
    path: string,
    options?: { body?: unknown; raw?: string | Buffer; headers?: Record<string, string> },
  ): Promise<Answer>;
  stop(): Promise<void>;
}

const peer: PeerSnapshot = {
  originHost: 'scscf.home.example',
  originRealm: 'home.example',
  state: 'R-Open',
  watchdog: 'OKAY',
  configured: false,
  protocol: 'tcp',
  remote: '127.0.0.1:4000',
  productName: 'test',
  applications: [16_777_216],
  connectedSinceMs: 0,
  pendingRequests: 0,
  messagesIn: 1,
  messagesOut: 2,
  octetsIn: 3,
  octetsOut: 4,
};

/** Only what the API reads of the peer layer. */
export const peerTable: PeerTable = {
  snapshot: () => [peer],
  paths: () => [],
  send: () => Promise.resolve({ kind: 'timeout' }),
  shutdown: () => Promise.resolve(),
};

export interface ApiOptions {
  readonly logger?: Logger;
  /** Realms that the HSS serves by its configuration. */
  readonly domains?: readonly string[];
  readonly token?: string;
  /** Another database than a fresh one. */
  readonly databaseUrl?: string;
}

export async function startApi(options: ApiOptions = {}): Promise<RunningApi> {
  const store = await openStore(options.databaseUrl ?? (await freshDatabase()));
  const server = await createAdminServer({
    store,
    peers: peerTable,
    applications: [
      cxAdmin({ store, registrations: store }),
      dxAdmin(store.locator),
      s6aAdmin({
        store,
        attachments: createAttachmentStore(store.database),
        destinations: createDestinations(store.database),
        outbox: store.outbox,
        wake: () => undefined,
        reactions: () => ({ kind: 'entries', entries: [] }),
      }),
      s13Admin(store, 90),
    ],
    version: '0.0.0',
    token: options.token,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    ...(options.domains === undefined ? {} : { domains: options.domains }),
  });
  const [url = ''] = await server.listen({ addresses: ['127.0.0.1'], port: 0 });
  const seen: string[] = [];
  if (options.databaseUrl === undefined) await loadDemo(store);
  return {
    url,
    store,
    server,
    seen,
    request: async (method, path, { body, raw, headers = {} } = {}) => {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const response = await fetch(url + path, {
        method,
        headers: { ...(sent === undefined ? {} : { 'content-type': contentType }), ...headers },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const text = await response.text();
      seen.push(JSON.stringify([...response.headers]) + text);
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: <T>() => JSON.parse(text) as T,
      };
    },
    stop: async () => {
      await server.close();
      await store.close();
    },
  };
}

export async function loadDemo(store: TestStore): Promise<void> {
  const demo = demoData();
  for (const { kind } of sharedKindsInOrder)
    for (const set of demo[kind]) await store.putShared(kind, set, {});
  await store.importSubscriptions(demo.subscriptions);
}

/** What every K of a simple subscription begins with. */
export const keyStart = '00112233445566778899aabb';
const keyOf = (id: string): string => keyStart + createHash('md5').update(id).digest('hex').slice(0, 8);

/** A minimal subscription; everything in it can be overridden. */
export function simpleSubscription(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    privateIdentities: [
      {
        identity: `${id}@home.example`,
        authentication: {
          aka: { k: keyOf(id), opc: 'ffeeddccbbaa99887766554433221100' },
        },
      },
    ],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [{ identity: `sip:${id}@home.example`, serviceProfile: 'demo-default' }],
      },
    ],
    ...more,
  };
}
