/** IMS subscriptions: one document each, found by its id or by any identity in it. */
import { z } from 'zod';
import {
  imsi,
  msisdn,
  privateIdentityName,
  subscriptionDocument,
} from '../../subscriber/subscription-document';
import { canonicalPublicIdentity } from '../../subscriber/public-identity';
import { subscriptionWarnings, type WarningSettings } from '../../subscriber/provisioning-warnings';
import type { ProvisioningStore, SubscriptionKeyName } from '../../subscriber/provisioning';
import { subscriberLimits } from '../../subscriber/limits';
import { ProblemError } from '../problem';
import { deleteDocument, getDocument, patchDocument, putDocument, type Resource } from '../resource';
import { jsonMediaType, mergePatchMediaType, type Route } from '../route';
import { subscriptionExample, subscriptionInputExample } from '../openapi/examples';
import { keyPageQuery } from '../page-query';

const listQuery = z.strictObject({
  ...keyPageQuery.shape,
  impi: privateIdentityName.optional().describe('Private User Identity: the one subscription that has it'),
  impu: z
    .string()
    .min(1)
    .max(subscriberLimits.impuOctets)
    .optional()
    .describe('Public identity in any spelling: the one subscription that has it'),
  imsi: imsi.optional().describe('IMSI: the one subscription that has it'),
  msisdn: msisdn.optional().describe('MSISDN of a USIM, without "+": the one subscription that has it'),
});
type ListQuery = z.output<typeof listQuery>;

/**
 * What is asked for by identity, or null for the list. @throws ProblemError for more than one, or a URI that
 * is none
 */
function lookup(query: ListQuery): SubscriptionKeyName | null {
  const { impi, impu } = query;
  const given = Object.entries({ impi, impu, imsi: query.imsi, msisdn: query.msisdn }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1 || (given.length === 1 && query.cursor !== undefined)) {
    throw new ProblemError(
      400,
      'impi, impu, imsi, msisdn and cursor exclude each other.',
      given.map(([parameter]) => ({ parameter, detail: 'give only one of them' })),
    );
  }
  if (impi !== undefined) return { impi };
  if (query.imsi !== undefined) return { imsi: query.imsi };
  if (query.msisdn !== undefined) return { msisdn: query.msisdn };
  if (impu === undefined) return null;
  // In a query "+" stands for a space, so tel:+1555 often arrives as "tel: 1555"; no identity has a space of
  // its own.
  const uri = impu.replaceAll(' ', '+');
  const wildcarded = canonicalPublicIdentity(uri, 'wildcardedPsi');
  const canonical = wildcarded.ok ? wildcarded : canonicalPublicIdentity(uri);
  if (!canonical.ok)
    throw new ProblemError(400, 'impu is no public identity.', [
      { parameter: 'impu', detail: canonical.reason },
    ]);
  return { impu: canonical.value };
}

export function subscriptionRoutes(store: ProvisioningStore, settings: WarningSettings): Route[] {
  const resource: Resource<typeof subscriptionDocument> = {
    noun: 'subscription',
    schema: subscriptionDocument,
    key: 'id',
    collection: '/v1/subscriptions',
    get: (id) => store.getSubscription({ id }),
    put: (document, precondition) => store.putSubscription(document, precondition),
    remove: (id, precondition) => store.deleteSubscription(id, precondition),
    warnings: (document) => subscriptionWarnings(document, settings),
    besides: (document) => store.subscriptionFaultsBesides(document),
  };
  const common = {
    path: '/v1/subscriptions/{id}',
    tag: 'Subscriptions',
    pathParameters: { id: 'Name of the IMS subscription' },
  };
  const stored = {
    description: 'As stored, without secrets',
    schema: 'Subscription',
    headers: ['ETag'],
    example: subscriptionExample,
  } as const;
  return [
    {
      method: 'GET',
      path: '/v1/subscriptions',
      operationId: 'listSubscriptions',
      tag: 'Subscriptions',
      summary: 'List subscriptions, or find one by an identity',
      description: 'With impi, impu, imsi or msisdn: a list of one, or of none.',
      query: listQuery,
      answers: {
        200: {
          description: 'One page, in an order that stays',
          schema: 'SubscriptionList',
          example: { items: [subscriptionExample], nextCursor: null },
        },
      },
      problems: [400],
      handle: async ({ query }) => {
        const parsed = query as ListQuery;
        const name = lookup(parsed);
        if (name !== null) {
          const found = await store.getSubscription(name);
          return { status: 200, body: { items: found === null ? [] : [found.document], nextCursor: null } };
        }
        const page = await store.listSubscriptions(parsed.cursor ?? null, parsed.limit);
        return {
          status: 200,
          body: { items: page.items.map((item) => item.document), nextCursor: page.nextCursor },
        };
      },
    },
    {
      ...common,
      method: 'GET',
      operationId: 'getSubscription',
      summary: 'Get one subscription',
      conditional: 'read',
      description:
        'Everything that was provisioned but the secrets: k, op, opc, password, ha1 and ha1Sha256 go in and never come out.',
      answers: { 200: stored, 304: { description: 'The tag in If-None-Match is that of what is stored' } },
      problems: [404],
      handle: (request) => getDocument(resource, request),
    },
    {
      ...common,
      method: 'PUT',
      operationId: 'putSubscription',
      summary: 'Create or replace one subscription',
      conditional: 'change',
      description:
        'One atomic change. A secret that is left out keeps its stored value, if the private identity has it; otherwise its absence is a fault.',
      body: {
        mediaType: jsonMediaType,
        schema: 'Subscription',
        description: 'The whole subscription; id may be left out',
        example: subscriptionInputExample,
      },
      answers: {
        200: { ...stored, description: 'Replaced, or the same as before' },
        201: { ...stored, description: 'Created', headers: ['ETag', 'Location'] },
      },
      problems: [400, 409, 412, 422],
      handle: (request) => putDocument(resource, request),
    },
    {
      ...common,
      method: 'PATCH',
      operationId: 'patchSubscription',
      summary: 'Merge changes into one subscription',
      conditional: 'change',
      description:
        'The patch is applied to the stored document, the whole is validated and stored as one atomic change; secrets stay.',
      body: {
        mediaType: mergePatchMediaType,
        schema: 'MergePatch',
        description: 'RFC 7396: what is named changes, null removes, arrays are replaced as a whole',
        example: { registrationAllowed: false },
      },
      answers: { 200: { ...stored, description: 'As stored after the change' } },
      problems: [400, 404, 409, 412, 422],
      handle: (request) => patchDocument(resource, request),
    },
    {
      ...common,
      method: 'DELETE',
      operationId: 'deleteSubscription',
      summary: 'Delete one subscription',
      conditional: 'change',
      answers: { 204: { description: 'Deleted, with its registration state' } },
      problems: [400, 404, 409, 412],
      handle: (request) => deleteDocument(resource, request),
    },
  ];
}
