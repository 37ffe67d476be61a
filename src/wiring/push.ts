/** Configuration to outbox worker: its bounds. The applications say what they send. */
import type { HssConfig } from '../config/schema';
import type { PushWorkerSettings } from '../outbox/contract';
import { PushWorker, type PushWorkerOptions } from '../outbox/worker';
import { systemClock } from '../shared/clock';

/** Held longer than an answer may take, by what the database may take before and after. */
const LEASE_MARGIN_MS = 5_000;

function workerSettings({ push }: HssConfig): PushWorkerSettings {
  return {
    answerTimeoutMs: push.answerTimeoutMs,
    maxAttemptCount: push.maxAttemptCount,
    retryFirstMs: push.retryMinMs,
    retryMaxMs: push.retryMaxMs,
    giveUpMs: push.giveUpSeconds * 1_000,
    leaseMs: push.answerTimeoutMs + LEASE_MARGIN_MS,
    pollMs: push.pollMs,
    maxPerSecondPerHost: push.maxPerServerAndSecondCount,
    maxInFlightPerHost: push.maxInFlightPerServerCount,
    keepCompletedMs: push.keepOutcomesSeconds * 1_000,
    keepCompletedCount: push.keepOutcomesMaxCount,
    fanOutPerSecond: push.fanOutPerSecondCount,
  };
}

export const createPushWorker = (
  config: HssConfig,
  ports: Omit<PushWorkerOptions, 'clock' | 'settings'>,
): PushWorker => new PushWorker({ ...ports, clock: systemClock, settings: workerSettings(config) });
