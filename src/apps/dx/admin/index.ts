/** What the subscription locator brings to the HTTP API [29.228-6.4]. */
import type { AdminPart } from '../../../admin/contract';
import { listOf } from '../../../admin/openapi/views';
import { locatorEntry } from '../locator/entry';
import type { LocatorProvisioning } from '../locator/ports';
import { locatorRoutes } from './entries';
import { locatorRecords } from './import';

/** `store`: the locator's table; without it the API has no routes for it. */
export const dxAdmin = (store: LocatorProvisioning | undefined): AdminPart => ({
  tags: [
    {
      name: 'Locator',
      description: 'The subscription locator: which HSSs hold whom (TS 29.228 clause 6.4)',
    },
  ],
  schemas: { LocatorEntry: locatorEntry, LocatorEntryList: listOf(locatorEntry) },
  routes: store === undefined ? [] : locatorRoutes(store),
  records: [locatorRecords(store)],
});
