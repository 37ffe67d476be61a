/** From the configuration to the overload control: what holds by default, and mistakes with their path. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, type LoadedConfig } from '../../../src/config/load';
import { overloadSettings } from '../../../src/wiring/overload';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-overload-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(yaml: string): LoadedConfig {
  writeFileSync(join(folder, 'hss.yaml'), yaml);
  return loadConfig({ env: {}, cwd: folder });
}

function faults(yaml: string): string[] {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

test('defaults', () => {
  expect(overloadSettings(load('').config)).toEqual({
    queue: { maxInFlightCount: 256, maxQueuedCount: 5_000, maxQueueMs: 250 },
    signals: { queueMs: 125, eventLoopDelayMs: 100, roundTripMs: 500 },
    reports: { overload: 'host', validitySeconds: 30, maxReductionPercent: 90, load: true },
    trust: { peers: [], trustUnknownPeers: true },
  });
  const open = 'diameter: { listen: [{ addresses: [192.0.2.1] }], unknownPeers: accept }\n';
  expect(overloadSettings(load(open).config).trust.trustUnknownPeers).toBe(false);
  expect(overloadSettings(load('peers: [{ identity: scscf }]').config).trust.peers).toMatchObject([
    { identity: 'scscf', trustPriority: true },
  ]);
});

test('reading from a peer pauses above what the queue holds, so that it gets its refusals', () => {
  const { overload, diameter } = load('').config;
  expect(diameter.maxInFlightRequestsPerPeer).toBeGreaterThan(
    overload.maxInFlightRequests + overload.maxQueuedRequests,
  );
});

test('no OC-Validity-Duration above that of RFC 7683, no priority above that of RFC 7944, five session priorities', () => {
  expect(faults('overload: { reportValiditySeconds: 86401 }')).toEqual(['overload.reportValiditySeconds']);
  expect(faults('overload: { maxReductionPercent: 101 }')).toEqual(['overload.maxReductionPercent']);
  expect(faults('overload: { emergencyPriority: 16 }')).toEqual(['overload.emergencyPriority']);
  expect(faults('overload: { sessionPriorities: [0, 1, 2, 3] }')).toEqual(['overload.sessionPriorities']);
  expect(faults('overload: { sessionPriorities: [0, 1, 2, 3, 16] }')).toEqual([
    'overload.sessionPriorities[4]',
  ]);
  expect(faults('overload: { maxInFlightRequests: 0 }')).toEqual(['overload.maxInFlightRequests']);
  expect(faults('push: { terminationPriority: -1 }')).toEqual(['push.terminationPriority']);
});
