/** One record of an import or export: a document under the name of its kind, or a subscription as it is. */
import { z } from 'zod';
import { locatorEntry } from '../../apps/dx/locator/entry';
import {
  capabilitySet,
  chargingSet,
  serviceProfile,
  sharedIfcSet,
  subscriptionDocument,
} from '../../subscriber/subscription-document';

export const importRecord = z.union([
  subscriptionDocument,
  z.strictObject({ subscription: subscriptionDocument }),
  z.strictObject({ serviceProfile }),
  z.strictObject({ ifcSet: sharedIfcSet }),
  z.strictObject({ capabilitySet }),
  z.strictObject({ chargingSet }),
  z.strictObject({ locator: locatorEntry }),
]);
