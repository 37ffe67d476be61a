/** The registration state of one subscriber, for `hss show`. */
import type { ApiClient } from '../../../cli/api-client';
import type { RegistrationSetState, SubscriberState } from '../../../cli/contract';
import type { SubscriptionDocument } from '../../../subscriber/subscription-document';
import type { RegistrationStatusView } from '../admin/registration-views';

export async function subscriberState(
  api: ApiClient,
  { id }: SubscriptionDocument,
): Promise<SubscriberState> {
  const { body: status } = await api.call<RegistrationStatusView>(
    'GET',
    `/v1/subscriptions/${encodeURIComponent(id)}/registration-status`,
  );
  const { server, reassignmentPending, sequenceNumbers } = status;
  return {
    json: { registrationStatus: status },
    fields: [
      ['S-CSCF', server === null ? 'none assigned' : server.name],
      ...(server === null
        ? []
        : [['S-CSCF Diameter', `${server.diameterHost} in ${server.diameterRealm}`] as const]),
      ...(reassignmentPending ? [['reassignment pending', true] as const] : []),
    ],
    privateIdentityColumns: [{ heading: 'SQN', cell: (identity) => sequenceNumbers[identity] }],
    usimColumns: [{ heading: 'SQN', cell: (imsi) => sequenceNumbers[imsi] }],
    registrationSet: (name) => setState(status, name),
  };
}

function setState({ sets }: RegistrationStatusView, name: string): RegistrationSetState {
  const set = sets.find((entry) => entry.name === name);
  if (set === undefined) return { summary: 'notRegistered', notes: [] };
  const registered = set.privateIdentities
    .filter((entry) => entry.registered)
    .map(({ identity }) => identity);
  return {
    summary: `${set.state}${registered.length > 0 ? ` with ${registered.join(', ')}` : ''}`,
    notes: [
      ...(set.profileOutdated
        ? ['the S-CSCF has an older profile: no PPR got through; its next SAR brings the present one']
        : []),
      ...set.privateIdentities.flatMap(({ identity, authenticationPendingSince }) =>
        authenticationPendingSince === null
          ? []
          : [`authentication pending for ${identity} since ${authenticationPendingSince}`],
      ),
    ],
  };
}
