/**
 * The whole product in this process, on a database of the test's: what a test needs that looks into the
 * moment between two of its steps.
 */
import { rmSync } from 'node:fs';
import { loadConfig } from '../../src/config/load';
import { silentLogger } from '../../src/shared/logger';
import type { ProductApplication } from '../../src/wiring/applications';
import { startServer, type RunningServer } from '../../src/wiring/server';
import { CxClient } from '../support/cx-client';
import { temporaryFolder, writeConfiguration, type HssSettings } from '../system/support/hss-process';
import { realm, scscfHost } from './support';

export interface WholeServer {
  readonly diameterPort: number;
  readonly apiUrl: string;
  readonly metricsUrl: string;
  /** The key that seals what this server keeps: nothing of the test's store can be read by it. */
  stop(): Promise<void>;
}

const running = new Set<WholeServer>();

export async function endServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

/** On that database, with the key of the test's own store, so that both read the same secrets. */
export async function startWhole(
  url: string,
  settings: HssSettings = {},
  applications?: readonly ProductApplication[],
): Promise<WholeServer> {
  const folder = temporaryFolder();
  const file = writeConfiguration(folder, {
    ...settings,
    store: { url, secretKey: `test:${'5a'.repeat(32)}`, ...settings.store },
    push: { answerTimeoutMs: 1_000, retryMinMs: 30, retryMaxMs: 60, pollMs: 30, ...settings.push },
  });
  const server: RunningServer = await startServer(
    loadConfig({ env: {}, cwd: folder, file }),
    silentLogger,
    undefined,
    applications,
  );
  const portOf = (pattern: RegExp): string => pattern.exec(server.banner)?.[1] ?? '';
  const whole: WholeServer = {
    diameterPort: Number(portOf(/tcp 127\.0\.0\.1:(\d+)/)),
    apiUrl: portOf(/HTTP API +(http:\/\/127\.0\.0\.1:\d+)/),
    metricsUrl: portOf(/Metrics +(http:\/\/127\.0\.0\.1:\d+)/),
    stop: async () => {
      running.delete(whole);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(whole);
  return whole;
}

export const connected = (server: WholeServer, originHost = scscfHost): Promise<CxClient> =>
  CxClient.open(server.diameterPort, { originHost, originRealm: realm });
