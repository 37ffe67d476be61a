/** The equipment table over HTTP: which list equipment is on [29.272-6.2.1.3]. */
import { z } from 'zod';
import { pageQuery } from '../../../admin/page-query';
import { ProblemError } from '../../../admin/problem';
import { deleteDocument, getDocument, putDocument, type Resource } from '../../../admin/resource';
import { jsonMediaType, type Route } from '../../../admin/route';
import {
  canonicalEntry,
  canonicalValue,
  equipmentEntry,
  equipmentStatuses,
  type EquipmentEntry,
} from '../equipment/entry';
import { imeiOf } from '../equipment/imei';
import type { EquipmentProvisioning } from '../equipment/ports';

const example: EquipmentEntry = { value: '35693803564380', status: 'prohibited', note: 'stolen 2026-03-01' };

const listQuery = z.strictObject({
  ...pageQuery.shape,
  status: z.enum(equipmentStatuses).optional().describe('Only entries with this status'),
});

export const imeiParameter = z
  .string()
  .refine((text) => imeiOf(text) !== null, 'must have 14 digits, or 15 with the check digit');

const statusQuery = z.strictObject({
  imei: imeiParameter.describe('14 digits, or 15 with the check digit'),
  softwareVersion: z
    .string()
    .regex(/^[0-9]{2}$/, 'must have 2 digits')
    .optional()
    .describe('2 digits'),
});

const stored = {
  description: 'As stored, in canonical form',
  schema: 'Equipment',
  headers: ['ETag'],
  example,
} as const;

const collection = '/v1/equipment/entries';

export function equipmentRoutes(store: EquipmentProvisioning): Route[] {
  const canonical = (value: string): string | null => {
    const result = canonicalValue(value);
    return result.ok ? result.value : null;
  };
  const resource: Resource<typeof equipmentEntry> = {
    noun: 'equipment entry',
    schema: equipmentEntry,
    key: 'value',
    collection,
    get: async (value) => {
      const name = canonical(value);
      return name === null ? null : store.get(name);
    },
    put: (document, precondition) => store.put(canonicalEntry(document), precondition),
    remove: async (value, precondition) => {
      const name = canonical(value);
      return name === null ? { kind: 'notFound' } : store.delete(name, precondition);
    },
  };
  const common = {
    path: `${collection}/{value}`,
    tag: 'Equipment',
    pathParameters: { value: 'TAC, IMEI (with or without its check digit), IMEISV or range of IMEIs' },
  };
  return [
    {
      method: 'GET',
      path: collection,
      operationId: 'listEquipment',
      tag: 'Equipment',
      summary: 'List equipment entries',
      query: listQuery,
      answers: {
        200: {
          description: 'One page, in the order of values',
          schema: 'EquipmentList',
          example: { items: [example], nextCursor: null },
        },
      },
      problems: [400],
      handle: async ({ query }) => {
        const { cursor, limit, status } = query as z.output<typeof listQuery>;
        return { status: 200, body: await store.list(status, cursor ?? null, limit) };
      },
    },
    {
      method: 'GET',
      path: '/v1/equipment/status',
      operationId: 'checkEquipment',
      tag: 'Equipment',
      summary: 'Which entry counts for a piece of equipment',
      description:
        'The entry that an ECR about this equipment is answered by: that of the IMEI with its software version, else of the IMEI, else the range or TAC with the fewest IMEIs. Without any, s13.unknownEquipment says what is answered.',
      query: statusQuery,
      answers: { 200: { description: 'The entry', schema: 'Equipment', example } },
      problems: [400, 404],
      handle: async ({ query }) => {
        const { imei, softwareVersion } = query as z.output<typeof statusQuery>;
        const entry = await store.find({ imei: imeiOf(imei) ?? '', softwareVersion });
        if (entry === null) throw new ProblemError(404, `No entry is about the equipment ${imei}.`);
        return { status: 200, body: entry };
      },
    },
    {
      ...common,
      method: 'GET',
      operationId: 'getEquipment',
      summary: 'Get one equipment entry',
      conditional: 'read',
      answers: { 200: stored, 304: { description: 'The tag in If-None-Match is that of what is stored' } },
      problems: [404],
      handle: (request) => getDocument(resource, request),
    },
    {
      ...common,
      method: 'PUT',
      operationId: 'putEquipment',
      summary: 'Create or replace one equipment entry',
      conditional: 'change',
      body: {
        mediaType: jsonMediaType,
        schema: 'Equipment',
        description: 'The whole entry; value may be left out',
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
      method: 'DELETE',
      operationId: 'deleteEquipment',
      summary: 'Delete one equipment entry',
      conditional: 'change',
      answers: { 204: { description: 'Deleted' } },
      problems: [400, 404, 409, 412],
      handle: (request) => deleteDocument(resource, request),
    },
  ];
}
