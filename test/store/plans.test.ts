/**
 * Plans are made anew after a while: one that is kept from the time when a table held nothing would go on as
 * if it still did. Seen by the estimate of the plan that the connection holds for a named statement;
 * statistics do not change in between.
 */
import { Client } from 'pg';
import { Connection } from '../../src/store/connection';
import { Servers } from '../../src/store/servers';
import { ProvisioningPool } from '../../src/store/provisioning/pool';
import { silentLogger } from '../../src/shared/logger';
import { freshDatabase } from '../support/database';
import { holdTime } from '../support/passing-time';

let url: string;
let sql: Client;

beforeAll(async () => {
  url = await freshDatabase();
  sql = new Client({ connectionString: url });
  await sql.connect();
}, 60_000);
afterAll(() => sql.end());
afterEach(() => jest.restoreAllMocks());

const text = 'select n from grown where n > $1';
const grow = (): Promise<unknown> => sql.query('insert into grown select generate_series(1, 60000)');
const rows = (plan: readonly unknown[][]): number =>
  Number(/rows=(\d+)/.exec(plan.map(String).join('\n'))?.[1]);

beforeEach(() =>
  sql.query('drop table if exists grown; create table grown (n integer) with (autovacuum_enabled = false)'),
);

test('of provisioning, within a second', async () => {
  const pool = new ProvisioningPool({
    servers: new Servers(url),
    maxConnections: 1,
    connectTimeoutMs: 2_000,
    statementTimeoutMs: 5_000,
    logger: silentLogger,
    isUp: () => true,
  });
  const estimate = () =>
    pool.use(async (run) => {
      await run(text, [0], 'plans_test');
      return rows(await run('explain execute plans_test(0)', []));
    });
  const small = await estimate();
  const time = holdTime();
  await grow();
  // Not for each statement: what is written in one go keeps its plans.
  expect(await estimate()).toBe(small);
  time.pass(501);
  expect(await estimate()).toBeGreaterThan(small * 4);
  await pool.close();
});

test('of the hot path, within seconds', async () => {
  const connection = new Connection({
    servers: new Servers(url),
    name: 'plans',
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 2_000,
    logger: silentLogger,
    changed: () => undefined,
  });
  await connection.open();
  const estimate = async (): Promise<number> => {
    await connection.query({ name: 'plans_test', text, values: [0] });
    return rows(await connection.query({ text: 'explain execute plans_test(0)' }));
  };
  const small = await estimate();
  const time = holdTime();
  await grow();
  expect(await estimate()).toBe(small);
  time.pass(5_001);
  expect(await estimate()).toBeGreaterThan(small * 4);
  await connection.close();
}, 20_000);
