/** What the toy application brings to the API, the metrics and the command line. */
import { z } from 'zod';
import { cxTable } from '../../src/apps/cx/generated/cx-tables';
import { toyTable } from './generated/toy-tables';
import { toyOutcomes } from './notification';
import { watch, watchOf } from './watch';
import type { AdminPart } from '../../src/admin/contract';
import { ProblemError } from '../../src/admin/problem';
import type { CliPart } from '../../src/cli/contract';
import type { MetricsPart } from '../../src/metrics/contract';
import type { StateStore } from '../../src/state/ports';

const watchSchema = z.strictObject({ host: z.string(), realm: z.string(), isReleased: z.boolean() });

export const toyAdmin = (store: Pick<StateStore, 'load'>): AdminPart => ({
  tags: [{ name: 'Toys', description: 'Who watches whom' }],
  schemas: { ToyWatch: watchSchema },
  routes: [
    {
      method: 'GET',
      path: '/v1/toy-watches/{imsi}',
      operationId: 'getToyWatch',
      tag: 'Toys',
      summary: 'Who watches a user',
      pathParameters: { imsi: 'The IMSI of the user' },
      answers: { 200: { description: 'The watch', schema: 'ToyWatch' } },
      problems: [404],
      handle: async ({ params: { imsi } }) => {
        const { snapshot } = await store.load({ impus: [], imsi, modules: [watch] });
        const row = snapshot === null ? null : watchOf(snapshot).row;
        if (row === null) throw new ProblemError(404, 'nobody watches this user');
        return { status: 200, body: row };
      },
    },
  ],
  records: [],
});

export const toyMetrics: MetricsPart = {
  outgoing: { commands: { 'toy.TNR': 'TNR' }, outcomes: toyOutcomes },
  register: () => undefined,
};

export const toyCli: CliPart = {
  operations: [],
  provisioning: [],
  records: {},
  tables: [cxTable, toyTable],
};
