/** Bulk import and export as NDJSON streams. */
import { z } from 'zod';
import {
  importEventExamples,
  setExamples,
  subscriberLineExample,
  subscriptionInputExample,
} from '../openapi/examples';
import { sharedKindsInOrder } from '../../subscriber/shared-kinds';
import { mediaTypeOf } from '../content-negotiation';
import type { RecordKind } from '../contract';
import { csvColumns } from '../csv-records';
import { exportStream, primed } from '../export-stream';
import { importStream, type ImportOptions } from '../import-stream';
import { csvMediaType, ndjsonMediaType, type Route } from '../route';

/** 'a, b, or c' */
const either = (texts: readonly string[]): string =>
  `${texts.slice(0, -1).join(', ')}, or ${texts.at(-1) ?? ''}`;

const exportQueryOf = (records: readonly RecordKind[]) =>
  z.strictObject({
    what: z
      .enum(['all', 'shared', 'subscriptions', ...records.map(({ name }) => name)])
      .default('all')
      .describe(
        either([
          'Everything',
          'only the shared sets',
          'only the subscriptions',
          ...records.map(({ about }) => `only ${about}`),
        ]),
      ),
  });

const ndjson = (records: readonly unknown[]): string =>
  records.map((record) => JSON.stringify(record)).join('\n');

const csvExample = `${Object.keys(subscriberLineExample).join(',')}\n${Object.values(subscriberLineExample).join(',')}\n`;

export function transferRoutes(options: ImportOptions): Route[] {
  const exportQuery = exportQueryOf(options.records);
  const wrapped = [
    ...sharedKindsInOrder.map(({ record }) => record),
    ...options.records.map(({ name }) => name),
  ]
    .map((name) => `{"${name}": {...}}`)
    .join(', ');
  return [
    {
      method: 'POST',
      path: '/v1/import',
      operationId: 'importRecords',
      tag: 'Transfer',
      summary: 'Create or replace many records',
      description:
        `One JSON document per line, or over several lines, or an array of them: a subscription as it is or as {"subscription": {...}}, a whole subscriber as {"subscriber": {...}}, or ${wrapped}. ` +
        `As ${csvMediaType}: a header line with columns of ${csvColumns.join(', ')}, and a whole subscriber in each further line. ` +
        'Each line is one atomic change; a faulty line fails alone. The answer comes while the body is being sent, one event per line (schema ImportEvent), ' +
        'so a client has to read while it writes. Only a last line of type summary means that everything was read.',
      body: {
        mediaType: ndjsonMediaType,
        schema: 'ImportRecord',
        description: 'Schema and example are those of one line',
        otherTypes: { [csvMediaType]: csvExample },
        example: ndjson([{ serviceProfile: setExamples.serviceProfile }, subscriptionInputExample]),
      },
      answerMediaType: ndjsonMediaType,
      answers: {
        200: {
          description: 'Events, one per line; the schema is that of one line',
          schema: 'ImportEvent',
          example: ndjson(importEventExamples),
        },
      },
      problems: [],
      handle: ({ stream, headers }) => {
        if (stream === null) throw new Error('the import route takes a stream');
        const type = headers['content-type'];
        const isCsv = typeof type === 'string' && mediaTypeOf(type) === csvMediaType;
        return Promise.resolve({
          status: 200,
          stream: importStream(stream, options, isCsv ? 'csv' : 'ndjson'),
        });
      },
    },
    {
      method: 'GET',
      path: '/v1/export',
      operationId: 'exportRecords',
      tag: 'Transfer',
      summary: 'Everything that was provisioned, without secrets',
      description:
        'One JSON document per line, in the order that an import needs. A connection that breaks before its end means that the export is incomplete.',
      query: exportQuery,
      answerMediaType: ndjsonMediaType,
      answers: {
        200: { description: 'Records, one per line; the schema is that of one line', schema: 'ImportRecord' },
      },
      problems: [400],
      handle: async ({ query }) => ({
        status: 200,
        stream: await primed(
          exportStream(options.store, (query as z.output<typeof exportQuery>).what, options.records),
        ),
      }),
    },
  ];
}
