/**
 * `npm start` on an empty folder, with the embedded database: the first start, Ctrl-C, a restart, kill -9
 * under load, and the start after it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoData } from '../../src/subscriber/demo-subscribers';
import { expectValidUserData } from '../schema/validate-user-data';
import { CxClient } from '../support/cx-client';
import type { CxAnswer } from '../support/cx-messages';
import {
  authItems,
  lir,
  mar,
  REGISTRATION,
  sar,
  sequenceNumber,
  SERVER_NAME,
  uar,
  USER_DEREGISTRATION,
  type User,
} from './support/cscf';
import {
  endAll,
  eventually,
  hssOrigin,
  HssProcess,
  leave,
  temporaryFolder,
  writeConfiguration,
} from './support/hss-process';
import { alive } from '../support/processes';
import { redactedFor } from './support/secrets';

const realm = hssOrigin.originRealm;
const icscf = { originHost: `icscf.${realm}`, originRealm: realm };
const scscf = { originHost: `scscf1.${realm}`, originRealm: realm };
/** TS 35.208 test set 1, as the demo's documentation says. */
const aliceKeys = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };
const alice: User = { userName: `001010000000001@${realm}`, publicIdentity: `sip:alice@${realm}` };
const bob: User = { userName: `bob@${realm}`, publicIdentity: `sip:bob@${realm}` };
const loadCount = 400;

let folder: string;
let configFile: string;
let hss: HssProcess;
/** Everything that any of the processes wrote. */
const outputs: HssProcess[] = [];
const secrets = new Map<string, string>();
const given: number[] = [];
const stateIds: unknown[] = [];

async function start(): Promise<void> {
  hss = await HssProcess.start(configFile);
  outputs.push(hss);
}

