/**
 * A primary and its standby under two HSS instances: the primary is killed under load, the standby promoted
 * by the test as Patroni would, and what was answered before is held against what is there then. `npm run
 * test:failover` does it longer, with fsync, and back and forth several times.
 */
import { CxClient } from '../support/cx-client';
import { ChangeLoad } from '../system/support/change-load';
import { lir, mar, REGISTRATION, sar, SERVER_NAME, uar } from '../system/support/cscf';
import {
  endAll,
  eventually,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { provision, secretKey, secretsOfUsers, user } from '../system/support/provisioning';
import { replicated, urlOf, type PostgresNode } from '../system/support/replicated-postgres';

const full = process.env['HSS_TEST_FAILOVER'] === 'full';
const rounds = full ? 6 : 2;
const loadMs = full ? 10_000 : 700;
const names = Array.from({ length: full ? 200 : 24 }, (_, i) => `user${i}`);
/** What the product promises. */
const backWithinMs = 10_000;
const realm = 'ims.example';
const statementTimeoutMs = 1_000;

let nodes: [primary: PostgresNode, standby: PostgresNode];
let instances: HssProcess[];
let clients: CxClient[];

beforeAll(async () => {
  nodes = await replicated({ synchronous: true, fsync: full });
  // The standby first, so that it is refused at each start.
  const url = urlOf([nodes[1], nodes[0]]);
  const configurations = [1, 2].map((n) =>
    writeConfiguration(temporaryFolder(), {
      store: { url, secretKey, statementTimeoutMs },
      diameter: { originHost: `hss${n}.${realm}` },
    }),
  );
  instances = await Promise.all(configurations.map((file) => HssProcess.start(file)));
  await provision(instances[0] as HssProcess, [...names, 'alice']);
  clients = await Promise.all(
    instances.map((hss, i) =>
      CxClient.open(hss.diameterPort, { originHost: `scscf${i + 1}.${realm}`, originRealm: realm }),
    ),
  );
}, 120_000);

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill()));
  await endAll();
}, 60_000);

const client = (i: number): CxClient => clients[i] as CxClient;
const readyz = async (hss: HssProcess): Promise<number> => (await fetch(`${hss.metricsUrl}/readyz`)).status;
const sleep = (ms: number): Promise<void> =>
  new Promise((wake) => {
    setTimeout(wake, ms);
  });
const alice = user('alice');

async function bothServe(sinceMs: number): Promise<void> {
  // Asked by a request as well: an instance may call itself ready for a moment after it lost its database.
  const answers = (i: number): Promise<boolean> =>
    uar(client(i), alice).then(({ result }) => result !== '5012');
  await eventually(
    async () =>
      (
        await Promise.all([
          ...instances.map(async (hss) => (await readyz(hss)) === 200),
          answers(0),
          answers(1),
        ])
      ).every(Boolean),
    'both serve again',
    backWithinMs,
  );
  expect(performance.now() - sinceMs).toBeLessThan(backWithinMs);
}

/** The log that the standby has received is all applied, and there is no more to come. */
const applied = (standby: PostgresNode): Promise<void> =>
  eventually(async () => {
    const [row] = await standby.sql<[boolean, string]>(
      "select pg_last_wal_receive_lsn() is null or pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(), (select count(*) from pg_stat_wal_receiver where status = 'streaming')",
    );
    return row?.[0] === true && Number(row[1]) === 0;
  }, 'the standby has applied what it has');

/** The one that was killed comes back as the standby of the one that was promoted. */
async function comesBack(synchronous: boolean): Promise<void> {
  const [old, primary] = nodes;
  await old.copyFrom(primary);
  await old.start(primary, synchronous);
  nodes = [primary, old];
}

