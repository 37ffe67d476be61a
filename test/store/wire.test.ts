/** Statements of the hot path as they go over the wire: what the server reads is what was given. */
import { DatabaseError } from 'pg';
import { StoreUnavailableError } from '../../src/state/ports';
import { silentLogger } from '../../src/shared/logger';
import { Connection } from '../../src/store/connection';
import { Servers } from '../../src/store/servers';
import type { Parameter } from '../../src/store/wire/parameters';
import { freshDatabase } from '../support/database';

let connection: Connection;
let statements = 0;

beforeAll(async () => {
  connection = new Connection({
    servers: new Servers(await freshDatabase()),
    name: 'wire',
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    logger: silentLogger,
    changed: () => undefined,
  });
  await connection.open();
});

afterAll(() => connection.close());

function run(text: string, ...parameters: Parameter[]) {
  statements += 1;
  return connection.run({ name: `test_${statements}`, text, parameters });
}

describe('parameters', () => {
  test.each([
    0,
    1,
    -1,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x1234_5678_9abc,
    -0x8000_0001,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])('bigint %d', async (value) => {
    expect(
      await run(
        'select $1::bigint, $2::bigint[]',
        { kind: 'bigint', value },
        { kind: 'bigints', values: [value, null, value] },
      ),
    ).toEqual([[`${value}`, `{${value},NULL,${value}}`]]);
  });

  test('texts of every sort, and none', async () => {
    const values = [
      '',
      'sip:alice@ims.example',
      'a"b\\c{d},e',
      'größe \u{1f4de}',
      'ü'.repeat(70),
      'x'.repeat(100_000),
      'NULL',
      null,
    ];
    const rows = await run('select v from unnest($1::text[]) with ordinality as u (v, n) order by n', {
      kind: 'texts',
      values,
    });
    expect(rows.map(([value]) => value)).toEqual(values);
    expect(await run('select cardinality($1::text[])', { kind: 'texts', values: [] })).toEqual([['0']]);
  });

  test('booleans, smallints, json and jsonb', async () => {
    const documents = [{ 'a"b\\': ['ü', 1, null] }, {}];
    const texts = documents.map((document) => JSON.stringify(document));
    const rows = await run(
      'select a, b, c, d from unnest($1::boolean[], $2::smallint[], $3::jsonb[], $4::json[]) as u (a, b, c, d)',
      { kind: 'booleans', values: [true, false] },
      { kind: 'smallints', values: [32_767, -1] },
      { kind: 'jsonbs', values: texts },
      { kind: 'jsons', values: texts },
    );
    // As json a text stays as it is.
    expect(rows.map(([a, b, c, d]): unknown[] => [a, b, JSON.parse(c ?? ''), d])).toEqual([
      ['t', '32767', documents[0], texts[0]],
      ['f', '-1', documents[1], texts[1]],
    ]);
  });
});

describe('statements', () => {
  test('one that is run again is not parsed again, and gives the rows of its own', async () => {
    for (const value of [1, 2, 3])
      expect(
        await connection.run({
          name: 'again',
          text: 'select $1::bigint',
          parameters: [{ kind: 'bigint', value }],
        }),
      ).toEqual([[`${value}`]]);
  });

  test('one that the server refuses says so, and the connection goes on', async () => {
    await expect(run('select 1 / $1::bigint', { kind: 'bigint', value: 0 })).rejects.toThrow(DatabaseError);
    await expect(run('select nothing from nowhere')).rejects.toThrow(DatabaseError);
    expect(await run('select 1')).toEqual([['1']]);
  });

  test('a refused statement is parsed again under its name when it comes right', async () => {
    await expect(
      connection.run({ name: 'late', text: 'select * from late', parameters: [] }),
    ).rejects.toThrow(DatabaseError);
    await run('create temporary table late as select 7');
    expect(await connection.run({ name: 'late', text: 'select * from late', parameters: [] })).toEqual([
      ['7'],
    ]);
  });

  test('without a connection it fails at once', async () => {
    const closed = new Connection({
      servers: new Servers('postgres://127.0.0.1:1/none'),
      name: 'closed',
      statementTimeoutMs: 100,
      connectTimeoutMs: 100,
      logger: silentLogger,
      changed: () => undefined,
    });
    await expect(closed.run({ name: 'x', text: 'select 1', parameters: [] })).rejects.toThrow(
      StoreUnavailableError,
    );
  });
});
