/**
 * One USIM, used by MMEs and S-CSCFs at once, over two HSSs on one database, of which one is killed again and
 * again: no SQN is given twice, the USIM refuses none, and one resynchronisation heals both sides.
 */
import type { Hss } from '../ims/support/hss';
import type { Usim } from '../ims/support/usim';
import { CxClient } from '../support/cx-client';
import { freshDatabase } from '../support/database';
import { authItems, mar } from '../system/support/cscf';
import type { ErlangNodes } from './support/erlang-nodes';
import { Lab } from './support/lab';
import { hostOf, imsDomain, realm } from './support/names';
import { requestVectors, resultOf, vectorsOf } from './support/requests';
import { newSubscriber, newUsim, octets, twoApns } from './support/subscribers';

/** Each instance dies once. */
const rounds = 2;
/** Of each kind, in a round. */
const concurrent = 32;
/** Answers of the one that dies before it does. */
const answersBefore = 8;

interface Vector {
  readonly rand: Buffer;
  readonly autn: Buffer;
  readonly sqn: number;
}

interface Instance {
  readonly hss: Hss;
  readonly mme: string;
  readonly scscfHost: string;
  scscf?: CxClient;
}

const anna = newSubscriber('anna');
let lab: Lab;
let nodes: ErlangNodes;
let instances: readonly Instance[];

async function join(instance: Instance): Promise<void> {
  const origin = { originHost: instance.scscfHost, originRealm: imsDomain };
  instance.scscf = await CxClient.open(instance.hss.options.diameterPort, origin);
  await nodes.connected(instance.mme);
}

async function instance(number: number, url: string): Promise<Instance> {
  const store = { url, secretKey: `test:${'5a'.repeat(32)}`, statementTimeoutMs: 10_000 };
  const hss = await lab.hss(`hss${number}`, { store });
  return { hss, mme: `mme${number}`, scscfHost: `scscf${number}.${imsDomain}` };
}

beforeAll(async () => {
  lab = new Lab('epc-one-usim');
  const url = await freshDatabase();
  instances = [await instance(1, url), await instance(2, url)];
  [nodes] = await Promise.all([lab.startNodes(), ...instances.map(({ hss }) => hss.start())]);
  for (const one of instances) {
    await nodes.connect(one.mme, { host: hostOf(one.mme), realm, port: one.hss.options.diameterPort });
    await join(one);
  }
  await instances[0]?.hss.provision(anna.ims(twoApns));
}, 60_000);

afterAll(async () => {
  for (const { scscf } of instances) scscf?.close();
  await lab.stop();
});

/** The SQN is what a USIM that has seen none tells. */
function vector(rand: Buffer, autn: Buffer, res: Buffer): Vector {
  const usim = newUsim();
  const said = usim.challenge(rand, autn);
  if (said.kind !== 'response' || !said.res.equals(res)) throw new Error(`the USIM says: ${said.kind}`);
  return { rand, autn, sqn: usim.sqn };
}

async function viaS6a({ mme }: Instance, resynchronisation?: string): Promise<Vector> {
  const answer = await requestVectors(nodes, mme, anna.imsi, { resynchronisation });
  const [given] = resultOf(answer) === 2001 ? vectorsOf(answer) : [];
  if (given === undefined) throw new Error(`AIA ${JSON.stringify(answer)}`);
  return vector(octets(given, 'RAND'), octets(given, 'AUTN'), octets(given, 'XRES'));
}

async function viaCx({ scscf }: Instance): Promise<Vector> {
  if (scscf === undefined) throw new Error('not connected');
  const answer = await mar(scscf, { userName: anna.impi, publicIdentity: anna.impu });
  const [item] = authItems(answer);
  if (item === undefined) throw new Error(`MAA ${answer.result}`);
  const { sipAuthenticate, sipAuthorization } = item;
  return vector(sipAuthenticate.subarray(0, 16), sipAuthenticate.subarray(16), sipAuthorization);
}

/** All at once through both, of which `dying` is killed in between. How many got no answer. */
async function round(dying: Instance, s6a: Vector[], cx: Vector[]): Promise<number> {
  let [answered, lost] = [0, 0];
  let killed: Promise<void> | undefined;
  const ask = async (
    at: Instance,
    via: (at: Instance) => Promise<Vector>,
    given: Vector[],
  ): Promise<void> => {
    try {
      given.push(await via(at));
    } catch (error) {
      if (at !== dying) throw error;
      lost += 1;
      return;
    }
    if (at !== dying) return;
    answered += 1;
    if (answered === answersBefore) killed = at.hss.crash();
  };
  await Promise.all(
    Array.from({ length: concurrent }, () =>
      instances.flatMap((at) => [ask(at, viaS6a, s6a), ask(at, viaCx, cx)]),
    ).flat(),
  );
  await killed;
  return lost;
}

const inOrder = (vectors: readonly Vector[]): Vector[] => [...vectors].sort((a, b) => a.sqn - b.sqn);

/** Two lists taken by turns, each in its order. */
const byTurns = (left: readonly Vector[], right: readonly Vector[]): Vector[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, i) => [left[i] ?? [], right[i] ?? []])
    .flat()
    .flat();

/** What a USIM refuses of vectors that are used in this order. */
function refusedBy(usim: Usim, order: readonly Vector[]): Vector[] {
  return order.filter(({ rand, autn }) => usim.challenge(rand, autn).kind !== 'response');
}

test('[33.102-C.1.1] [33.102-C.2] AIR and MAR at once, one HSS killed in between: no SQN twice, none refused', async () => {
  const s6a: Vector[] = [];
  const cx: Vector[] = [];
  let lost = 0;
  for (let n = 0; n < rounds; n += 1) {
    const dying = instances[n % 2];
    if (dying === undefined) throw new Error('no instance');
    lost += await round(dying, s6a, cx);
    await nodes.disconnected(dying.mme);
    await dying.hss.start();
    await join(dying);
  }
  expect(lost).toBeGreaterThan(0);
  expect(s6a.length + cx.length).toBe(2 * instances.length * concurrent * rounds - lost);

  const given = [...s6a, ...cx].map(({ sqn }) => sqn);
  expect(new Set(given).size).toBe(given.length);
  for (const [kept, used] of [
    [inOrder(s6a), inOrder(cx)],
    [inOrder(cx), inOrder(s6a)],
  ] as const) {
    // One side keeps its vectors while those of the other are used.
    expect(refusedBy(newUsim(), [...kept, ...used])).toEqual([]);
    expect(refusedBy(newUsim(), byTurns(kept, used))).toEqual([]);
  }
});

test('[33.102-6.3.5] one resynchronisation through an MME heals the S-CSCFs too', async () => {
  const [first, second] = instances;
  if (first === undefined || second === undefined) throw new Error('no instances');
  const usim = newUsim();
  usim.advanceTo(2_000_000 * 32);
  const stale = await viaS6a(first);
  const said = usim.challenge(stale.rand, stale.autn);
  if (said.kind !== 'resynchronisation') throw new Error(said.kind);
  const resynchronisation = Buffer.concat([stale.rand, said.auts]).toString('hex');
  const healed = [await viaS6a(first, resynchronisation)];
  for (const at of [second, first]) healed.push(await viaCx(at), await viaS6a(at), await viaCx(at));
  expect(refusedBy(usim, healed)).toEqual([]);
  expect(nodes.faults).toEqual([]);
});
