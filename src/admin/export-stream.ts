/**
 * Export: every document of applications, shared set and subscription, one per line, in the order in which an import can take
 * them again. Secrets are left out, so an import of it changes nothing where they are stored already. Pages
 * are read one after the other: what changes meanwhile may be in it or not.
 */
import type { Page } from '../shared/page';
import type { ProvisioningStore, StoredDocument } from '../subscriber/provisioning';
import type { RecordKind } from './contract';
import { sharedSetsInOrder } from './routes/shared-sets';

const pageEntriesCount = 500;

async function* pages<T>(
  read: (cursor: string | null) => Promise<Page<StoredDocument<T>>>,
): AsyncGenerator<readonly T[], void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<StoredDocument<T>> = await read(cursor);
    if (page.items.length > 0) yield page.items.map((item) => item.document);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

const lines = (records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/**
 * @param what `all`, `shared`, `subscriptions` or the name of one of `records`
 * @throws StoreUnavailableError
 */
export async function* exportStream(
  store: ProvisioningStore,
  what: string,
  records: readonly RecordKind[],
): AsyncGenerator<string, void, undefined> {
  for (const kind of records.filter(({ name }) => what === 'all' || what === name))
    for await (const page of kind.pages())
      if (page.length > 0) yield lines(page.map((document) => ({ [kind.name]: document })));
  if (records.some(({ name }) => what === name)) return;
  if (what !== 'subscriptions') {
    for (const set of sharedSetsInOrder) {
      for await (const page of pages((cursor) => store.listShared(set.kind, cursor, pageEntriesCount))) {
        yield lines(page.map((document) => ({ [set.record]: document })));
      }
    }
  }
  if (what === 'shared') return;
  for await (const page of pages((cursor) => store.listSubscriptions(cursor, pageEntriesCount)))
    yield lines(page);
}

/**
 * The same with its first piece already read, so that a store that is down is an error before the answer has
 * begun.
 */
export async function primed(
  source: AsyncGenerator<string, void, undefined>,
): Promise<AsyncGenerator<string, void, undefined>> {
  const first = await source.next();
  return (async function* whole() {
    try {
      if (first.done !== true) yield first.value;
      yield* source;
    } finally {
      await source.return();
    }
  })();
}
