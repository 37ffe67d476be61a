/** Who used which equipment when, for operators. */
import { z } from 'zod';
import { pageQuery } from '../../../admin/page-query';
import { ProblemError } from '../../../admin/problem';
import type { Route } from '../../../admin/route';
import { imeiOf, isImsi } from '../equipment/imei';
import type { EquipmentUses } from '../equipment/ports';
import { isUseCursor } from '../store/cursor';
import { imeiParameter } from './entries';

export const useSchema = z.strictObject({
  imsi: z.string(),
  imei: z.string().describe('14 digits'),
  softwareVersion: z.string().optional().describe('2 digits; absent where it was not told'),
  firstAt: z.iso.datetime().describe('First time that it was told'),
  lastAt: z.iso.datetime().describe('Last time that it was told'),
  peer: z.string().describe('Origin-Host of the node that told it last'),
});

const usesQuery = z.strictObject({
  ...pageQuery.shape,
  cursor: pageQuery.shape.cursor.refine(
    (cursor) => cursor === undefined || isUseCursor(cursor),
    'is none that a page of this list gave as nextCursor',
  ),
  imsi: z.string().refine(isImsi, 'must have 6 to 15 digits').optional().describe('Who used it'),
  imei: imeiParameter.optional().describe('What was used: 14 digits, or 15 with the check digit'),
});

const example: z.output<typeof useSchema> = {
  imsi: '262019876543210',
  imei: '35693803564380',
  softwareVersion: '01',
  firstAt: '2026-03-01T08:00:00.000Z',
  lastAt: '2026-03-02T08:00:00.000Z',
  peer: 'mme.epc.example.org',
};

export const useRoutes = (uses: Pick<EquipmentUses, 'list'>, maxAgeDays: number): Route[] => [
  {
    method: 'GET',
    path: '/v1/equipment/uses',
    operationId: 'listEquipmentUses',
    tag: 'Equipment',
    summary: 'Who used which equipment when',
    description:
      'Recorded where s13.recordUse is true, and kept for s13.useRetentionDays. At least one of imsi and imei is needed.',
    query: usesQuery,
    answers: {
      200: {
        description: 'One page, the last used first',
        schema: 'EquipmentUseList',
        example: { items: [example], nextCursor: null },
      },
    },
    problems: [400],
    handle: async ({ query }) => {
      const { cursor, limit, imsi, imei } = query as z.output<typeof usesQuery>;
      if (imsi === undefined && imei === undefined)
        throw new ProblemError(400, 'Nobody and nothing is named.', [
          { parameter: 'imsi', detail: 'is missing; imsi or imei is needed' },
        ]);
      const { items, nextCursor } = await uses.list(
        { imsi, imei: imei === undefined ? undefined : (imeiOf(imei) ?? undefined) },
        maxAgeDays,
        cursor ?? null,
        limit,
      );
      return {
        status: 200,
        body: {
          items: items.map((use) => ({
            ...use,
            firstAt: use.firstAt.toISOString(),
            lastAt: use.lastAt.toISOString(),
          })),
          nextCursor,
        },
      };
    },
  },
];
