/**
 * One USIM, two kinds of requester, two processes on one database, one of which is killed with -9 again and again:
 * no SQN is given twice, and a USIM with the array of [33.102-C.2] takes every vector, in any order in which a
 * network uses them.
 */
import type { TestStore } from '../support/database';
import { Usim } from '../ims/support/usim';
import { CxClient } from '../support/cx-client';
import { numberOf } from '../support/states';
import { authItems } from '../system/support/cscf';
import { endAll, HssProcess, temporaryFolder, writeConfiguration } from '../system/support/hss-process';
import { ToyClient } from '../toy/client';
import { mar, mmeHost, provisionSim, seeded, settings, usimKey, type Sim } from '../toy/support';

const rounds = 3;
const concurrent = 64;
/** Answers of the one that dies before it does. */
const answersBefore = 12;
const vectorsPerDraw = 2;
const indBits = 5;

interface Vector {
  readonly rand: Buffer;
  readonly autn: Buffer;
  readonly xres: Buffer;
  readonly sqn: number;
}
/** What one request got, in the order in which its holder uses it. */
type Batch = readonly Vector[];

interface Node {
  hss: HssProcess;
  scscf: CxClient;
  mme: ToyClient;
}

let store: TestStore;
let sim: Sim;
let end: () => Promise<unknown>;
let files: readonly string[];

beforeAll(async () => {
  const { url, sql, ...database } = await seeded();
  store = database.store;
  end = () => Promise.all([store.close(), sql.end()]);
  sim = await provisionSim(store, 'anna');
  const base = settings(url);
  files = [1, 2].map((n) =>
    writeConfiguration(temporaryFolder(), {
      ...base,
      diameter: { ...base.diameter, originHost: `hss${n}.ims.example` },
    }),
  );
}, 60_000);

afterAll(async () => {
  await endAll();
  await end();
});

async function startNode(n: number): Promise<Node> {
  const hss = await HssProcess.start(files[n] as string, 'test/toy/main.ts');
  const origin = { originHost: `scscf${n + 1}.ims.example`, originRealm: 'ims.example' };
  return {
    hss,
    scscf: await CxClient.open(hss.diameterPort, origin),
    mme: await ToyClient.open(hss.diameterPort, mmeHost),
  };
}

const newUsim = () =>
  new Usim({ k: Buffer.from(usimKey.k, 'hex'), opc: Buffer.from(usimKey.opc, 'hex'), indBits });

/** The SQN of a vector, which a USIM that has seen none tells. */
function vector(rand: Buffer, autn: Buffer, xres: Buffer): Vector {
  const usim = newUsim();
  const { kind } = usim.challenge(rand, autn);
  if (kind !== 'response') throw new Error(kind);
  return { rand, autn, xres, sqn: usim.sqn };
}

async function viaCx({ scscf }: Node): Promise<Batch> {
  const answer = await mar(scscf, sim);
  if (answer.result !== '2001') throw new Error(`MAA ${answer.result}`);
  return authItems(answer).map(({ sipAuthenticate, sipAuthorization }) =>
    vector(sipAuthenticate.subarray(0, 16), sipAuthenticate.subarray(16), sipAuthorization),
  );
}

async function viaToy({ mme }: Node): Promise<Batch> {
  const { resultCode, toyVector = [] } = await mme.request('TVR', {
    toyImsi: sim.imsi,
    toyVectorCount: vectorsPerDraw,
  });
  if (resultCode !== 2001) throw new Error(`TVA ${resultCode}`);
  return toyVector.map(({ toyRand, toyAutn, toyXres }) => vector(toyRand, toyAutn, toyXres));
}

