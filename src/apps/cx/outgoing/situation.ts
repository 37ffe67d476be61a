/**
 * What is true of an entry of the outbox at one moment: the subscription, loaded, and what is configured for its
 * S-CSCF. And what was decided on it, as the outbox stores it.
 */
import type { LoadedModule } from '../../../state/module';
import type { StateStore, SubscriptionSnapshot } from '../../../state/ports';
import type { ClaimedPush } from '../../../outbox/ports';
import type { LogWords, OutgoingDecision } from '../../../outbox/contract';
import type { Clock } from '../../../shared/clock';
import { registration, registrationOf } from '../state/registration';
import type { CxPushSettings } from './contract';
import type { RegistrationEffect } from './push';
import type { PushContext, PushDecision } from './push-outcome';

export interface SituationPorts {
  readonly store: Pick<StateStore, 'load'>;
  readonly clock: Clock;
  readonly settings: CxPushSettings;
}

export interface Situation {
  readonly snapshot: SubscriptionSnapshot | null;
  readonly context: PushContext;
}

/** The subscription of the entry, with these modules; null where it is gone. */
export async function subscriptionOf(
  { store }: SituationPorts,
  { privateIdentity, subscriptionKey }: ClaimedPush,
  modules: readonly LoadedModule[],
): Promise<SubscriptionSnapshot | null> {
  if (privateIdentity === null) return null;
  const { snapshot } = await store.load({ impus: [], impi: privateIdentity, modules });
  return snapshot?.key === subscriptionKey ? snapshot : null;
}

export function situationOf(
  { clock, settings }: SituationPorts,
  { destinationHost, destinationRealm }: ClaimedPush,
  snapshot: SubscriptionSnapshot | null,
  about: Pick<PushContext, 'takenOver' | 'connected'> & { readonly asOfVersion: number | null | undefined },
): Situation {
  return {
    snapshot,
    context: {
      ...about,
      asOfVersion: about.asOfVersion ?? Number.MAX_SAFE_INTEGER,
      current:
        snapshot === null ? null : { subscription: snapshot.subscription, status: registrationOf(snapshot) },
      destinationHost,
      destinationRealm,
      nowMs: clock.nowMs(),
      settings,
      policy: settings.policyOf(destinationHost),
    },
  };
}

/** A decision on this context, as the outbox stores it. */
export function storedDecision(
  { outcome, status, followUps }: PushDecision,
  effect: RegistrationEffect | null,
): OutgoingDecision {
  return {
    outcome,
    effect,
    followUps,
    ...(status === undefined ? {} : { changes: [{ module: registration, value: status }] }),
  };
}

/** What helps where a request is longer than its way takes. */
export function profileTooLong({ snapshot }: Situation): LogWords {
  const subscription = snapshot?.subscription.id;
  return {
    fields: { subscription },
    message: `let the profile of subscription ${subscription ?? '(deleted)'} hold less`,
  };
}
