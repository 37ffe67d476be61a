/**
 * The registration module: its columns stand in the head row of a subscription, because every Cx request needs
 * them. The value as one is in registration-status.ts.
 */
import type { HeadModule, ModuleChange } from '../../../state/module';
import { isHeadChange } from '../../../state/module';
import type { SubscriptionSnapshot } from '../../../state/ports';
import { initialStatus, type RegistrationStatus } from './registration-status';

const nothing: readonly never[] = Object.freeze([]);
const parse = (json: string | null | undefined): readonly never[] =>
  json == null || json === '[]' ? nothing : (JSON.parse(json) as readonly never[]);

export const registration: HeadModule<RegistrationStatus> = {
  name: 'registration',
  place: 'head',
  initial: initialStatus,
  columns: [
    { name: 'scscf_name', type: 'texts' },
    { name: 'scscf_diameter_host', type: 'texts' },
    { name: 'scscf_diameter_realm', type: 'texts' },
    { name: 'reassignment_pending', type: 'booleans' },
    { name: 'sets', type: 'jsons' },
    { name: 'registered_sets', type: 'smallints', isWrittenOnly: true },
    { name: 'unregistered_sets', type: 'smallints', isWrittenOnly: true },
  ],
  parse: (version, [name, host, realm, reassignmentPending, sets]) => ({
    version,
    server: name == null ? null : { name, diameterHost: host ?? '', diameterRealm: realm ?? '' },
    reassignmentPending: reassignmentPending === 't',
    sets: parse(sets),
  }),
  withVersion: (status, version) => ({ ...status, version }),
  format: ({ server, reassignmentPending, sets }) => {
    const { registered, unregistered } = countSets(sets);
    return [
      server?.name ?? null,
      server?.diameterHost ?? null,
      server?.diameterRealm ?? null,
      reassignmentPending,
      sets.length === 0 ? '[]' : JSON.stringify(sets),
      registered,
      unregistered,
    ];
  },
};

/** How many sets are in each state, for the counters. */
function countSets(sets: RegistrationStatus['sets']): { registered: number; unregistered: number } {
  let registered = 0;
  let unregistered = 0;
  for (const { state } of sets) {
    if (state === 'registered') registered += 1;
    else if (state === 'unregistered') unregistered += 1;
  }
  return { registered, unregistered };
}

export const registrationOf = ({ states }: Pick<SubscriptionSnapshot, 'states'>): RegistrationStatus =>
  states['registration'] as RegistrationStatus;

/** A decision's changes where it leads to `after`: none where that is what is there. */
export function registrationChange(
  snapshot: Pick<SubscriptionSnapshot, 'states'>,
  after: RegistrationStatus,
): { readonly changes?: readonly ModuleChange[] } {
  return after === registrationOf(snapshot) ? {} : { changes: [{ module: registration, value: after }] };
}

/** The registration that a decision leads to; undefined where it stays. */
export function changedRegistration({
  changes,
}: {
  readonly changes?: readonly ModuleChange[];
}): RegistrationStatus | undefined {
  return changes?.find(isHeadChange)?.value as RegistrationStatus | undefined;
}
