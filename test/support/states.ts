/** Units of work as tests write them: of a subscription's registration, and of the counters of its keys. */
import { counterChange, credentialsOf, type HeldCounter } from '../../src/authentication/credentials';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import type { OutboxEntry, SubscriptionSnapshot, UnitOfWork } from '../../src/state/ports';

export { registrationOf };

/** The registration becomes `status`, on the version of the snapshot. */
export const statusUnit = (
  { key, version }: Pick<SubscriptionSnapshot, 'key' | 'version'>,
  status: RegistrationStatus,
  outbox: readonly OutboxEntry[] = [],
): UnitOfWork => ({ key, version, head: { module: registration, value: status }, rows: [], outbox });

/** The only counter of a subscription. */
export function onlyCounter(snapshot: Pick<SubscriptionSnapshot, 'states'>): HeldCounter {
  const [counter] = credentialsOf(snapshot);
  if (counter === undefined) throw new Error('the subscription has no counter');
  return counter;
}

/** The only counter moves on to `sequenceNumber`. */
export const counterUnit = (snapshot: SubscriptionSnapshot, sequenceNumber: number): UnitOfWork => {
  const counter = onlyCounter(snapshot);
  return {
    key: snapshot.key,
    version: snapshot.version,
    rows: [counterChange(counter, { ...counter, sequenceNumber })],
    outbox: [],
  };
};

/** The highest SQN that a holder of a K was given, as operators see it; undefined where none was. */
export const numberOf = (
  shown: { readonly sequenceNumbers: readonly (readonly [holder: string, sequenceNumber: number])[] } | null,
  holder: string,
): number | undefined => shown?.sequenceNumbers.find(([name]) => name === holder)?.[1];
