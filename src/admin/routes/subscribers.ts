/** A whole subscriber from one line: POST makes what PUT of a subscription takes, and the shared sets it needs. */
import { z } from 'zod';
import { missingName } from '../../subscriber/references';
import type { ProvisioningStore } from '../../subscriber/provisioning';
import { subscriptionWarnings, type ProvisioningWarning } from '../../subscriber/provisioning-warnings';
import type { DefaultSet } from '../../subscriber/default-sets';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { addedSubscriberExample, subscriberLineExample } from '../openapi/examples';
import type { AddedSubscriber } from '../openapi/views';
import { faultyDocument, ProblemError } from '../problem';
import { refused } from '../resource';
import { jsonMediaType, type ApiAnswer, type Route } from '../route';
import { checkedLine, makeDefaultSets, missingDefaultSets } from '../subscriber-lines';

const dryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: nothing is changed; the answer is what would be'),
});

/** Without secrets, as documents come out. */
function withoutKeys(document: SubscriptionDocument): SubscriptionDocument {
  const usims = document.usims?.map((entry) => {
    const { k: _k, opc: _opc, op: _op, sqn: _sqn, ...aka } = entry.aka;
    return { ...entry, aka };
  });
  return { ...document, ...(usims === undefined ? {} : { usims }) };
}

const answerOf = (
  subscription: SubscriptionDocument,
  made: readonly DefaultSet[],
  warnings: readonly ProvisioningWarning[],
): AddedSubscriber => ({
  subscription,
  made: made.map(({ kind, document }) => ({ kind, name: document.name })),
  ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
});

const existsAlready = (id: string): ProblemError =>
  new ProblemError(409, `There is a subscription "${id}" already; nothing was changed.`);

export function subscriberRoutes(store: ProvisioningStore, domains: readonly string[]): Route[] {
  async function rehearse(document: SubscriptionDocument, sets: readonly DefaultSet[]): Promise<ApiAnswer> {
    if ((await store.getSubscription({ id: document.id })) !== null) throw existsAlready(document.id);
    const missing = await missingDefaultSets(store, sets);
    const willExist = new Set(
      missing.map((set) => missingName(set.kind, { pointer: '', name: set.document.name }).detail),
    );
    const faults = (await store.subscriptionFaultsBesides(document)).filter(
      ({ detail }) => !willExist.has(detail),
    );
    if (faults.length > 0) throw faultyDocument(faults.map((fault) => ({ ...fault })));
    return {
      status: 200,
      body: answerOf(withoutKeys(document), missing, subscriptionWarnings(document, { domains })),
    };
  }

  async function add(document: SubscriptionDocument, sets: readonly DefaultSet[]): Promise<ApiAnswer> {
    const doubts = subscriptionWarnings(document, { domains });
    const made = await makeDefaultSets(store, sets);
    const outcome = await store.putSubscription(document, { ifNoneMatch: '*' });
    if (outcome.kind === 'preconditionFailed') throw existsAlready(document.id);
    if (outcome.kind === 'refused') throw refused(outcome.faults, outcome.conflict, doubts);
    return {
      status: 201,
      headers: { etag: outcome.etag, location: `/v1/subscriptions/${encodeURIComponent(document.id)}` },
      body: answerOf(withoutKeys(document), made, [...doubts, ...(outcome.warnings ?? [])]),
    };
  }

  return [
    {
      method: 'POST',
      path: '/v1/subscribers',
      operationId: 'addSubscriber',
      tag: 'Subscriptions',
      summary: 'Make a whole subscriber from what is known of the SIM card',
      description:
        'Makes a subscription for EPS and, with an MSISDN, for the IMS: identities as a UE without ISIM derives them from the IMSI (TS 23.003 13). ' +
        'The default EPS profile and service profile are made where they do not exist. What exists is not changed.',
      query: dryRunQuery,
      body: {
        mediaType: jsonMediaType,
        schema: 'SubscriberLine',
        description: 'The line',
        example: subscriberLineExample,
      },
      answers: {
        200: {
          description: 'What would be made',
          schema: 'AddedSubscriber',
          example: addedSubscriberExample,
        },
        201: {
          description: 'Made',
          schema: 'AddedSubscriber',
          headers: ['ETag', 'Location'],
          example: addedSubscriberExample,
        },
      },
      problems: [400, 409, 422],
      handle: ({ body, query }) => {
        const { document, defaultSets } = checkedLine(body, domains);
        const { dryRun } = query as z.output<typeof dryRunQuery>;
        return dryRun === 'true' ? rehearse(document, defaultSets) : add(document, defaultSets);
      },
    },
  ];
}
