/**
 * The data that many subscriptions name: service profiles, shared iFC sets, capability sets, charging
 * sets and EPS profiles.
 */
import { z } from 'zod';
import { sharedKind, type SharedComponent, type SharedRecord } from '../../subscriber/shared-kinds';
import type { ProvisioningStore, SharedKind, SharedSets } from '../../subscriber/provisioning';
import { sharedSetWarnings } from '../../subscriber/provisioning-warnings';
import { pageQuery } from '../page-query';
import { deleteDocument, getDocument, patchDocument, putDocument, type Resource } from '../resource';
import { jsonMediaType, mergePatchMediaType, type Route } from '../route';
import { setExamples } from '../openapi/examples';

export interface SetDescription<K extends SharedKind = SharedKind> {
  readonly kind: K;
  /** The part of the path. */
  readonly segment: string;
  readonly noun: string;
  readonly component: SharedComponent;
  readonly record: SharedRecord;
  readonly schema: z.ZodType<SharedSets[K]>;
  readonly about: string;
}

const describeSet = <K extends SharedKind>(set: SetDescription<K>): SetDescription<K> => set;

/** In the order in which one may name another: what is named comes first. */
export const sharedSets = {
  ifcSets: describeSet({
    ...sharedKind.ifcSets,
    segment: 'ifc-sets',
    about:
      'Initial filter criteria that service profiles share, with the SharedIFCSetID of TS 29.228 Annex B.2.',
  }),
  capabilitySets: describeSet({
    ...sharedKind.capabilitySets,
    segment: 'capability-sets',
    about:
      'What an S-CSCF must or should be able to do, or the names of preferred ones (TS 29.228 clause 6.7).',
  }),
  chargingSets: describeSet({
    ...sharedKind.chargingSets,
    segment: 'charging-sets',
    about: 'Addresses of the charging functions (TS 29.228 clause 7.12).',
  }),
  serviceProfiles: describeSet({
    ...sharedKind.serviceProfiles,
    segment: 'service-profiles',
    about: 'Service profiles that public identities of any subscription may name (TS 29.228 Annex B.2).',
  }),
  epsProfiles: describeSet({
    ...sharedKind.epsProfiles,
    segment: 'eps-profiles',
    about: 'EPS data that USIMs of any subscription may name (TS 29.272 clause 7.3.2).',
  }),
} as const;

export const sharedSetsInOrder = [
  sharedSets.ifcSets,
  sharedSets.capabilitySets,
  sharedSets.chargingSets,
  sharedSets.serviceProfiles,
  sharedSets.epsProfiles,
] as const;

export function sharedSetRoutes(store: ProvisioningStore): Route[] {
  return [
    ...routesOf(store, sharedSets.serviceProfiles),
    ...routesOf(store, sharedSets.ifcSets),
    ...routesOf(store, sharedSets.capabilitySets),
    ...routesOf(store, sharedSets.chargingSets),
    ...routesOf(store, sharedSets.epsProfiles),
  ];
}

function routesOf<K extends SharedKind>(store: ProvisioningStore, set: SetDescription<K>): Route[] {
  const resource: Resource<z.ZodType<SharedSets[K]>> = {
    noun: set.noun,
    schema: set.schema,
    key: 'name',
    collection: `/v1/${set.segment}`,
    get: (name) => store.getShared(set.kind, name),
    put: (document, precondition) => store.putShared(set.kind, document, precondition),
    remove: (name, precondition) => store.deleteShared(set.kind, name, precondition),
    warnings: (document) => sharedSetWarnings(document),
  };
  const common = {
    path: `/v1/${set.segment}/{name}`,
    tag: 'Shared sets',
    pathParameters: { name: `Name of the ${set.noun}` },
  };
  const example = setExamples[set.record];
  const stored = { description: 'As stored', schema: set.component, headers: ['ETag'], example } as const;
  return [
    {
      method: 'GET',
      path: `/v1/${set.segment}`,
      operationId: `list${set.component}s`,
      tag: 'Shared sets',
      summary: `List every ${set.noun}`,
      description: set.about,
      query: pageQuery,
      answers: {
        200: {
          description: 'One page, in an order that stays',
          schema: `${set.component}List`,
          example: { items: [example], nextCursor: null },
        },
      },
      problems: [400],
      handle: async ({ query }) => {
        const { cursor, limit } = query as z.output<typeof pageQuery>;
        const page = await store.listShared(set.kind, cursor ?? null, limit);
        return {
          status: 200,
          body: { items: page.items.map((item) => item.document), nextCursor: page.nextCursor },
        };
      },
    },
    {
      ...common,
      method: 'GET',
      operationId: `get${set.component}`,
      summary: `Get one ${set.noun}`,
      conditional: 'read',
      answers: { 200: stored, 304: { description: 'The tag in If-None-Match is that of what is stored' } },
      problems: [404],
      handle: (request) => getDocument(resource, request),
    },
    {
      ...common,
      method: 'PUT',
      operationId: `put${set.component}`,
      summary: `Create or replace one ${set.noun}`,
      description: set.about,
      conditional: 'change',
      body: {
        mediaType: jsonMediaType,
        schema: set.component,
        description: `The whole ${set.noun}`,
        example,
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
      operationId: `patch${set.component}`,
      summary: `Merge changes into one ${set.noun}`,
      conditional: 'change',
      body: {
        mediaType: mergePatchMediaType,
        schema: 'MergePatch',
        description: 'RFC 7396: what is named changes, null removes, arrays are replaced as a whole',
      },
      answers: { 200: { ...stored, description: 'As stored after the change' } },
      problems: [400, 404, 409, 412, 422],
      handle: (request) => patchDocument(resource, request),
    },
    {
      ...common,
      method: 'DELETE',
      operationId: `delete${set.component}`,
      summary: `Delete one ${set.noun}`,
      description: 'Refused with 409 while anything names it.',
      conditional: 'change',
      answers: { 204: { description: 'Deleted' } },
      problems: [400, 404, 409, 412],
      handle: (request) => deleteDocument(resource, request),
    },
  ];
}