test(
  `[29.228-6.1.2.1] [33.102-C.1.1.2] synchronous: killed under load and promoted ${rounds} times, nothing that was answered is missing, no SQN twice`,
  async () => {
    const load = new ChangeLoad(names, clients);
    await load.begin(nodes[0]);
    for (let round = 1; round <= rounds; round += 1) {
      const [primary, standby] = nodes;
      const before = load.answeredCount;
      load.resume();
      await sleep(loadMs);
      await eventually(() => load.answeredCount > before + names.length, 'there is load');
      const killedMs = performance.now();
      await primary.kill();
      await load.pause();
      await applied(standby);
      expect(await load.brokenPromises(standby)).toEqual([]);
      // Both look for the primary already, and are refused by the standby until it is none.
      load.resume();
      await standby.promote();
      await eventually(
        () => load.firstSuccessMs.every((first) => first !== null),
        'both commit again',
        backWithinMs,
      );
      expect(Math.max(...load.firstSuccessMs.map(Number)) - killedMs).toBeLessThan(backWithinMs);
      await bothServe(killedMs);
      if (full)
        // eslint-disable-next-line no-console -- the full form reports what it did
        console.info(
          `round ${round}: ${load.answeredCount} changes answered, both commit ${Math.round(Math.max(...load.firstSuccessMs.map(Number)) - killedMs)} ms after the kill; ${JSON.stringify([...load.results])}`,
        );
      await comesBack(true);
      await load.pause();
      expect(await load.brokenPromises(nodes[0])).toEqual([]);
    }
  },
  full ? 600_000 : 90_000,
);

test('a server that is made read-only is left by every connection, and taken again when it takes writes', async () => {
  const [primary] = nodes;
  await eventually(async () => (await mar(client(0), alice)).result === '2001', 'service', backWithinMs);
  await primary.setting('default_transaction_read_only', 'on');
  try {
    await eventually(async () => (await mar(client(0), alice)).result === '5012', 'no commit');
    // Not the statement alone: what is read there may be out of date.
    await eventually(
      async () =>
        (await uar(client(0), alice)).result === '5012' && (await readyz(instances[0] as HssProcess)) === 503,
      'nothing is read there either',
    );
    expect(instances[0]?.output).toMatch(new RegExp(`127.0.0.1:${primary.port}[^"]* read-only`));
  } finally {
    // ALTER SYSTEM writes a file and no table.
    await primary.sql('alter system reset default_transaction_read_only');
    await primary.sql('select pg_reload_conf()');
  }
  const sinceMs = performance.now();
  await eventually(
    async () => (await mar(client(0), alice)).result === '2001',
    'a commit again',
    backWithinMs,
  );
  await bothServe(sinceMs);
}, 40_000);

test('[29.228-6.1.4.1] asynchronous, the standby behind: what is lost is lost, and no instance serves it from memory', async () => {
  const [primary, standby] = nodes;
  await primary.setting('synchronous_standby_names', '');
  const display = async (text: string): Promise<number> => {
    const profile = {
      name: 'standard',
      initialFilterCriteria: [{ priority: 1, applicationServer: { serverName: `sip:${text}.ims.example` } }],
    };
    const response = await fetch(`${instances[1]?.httpUrl}/v1/service-profiles/standard`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(profile),
    });
    return response.status;
  };
  /** With the result: who does not serve knows no name either. */
  const serverName = async (i: number): Promise<string> => {
    const { result, avps } = await lir(client(i), alice.publicIdentity);
    return `${result} ${String(avps['serverName'])}`;
  };
  const userData = async (i: number): Promise<string> => {
    const { result, avps } = await sar(client(i), alice, REGISTRATION);
    return `${result} ${String(avps['userData'])}`;
  };
  await eventually(
    async () =>
      (await mar(client(0), alice)).result === '2001' && (await mar(client(1), alice)).result === '2001',
    'service',
  );
  await standby.kill();
  // Committed by the primary alone, and both instances hold it.
  expect(await display('lost')).toBe(200);
  expect(await userData(0)).toContain('sip:lost.ims.example');
  for (const i of [0, 1]) expect(await serverName(i)).toBe(`2001 ${SERVER_NAME}`);
  const killedMs = performance.now();
  await primary.kill();
  await standby.restartWithout(primary);
  await standby.promote();
  await bothServe(killedMs);
  for (const i of [0, 1]) expect(await serverName(i)).toBe('experimental 5003 undefined');
  // As many changes as were lost, so that revisions and versions come a second time, with other content.
  expect(await display('kept')).toBe(200);
  for (const i of [1, 0]) {
    const text = await userData(i);
    expect(text).toContain('sip:kept.ims.example');
    expect(text).not.toContain('lost');
    expect(await serverName(1 - i)).toBe(`2001 ${SERVER_NAME}`);
  }
  nodes = [standby, primary];
}, 40_000);

test("neither the databases' password nor a secret of a subscriber was written by anybody", () => {
  for (const hss of instances) {
    hss.expectNoSecrets(secretsOfUsers);
    expect(hss.output).not.toContain(nodes[0].password);
  }
});
