/** What the toy application keeps: which node wants to hear of a subscription, in a table of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subscriptionRows, type SubscriptionRow } from '../../src/state/subscription-rows';

export interface Watch {
  readonly host: string;
  readonly realm: string;
  /** The node has asked for the end of the registration, and hears no more. */
  readonly isReleased: boolean;
}

/** Bit of the head row's watchers. */
export const TOY_WATCHER = 1 << 30;

export const watch = subscriptionRows<Watch>({
  name: 'toyWatch',
  table: 'toy_watch',
  columns: [
    { name: 'host', type: 'texts' },
    { name: 'realm', type: 'texts' },
    { name: 'is_released', type: 'booleans' },
  ],
  parse: ([host, realm, isReleased]) => ({
    host: String(host),
    realm: String(realm),
    isReleased: isReleased === true,
  }),
  format: ({ host, realm, isReleased }) => [host, realm, isReleased],
  isVouchedByHead: true,
});

export const watchOf = ({
  states,
}: {
  readonly states: Readonly<Record<string, unknown>>;
}): SubscriptionRow<Watch> => states['toyWatch'] as SubscriptionRow<Watch>;

/** Its migration; one of the product is a file in migrations/. */
export const toyMigration = readFileSync(join(__dirname, '0001_toy.sql'), 'utf8');
