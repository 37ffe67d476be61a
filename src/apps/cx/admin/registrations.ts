/** Registration state: of one subscription, and of all that are registered or served unregistered. Read only. */
import { z } from 'zod';
import { keyPageQuery } from '../../../admin/page-query';
import { ProblemError } from '../../../admin/problem';
import type { Route } from '../../../admin/route';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { RegisteredSubscription, Registrations } from '../store/registrations';
import type { ShownSequenceNumber } from '../../../authentication/shown-numbers';
import { privateIdentityStatus, setStatus, type RegistrationStatus } from '../state/registration-status';
import { registrationStatusExample } from './examples';
import type { RegistrationStatusView } from './registration-views';

const instant = (ms: number): string => new Date(ms).toISOString();

type ShownSubscription = Pick<
  RegisteredSubscription,
  'id' | 'implicitRegistrationSets' | 'privateIdentities'
>;

/** The status as it is shown: every set of the document in its order, sets without state included. */
export function registrationStatusView(
  document: ShownSubscription,
  status: RegistrationStatus,
  sequenceNumbers: readonly ShownSequenceNumber[],
): RegistrationStatusView {
  return {
    id: document.id,
    server: status.server === null ? null : { ...status.server },
    reassignmentPending: status.reassignmentPending,
    sets: document.implicitRegistrationSets.map((set) => {
      const state = setStatus(status, set.name);
      return {
        name: set.name,
        state: state.state,
        profileOutdated: state.profileOutdated === true,
        publicIdentities: set.publicIdentities.map((entry) => entry.identity),
        privateIdentities: (
          set.privateIdentities ?? document.privateIdentities.map((entry) => entry.identity)
        ).map((identity) => {
          const entry = privateIdentityStatus(state, identity);
          return {
            identity,
            registered: entry?.registered === true,
            authenticationPendingSince:
              entry?.authenticationPendingSinceMs === undefined
                ? null
                : instant(entry.authenticationPendingSinceMs),
            restorationInformation: entry?.restoration !== undefined,
          };
        }),
      };
    }),
    sequenceNumbers: Object.fromEntries(sequenceNumbers),
  };
}

async function statusOf(
  store: ProvisioningStore,
  registrations: Registrations,
  id: string,
): Promise<RegistrationStatusView> {
  const [stored, found] = await Promise.all([store.getSubscription({ id }), registrations.getStatus({ id })]);
  if (stored === null || found === null) throw new ProblemError(404, `There is no subscription "${id}".`);
  return registrationStatusView(stored.document, found.status, found.sequenceNumbers);
}

const registrationsQuery = z.strictObject({
  ...keyPageQuery.shape,
  state: z
    .enum(['registered', 'unregistered'])
    .optional()
    .describe('Only subscriptions with a set in this state; both states when absent'),
});

async function registeredOnes(
  registrations: Registrations,
  { state, cursor, limit }: z.output<typeof registrationsQuery>,
): Promise<unknown> {
  const [page, counts] = await Promise.all([
    registrations.listStatuses(state ?? null, cursor ?? null, limit),
    registrations.counts(),
  ]);
  return {
    counts,
    items: page.items.map((item) => registrationStatusView(item, item.status, item.sequenceNumbers)),
    nextCursor: page.nextCursor,
  };
}

export function registrationRoutes(store: ProvisioningStore, registrations: Registrations): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/subscriptions/{id}/registration-status',
      operationId: 'getRegistrationStatus',
      tag: 'State',
      summary: 'Registration state of one subscription',
      pathParameters: { id: 'Name of the IMS subscription' },
      description:
        'S-CSCF with its Diameter host and realm, flags, the state of each implicit registration set and private identity, sequence numbers (TS 33.102 Annex C). No keys.',
      answers: {
        200: {
          description: 'The state as it is now',
          schema: 'RegistrationStatus',
          example: registrationStatusExample,
        },
      },
      problems: [404],
      handle: async ({ params }) => ({
        status: 200,
        body: await statusOf(store, registrations, params['id'] ?? ''),
      }),
    },
    {
      method: 'GET',
      path: '/v1/registrations',
      operationId: 'listRegistrations',
      tag: 'State',
      summary: 'Subscriptions that are registered or served unregistered',
      description: 'In the order in which the subscriptions were made.',
      query: registrationsQuery,
      answers: {
        200: {
          description: 'One page, with the counts of the whole',
          schema: 'RegistrationList',
          example: {
            counts: {
              registeredSets: 1,
              unregisteredSets: 0,
              registeredIdentities: 2,
              unregisteredIdentities: 0,
              subscriptions: 4,
            },
            items: [registrationStatusExample],
            nextCursor: null,
          },
        },
      },
      problems: [400],
      handle: async ({ query }) => ({
        status: 200,
        body: await registeredOnes(registrations, query as z.output<typeof registrationsQuery>),
      }),
    },
  ];
}
