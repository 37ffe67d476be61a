/** What changes of one application make another one do, in both directions. Pure. */
import { watch, watchOf, TOY_WATCHER, type Watch } from './watch';
import { wholeTerminationOf } from '../../src/apps/cx/outgoing/push';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import type { Reaction } from '../../src/state/reactions';
import type { SubscriptionRow } from '../../src/state/subscription-rows';

export const isRegistered = ({ sets }: RegistrationStatus): boolean =>
  sets.some(({ state }) => state === 'registered');

/** A registration of Cx that begins or ends makes a TNR to who watches. */
export const notifyWatcher: Reaction = {
  on: registration,
  watcher: TOY_WATCHER,
  needs: [watch],
  react: ({ before, after }, snapshot) => {
    const { row } = watchOf(snapshot);
    const isNow = isRegistered(after as RegistrationStatus);
    const [set] = snapshot.subscription.implicitRegistrationSets;
    const publicIdentity = set?.publicIdentities[0]?.identity;
    if (row === null || isNow === isRegistered(before as RegistrationStatus)) return [];
    return [
      {
        kind: 'toy.TNR',
        destinationHost: row.host,
        destinationRealm: row.realm,
        payload: { publicIdentity, isRegistered: isNow },
      },
    ];
  },
};

/** A watch of the toy that is released makes Cx's RTR. */
export const releaseUser: Reaction = {
  on: watch,
  watcher: TOY_WATCHER,
  needs: [],
  react: ({ before, after }, snapshot) => {
    const isReleased = (value: unknown) => (value as SubscriptionRow<Watch>).row?.isReleased === true;
    if (isReleased(before) || !isReleased(after)) return [];
    const entry = wholeTerminationOf(
      snapshot.subscription,
      registrationOf(snapshot),
      'manual',
      'PERMANENT_TERMINATION',
      'released',
    );
    return entry === null ? [] : [entry];
  },
};
