/** The table of the subscription locator: which HSSs hold whom [29.228-6.4]. */
import { z } from 'zod';
import {
  canonicalEntry,
  canonicalIdentity,
  canonicalName,
  canonicalRedirectHost,
  identityOfHost,
  locatorEntry,
  locatorKinds,
  type LocatorEntry,
} from '../locator/entry';
import type { LocatorProvisioning } from '../locator/ports';
import { limits } from '../../../shared/limits';
import { subscriberLimits } from '../../../subscriber/limits';
import { ProblemError } from '../../../admin/problem';
import { deleteDocument, getDocument, putDocument, type Resource } from '../../../admin/resource';
import { jsonMediaType, type Route } from '../../../admin/route';
import { pageQuery } from '../../../admin/page-query';

const locatorExample: LocatorEntry = {
  kind: 'range',
  value: '+49301000-+49301999',
  hosts: ['aaa://hss1.ims.example.com:3868', 'aaa://hss2.ims.example.com:3868'],
  usage: 'ALL_USER',
  maxCacheSeconds: 300,
};

const listQuery = z.strictObject({
  ...pageQuery.shape,
  kind: z.enum(locatorKinds).optional().describe('Only entries of this kind'),
  host: z
    .string()
    .min(1)
    .max(limits.textCharacters)
    .optional()
    .describe('Only entries that name this HSS, by Diameter identity or DiameterURI'),
});

const resolveQuery = z.strictObject({
  identity: z
    .string()
    .min(1)
    .max(subscriberLimits.impuOctets)
    .describe('SIP or tel URI in any spelling, or a private identity'),
});

/** In a query "+" stands for a space, and no identity has a space of its own. */
const unspaced = (text: string): string => text.replaceAll(' ', '+');

function hostFilter(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const uri = canonicalRedirectHost(host);
  if (!uri.ok) throw new ProblemError(400, 'host is no HSS.', [{ parameter: 'host', detail: uri.reason }]);
  return identityOfHost(uri.value);
}

export function locatorRoutes(store: LocatorProvisioning): Route[] {
  const resource: Resource<typeof locatorEntry> = {
    noun: 'locator entry',
    schema: locatorEntry,
    key: 'value',
    collection: '/v1/locator/entries',
    get: async (value) => {
      const name = canonicalName(value);
      return name === null ? null : store.get(name);
    },
    put: (document, precondition) => store.put(canonicalEntry(document), precondition),
    remove: async (value, precondition) => {
      const name = canonicalName(value);
      return name === null ? { kind: 'notFound' } : store.delete(name, precondition);
    },
  };
  const common = {
    path: '/v1/locator/entries/{value}',
    tag: 'Locator',
    pathParameters: { value: 'Identity, number range, wildcarded identity or domain, in any spelling' },
  };
  const stored = {
    description: 'As stored, in canonical form',
    schema: 'LocatorEntry',
    headers: ['ETag'],
    example: locatorExample,
  } as const;
  return [
    {
      method: 'GET',
      path: '/v1/locator/entries',
      operationId: 'listLocatorEntries',
      tag: 'Locator',
      summary: 'List locator entries',
      query: listQuery,
      answers: {
        200: {
          description: 'One page, in an order that stays',
          schema: 'LocatorEntryList',
          example: { items: [locatorExample], nextCursor: null },
        },
      },
      problems: [400],
      handle: async ({ query }) => {
        const { cursor, limit, kind, host } = query as z.output<typeof listQuery>;
        const page = await store.list({ kind, host: hostFilter(host) }, cursor ?? null, limit);
        return {
          status: 200,
          body: { items: page.items.map((item) => item.document), nextCursor: page.nextCursor },
        };
      },
    },
    {
      method: 'GET',
      path: '/v1/locator/resolve',
      operationId: 'resolveIdentity',
      tag: 'Locator',
      summary: 'Which HSSs hold an identity',
      query: resolveQuery,
      description:
        'The entry that a Cx request about this identity is answered by: its own, else the wildcarded identity or number range with the most literal characters, else the longest domain.',
      answers: { 200: { description: 'The entry', schema: 'LocatorEntry', example: locatorExample } },
      problems: [400, 404],
      handle: async ({ query }) => {
        const { identity } = query as z.output<typeof resolveQuery>;
        const canonical = canonicalIdentity(unspaced(identity));
        if (!canonical.ok)
          throw new ProblemError(400, 'identity is none.', [
            { parameter: 'identity', detail: canonical.reason },
          ]);
        const entry = await store.resolve([canonical.value]);
        if (entry === null) throw new ProblemError(404, `No HSS is known for ${canonical.value}.`);
        return { status: 200, body: entry };
      },
    },
    {
      ...common,
      method: 'GET',
      operationId: 'getLocatorEntry',
      summary: 'Get one locator entry',
      conditional: 'read',
      answers: { 200: stored, 304: { description: 'The tag in If-None-Match is that of what is stored' } },
      problems: [404],
      handle: (request) => getDocument(resource, request),
    },
    {
      ...common,
      method: 'PUT',
      operationId: 'putLocatorEntry',
      summary: 'Create or replace one locator entry',
      conditional: 'change',
      body: {
        mediaType: jsonMediaType,
        schema: 'LocatorEntry',
        description: 'The whole entry; value may be left out',
        example: locatorExample,
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
      method: 'DELETE',
      operationId: 'deleteLocatorEntry',
      summary: 'Delete one locator entry',
      conditional: 'change',
      answers: { 204: { description: 'Deleted' } },
      problems: [400, 404, 409, 412],
      handle: (request) => deleteDocument(resource, request),
    },
  ];
}
