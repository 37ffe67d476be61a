/** Subscribers with a USIM, and the product with the toy application on a database of its own. */
import { Client } from 'pg';
import type { TestStore } from '../support/database';
import type { CxClient } from '../support/cx-client';
import type { CxAnswer } from '../support/cx-messages';
import { freshDatabase, openStore } from '../support/database';
import { putSharedSets, simple, usimKey } from '../store/documents';
import type { HssSettings } from '../system/support/hss-process';
import { toyMigration } from './watch';

export const asHost = 'as.ims.example';
export const mmeHost = 'mme.ims.example';
export const scscfHost = 'scscf1.ims.example';
export const serverName = 'sip:scscf1.ims.example:6060';
export { usimKey };

/** The secret key of the test's own store, so that both read the same secrets. */
export const settings = (url: string): HssSettings => ({
  store: { url, secretKey: `test:${'5a'.repeat(32)}`, statementTimeoutMs: 10_000 },
  diameter: { unknownPeers: 'accept' },
  peers: [
    { identity: asHost, role: 'as' },
    { identity: mmeHost, role: 'mme' },
  ],
  push: { answerTimeoutMs: 1_000, retryMinMs: 30, retryMaxMs: 60, pollMs: 30 },
});

/** A migrated database with the toy's table and the shared sets. */
export async function seeded(): Promise<{ url: string; store: TestStore; sql: Client }> {
  const url = await freshDatabase();
  const sql = new Client({ connectionString: url });
  await sql.connect();
  await sql.query(toyMigration);
  const store = await openStore(url);
  await putSharedSets(store);
  return { url, store, sql };
}

export interface Sim {
  readonly name: string;
  readonly imsi: string;
  readonly msisdn: string;
}

let sims = 0;

/** A subscriber whose private identity uses the USIM. */
export async function provisionSim(store: TestStore, name: string): Promise<Sim> {
  sims += 1;
  const sim = { name, imsi: String(1_010_000_000_000 + sims), msisdn: `4917${sims}00` };
  const outcome = await store.putSubscription(
    simple(name, sims, {
      privateIdentities: [{ identity: `${name}@ims.example`, authentication: { usim: sim.imsi } }],
      usims: [{ imsi: sim.imsi, msisdns: [sim.msisdn], aka: usimKey }],
    }),
    {},
  );
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.faults));
  return sim;
}

export const REGISTRATION = 1;
export const USER_DEREGISTRATION = 5;

export const sar = (
  client: CxClient,
  { name }: Sim,
  serverAssignmentType = REGISTRATION,
): Promise<CxAnswer> =>
  client.request('SAR', {
    userName: `${name}@ims.example`,
    publicIdentity: [`sip:${name}@ims.example`],
    serverName,
    serverAssignmentType,
    userDataAlreadyAvailable: 1,
  });

export const mar = (client: CxClient, { name }: Sim, count = 1): Promise<CxAnswer> =>
  client.request('MAR', {
    userName: `${name}@ims.example`,
    publicIdentity: `sip:${name}@ims.example`,
    serverName,
    sipNumberAuthItems: count,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  });

/** What the outbox has of a subscription, oldest first. */
export async function entriesOf(store: TestStore, { name }: Sim) {
  const { items } = await store.outbox.list({ subscription: name }, null, 100);
  return [...items].reverse().map(({ kind, outcome, attemptCount }) => ({ kind, outcome, attemptCount }));
}
