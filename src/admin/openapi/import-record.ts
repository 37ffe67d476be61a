/** One record of an import or export: a document under the name of its kind, or a subscription as it is. */
import { z } from 'zod';
import { sharedKindsInOrder } from '../../subscriber/shared-kinds';
import { subscriberLine } from '../../subscriber/subscriber-line';
import { subscriptionDocument } from '../../subscriber/subscription-document';

/** Schemas of the documents that applications bring, by the name of the kind. */
export type RecordSchemas = Readonly<Record<string, z.ZodType>>;

export const recordSchemas = (
  kinds: readonly { readonly name: string; readonly schema: z.ZodType }[],
): RecordSchemas => Object.fromEntries(kinds.map(({ name, schema }) => [name, schema]));

export const importRecord = (more: RecordSchemas) =>
  z.union([
    subscriptionDocument,
    z.strictObject({ subscription: subscriptionDocument }),
    z.strictObject({ subscriber: subscriberLine }),
    ...sharedKindsInOrder.map(({ record, schema }) => z.strictObject({ [record]: schema })),
    ...Object.entries(more).map(([name, schema]) => z.strictObject({ [name]: schema })),
  ]);
