/**
 * The whole product with the toy application: a commit of one application causes requests of another in the same
 * transaction, in both directions; a subscription that nobody watches costs nothing; and the toy's part of API, metrics and
 * command line.
 */
import type { Client } from 'pg';
import { Command } from 'commander';
import type { TestStore } from '../support/database';
import { decodeCommand } from '../../src/cli/commands/decode';
import type { CommandContext } from '../../src/cli/context';
import { encodeNamed } from '../../src/diameter/codec/encode';
import { CxClient } from '../support/cx-client';
import { tapStatements, type StatementTap } from '../support/statement-tap';
import { endServers, startWhole, type WholeServer } from '../outbox/whole-server';
import { endAll, eventually } from '../system/support/hss-process';
import { ToyClient, toyDictionary } from './client';
import { ToyState } from './generated/toy';
import { RELEASE } from './handlers';
import { applicationsWithToy } from './index';
import { toyCli } from './parts';
import {
  asHost,
  entriesOf,
  mar,
  mmeHost,
  provisionSim,
  sar,
  scscfHost,
  seeded,
  settings,
  USER_DEREGISTRATION,
  type Sim,
} from './support';

let store: TestStore;
let sql: Client;
let tap: StatementTap;
let server: WholeServer;
let as: ToyClient;
let scscf: CxClient;

beforeAll(async () => {
  const database = await seeded();
  ({ store, sql } = database);
  await sql.query(noteTransactions);
  tap = await tapStatements(database.url);
  server = await startWhole(tap.url, settings(tap.url), applicationsWithToy);
  as = await ToyClient.open(server.diameterPort, asHost);
  scscf = await CxClient.open(server.diameterPort, { originHost: scscfHost, originRealm: 'ims.example' });
}, 90_000);

afterAll(async () => {
  as.close();
  scscf.close();
  await endServers();
  await endAll();
  await Promise.all([store.close(), sql.end(), tap.close()]);
});

/** Which transaction changes which table. */
const noteTransactions = `
  create table seen (tx xid8, place text, subscription_key bigint);
  create function note() returns trigger language plpgsql as $$
    begin insert into seen values (pg_current_xact_id(), tg_table_name, new.subscription_key); return new; end $$;
  create trigger note after insert on outbox for each row execute function note();
  create trigger note after update on subscription_state for each row execute function note();
  create trigger note after insert or update on toy_watch for each row execute function note()`;

/** The tables that each transaction with a new entry of the outbox has changed, in order. */
async function transactionsOf(name: string): Promise<string[][]> {
  const { rows } = await sql.query<{ places: string[] }>(
    `select array_agg(distinct place order by place) as places from seen join ims_subscription s using (subscription_key)
    where s.id = $1 group by tx having bool_or(place = 'outbox') order by tx`,
    [name],
  );
  return rows.map(({ places }) => places);
}

const told = ({ name }: Sim) =>
  as.told.filter(({ publicIdentity }) => publicIdentity === `sip:${name}@ims.example`);
const states = (sim: Sim) => told(sim).map(({ state }) => state);
const registered = async (sim: Sim): Promise<boolean> =>
  (await store.getStatus({ id: sim.name }))?.status.sets.some(({ state }) => state === 'registered') === true;

test('[29.229-5.6] the CEA names the application beside Cx, under its vendor', async () => {
  const { avps } = await (
    await CxClient.connect(server.diameterPort, {
      originHost: 'other.ims.example',
      originRealm: 'ims.example',
    })
  ).exchangeCapabilities();
  expect(avps['vendorSpecificApplicationId']).toEqual([
    { vendorId: 10_415, authApplicationId: 16_777_216 },
    { vendorId: 13_019, authApplicationId: 16_777_216 },
    { vendorId: 10_415, authApplicationId: 16_777_251 },
    { vendorId: 10_415, authApplicationId: 16_777_252 },
    { vendorId: 32_473, authApplicationId: 16_777_999 },
  ]);
});

