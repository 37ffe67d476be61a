/**
 * The database is killed or held still under a running HSS: answers come at once and say so, and service
 * comes back by itself.
 */
import { CxClient } from '../support/cx-client';
import type { CxAnswer } from '../support/cx-messages';
import { lir, mar, sar, sequenceNumber, uar } from '../system/support/cscf';
import {
  endAll,
  eventually,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { OwnPostgres } from '../system/support/own-postgres';
import { keys, provision, secretKey, secretsOfUsers, user } from '../system/support/provisioning';

const origin = { originHost: 'scscf1.ims.example', originRealm: 'ims.example' };
const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
const statementTimeoutMs = 1_000;
/** What a busy machine may add. */
const slackMs = 700;
const backWithinMs = 5_000;

let postgres: OwnPostgres;
let hss: HssProcess;
let client: CxClient;
const given: number[] = [];

beforeAll(async () => {
  postgres = await OwnPostgres.create();
  hss = await HssProcess.start(
    writeConfiguration(temporaryFolder(), { store: { url: postgres.url, secretKey, statementTimeoutMs } }),
  );
  await provision(hss, names);
  client = await CxClient.open(hss.diameterPort, origin);
}, 90_000);

afterAll(async () => {
  await postgres.kill();
  await endAll();
}, 30_000);

interface Timed {
  readonly result: string;
  readonly command: string;
  readonly avps: Record<string, unknown>;
  readonly tookMs: number;
}

async function timed(answer: Promise<CxAnswer>): Promise<Timed> {
  const started = performance.now();
  const { result, abbreviation, avps } = await answer;
  return { result, command: abbreviation, avps, tookMs: performance.now() - started };
}

/** One of each command for every subscriber, all at once; several MARs for the first one. */
function load(): Promise<Timed>[] {
  return [
    ...names
      .map(user)
      .flatMap((one) => [
        uar(client, one),
        lir(client, one.publicIdentity),
        mar(client, one),
        sar(client, one),
      ]),
    ...Array.from({ length: 20 }, () => mar(client, user('user0'))),
  ].map(timed);
}

const readyz = async (): Promise<number> => (await fetch(`${hss.metricsUrl}/readyz`)).status;

async function servesAgain(since: number): Promise<void> {
  await eventually(
    async () => (await uar(client, user('user1'))).result !== '5012',
    'service again',
    backWithinMs,
  );
  await eventually(
    async () => {
      const answer = await mar(client, user('user0'));
      if (answer.result === '2001') given.push(sequenceNumber(answer, keys));
      return answer.result === '2001';
    },
    'a commit again',
    backWithinMs,
  );
  expect(performance.now() - since).toBeLessThan(backWithinMs);
  await eventually(async () => (await readyz()) === 200, '/readyz says 200', backWithinMs);
}

test('serves before', async () => {
  const answers = await Promise.all(load());
  expect(answers.filter(({ result }) => result === '5012')).toEqual([]);
  expect(await readyz()).toBe(200);
});

test('[29.228-6.1.1.1] killed under load: every request is answered, none waits for the database', async () => {
  const before = load();
  await postgres.kill();
  const during = await Promise.all(before);
  expect(Math.max(...during.map(({ tookMs }) => tookMs))).toBeLessThan(statementTimeoutMs + slackMs);

  const away = await Promise.all(load());
  expect(new Set(away.map(({ result }) => result))).toEqual(new Set(['5012']));
  expect(new Set(away.map(({ command }) => command))).toEqual(new Set(['UAA', 'LIA', 'MAA', 'SAA']));
  for (const { command, avps } of away)
    if (command === 'MAA')
      expect(avps).toMatchObject({ userName: expect.any(String), publicIdentity: expect.any(String) });
  expect(Math.max(...away.map(({ tookMs }) => tookMs))).toBeLessThan(slackMs);
  await eventually(async () => (await readyz()) === 503, '/readyz says 503', 3_000);
  expect((await fetch(`${hss.metricsUrl}/livez`)).status).toBe(200);
}, 30_000);

test('its return is noticed within 5 s, by the same process and over the same connections', async () => {
  const { pid } = hss;
  await postgres.start();
  await servesAgain(performance.now());
  expect(hss.pid).toBe(pid);
  expect(client.isClosed).toBe(false);
}, 40_000);

test('[29.228-6.1.1.1] held still under load: no request waits longer than a statement may take', async () => {
  const first = load();
  await postgres.hold();
  const answers = await Promise.all(first);
  for (let round = 0; round < 3; round += 1) answers.push(...(await Promise.all(load())));
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(statementTimeoutMs + slackMs);
  const last = await Promise.all(load());
  expect(new Set(last.map(({ result }) => result))).toEqual(new Set(['5012']));
  expect(await readyz()).toBe(503);
}, 40_000);

test('let go, it serves again within 5 s, and no SQN was given twice', async () => {
  postgres.letGo();
  await servesAgain(performance.now());
  for (let i = 0; i < 3; i += 1) given.push(sequenceNumber(await mar(client, user('user0')), keys));
  expect(new Set(given).size).toBe(given.length);
  hss.expectNoSecrets(secretsOfUsers);
  expect(postgres.password.length).toBeGreaterThan(16);
  expect(hss.output).not.toContain(postgres.password);
}, 40_000);

test('Ctrl-C while the database is held still: DPR, requests in flight are answered, and an end in time', async () => {
  await fetch(`${hss.httpUrl}/v1/subscriptions/user0`);
  await postgres.hold();
  const last = load();
  // Read by the HSS before the signal comes.
  await timed(uar(client, user('user2')));
  const started = performance.now();
  expect(await hss.interrupt()).toEqual({ code: 0, signal: null });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(new Set((await Promise.all(last)).map(({ result }) => result))).toEqual(new Set(['5012']));
  expect(client.requests).toContain('DPR');
}, 60_000);
