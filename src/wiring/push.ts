/** Configuration to outbox worker: its bounds, and what the Cx application says of its requests. */
import { pushPolicies } from '../apps/cx/config';
import { createPushContent } from '../apps/cx/push-content';
import type { SecretOpener } from '../apps/cx/application';
import type { Dictionary } from '../diameter/codec/dictionary';
import type { HssConfig } from '../config/schema';
import type { OutboxStore } from '../outbox/ports';
import type { RegistrationStore } from '../state/ports';
import { commonFeatures, type FeatureOffer } from '../diameter/features/feature-lists';
import type { PeerTable } from '../diameter/peer/contract';
import type { PushEvents, PushWorkerSettings } from '../outbox/contract';
import type { OriginNode } from '../apps/cx/outgoing/messages';
import type { RouteMemory } from '../outbox/routes';
import type { ServerFeatures } from '../apps/cx/outgoing/server-features';
import { PushWorker } from '../outbox/worker';
import { limits } from '../shared/limits';
import { systemClock } from '../shared/clock';
import type { Logger } from '../shared/logger';

/** Held longer than an answer may take, by what the database may take before and after. */
const LEASE_MARGIN_MS = 5_000;

export interface PushPorts {
  readonly store: RegistrationStore & { readonly outbox: OutboxStore };
  readonly peers: PeerTable;
  readonly routes: RouteMemory;
  readonly secrets: SecretOpener;
  readonly dictionary: Dictionary;
  readonly node: OriginNode;
  readonly logger: Logger;
  readonly pushEvents: PushEvents;
  readonly features: ServerFeatures;
  /** What we support, by the command pairs that it applies to. */
  readonly offer: FeatureOffer;
}

export function pushSettings({ push, cx }: HssConfig): PushWorkerSettings {
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
    imsRestoration: cx.features.imsRestoration,
    authenticationPendingMaxAgeMs: cx.authenticationPendingMaxAgeSeconds * 1_000,
    policyOf: pushPolicies(push),
    priorities: {
      ...(push.terminationPriority === limits.drmpLevel.default ? {} : { RTR: push.terminationPriority }),
      ...(push.profilePriority === limits.drmpLevel.default ? {} : { PPR: push.profilePriority }),
    },
  };
}

export function createPushWorker(config: HssConfig, ports: PushPorts): PushWorker {
  const { store, peers, routes, features, offer, dictionary, node, logger } = ports;
  return new PushWorker({
    outbox: store.outbox,
    store,
    peers,
    routes,
    features,
    dictionary,
    node,
    logger,
    clock: systemClock,
    events: ports.pushEvents,
    profiles: createPushContent(ports.secrets, (originHost) =>
      commonFeatures(offer, 'PPR', features.of(originHost)),
    ),
    settings: pushSettings(config),
  });
}
