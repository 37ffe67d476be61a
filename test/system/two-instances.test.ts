/** Two HSS processes on one database: sequence numbers stay unique, also when one is killed. */
import { numberOf } from '../support/states';
import { CxClient } from '../support/cx-client';
import { freshDatabase, openStore } from '../support/database';
import { lir, mar, sar, sequenceNumber } from './support/cscf';
import { endAll, HssProcess, leave, temporaryFolder, writeConfiguration } from './support/hss-process';
import { keys, provision, secretKey, secretsOfUsers, user } from './support/provisioning';

/** npm run test:instances: many kills, of either instance. */
const full = process.env['HSS_TEST_INSTANCES'] === 'full';
const rounds = full ? 40 : 1;
const realm = 'ims.example';
const concurrent = 64;
const alice = user('alice');
const bob = user('bob');

let url: string;
let instances: HssProcess[];
let files: string[];

beforeAll(async () => {
  url = await freshDatabase();
  files = [1, 2].map((n) =>
    writeConfiguration(temporaryFolder(), {
      store: { url, secretKey, statementTimeoutMs: 10_000 },
      diameter: { originHost: `hss${n}.${realm}` },
    }),
  );
  instances = await Promise.all(files.map((file) => HssProcess.start(file)));
  await provision(instances[0] as HssProcess, ['alice', 'bob']);
}, 90_000);

afterAll(endAll);

const clients = (): Promise<CxClient[]> =>
  Promise.all(
    instances.map((hss, i) =>
      CxClient.open(hss.diameterPort, { originHost: `scscf${i + 1}.${realm}`, originRealm: realm }),
    ),
  );

async function committed(userName: string): Promise<number> {
  const store = await openStore(url);
  try {
    return numberOf(await store.getStatus({ impi: userName }), userName) ?? 0;
  } finally {
    await store.close();
  }
}

const seq = (sqn: number): number => Math.floor(sqn / 2 ** 5);

test('[33.102-C.1.1.2] 64 concurrent MARs for one subscriber through both: every SQN once, each of them committed', async () => {
  const both = await clients();
  const answers = await Promise.all(
    Array.from({ length: concurrent }, (_, i) => mar(both[i % 2] as CxClient, bob)),
  );
  expect(new Set(answers.map(({ result }) => result))).toEqual(new Set(['2001']));
  const given = answers.map((answer) => sequenceNumber(answer, keys));
  expect(new Set(given).size).toBe(concurrent);
  // SEQ rises by one for each vector: nothing was given that is not committed, and nothing committed that was
  // not given.
  expect(await committed(bob.userName)).toBe(Math.max(...given));
  expect(seq(Math.max(...given))).toBe(concurrent);
  await Promise.all(both.map((client, i) => leave(instances[i] as HssProcess, client)));
}, 30_000);

test('[33.102-C.1.1.2] what one instance changes the other one sees at once', async () => {
  const [first, second] = await clients();
  if (first === undefined || second === undefined) throw new Error('two instances');
  await mar(first, bob);
  expect((await sar(first, bob)).result).toBe('2001');
  expect((await lir(second, bob.publicIdentity)).result).toBe('2001');
  await Promise.all([first, second].map((client, i) => leave(instances[i] as HssProcess, client)));
});

test(
  '[33.102-C.1.1.2] 64 concurrent MARs from each and a kill -9 of one in between: no SQN twice',
  async () => {
    const given: number[] = [];
    let lost = 0;
    // The users have one K, so what the others were given counts too.
    const givenBefore = seq(await committed(alice.userName));
    for (let round = 0; round < rounds; round += 1) {
      const at = round % 2;
      const [dying, surviving] = [instances[at], instances[1 - at]] as [HssProcess, HssProcess];
      const both = await clients();
      const [first, second] = [both[at], both[1 - at]] as [CxClient, CxClient];
      const lostBefore = lost;
      let fromDying = 0;
      const toDying = Array.from({ length: concurrent }, () =>
        mar(first, alice).then(
          (answer) => {
            given.push(sequenceNumber(answer, keys));
            fromDying += 1;
            if (fromDying === 10) dying.kill('SIGKILL');
          },
          () => {
            lost += 1;
          },
        ),
      );
      const toSurviving = Array.from({ length: concurrent }, () =>
        mar(second, alice).then((answer) => {
          given.push(sequenceNumber(answer, keys));
        }),
      );
      await Promise.all([...toDying, ...toSurviving]);
      expect((await dying.ended).signal).toBe('SIGKILL');
      expect(lost).toBeGreaterThan(lostBefore);
      expect(given.length).toBe(2 * concurrent * (round + 1) + 8 * round - lost);

      for (let i = 0; i < 8; i += 1) given.push(sequenceNumber(await mar(second, alice), keys));
      expect(new Set(given).size).toBe(given.length);
      const last = await committed(alice.userName);
      expect(Math.max(...given)).toBe(last);
      // What is committed and was not given to anybody was on its way out of a killed process.
      expect(seq(last) - givenBefore - given.length).toBeGreaterThanOrEqual(0);
      expect(seq(last) - givenBefore - given.length).toBeLessThanOrEqual(lost);
      second.close();
      surviving.expectNoSecrets(secretsOfUsers);
      dying.expectNoSecrets(secretsOfUsers);
      if (round + 1 < rounds) instances[at] = await HssProcess.start(files[at] as string);
    }
    if (full)
      // eslint-disable-next-line no-console -- the full form reports what it did
      console.info(
        `${rounds} kills: ${given.length} vectors given, ${lost} requests without an answer, no SQN twice`,
      );
  },
  full ? 600_000 : 30_000,
);
