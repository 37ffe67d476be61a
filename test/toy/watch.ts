/** What the toy application keeps: which node wants to hear of a subscription, in a table of its own. */
import { subscriptionRows, type SubscriptionRow } from '../../src/state/subscription-rows';

export interface Watch {
  readonly host: string;
  readonly realm: string;
}

/** Bit of the head row's watchers. */
export const TOY_WATCHER = 1 << 30;

export const watch = subscriptionRows<Watch>({
  name: 'toyWatch',
  table: 'toy_watch',
  columns: [
    { name: 'host', type: 'texts' },
    { name: 'realm', type: 'texts' },
  ],
  parse: ([host, realm]) => ({ host: String(host), realm: String(realm) }),
  format: ({ host, realm }) => [host, realm],
});

export const watchOf = ({
  states,
}: {
  readonly states: Readonly<Record<string, unknown>>;
}): SubscriptionRow<Watch> => states['toyWatch'] as SubscriptionRow<Watch>;

/** Its migration. */
export const toyMigration = `
  create table if not exists toy_watch (
    subscription_key bigint primary key references ims_subscription on delete cascade,
    version          bigint not null,
    host             text not null,
    realm            text not null
  )`;
