/**
 * The credentials module: the sequence counters of a subscription's keys. One K has one counter, whoever asks
 * for vectors and however many identities have it [33.102-C.1.1]; so its rows are keyed by K and not by
 * subscription. K and OPc themselves are in the document.
 */
import type { RowChange, RowModule } from '../state/module';
import type { SequenceCounter } from './sequence-number';

/** The counter of a K that an identity has. */
export interface HeldCounter extends SequenceCounter {
  /** The private identity that has K of its own, or the IMSI of the USIM. */
  readonly holder: string;
  /** Which counter: a keyed hash of K. */
  readonly key: string;
  readonly version: number;
}

/** One for each holder; absent where the K has no counter. */
export type Credentials = readonly HeldCounter[];

type StoredCounter = readonly [
  holder: string,
  key: string,
  version: number,
  sequenceNumber: number,
  lastInds: readonly (number | null)[],
];

export const credentials: RowModule<Credentials, SequenceCounter> = {
  name: 'credentials',
  place: 'rows',
  table: 'sequence_counter',
  key: { name: 'counter_key', type: 'uuids' },
  initial: [],
  columns: [
    { name: 'sequence_number', type: 'bigints' },
    { name: 'last_inds', type: 'jsons' },
  ],
  isLoadedWithDocument: true,
  select: (subscriptionKey) => `(
    select json_agg(json_build_array(h.holder, c.counter_key, c.version, c.sequence_number, c.last_inds))
    from (select p.identity, p.aka_k_hash from private_identity p where p.subscription_key = ${subscriptionKey}) as h (holder, counter_key)
    join sequence_counter c on c.counter_key = h.counter_key)`,
  parse: (json) =>
    json === null
      ? []
      : (JSON.parse(json) as StoredCounter[]).map(([holder, key, version, sequenceNumber, lastInds]) => ({
          holder,
          key,
          version,
          sequenceNumber,
          lastInds,
        })),
  format: ({ sequenceNumber, lastInds }) => [sequenceNumber, JSON.stringify(lastInds)],
  apply: (value, { key, expectedVersion, row }) =>
    value.map((counter) =>
      counter.key === key ? { ...counter, ...row, version: expectedVersion + 1 } : counter,
    ),
};

/** The counter of what one holder has. */
export function counterOf(value: Credentials, holder: string): HeldCounter | undefined {
  for (const counter of value) if (counter.holder === holder) return counter;
  return undefined;
}

/** The change that moves a counter on. */
export const counterChange = (before: HeldCounter, after: SequenceCounter): RowChange<SequenceCounter> => ({
  module: credentials,
  key: before.key,
  expectedVersion: before.version,
  row: after,
});

export const credentialsOf = ({
  states,
}: {
  readonly states: Readonly<Record<string, unknown>>;
}): Credentials => states['credentials'] as Credentials;
