/** RTR and PPR by hand [29.228-6.1.3] [29.228-6.2.2], and registrations that are cleared at once. */
import { registration, registrationOf } from '../state/registration';
import {
  manualProfilePush,
  manualTermination,
  type DeregistrationRequest,
  type ManualPush,
  type ProfilePushRequest,
} from '../outgoing/manual-push';
import type { AssignedServers } from '../outgoing/campaigns';
import type { OutboxStore } from '../../../outbox/ports';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { StateStore } from '../../../state/ports';
import type { LoadedModule } from '../../../state/module';
import type { ChangeReactions } from '../../../state/reactions';
import type { RegistrationStatus } from '../state/registration-status';
import type { Subscription } from '../../../subscriber/subscription';
import { pushExample } from './examples';
import { deregistrationSchema, profilePushSchema, type ClearedView, type PushEntryView } from './push-views';
import { ProblemError } from '../../../admin/problem';
import { jsonMediaType, type Route } from '../../../admin/route';
import { bodyOf } from '../../../admin/validation';
import { pushView } from './pushes';

export interface PushPorts {
  readonly outbox: OutboxStore;
  readonly assignedServers: AssignedServers;
  readonly store: Pick<StateStore, 'load'>;
  /** Whether that S-CSCF gets one RTR for several private identities. */
  readonly combinesPrivateIdentities: (diameterHost: string) => boolean;
  /** There is something new to send. */
  readonly wake: () => void;
  /** Of other applications to registrations that are cleared; nothing follows without it. */
  readonly reactions?: ChangeReactions;
}

/** How often it is asked for again when somebody else changed the subscription in between. */
const enqueueTriesCount = 8;

interface Ordered {
  readonly items: PushEntryView[];
  readonly cleared: ClearedView | null;
}

type Decide = (subscription: Subscription, status: RegistrationStatus) => ManualPush;

/** Writes what is decided on the subscription as it is. @throws ProblemError */
async function enqueue(
  provisioning: ProvisioningStore,
  { outbox, store, wake, reactions }: PushPorts,
  id: string,
  decide: Decide,
): Promise<Ordered> {
  let modules: readonly LoadedModule[] = [];
  for (let attempt = 0; attempt < enqueueTriesCount; attempt += 1) {
    const stored = await provisioning.getSubscription({ id });
    const privateIdentity = stored?.document.privateIdentities[0]?.identity;
    if (stored !== null && privateIdentity === undefined)
      throw new ProblemError(409, 'Nothing is sent: the subscription has no private identity.');
    const { snapshot } =
      privateIdentity === undefined
        ? { snapshot: null }
        : await store.load({ impus: [], impi: privateIdentity, modules });
    if (snapshot === null || snapshot.subscription.id !== id)
      throw new ProblemError(404, `There is no subscription "${id}".`);
    const push = decide(snapshot.subscription, registrationOf(snapshot));
    if (!push.ok) throw new ProblemError(409, `Nothing is sent: ${push.reason}.`);
    const status = push.cleared?.status;
    const changes = status === undefined ? [] : [{ module: registration, value: status }];
    const reaction = changes.length === 0 ? undefined : reactions?.(snapshot, changes);
    if (reaction?.kind === 'needs') {
      modules = [...modules, ...reaction.modules];
      continue;
    }
    const entries = [...push.entries, ...(reaction?.entries ?? [])];
    const change = changes.length === 0 ? undefined : { snapshot, changes };
    const ids = await outbox.enqueue(snapshot.key, snapshot.version, entries, change);
    if (ids === 'conflict') continue;
    wake();
    const views = await Promise.all(ids.map((entry) => outbox.get(entry)));
    return {
      items: views.flatMap((view) => (view === null ? [] : (pushView(view) ?? []))),
      cleared:
        push.cleared === undefined
          ? null
          : {
              server: push.cleared.server,
              sets: push.cleared.sets.map((set) => ({
                ...set,
                privateIdentities: [...set.privateIdentities],
              })),
            },
    };
  }
  throw new ProblemError(503, 'The subscription keeps changing; try again.', [], { 'retry-after': '1' });
}

export function pushOrderRoutes(provisioning: ProvisioningStore, ports: PushPorts): Route[] {
  const pathParameters = { id: 'Name of the IMS subscription' };
  const accepted = {
    description: 'Written, and on their way',
    schema: 'PushList',
    example: {
      items: [
        {
          ...pushExample,
          attempts: 0,
          completedAt: null,
          outcome: null,
          detail: null,
          registrationEffect: null,
          nextAttemptAt: pushExample.createdAt,
        },
      ],
      nextCursor: null,
    },
  };
  return [
    {
      method: 'POST',
      path: '/v1/subscriptions/{id}/deregister',
      operationId: 'deregister',
      tag: 'Pushes',
      summary: 'De-register at the S-CSCF (RTR)',
      pathParameters,
      description:
        'Administrative de-registration, TS 29.228 clause 6.1.3: one RTR for each private identity, or one for all (push.combinePrivateIdentities). The registration state changes when the outcome is known; GET /v1/pushes/{push} tells it. With "now" the state is cleared at once, whatever becomes of the RTR.',
      body: {
        mediaType: jsonMediaType,
        schema: 'Deregistration',
        description: 'What to de-register, and why',
        example: { reasonCode: 'PERMANENT_TERMINATION', reasonInfo: 'subscription ended' },
      },
      answers: {
        202: {
          description: 'Written, and on their way; with "now", cleared',
          schema: 'DeregistrationResult',
          example: {
            items: accepted.example.items,
            cleared: {
              server: 'sip:scscf1.ims.example:6060',
              sets: [
                {
                  name: 'default',
                  state: 'registered',
                  privateIdentities: pushExample.privateIdentities,
                },
              ],
            },
          },
        },
      },
      problems: [404, 409, 422],
      handle: async (request) => {
        const asked: DeregistrationRequest = bodyOf(deregistrationSchema, request);
        const combines = ports.combinesPrivateIdentities;
        const { items, cleared } = await enqueue(
          provisioning,
          ports,
          request.params['id'] ?? '',
          (subscription, status) => manualTermination(subscription, status, asked, combines),
        );
        return { status: 202, body: { items, cleared } };
      },
    },
    {
      method: 'POST',
      path: '/v1/subscriptions/{id}/push',
      operationId: 'pushProfile',
      tag: 'Pushes',
      summary: 'Push the profile to the S-CSCF (PPR)',
      pathParameters,
      description:
        'One Push-Profile-Request for each implicit registration set that is registered or unregistered, TS 29.228 clause 6.2.2.',
      body: {
        mediaType: jsonMediaType,
        schema: 'ProfilePush',
        description: 'What to push',
        example: { parts: ['userData'] },
      },
      answers: { 202: accepted },
      problems: [404, 409, 422],
      handle: async (request) => {
        const asked: ProfilePushRequest = bodyOf(profilePushSchema, request);
        const { items } = await enqueue(
          provisioning,
          ports,
          request.params['id'] ?? '',
          (subscription, status) => manualProfilePush(subscription, status, asked),
        );
        return { status: 202, body: { items, nextCursor: null } };
      },
    },
  ];
}
