/**
 * Initial filter criteria as provisioned, [29.228-B.2.2] and [29.228-B.2.3], and the one question the HSS
 * itself asks of them: do they give terminating service in the unregistered state [29.228-6.1.4.1 step 3]?
 */
import { z } from 'zod';
import { limits } from '../shared/limits';
import { subscriberLimits } from './limits';
import { checkExtendedRegularExpression } from './wildcards/extended-regular-expression';

export const sessionCases = [
  'ORIGINATING_REGISTERED',
  'TERMINATING_REGISTERED',
  'TERMINATING_UNREGISTERED',
  'ORIGINATING_UNREGISTERED',
  'ORIGINATING_CDIV',
] as const;
export const registrationTypes = ['INITIAL_REGISTRATION', 'RE-REGISTRATION', 'DE-REGISTRATION'] as const;

const text = z.string().min(1).max(limits.textCharacters);
/** An extended regular expression (IEEE 1003.1 clause 9) that the S-CSCF matches, [29.228-F]. */
const expression = text.superRefine((source, context) => {
  const { fault } = checkExtendedRegularExpression(source);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `${fault} [29.228-F]` });
});
/** RFC 3261 25.1: a method is a token. */
const method = text.regex(/^[A-Za-z0-9\-.!%*_+`'~]+$/, 'must be a SIP method (a token of RFC 3261 25.1)');
const group = z.number().int().min(0).max(65_535);

const servicePointTrigger = z
  .strictObject({
    conditionNegated: z.boolean().default(false),
    groups: z.array(group).min(1).max(subscriberLimits.servicePointTriggersPerCriteriaCount),
    requestUri: expression
      .optional()
      .describe(
        'Extended regular expression for the host and port of a SIP URI or the number of a tel URI [29.228-F]',
      ),
    method: method.optional(),
    sipHeader: z
      .strictObject({ header: expression, content: expression.optional() })
      .optional()
      .describe('Extended regular expressions for name and value [29.228-F]'),
    sessionCase: z.enum(sessionCases).optional(),
    sessionDescription: z
      .strictObject({ line: expression, content: expression.optional() })
      .optional()
      .describe('Extended regular expressions for type and value of an SDP line [29.228-F]'),
    registrationTypes: z
      .array(z.enum(registrationTypes))
      .max(2)
      .refine((types) => new Set(types).size === types.length, 'names a type twice')
      .optional()
      .describe('Table E.2: 0 to 2'),
  })
  .superRefine((trigger, context) => {
    const kinds = [
      trigger.requestUri,
      trigger.method,
      trigger.sipHeader,
      trigger.sessionCase,
      trigger.sessionDescription,
    ];
    const given = kinds.filter((kind) => kind !== undefined).length;
    if (given !== 1)
      context.addIssue({
        code: 'custom',
        message: `needs exactly one of requestUri, method, sipHeader, sessionCase, sessionDescription; ${given} given`,
      });
  });

const initialFilterCriterion = z.strictObject({
  priority: z.number().int().min(0).max(0x7fff_ffff),
  profilePartIndicator: z.enum(['REGISTERED', 'UNREGISTERED']).optional().describe('Common part when absent'),
  triggerPoint: z
    .strictObject({
      conditionTypeCnf: z.boolean(),
      servicePointTriggers: z
        .array(servicePointTrigger)
        .min(1)
        .max(subscriberLimits.servicePointTriggersPerCriteriaCount),
    })
    .optional()
    .describe('Unconditional when absent'),
  applicationServer: z.strictObject({
    serverName: z
      .string()
      .max(subscriberLimits.impuOctets)
      .regex(/^sips?:[^\s]+$/i, 'must be a SIP URI (sip:...)'),
    defaultHandling: z.enum(['SESSION_CONTINUED', 'SESSION_TERMINATED']).optional(),
    serviceInfo: z.string().max(limits.serviceInfoCharacters).optional(),
    includeRegisterRequest: z.boolean().default(false),
    includeRegisterResponse: z.boolean().default(false),
  }),
});

/** The same priority shall not be assigned to more than one initial Filter Criterion [29.228-B.2.2]. */
export const initialFilterCriteriaList = z
  .array(initialFilterCriterion)
  .max(subscriberLimits.filterCriteriaPerProfileCount.max)
  .superRefine((list, context) => {
    const seen = new Set<number>();
    list.forEach((criterion, i) => {
      if (seen.has(criterion.priority))
        context.addIssue({
          code: 'custom',
          path: [i, 'priority'],
          message: 'is the priority of another criterion too [29.228-B.2.2]',
        });
      seen.add(criterion.priority);
    });
  });

export type InitialFilterCriterion = z.output<typeof initialFilterCriterion>;
export type ServicePointTrigger = z.output<typeof servicePointTrigger>;

/**
 * Whether a trigger can hold for a terminating request to an unregistered identity; what depends on the
 * request may.
 */
function mayHold(trigger: ServicePointTrigger): boolean {
  if (trigger.sessionCase !== undefined)
    return (trigger.sessionCase === 'TERMINATING_UNREGISTERED') !== trigger.conditionNegated;
  if (trigger.method === 'REGISTER') return trigger.conditionNegated;
  return true;
}

/**
 * True where the criterion can trigger for a terminating request to an identity in the unregistered state.
 */
export function servesTerminatingUnregistered(criterion: InitialFilterCriterion): boolean {
  if (criterion.profilePartIndicator === 'REGISTERED') return false;
  const point = criterion.triggerPoint;
  if (point === undefined) return true;
  const groups = new Map<number, boolean[]>();
  for (const trigger of point.servicePointTriggers) {
    for (const id of trigger.groups) groups.set(id, [...(groups.get(id) ?? []), mayHold(trigger)]);
  }
  const sets = [...groups.values()];
  return point.conditionTypeCnf
    ? sets.every((set) => set.some(Boolean))
    : sets.some((set) => set.every(Boolean));
}
