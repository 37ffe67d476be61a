/** What an application brings to the API: the toy one has a route, a schema and a tag, and here a kind of record. */
import { z } from 'zod';
import type { AdminPart, RecordBatch } from '../../src/admin/contract';
import { exportStream } from '../../src/admin/export-stream';
import { importStream } from '../../src/admin/import-stream';
import { openApiDocument } from '../../src/admin/openapi/document';
import { apiRoutes } from '../../src/admin/server';
import { checkedDocument } from '../../src/admin/validation';
import { silentLogger } from '../../src/shared/logger';
import { toyAdmin } from '../toy/parts';

const toySchema = z.strictObject({ name: z.string(), size: z.number().int() });
type Toy = z.output<typeof toySchema>;

const unused = {} as never;

/** The toy application with a kind of record besides: it stores toys in a list, two at a time. */
function toyApplication(stored: Toy[]): AdminPart {
  const batch = (): RecordBatch => {
    const lines: { line: number; toy: Toy }[] = [];
    return {
      get isFull() {
        return lines.length >= 2;
      },
      nameOf: (document) => String((document as { name?: unknown } | null)?.name),
      add: (line, document, faults) => {
        lines.push({ line, toy: checkedDocument(toySchema, document, '/toy', faults) });
      },
      flush: () => {
        const taken = lines.splice(0);
        stored.push(...taken.map(({ toy }) => toy));
        return Promise.resolve(
          taken.map(({ line, toy }) => ({ line, name: toy.name, outcome: { kind: 'created', etag: '"1"' } })),
        );
      },
    };
  };
  return {
    ...toyAdmin(unused),
    schemas: { ...toyAdmin(unused).schemas, Toy: toySchema },
    records: [
      {
        name: 'toy',
        schema: toySchema,
        about: 'the toys',
        pages: async function* () {
          yield stored;
        },
        batch,
      },
    ],
  };
}

async function lines(stream: AsyncIterable<string>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const text of stream)
    found.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    );
  return found;
}

async function imported(application: AdminPart, records: readonly unknown[]): Promise<unknown[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }
  return lines(
    importStream(input(), {
      store: unused,
      records: application.records,
      domains: [],
      logger: silentLogger,
      maxLineOctets: 1_000,
    }),
  );
}

test('its route, schema, tag and record are in the OpenAPI document, beside ours', () => {
  const applications = [toyApplication([])];
  const routes = apiRoutes({ store: unused, peers: unused, version: '1', applications });
  const document = openApiDocument(routes, applications, '1', false);
  const { schemas } = document.components as { schemas: Record<string, { anyOf?: unknown[] }> };
  expect(document.tags.map((tag) => tag['name'])).toEqual([
    'Subscriptions',
    'Shared sets',
    'State',
    'Toys',
    'Transfer',
  ]);
  expect(document.paths['/v1/toy-watches/{imsi}']).toMatchObject({ get: { operationId: 'getToyWatch' } });
  expect(schemas['ToyWatch']).toMatchObject({ required: ['host', 'realm', 'isReleased'] });
  expect(schemas['ImportRecord']?.anyOf).toContainEqual(
    expect.objectContaining({ properties: { toy: { $ref: '#/components/schemas/Toy' } } }),
  );
  expect(JSON.stringify(document.paths['/v1/export'])).toContain('only the subscriptions, or only the toys');
});

test('an import hands its records over in batches and tells each fault at its place', async () => {
  const stored: Toy[] = [];
  const events = await imported(toyApplication(stored), [
    { toy: { name: 'ball', size: 1 } },
    { toy: { name: 'kite', size: 'big' }, color: 'red' },
    { toy: { name: 'train', size: 2 } },
    { toy: { name: 'bear', size: 3 } },
  ]);
  expect(stored.map(({ name }) => name)).toEqual(['ball', 'train', 'bear']);
  expect(events).toMatchObject([
    {
      type: 'failure',
      line: 2,
      name: 'kite',
      status: 422,
      errors: [{ pointer: '/color' }, { pointer: '/toy/size' }],
    },
    { type: 'progress', records: 3, created: 2 },
    { type: 'progress', records: 4, created: 3 },
    { type: 'summary', records: 4, created: 3, failed: 1 },
  ]);
});

test('an export of its kind has its documents and nothing else', async () => {
  const application = toyApplication([{ name: 'ball', size: 1 }]);
  // A store that is asked for nothing.
  expect(await lines(exportStream(unused, 'toy', application.records))).toEqual([
    { toy: { name: 'ball', size: 1 } },
  ]);
});