test('a registration of Cx makes the request of the toy, in the same transaction; an authentication does not', async () => {
  const sim = await provisionSim(store, 'anna');
  expect(await as.request('TWR', { toyImsi: sim.imsi })).toMatchObject({
    resultCode: 2001,
    toyState: ToyState.NOT_REGISTERED,
  });
  expect((await mar(scscf, sim)).result).toBe('2001');
  expect((await sar(scscf, sim)).result).toBe('2001');
  expect((await sar(scscf, sim, USER_DEREGISTRATION)).result).toBe('2001');
  await eventually(() => told(sim).length === 2, 'both are told');
  expect(states(sim)).toEqual([ToyState.REGISTERED, ToyState.NOT_REGISTERED]);
  expect(await entriesOf(store, sim)).toEqual([
    { kind: 'toy.TNR', outcome: 'told', attemptCount: 1 },
    { kind: 'toy.TNR', outcome: 'told', attemptCount: 1 },
  ]);
  expect(await transactionsOf('anna')).toEqual([
    ['outbox', 'subscription_state'],
    ['outbox', 'subscription_state'],
  ]);
});

test('a change of the toy makes the RTR of Cx, and ends the watch', async () => {
  const sim = await provisionSim(store, 'bert');
  await as.request('TWR', { toyMsisdn: sim.msisdn });
  await sar(scscf, sim);
  await eventually(() => told(sim).length === 1, 'the registration is told');
  const got: unknown[] = [];
  scscf.serve = ({ abbreviation, avps }) => {
    got.push([abbreviation, avps['userName'], avps['deregistrationReason']]);
    return { resultCode: 2001 };
  };
  expect(await as.request('TWR', { toyMsisdn: sim.msisdn, toyFlags: RELEASE })).toMatchObject({
    resultCode: 2001,
    toyState: ToyState.REGISTERED,
  });
  await eventually(async () => !(await registered(sim)), 'bert is de-registered');
  expect(got).toEqual([['RTR', 'bert@ims.example', { reasonCode: 0, reasonInfo: 'released' }]]);
  expect(await entriesOf(store, sim)).toEqual([
    { kind: 'toy.TNR', outcome: 'told', attemptCount: 1 },
    { kind: 'cx.RTR', outcome: 'success', attemptCount: 1 },
  ]);
  expect((await transactionsOf('bert')).at(-1)).toEqual(['outbox', 'subscription_state', 'toy_watch']);
  await sar(scscf, sim);
  expect(await entriesOf(store, sim)).toHaveLength(2);
});

