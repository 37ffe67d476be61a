/** Requests to MMEs and SGSNs as the API has them. */
import { z } from 'zod';
import type { PushView } from '../../../outbox/ports';
import {
  cancellationTypes,
  updateFlags,
  type CancellationName,
  type UpdateFlag,
} from '../outgoing/manual-orders';
import type {
  CancelLocationPayload,
  DeleteSubscriberDataPayload,
  InsertSubscriberDataPayload,
  ResetPayload,
} from '../outgoing/payloads';

const cancellationNames = Object.keys(cancellationTypes) as [CancellationName, ...CancellationName[]];
const flagNames = Object.keys(updateFlags) as [UpdateFlag, ...UpdateFlag[]];
export { cancellationNames, flagNames };

const nodeKind = z.enum(['mme', 'sgsn']);

export const nodeRequestSchema = z.strictObject({
  id: z.number().int(),
  subscription: z
    .string()
    .nullable()
    .describe('id of the subscription, also after its deletion; null for RSR'),
  command: z.enum(['CLR', 'IDR', 'DSR', 'RSR']).describe('TS 29.272 clause 7.2'),
  imsi: z.string().nullable().describe('null for RSR'),
  node: nodeKind.nullable().describe('As what the destination serves the IMSI; null for RSR'),
  destinationHost: z.string().describe('Diameter host of the MME or SGSN'),
  cancellationType: z.enum(cancellationNames).nullable().describe('CLR only'),
  reattach: z.boolean().describe('CLR: the UE is told to attach again'),
  flags: z.array(z.enum(flagNames)).describe('IDR: what is asked for'),
  changed: z.array(z.string()).describe('IDR: the parts of the EPS data that it brings'),
  dsrFlags: z.number().int().nullable().describe('DSR: the bits of DSR-Flags'),
  userIds: z.array(z.string()).describe('RSR: leading digits of IMSIs; empty for all'),
  createdAt: z.iso.datetime(),
  attempts: z.number().int(),
  nextAttemptAt: z.iso.datetime().nullable().describe('null when it is done with'),
  completedAt: z.iso
    .datetime()
    .nullable()
    .describe('null while it waits for a connection, an answer or another attempt'),
  outcome: z
    .string()
    .nullable()
    .describe(
      'success, superseded, userUnknown, commandUnsupported, unableToComply, refused, noAnswer, notConnected, tooLong or cancelled',
    ),
  detail: z.string().nullable().describe('The result by name, or why there is none yet'),
});
export type NodeRequestView = z.output<typeof nodeRequestSchema>;

export const cancellationSchema = z.strictObject({
  node: nodeKind.optional().describe('Only this one; both when absent'),
  type: z.enum(cancellationNames).optional().describe('subscriptionWithdrawal when absent'),
  reattach: z.boolean().optional().describe('The UE is told to attach again at once'),
});

export const subscriberUpdateSchema = z.strictObject({
  node: nodeKind.optional().describe('Only this one; both when absent'),
  flags: z.array(z.enum(flagNames)).min(1).optional().describe('What the node is asked for'),
  data: z.boolean().optional().describe('Send all of the Subscription-Data again'),
});

export const resetSchema = z.strictObject({
  node: z.string().min(1).optional().describe('Only this Diameter host; all that serve somebody when absent'),
  userIds: z
    .array(z.string().regex(/^\d{1,15}$/))
    .min(1)
    .max(100)
    .optional()
    .describe('Only subscribers whose IMSIs begin with these digits; all when absent'),
});

const instant = (ms: number): string => new Date(ms).toISOString();

type Payload = Partial<
  CancelLocationPayload & InsertSubscriberDataPayload & DeleteSubscriberDataPayload & ResetPayload
>;

const commands = { 's6a.CLR': 'CLR', 's6a.IDR': 'IDR', 's6a.DSR': 'DSR', 's6a.RSR': 'RSR' } as const;
const isOurs = (kind: string): kind is keyof typeof commands => kind in commands;

/** Null where it is another application's. */
export function nodeRequestView(view: PushView): NodeRequestView | null {
  if (!isOurs(view.kind)) return null;
  const payload: Payload = view.payload;
  const { idrFlags = 0, cancellationType } = payload;
  return {
    id: view.id,
    subscription: view.subscription,
    command: commands[view.kind],
    imsi: payload.imsi ?? null,
    node: payload.kind ?? null,
    destinationHost: view.destinationHost,
    cancellationType: cancellationNames.find((name) => cancellationTypes[name] === cancellationType) ?? null,
    reattach: payload.isReattachRequired === true,
    flags: flagNames.filter((name) => (idrFlags & updateFlags[name]) === updateFlags[name]),
    changed: [...(payload.changed ?? [])],
    dsrFlags: payload.dsrFlags ?? null,
    userIds: [...(payload.userIds ?? [])],
    createdAt: instant(view.createdAtMs),
    attempts: view.attemptCount,
    nextAttemptAt: view.completedAtMs === null ? instant(view.nextAttemptAtMs) : null,
    completedAt: view.completedAtMs === null ? null : instant(view.completedAtMs),
    outcome: view.outcome,
    detail: view.detail,
  };
}

export const nodeRequestExample: NodeRequestView = {
  id: 17,
  subscription: 'alice',
  command: 'IDR',
  imsi: '001010000000001',
  node: 'mme',
  destinationHost: 'mme1.epc.example',
  cancellationType: null,
  reattach: false,
  flags: ['location'],
  changed: [],
  dsrFlags: null,
  userIds: [],
  createdAt: '2026-01-02T03:04:05.000Z',
  attempts: 1,
  nextAttemptAt: null,
  completedAt: '2026-01-02T03:04:05.100Z',
  outcome: 'success',
  detail: 'DIAMETER_SUCCESS',
};

export const openExample: NodeRequestView = {
  ...nodeRequestExample,
  attempts: 0,
  nextAttemptAt: nodeRequestExample.createdAt,
  completedAt: null,
  outcome: null,
  detail: null,
};
