/**
 * The running HSS: everything put together, started in the order in which it depends on each other, stopped
 * in the reverse one. Stopping: no new connections, DPR to every peer, what is in flight is finished, then
 * the API, the store and the database.
 */
import { createAdminServer } from '../admin/server';
import type { KeyRing } from '../authentication/key-ring';
import { unseal } from '../authentication/sealed-secret';
import { applications as ours, changeReactionsOf, type ProductApplication } from './applications';
import { banner } from './banner';
import { maskUrl } from '../config/mask';
import type { LoadedConfig } from '../config/load';
import { createMetrics } from '../metrics/metrics';
import { Readiness } from '../metrics/readiness';
import { startMetricsServer } from '../metrics/server';
import { ProcessSignals } from '../diameter/overload/process-signals';
import { DiameterTap } from '../events/diameter-tap';
import { EventSpine } from '../events/event-spine';
import type { LogControl, Logger } from '../shared/logger';
import { productVersion } from '../shared/version';
import { pendingMigrations } from '../store/migrate';
import { openDatabase, profileRulesOf } from './database';
import { demoUsers, loadDemo, warnOfDemoUsers } from './demo';
import { createTransports } from './transports';
import type { DiameterNode } from './diameter';
import { fittingKeys, readKeys } from './key-ring';
import { opening } from './listening';
import { roundTripsFor } from './overload';
import { createNode } from './slf';

export interface RunningServer {
  /** The block to print. */
  readonly banner: string;
  /**
   * Takes over the peers and the keys of a changed configuration. @throws ConfigError where the keys are not
   * usable or not of this database, Error where that cannot be found out; nothing changes then
   */
  reconfigure(loaded: LoadedConfig): Promise<void>;
  stop(): Promise<void>;
}

type Stop = () => Promise<void>;

/**
 * @param log for the API and the metrics
 * @throws ConfigError, Error where something cannot be opened; what was open already is closed again
 */
export async function startServer(
  loaded: LoadedConfig,
  logger: Logger,
  log?: LogControl,
  applications: readonly ProductApplication[] = ours,
): Promise<RunningServer> {
  const stops: Stop[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) {
      await stop().catch((error: unknown) => logger.error({ err: error }, 'a part did not stop in order'));
    }
  };
  try {
    return await start(loaded, logger, log, applications, stops, stopAll);
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function start(
  loaded: LoadedConfig,
  logger: Logger,
  log: LogControl | undefined,
  applications: readonly ProductApplication[],
  stops: Stop[],
  stopAll: Stop,
): Promise<RunningServer> {
  const { config } = loaded;
  for (const warning of loaded.warnings) logger.warn({}, warning);
  let ring = readKeys(config.store, loaded.file, logger)?.ring ?? null;
  const keyRing = (): KeyRing => {
    if (ring === null) throw new Error('the keys are not read yet');
    return ring;
  };
  let rules = profileRulesOf(config);
  let node: DiameterNode | null = null;
  const metrics = createMetrics(
    {
      peers: () => node?.peers.snapshot() ?? [],
      paths: () => node?.peers.paths() ?? [],
      openPushes: () => database.store.outbox.openCount(),
      overload: () => node?.overload.snapshot() ?? null,
      ...(log === undefined ? {} : { log: () => log.counts() }),
    },
    {
      maxPeerLabels: config.metrics.maxPeerLabels,
      applications: applications.flatMap(
        (application) => application.metrics?.({ config, store: () => database.store, logger }) ?? [],
      ),
    },
  );
  const events = new EventSpine(logger);
  for (const listener of metrics.listeners) events.subscribe(listener);
  const signals = new ProcessSignals();
  events.subscribe(roundTripsFor(signals));
  signals.start();
  stops.push(() => Promise.resolve(signals.stop()));
  const database = await openDatabase(
    config.store,
    keyRing,
    events,
    logger,
    config.role,
    () => rules,
    applications,
    config,
  );
  stops.push(database.close);
  const { store, url } = database;
  ring = (await fittingKeys(config.store, url, loaded.file, logger)).ring;
  if (config.role !== 'slf') await store.prepareKeyHashes();
  if (config.demo.load && config.store.url === undefined && config.role !== 'slf')
    await loadDemo(store, config.store.dataFolder, config.diameter.originRealm, logger);

  node = createNode(config, {
    applications,
    store,
    logger,
    events,
    tap: new DiameterTap(logger),
    signals,
    originStateId: database.originStateId,
    secrets: { open: (sealed, owner) => unseal(sealed, owner, keyRing()), keys: keyRing },
    transports: createTransports(config, logger, loaded.file),
  });
  const { peers, dispatcher, overload, push } = node;
  let listening = false;
  const readiness = new Readiness([
    {
      name: 'database',
      check: () =>
        store.isReady()
          ? store.commitsWork()
          : Promise.resolve(`the database cannot be used: ${store.problem()}`),
    },
    {
      name: 'migrations',
      once: true,
      check: async () => {
        const pending = await pendingMigrations(url);
        return pending.length === 0 ? true : `pending: ${pending.join(', ')}`;
      },
    },
    { name: 'diameter', check: () => Promise.resolve(listening ? true : 'does not listen yet') },
  ]);
  const health = await opening('metrics', () =>
    startMetricsServer({ metrics, readiness, logger }, config.metrics),
  );
  stops.push(() => health.close());
  const reactions = changeReactionsOf(applications);
  const admin = await createAdminServer({
    domains: [config.diameter.originRealm, ...config.diameter.servedRealms],
    store,
    peers,
    applications: applications.flatMap(
      (application) => application.admin?.({ config, store, wake: () => push.wake(), reactions }) ?? [],
    ),
    log,
    version: productVersion,
    token: config.http.token,
    accessRefused: (reason) => events.apiAccessRefused(reason),
    logger,
  });
  stops.push(() => admin.close(config.diameter.disconnectTimeoutMs));
  const api = await opening('http', () => admin.listen(config.http));
  // Before the listeners open, so that a failure of the second one closes the first.
  stops.push(async () => {
    await push.stop();
    await peers.shutdown('REBOOTING', config.diameter.disconnectTimeoutMs);
    await dispatcher.whenIdle();
    overload.stop();
  });
  const diameter = await node.start();
  listening = true;
  store.onOutboxWritten(() => push.wake());
  push.start();
  await warnOfDemoUsers(store, config, logger);
  const reconfigure = node.reconfigure;
  return {
    banner: banner({
      version: productVersion,
      originHost: config.diameter.originHost,
      originRealm: config.diameter.originRealm,
      diameter,
      unknownPeers: config.diameter.unknownPeers,
      configuredPeersCount: config.peers.length,
      http: api,
      tokenRequired: config.http.token !== undefined,
      documentationPath: '/docs',
      metrics: health.endpoints.map(
        ({ address, port }) => `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
      ),
      database:
        config.store.url === undefined
          ? { kind: 'embedded', folder: config.store.dataFolder }
          : { kind: 'outside', maskedUrl: maskUrl(config.store.url) },
      configurationFile: loaded.file,
      demoUsers:
        config.store.url === undefined && config.demo.load
          ? await demoUsers(store, config.diameter.originRealm)
          : [],
      demoCredentialsFile: 'docs/demo-users.md',
    }),
    reconfigure: async (changed) => {
      ring = (await fittingKeys(changed.config.store, url, changed.file, logger)).ring;
      rules = profileRulesOf(changed.config);
      reconfigure(changed.config);
    },
    stop: async () => {
      readiness.stopping();
      await stopAll();
    },
  };
}
