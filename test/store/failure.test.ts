/**
 * What happens when the database dies, hangs and comes back: refused at once, served again soon, nothing lost
 * that was answered.
 */
import { drawingUnit, onlyCounter } from '../support/states';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoreUnavailableError } from '../../src/state/ports';
import { credentials } from '../../src/authentication/credentials';
import { silentLogger } from '../../src/shared/logger';
import { startEmbedded, type EmbeddedDatabase } from '../../src/store/embedded';
import { migrate } from '../../src/store/migrate';
import type { PostgresStore } from '../../src/store/postgres-store';
import { sleep } from '../../src/store/timing';
import { openStore } from '../support/database';
import { hold, signal } from '../support/processes';
import { putSharedSets, simple } from './documents';

const backWithinMs = 5_000;
const statementTimeoutMs = 1_000;

let folder: string;
let database: EmbeddedDatabase;
let store: PostgresStore;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hss-failure-'));
  database = await startEmbedded({ folder });
  await migrate(database.url, silentLogger);
  store = await openStore(database.url, { statementTimeoutMs, connectTimeoutMs: 1_000 });
  await putSharedSets(store);
  await store.putSubscription(simple('victim', 1), {});
}, 60_000);

afterAll(async () => {
  await store.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const load = () => store.load({ impus: ['sip:victim@ims.example'], modules: [credentials] });

function serverPid(): number {
  const pid = database.pid();
  if (pid === undefined) throw new Error('no server');
  return pid;
}

/** Milliseconds until requests are served again. */
async function untilServed(): Promise<number> {
  const started = Date.now();
  for (;;) {
    try {
      await load();
      return Date.now() - started;
    } catch (error) {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      if (Date.now() - started > 4 * backWithinMs) throw error;
    }
    await sleep(20);
  }
}

/** Keeps reserving numbers until told to stop; returns the last one that was answered. */
function reserving(): { stop: () => Promise<{ last: number; refusedCount: number; slowestMs: number }> } {
  let going = true;
  let last = 0;
  let refusedCount = 0;
  let slowestMs = 0;
  const work = (async () => {
    while (going) {
      const started = Date.now();
      try {
        const { snapshot } = await load();
        if (snapshot === null) throw new Error('lost');
        const outcome = await store.commitDrawing(drawingUnit(snapshot));
        if (outcome === 'conflict') continue;
        const [next = -1] = outcome;
        expect(next).toBeGreaterThan(last);
        last = next;
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailableError);
        refusedCount += 1;
        await sleep(5);
      }
      slowestMs = Math.max(slowestMs, Date.now() - started);
    }
  })();
  return {
    stop: async () => {
      going = false;
      await work;
      return { last, refusedCount, slowestMs };
    },
  };
}

test('kill -9 of PostgreSQL under load: refused without delay, served again within 5 s, no answered change lost', async () => {
  const work = reserving();
  await sleep(300);
  process.kill(serverPid(), 'SIGKILL');
  await sleep(100);
  const backMs = await untilServed();
  await sleep(300);
  const { last, refusedCount, slowestMs } = await work.stop();
  expect(refusedCount).toBeGreaterThan(0);
  expect(slowestMs).toBeLessThan(statementTimeoutMs * 2 + 1_000);
  expect(backMs).toBeLessThan(backWithinMs);
  const { snapshot } = await load();
  expect(snapshot === null ? 0 : onlyCounter(snapshot).sequenceNumber).toBeGreaterThanOrEqual(last);
  expect(last).toBeGreaterThan(1);
}, 60_000);

test('a server that hangs costs one time limit, then requests are refused at once; served again when it goes on', async () => {
  await untilServed();
  const held = await hold(serverPid());
  try {
    const started = Date.now();
    await expect(Promise.all([load(), load()])).rejects.toThrow(StoreUnavailableError);
    expect(Date.now() - started).toBeLessThan(statementTimeoutMs + 1_000);
    for (let i = 0; i < 3; i += 1) await load().catch(() => undefined);
    const again = Date.now();
    await expect(load()).rejects.toThrow(StoreUnavailableError);
    await expect(store.getSubscription({ id: 'victim' })).rejects.toThrow(StoreUnavailableError);
    expect(Date.now() - again).toBeLessThan(200);
    expect(store.isReady()).toBe(false);
  } finally {
    for (const pid of held) signal(pid, 'SIGCONT');
  }
  expect(await untilServed()).toBeLessThan(backWithinMs);
  expect(store.isReady()).toBe(true);
}, 60_000);

test('provisioning is refused while the database is away and works again afterwards', async () => {
  await untilServed();
  process.kill(serverPid(), 'SIGKILL');
  await sleep(50);
  await expect(
    store.putSubscription(simple('victim', 1, { registrationAllowed: false }), {}),
  ).rejects.toThrow(StoreUnavailableError);
  expect(await untilServed()).toBeLessThan(backWithinMs);
  expect((await store.putSubscription(simple('victim', 1, { registrationAllowed: false }), {})).kind).toBe(
    'replaced',
  );
}, 60_000);
