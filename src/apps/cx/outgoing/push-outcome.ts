/**
 * What decides on an entry of the outbox: whether it is still to be sent, and what its answer does to the
 * registration state. The rules for RTR are in push-termination.ts, those for PPR in push-profile.ts; here is
 * what they share. Pure: decided again when the commit finds another version.
 *
 * State is changed only while the S-CSCF that was asked is the assigned one: after 8.1.1 it belongs to the new
 * one. And only of registrations that were there when the request was caused: a SAR that comes after the
 * answer may be committed before it.
 */
import type { OutboxEntry } from '../../../state/ports';
import type { PushOutcome } from './push';
import {
  pendingOnly,
  serverInUse,
  type PrivateIdentityStatus,
  type RegistrationStatus,
} from '../state/registration-status';
import type { Subscription } from '../../../subscriber/subscription';

/** What came back, by name; the codes are src/apps/cx/outgoing/answers.ts's business. */
export type PushResult =
  | 'success'
  | 'limitedSuccess'
  | 'unableToComply'
  | 'userUnknown'
  | 'tooMuchData'
  | 'notSupportedUserData'
  | 'featureUnsupported'
  | 'refused'
  /** No answer to the last attempt. */
  | 'noAnswer'
  /** No instance had a connection that leads to the S-CSCF, for as long as is waited. */
  | 'notConnected'
  /** Never sent: longer than the peer takes that leads there. */
  | 'tooLong';

export interface EmergencyRegistration {
  readonly privateIdentity: string;
  readonly publicIdentity: string;
}

export interface PushAnswer {
  readonly result: PushResult;
  /** Associated-Identities of an RTA. */
  readonly associatedIdentities: readonly string[];
  /** Identity-with-Emergency-Registration of an RTA [29.228-7.25]. */
  readonly emergencyRegistrations: readonly EmergencyRegistration[];
}

export interface PushSettings {
  readonly imsRestoration: boolean;
  readonly authenticationPendingMaxAgeMs: number;
}

/** What is known of an S-CSCF that cannot be learned from Cx. */
export interface PushPolicy {
  /**
   * One RTR for all private identities, where the reason code allows it; else one for each [29.228-6.1.3.1].
   */
  readonly combinePrivateIdentities: boolean;
  /** `rtr`: it does not implement PPR, so that its subscribers are moved with SERVER_CHANGE instead. */
  readonly profileUpdates: 'ppr' | 'rtr';
  /** `rtr`: a PPR without an answer is followed by an RTR. */
  readonly afterNoAnswer: 'nothing' | 'rtr';
}

/** The subscription as it is now. */
export interface PushContext {
  /** Null where it is gone. */
  readonly current: { readonly subscription: Subscription; readonly status: RegistrationStatus } | null;
  /**
   * The subscription is gone, and an identity of the entry is by now registered at that S-CSCF in another
   * subscription.
   */
  readonly takenOver: boolean;
  /** The S-CSCF that the entry is for; its name is not known any more. */
  readonly destinationHost: string;
  readonly destinationRealm: string;
  /** The version of the state that the request is about: what was registered later is not meant. */
  readonly asOfVersion: number;
  readonly nowMs: number;
  /** Whether a connection leads to the S-CSCF; false where the entry is given up. */
  readonly connected: boolean;
  readonly settings: PushSettings;
  readonly policy: PushPolicy;
}

export interface PushDecision {
  readonly outcome: PushOutcome;
  /** Absent where nothing changes. */
  readonly status?: RegistrationStatus;
  readonly followUps: readonly OutboxEntry[];
}

export type PushPlan =
  | { readonly kind: 'send'; readonly userName: string }
  | { readonly kind: 'done'; readonly decision: PushDecision };

export const done = (outcome: PushOutcome, followUps: readonly OutboxEntry[] = []): PushPlan => ({
  kind: 'done',
  decision: { outcome, followUps },
});

const sameHost = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Made after the request: another registration than the one it is about. */
export const isLater = (
  entry: { readonly since?: number | undefined } | undefined,
  { asOfVersion }: PushContext,
): boolean => (entry?.since ?? 0) > asOfVersion;

/** Whether the assigned S-CSCF is the one that the entry is for. */
export function isServedThere(context: PushContext): boolean {
  const server = context.current?.status.server ?? null;
  return server !== null && sameHost(server.diameterHost, context.destinationHost);
}

/** What is not the registration of these private identities: the others, and pending authentications. */
export function withoutRegistrations(
  entries: readonly PrivateIdentityStatus[],
  gone: readonly string[],
): PrivateIdentityStatus[] {
  return entries.flatMap((entry) => (gone.includes(entry.identity) ? pendingOnly([entry]) : [entry]));
}

/** The S-CSCF name goes when no set needs it any more: one name serves the whole subscription. */
export function released(status: RegistrationStatus, { nowMs, settings }: PushContext): RegistrationStatus {
  return serverInUse(status, nowMs, settings.authenticationPendingMaxAgeMs)
    ? status
    : { ...status, server: null, reassignmentPending: false };
}

export function outcomeOf(result: PushResult): PushOutcome {
  return result === 'featureUnsupported' ? 'refused' : result;
}
