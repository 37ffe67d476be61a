/**
 * The credentials module: which sequence counter each K of a subscription has. One K has one counter, whoever
 * asks for vectors and however many identities have it [33.102-C.1.1]. Numbers are drawn from it by the commit
 * of a unit of work (SequenceNumberDraw), so what is loaded here is only a look at it. K and OPc themselves are
 * in the document.
 */
import type { LoadedModule } from '../state/module';

/** The counter of a K that an identity has. */
export interface HeldCounter {
  /** The private identity that has K of its own, or the IMSI of the USIM. */
  readonly holder: string;
  /** Which counter: a keyed hash of K. */
  readonly key: string;
  /** Highest SQN given or provisioned when it was loaded; it may be higher by now and never lower. */
  readonly sequenceNumber: number;
}

/** One for each holder; absent where the K has no counter. */
export type Credentials = readonly HeldCounter[];

type StoredCounter = readonly [holder: string, key: string, sequenceNumber: number];

export const credentials: LoadedModule<Credentials> = {
  name: 'credentials',
  place: 'readOnly',
  initial: [],
  isLoadedWithDocument: true,
  select: (subscriptionKey) => `(
    select json_agg(json_build_array(h.holder, c.counter_key, c.sequence_number))
    from (select p.identity, p.aka_k_hash from private_identity p where p.subscription_key = ${subscriptionKey}
      union all select u.imsi, u.aka_k_hash from usim u where u.subscription_key = ${subscriptionKey}) as h (holder, counter_key)
    join sequence_counter c on c.counter_key = h.counter_key)`,
  parse: (json) =>
    json === null
      ? []
      : (JSON.parse(json) as StoredCounter[]).map(([holder, key, sequenceNumber]) => ({
          holder,
          key,
          sequenceNumber,
        })),
};

/** The counter of what one holder has. */
export function counterOf(value: Credentials, holder: string): HeldCounter | undefined {
  for (const counter of value) if (counter.holder === holder) return counter;
  return undefined;
}

export const credentialsOf = ({
  states,
}: {
  readonly states: Readonly<Record<string, unknown>>;
}): Credentials => states['credentials'] as Credentials;
