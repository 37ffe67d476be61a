/**
 * What the API answers besides the provisioned documents, as schemas: the OpenAPI document and the types both
 * follow from them.
 */
import { z } from 'zod';
import type { AdminPart } from '../contract';
import { importRecord, recordSchemas } from './import-record';
import { logLevels } from '../../shared/logger';
import { sharedKindsInOrder } from '../../subscriber/shared-kinds';
import { subscriberLine } from '../../subscriber/subscriber-line';
import { subscriptionDocument } from '../../subscriber/subscription-document';

export const peerSchema = z.strictObject({
  originHost: z.string(),
  originRealm: z.string(),
  state: z
    .enum([
      'Closed',
      'Wait-Conn-Ack',
      'Wait-I-CEA',
      'Wait-Conn-Ack/Elect',
      'Wait-Returns',
      'R-Open',
      'I-Open',
      'Closing',
    ])
    .describe('RFC 6733 clause 5.6'),
  watchdog: z.enum(['OKAY', 'SUSPECT', 'DOWN', 'REOPEN', 'INITIAL']).describe('RFC 3539 clause 3.4.1'),
  configured: z.boolean(),
  protocol: z.string(),
  remote: z.string().describe('Address and port of the connection'),
  productName: z.string(),
  applications: z.array(z.number().int()).describe('Application identifiers'),
  connectedSince: z.iso.datetime().nullable(),
  pendingRequests: z.number().int(),
  messagesIn: z.number().int(),
  messagesOut: z.number().int(),
  octetsIn: z.number().int(),
  octetsOut: z.number().int(),
});
export type PeerView = z.output<typeof peerSchema>;

export const loggingLevelSchema = z.strictObject({
  level: z.enum(logLevels).describe('Least level that is logged'),
});
export const loggingSchema = loggingLevelSchema.extend({
  droppedLines: z.number().int().describe('Since the start: lines that the output did not take'),
  summedLines: z
    .number()
    .int()
    .describe('Since the start: lines of which the log has only a count, too many of one kind in a second'),
  bufferedOctets: z.number().int().describe('Lines that wait for the output now'),
});
export type LoggingView = z.output<typeof loggingSchema>;

const fault = z.strictObject({
  pointer: z.string().optional().describe('RFC 6901 pointer into the document'),
  parameter: z.string().optional().describe('Query parameter at fault'),
  header: z.string().optional().describe('Header at fault'),
  detail: z.string(),
});

export const warningSchema = z
  .strictObject({
    pointer: z.string().describe('RFC 6901 pointer into the document'),
    detail: z.string(),
  })
  .describe('A doubt: what it names is stored as it is, but perhaps not what was meant');

export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    errors: z.array(fault).optional().describe('Every fault that was found'),
    warnings: z.array(warningSchema).optional().describe('Doubts about the same document'),
  })
  .describe('RFC 9457');

const count = z.number().int().min(0);
const importCounts = {
  lines: count.describe('Lines read; empty ones count as lines but not as records'),
  records: count,
  created: count,
  replaced: count,
  unchanged: count,
  failed: count,
  warnings: count.describe('Doubts about records that are stored all the same'),
};
const importFailure = z.strictObject({
  type: z.literal('failure'),
  line: z.number().int().min(1),
  name: z.string().nullable().describe('id or name of the record, where it could be read'),
  status: z.number().int().describe('The status that a PUT would have had'),
  detail: z.string(),
  errors: z.array(fault),
  warnings: z.array(warningSchema).optional(),
});
const importWarning = z.strictObject({
  type: z.literal('warning'),
  line: z.number().int().min(1),
  name: z.string().nullable().describe('id or name of the record, which is stored'),
  warnings: z.array(warningSchema).min(1),
});
const importProgress = z.strictObject({ type: z.literal('progress'), ...importCounts });
const importSummary = z.strictObject({ type: z.literal('summary'), ...importCounts });
const importAborted = z.strictObject({
  type: z.literal('aborted'),
  ...importCounts,
  status: z.number().int(),
  detail: z.string(),
});
export const importEventSchema = z
  .discriminatedUnion('type', [importFailure, importWarning, importProgress, importSummary, importAborted])
  .describe('One line of the answer; the last is a summary, or aborted where the store failed midway');

export type ImportCounts = Omit<z.output<typeof importSummary>, 'type'>;
export type ImportFailure = z.output<typeof importFailure>;
export type ImportEvent = z.output<typeof importEventSchema>;

/** A subscriber made from a line. */
export const addedSubscriberSchema = z
  .strictObject({
    subscription: subscriptionDocument,
    made: z
      .array(z.strictObject({ kind: z.enum(['epsProfiles', 'serviceProfiles']), name: z.string() }))
      .describe('Shared sets that did not exist'),
    warnings: z.array(warningSchema).optional(),
  })
  .describe('The subscription without secrets, and what was made with it');
export type AddedSubscriber = z.output<typeof addedSubscriberSchema>;

export const nextCursor = z.string().nullable().describe('null on the last page');
/** A page of a list. */
export const listOf = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), nextCursor });

/** Those whose changes are answered with `warnings` where there are any. */
export const warnedComponents: readonly string[] = [
  'Subscription',
  ...sharedKindsInOrder.map(({ component }) => component),
];

/** Component name to schema. */
export function componentSchemas(applications: readonly AdminPart[]): Readonly<Record<string, z.ZodType>> {
  const records = recordSchemas(applications.flatMap((application) => application.records));
  return {
    Subscription: subscriptionDocument,
    ...Object.fromEntries(sharedKindsInOrder.map(({ component, schema }) => [component, schema])),
    SubscriptionList: listOf(subscriptionDocument),
    SubscriberLine: subscriberLine,
    AddedSubscriber: addedSubscriberSchema,
    ...Object.fromEntries(
      sharedKindsInOrder.map(({ component, schema }) => [`${component}List`, listOf(schema)]),
    ),
    ...Object.fromEntries(applications.flatMap(({ schemas }) => Object.entries(schemas))),
    Peer: peerSchema,
    PeerList: z.strictObject({ items: z.array(peerSchema) }),
    Logging: loggingSchema,
    LoggingLevel: loggingLevelSchema,
    MergePatch: z.record(z.string(), z.unknown()).describe('RFC 7396 merge patch of the document'),
    ImportRecord: importRecord(records).describe(
      'One line: a subscription as it is, or a document of any kind under the name of its kind',
    ),
    ImportEvent: importEventSchema,
    Problem: problemSchema,
    Warning: warningSchema,
  };
}

export type ProblemView = z.output<typeof problemSchema>;