/** All at once through both; the one at `dying` is killed in between. */
async function round(nodes: readonly Node[], dying: number, ims: Batch[], mme: Batch[]): Promise<number> {
  let lost = 0;
  let answered = 0;
  const ask = async (at: number, via: (node: Node) => Promise<Batch>, given: Batch[]): Promise<void> => {
    const node = nodes[at] as Node;
    try {
      given.push(await via(node));
    } catch (error) {
      if (at !== dying) throw error;
      lost += 1;
      return;
    }
    if (at !== dying) return;
    answered += 1;
    if (answered === answersBefore) node.hss.kill('SIGKILL');
  };
  await Promise.all(
    Array.from({ length: concurrent }, (_, i) => [ask(i % 2, viaCx, ims), ask(i % 2, viaToy, mme)]).flat(),
  );
  await nodes[dying]?.hss.ended;
  return lost;
}

const firstOf = ([first]: Batch): number => first?.sqn ?? 0;
const bySqn = (batches: readonly Batch[]): Batch[] => [...batches].sort((a, b) => firstOf(a) - firstOf(b));

/** In order, cut before an IND comes again: what is in one part may be used in any order [33.102-C.1.2]. */
function parts(batches: readonly Batch[]): Batch[][] {
  const found: Batch[][] = [];
  let inds = new Set<number>();
  for (const batch of bySqn(batches)) {
    const ind = firstOf(batch) % 2 ** indBits;
    if (inds.has(ind) || found.length === 0) {
      found.push([]);
      inds = new Set();
    }
    inds.add(ind);
    found.at(-1)?.push(batch);
  }
  return found;
}

/** What a fresh USIM says to vectors in this order, each kind of answer with how often. */
function outcomes(order: readonly Batch[]): Record<string, number> {
  const usim = newUsim();
  const counts: Record<string, number> = {};
  for (const { rand, autn, xres } of order.flat()) {
    const said = usim.challenge(rand, autn);
    const kind = said.kind === 'response' && !said.res.equals(xres) ? 'another RES' : said.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Two lists taken by turns, each in its order. */
function byTurns(left: readonly Batch[], right: readonly Batch[]): Batch[] {
  const longest = Math.max(left.length, right.length);
  return Array.from({ length: longest }, (_, i) => [left[i] ?? [], right[i] ?? []]).flat();
}

test('[33.102-C.1.1] [33.102-C.2] 64 MARs and 64 draws of another application at once, and kills in between: no SQN twice, none refused', async () => {
  const ims: Batch[] = [];
  const mme: Batch[] = [];
  const nodes = await Promise.all([startNode(0), startNode(1)]);
  let lost = 0;
  for (let n = 0; n < rounds; n += 1) {
    const dying = n % 2;
    lost += await round(nodes, dying, ims, mme);
    nodes[dying] = await startNode(dying);
  }
  expect(lost).toBeGreaterThan(0);
  expect(ims.length + mme.length).toBe(2 * concurrent * rounds - lost);

  const given = [...ims, ...mme].flat().map(({ sqn }) => sqn);
  expect(new Set(given).size).toBe(given.length);
  const last = numberOf(await store.getStatus({ imsi: sim.imsi }), sim.imsi) ?? 0;
  expect(Math.max(...given)).toBeLessThanOrEqual(last);
  // What is committed and was given to nobody was on its way out of a killed process.
  const unaccounted = Math.floor(last / 2 ** indBits) - given.length;
  expect(unaccounted).toBeGreaterThanOrEqual(0);
  expect(unaccounted).toBeLessThanOrEqual(lost * vectorsPerDraw);

  const all = { response: given.length };
  const backwards = (batches: readonly Batch[]) => parts(batches).flatMap((part) => part.toReversed());
  for (const [kept, used] of [
    // The MME keeps all of its vectors while those of the S-CSCFs are used, and the other way round.
    [bySqn(ims), bySqn(mme)],
    [bySqn(mme), bySqn(ims)],
    [backwards(ims), backwards(mme)],
    [backwards(mme), backwards(ims)],
  ] as const) {
    expect(outcomes([...kept, ...used])).toEqual(all);
    expect(outcomes(byTurns(kept, used))).toEqual(all);
  }
  for (const { scscf, mme: client } of nodes) {
    scscf.close();
    client.close();
  }
}, 180_000);
