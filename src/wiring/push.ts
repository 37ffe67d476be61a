/**
 * Configuration to outbox worker: its bounds, and what each application sends. For Cx that is the policy of each
 * S-CSCF and the content of a PPR.
 */
import { createPushContent } from '../apps/cx/push-content';
import type { SecretOpener } from '../apps/cx/application';
import type { Dictionary } from '../diameter/codec/dictionary';
import type { HssConfig } from '../config/schema';
import type { OutboxStore } from '../outbox/ports';
import type { StateStore } from '../state/ports';
import { commonFeatures, type FeatureOffer } from '../diameter/features/feature-lists';
import type { PeerTable } from '../diameter/peer/contract';
import type { PushWorkerSettings } from '../outbox/contract';
import type { OutboxEvents } from '../events/hss-events';
import type { CxPushSettings, PeerPushPolicy } from '../apps/cx/outgoing/contract';
import { cxOutgoingKinds } from '../apps/cx/outgoing/kinds';
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
  readonly store: StateStore & { readonly outbox: OutboxStore };
  readonly peers: PeerTable;
  readonly routes: RouteMemory;
  readonly secrets: SecretOpener;
  readonly dictionary: Dictionary;
  readonly node: OriginNode;
  readonly logger: Logger;
  readonly events: OutboxEvents;
  readonly features: ServerFeatures;
  /** What we support, by the command pairs that it applies to. */
  readonly offer: FeatureOffer;
}

/** What holds for an S-CSCF: its own settings, else those for all. */
export function pushPolicies({
  profileUpdates,
  afterNoAnswer,
  listPublicIdentities,
  combinePrivateIdentities,
  servers,
}: HssConfig['push']): (host: string) => PeerPushPolicy {
  const common: PeerPushPolicy = {
    profileUpdates,
    afterNoAnswer,
    listPublicIdentities,
    combinePrivateIdentities,
  };
  const own = new Map(
    servers.map((server): [string, PeerPushPolicy] => [
      server.identity.toLowerCase(),
      {
        profileUpdates: server.profileUpdates ?? profileUpdates,
        afterNoAnswer: server.afterNoAnswer ?? afterNoAnswer,
        listPublicIdentities: server.listPublicIdentities ?? listPublicIdentities,
        combinePrivateIdentities: server.combinePrivateIdentities ?? combinePrivateIdentities,
      },
    ]),
  );
  return (host) => own.get(host.toLowerCase()) ?? common;
}

/** The setting that requests by hand need already when they are written. */
export function combinesPrivateIdentities(push: HssConfig['push']): (host: string) => boolean {
  const policyOf = pushPolicies(push);
  return (host) => policyOf(host).combinePrivateIdentities;
}

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

function cxPushSettings({ push, cx }: HssConfig): CxPushSettings {
  return {
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
  const cx = cxOutgoingKinds({
    store,
    features,
    dictionary,
    node,
    clock: systemClock,
    profiles: createPushContent(ports.secrets, (originHost) =>
      commonFeatures(offer, 'PPR', features.of(originHost)),
    ),
    settings: cxPushSettings(config),
  });
  return new PushWorker({
    outbox: store.outbox,
    peers,
    routes,
    logger,
    kinds: new Map(cx),
    refresh: () => features.refresh(),
    originHost: node.originHost,
    clock: systemClock,
    events: ports.events,
    settings: workerSettings(config),
  });
}