const postmaster = (): number =>
  Number(readFileSync(join(folder, 'data/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

function remember(answer: CxAnswer): CxAnswer {
  for (const item of authItems(answer)) {
    if (item.confidentialityKey !== undefined)
      secrets.set(`CK of ${secrets.size}`, item.confidentialityKey.toString('hex'));
    if (item.integrityKey !== undefined)
      secrets.set(`IK of ${secrets.size}`, item.integrityKey.toString('hex'));
  }
  return answer;
}

beforeAll(async () => {
  folder = temporaryFolder();
  configFile = writeConfiguration(folder, { store: { dataFolder: './data' }, logging: { level: 'trace' } });
  for (const { id, privateIdentities, usims } of demoData(realm).subscriptions) {
    for (const {
      authentication: { aka, sipDigest },
    } of privateIdentities) {
      if (aka?.k !== undefined) secrets.set(`K of ${id}`, aka.k);
      if (aka?.op !== undefined) secrets.set(`OP of ${id}`, aka.op);
      if (aka?.opc !== undefined) secrets.set(`OPc of ${id}`, aka.opc);
      if (sipDigest?.password !== undefined) secrets.set(`password of ${id}`, sipDigest.password);
    }
    for (const { aka } of usims ?? []) {
      if (aka.k !== undefined) secrets.set(`K of ${id}`, aka.k);
      if (aka.op !== undefined) secrets.set(`OP of ${id}`, aka.op);
      if (aka.opc !== undefined) secrets.set(`OPc of ${id}`, aka.opc);
    }
  }
});

afterAll(endAll);

test('answers a CER within 60 s of the first start', async () => {
  const started = performance.now();
  await start();
  const client = await CxClient.open(hss.diameterPort, icscf);
  expect(performance.now() - started).toBeLessThan(60_000);
  await leave(hss, client);
  expect(redactedFor(hss.output, secrets)).toEqual([]);
  expect((await fetch(`${hss.metricsUrl}/readyz`)).status).toBe(200);
}, 90_000);

test('[29.228-6.1.1.1] [29.228-6.3.1] [29.228-6.1.2.1] [29.228-6.1.4.1] a demo user registers, is found, and leaves', async () => {
  const icscfLink = await CxClient.open(hss.diameterPort, icscf);
  const scscfLink = await CxClient.open(hss.diameterPort, scscf);
  expect((await uar(icscfLink, alice)).result).toBe('experimental 2001');

  const challenge = remember(await mar(scscfLink, alice));
  expect(challenge.result).toBe('2001');
  given.push(sequenceNumber(challenge, aliceKeys));

  const assigned = await sar(scscfLink, alice);
  expect(assigned.result).toBe('2001');
  await expectValidUserData(String(assigned.avps['userData']));
  expect(String(assigned.avps['userData'])).toContain(`<Identity>${alice.publicIdentity}</Identity>`);

  const again = await uar(icscfLink, alice);
  expect(again).toMatchObject({ result: 'experimental 2002', avps: { serverName: SERVER_NAME } });
  expect(await lir(icscfLink, alice.publicIdentity)).toMatchObject({
    result: '2001',
    avps: { serverName: SERVER_NAME },
  });

  expect((await sar(scscfLink, alice, USER_DEREGISTRATION)).result).toBe('2001');
  expect((await lir(icscfLink, alice.publicIdentity)).result).toBe('experimental 5003');
  expect((await uar(icscfLink, alice)).result).toBe('experimental 2001');
  await leave(hss, icscfLink);
  await leave(hss, scscfLink);
});

test('[29.228-6.3.1] a demo user with SIP Digest gets a challenge whose H(A1) is in no log', async () => {
  const client = await CxClient.open(hss.diameterPort, scscf);
  const answer = await mar(client, bob, 'SIP Digest');
  expect(answer.result).toBe('2001');
  const [item] = answer.avps['sipAuthDataItem'] as { sipDigestAuthenticate: { digestHa1: string } }[];
  expect(item?.sipDigestAuthenticate.digestHa1).toMatch(/^[0-9a-f]{32}$/);
  secrets.set('HA1 of bob', item?.sipDigestAuthenticate.digestHa1 ?? '');
  expect((await sar(client, bob)).result).toBe('2001');
  await leave(hss, client);
});

test('SIGUSR1 does not open the debugger of Node.js', async () => {
  process.kill(hss.pid, 'SIGUSR1');
  const client = await CxClient.open(hss.diameterPort, icscf);
  stateIds.push(client.originStateId);
  // Some turns of its event loop later.
  for (let i = 0; i < 20; i += 1) await lir(client, alice.publicIdentity);
  expect(hss.output).not.toContain('Debugger listening');
  await leave(hss, client);
});

test('[6733-5.4] Ctrl-C: DPR to the peer, status 0, no PostgreSQL left', async () => {
  const client = await CxClient.open(hss.diameterPort, icscf);
  const database = postmaster();
  expect(alive(database)).toBe(true);
  expect(await hss.interrupt()).toEqual({ code: 0, signal: null });
  await client.closed;
  expect(client.requests.at(-1)).toBe('DPR');
  expect(alive(database)).toBe(false);
}, 30_000);

test('a restart keeps what was registered, and the SQN goes on', async () => {
  await start();
  const client = await CxClient.open(hss.diameterPort, scscf);
  expect(await lir(client, bob.publicIdentity)).toMatchObject({
    result: '2001',
    avps: { serverName: SERVER_NAME },
  });
  // [6733-8.16] Nothing was lost, so nothing says that it was.
  expect(client.originStateId).toEqual(expect.any(Number));
  expect(stateIds).toEqual([client.originStateId]);
  given.push(sequenceNumber(remember(await mar(client, alice)), aliceKeys));
  expect(given[1]).toBeGreaterThan(given[0] ?? Infinity);
  await leave(hss, client);
}, 60_000);

test('PostgreSQL dies: the HSS starts it again and goes on', async () => {
  const client = await CxClient.open(hss.diameterPort, icscf);
  const before = postmaster();
  process.kill(before, 'SIGKILL');
  await eventually(
    async () => (await lir(client, bob.publicIdentity)).result === '5012',
    'an answer that says that the database is away',
  );
  await eventually(async () => (await lir(client, bob.publicIdentity)).result === '2001', 'service again');
  expect(postmaster()).not.toBe(before);
  await leave(hss, client);
}, 30_000);

/** One subscriber like Alice for each number, registered under load. */
const loadUser = (number: number): User => ({
  userName: `load${number}@${realm}`,
  publicIdentity: `sip:load${number}@${realm}`,
});

test('kill -9 under load: everything that had been answered is there after the next start, and no SQN is given twice', async () => {
  const documents = Array.from({ length: loadCount }, (_, number) =>
    JSON.stringify({
      id: `load${number}`,
      privateIdentities: [{ identity: loadUser(number).userName, authentication: { aka: aliceKeys } }],
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [{ identity: loadUser(number).publicIdentity, serviceProfile: 'demo-default' }],
        },
      ],
    }),
  );
  const imported = await fetch(`${hss.httpUrl}/v1/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${documents.join('\n')}\n`,
  });
  await imported.text();
  expect(imported.status).toBe(200);

  const client = await CxClient.open(hss.diameterPort, scscf);
  const registered: number[] = [];
  const sequenceNumbers = new Map<string, number[]>();
  const note = (name: string, answer: CxAnswer): void => {
    sequenceNumbers.set(name, [
      ...(sequenceNumbers.get(name) ?? []),
      sequenceNumber(remember(answer), aliceKeys),
    ]);
  };
  /** Ends with the connection. */
  const worker = async (first: number): Promise<void> => {
    for (let number = first; number < loadCount; number += 16) {
      const answer = await mar(client, loadUser(number));
      if (answer.result === '2001') note(loadUser(number).userName, answer);
      const one = await mar(client, alice);
      if (one.result === '2001') note(alice.userName, one);
      if ((await sar(client, loadUser(number), REGISTRATION)).result === '2001') registered.push(number);
      if (registered.length === 100) hss.kill('SIGKILL');
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 16 }, (_, i) => worker(i)));
  expect(outcomes.map(({ status }) => status)).toContain('rejected');
  expect((await hss.ended).signal).toBe('SIGKILL');
  expect(registered.length).toBeGreaterThanOrEqual(100);
  expect(registered.length).toBeLessThan(loadCount);

  await start();
  const next = await CxClient.open(hss.diameterPort, scscf);
  const found = await Promise.all(registered.map((number) => lir(next, loadUser(number).publicIdentity)));
  expect(found.filter(({ result }) => result !== '2001')).toEqual([]);
  const names = [...sequenceNumbers.keys()];
  const users = names.map((userName) => ({
    userName,
    publicIdentity: userName === alice.userName ? alice.publicIdentity : `sip:${userName}`,
  }));
  const challenges = await Promise.all(users.map((user) => mar(next, user)));
  challenges.forEach((answer, i) => note(names[i] ?? '', answer));
  for (const values of sequenceNumbers.values()) expect(new Set(values).size).toBe(values.length);
  // Each new one is above all that were given before.
  for (const values of sequenceNumbers.values()) expect(Math.max(...values)).toBe(values.at(-1));
  expect(Math.min(...(sequenceNumbers.get(alice.userName) ?? []))).toBeGreaterThan(Math.max(...given));
  next.close();
}, 90_000);

test('the last stop is as orderly as the first, and none of the processes wrote a secret', async () => {
  expect(await hss.interrupt()).toEqual({ code: 0, signal: null });
  expect(secrets.size).toBeGreaterThan(200);
  expect(outputs.length).toBe(3);
  for (const { output } of outputs) expect(redactedFor(output, secrets)).toEqual([]);
}, 30_000);