describe('a registration that no request of Cx ends', () => {
  async function deregister({ name }: Sim, order: object): Promise<void> {
    const response = await fetch(`${server.apiUrl}/v1/subscriptions/${name}/deregister`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    expect(response.status).toBe(202);
  }

  test('the answer to an RTR ends it: the watcher is told with what the answer changes', async () => {
    const sim = await provisionSim(store, 'gina');
    scscf.serve = () => ({ resultCode: 2001 });
    await as.request('TWR', { toyImsi: sim.imsi });
    await sar(scscf, sim);
    await deregister(sim, { reasonInfo: 'end' });
    await eventually(() => told(sim).length === 2, 'the end is told');
    expect(states(sim)).toEqual([ToyState.REGISTERED, ToyState.NOT_REGISTERED]);
    expect((await transactionsOf('gina')).at(-1)).toEqual(['outbox', 'subscription_state']);
  });

  test('an operator clears it at once', async () => {
    const sim = await provisionSim(store, 'hans');
    await as.request('TWR', { toyImsi: sim.imsi });
    await sar(scscf, sim);
    await deregister(sim, { now: true });
    await eventually(() => told(sim).length === 2, 'the end is told');
    expect(states(sim)).toEqual([ToyState.REGISTERED, ToyState.NOT_REGISTERED]);
    expect((await transactionsOf('hans')).at(-1)).toEqual(['outbox', 'subscription_state']);
  });

  test('the subscription is deleted', async () => {
    const sim = await provisionSim(store, 'jana');
    scscf.serve = () => ({ resultCode: 2001 });
    await as.request('TWR', { toyImsi: sim.imsi });
    await sar(scscf, sim);
    await eventually(() => told(sim).length === 1, 'the registration is told');
    const response = await fetch(`${server.apiUrl}/v1/subscriptions/jana`, { method: 'DELETE' });
    expect(response.status).toBe(204);
    await eventually(() => told(sim).length === 2, 'the end is told');
    expect(states(sim)).toEqual([ToyState.REGISTERED, ToyState.NOT_REGISTERED]);
  });
});

test('who is unknown, by IMSI or by MSISDN, is refused, and changes nothing', async () => {
  expect(await as.request('TWR', { toyImsi: '999999999999999' })).toMatchObject({ resultCode: 5012 });
  expect(await as.request('TWR', { toyMsisdn: '999' })).toMatchObject({ resultCode: 5012 });
});

test('a node sends the commands of its role only', async () => {
  const mme = await ToyClient.open(server.diameterPort, mmeHost);
  const sim = await provisionSim(store, 'cleo');
  const refused = await mme.request('TWR', { toyImsi: sim.imsi });
  expect(refused.resultCode).not.toBe(2001);
  expect((await mme.request('TVR', { toyImsi: sim.imsi, toyVectorCount: 3 })).toyVector).toHaveLength(3);
  mme.close();
});

describe('a subscription that nobody watches', () => {
  /** Round trips of each kind that serving requests has made. */
  async function roundTrips(): Promise<Record<string, number>> {
    const text = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    return Object.fromEntries(
      ['load', 'commit'].map((kind) => [
        kind,
        Number(
          new RegExp(`hss_store_batch_duration_seconds_count\\{operation="${kind}"\\} (\\d+)`).exec(
            text,
          )?.[1],
        ),
      ]),
    );
  }
  async function tripsOf(request: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await roundTrips();
    await request();
    const after = await roundTrips();
    return {
      load: (after['load'] ?? 0) - (before['load'] ?? 0),
      commit: (after['commit'] ?? 0) - (before['commit'] ?? 0),
    };
  }

  test('costs no round trip and no column; a watched one costs at most one load', async () => {
    const dora = await provisionSim(store, 'dora');
    const emil = await provisionSim(store, 'emil');
    const since = tap.texts.size;
    expect(await tripsOf(() => sar(scscf, dora))).toEqual({ load: 1, commit: 1 });
    expect(await tripsOf(() => sar(scscf, dora, USER_DEREGISTRATION))).toEqual({ load: 0, commit: 1 });
    expect([...tap.texts].slice(since).filter((text) => text.includes('toy_watch'))).toEqual([]);
    await as.request('TWR', { toyImsi: emil.imsi });
    const watched = await tripsOf(() => sar(scscf, emil));
    expect(watched['commit']).toBe(1);
    expect(watched['load']).toBeLessThanOrEqual(1);
    await eventually(() => told(emil).length === 1, 'emil is told');
  });
});

describe('what the toy brings elsewhere', () => {
  test('the API has its route', async () => {
    const sim = await provisionSim(store, 'fred');
    const url = `${server.apiUrl}/v1/toy-watches/${sim.imsi}`;
    expect((await fetch(url)).status).toBe(404);
    await as.request('TWR', { toyImsi: sim.imsi });
    expect(await (await fetch(url)).json()).toEqual({
      host: asHost,
      realm: 'ims.example',
      isReleased: false,
    });
    const { paths } = (await (await fetch(`${server.apiUrl}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(paths)).toContain('/v1/toy-watches/{imsi}');
  });

  test('the metrics count its requests', async () => {
    const text = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(text).toMatch(/hss_push_outcomes_total\{command="TNR",outcome="told"\} [1-9]/);
    expect(text).toMatch(/hss_push_outcomes_total\{command="RTR",outcome="success"\} [1-9]/);
    expect(text).toMatch(/command="TWR"/);
  });

  test('the command line decodes its messages', async () => {
    const octets = encodeNamed(
      'TWR',
      { hopByHopId: 1, endToEndId: 1 },
      {
        sessionId: 'as;1',
        vendorSpecificApplicationId: { vendorId: 32_473, authApplicationId: 16_777_999 },
        authSessionState: 1,
        originHost: asHost,
        originRealm: 'ims.example',
        destinationRealm: 'ims.example',
        toyImsi: '001010000000001',
      },
      toyDictionary,
    );
    let tree = '';
    const context = {
      cwd: '/',
      stderr: { write: () => undefined, isTerminal: false },
      print: (_result: unknown, readable: () => string) => {
        tree = readable();
      },
    } as unknown as CommandContext;
    const program = new Command();
    decodeCommand([toyCli])(program, context);
    await program.parseAsync(['node', 'hss', 'decode', octets.toString('hex')]);
    expect(tree).toContain('Toy-Watch-Request');
    expect(tree).toMatch(/Toy-IMSI.*001010000000001/);
  });
});
