/**
 * Which K a private identity or a USIM has, in the columns aka_k_hash. The key of the hash is made once per
 * database and sealed there like a subscriber's secret, so rotation seals it anew and every instance has it.
 */
import { createHashKey, hashOfKWith, type HashOfK } from '../../authentication/key-hash';
import { seal, SealedSecretError, secretOwner, unseal } from '../../authentication/sealed-secret';
import { samePrivateIdentity } from '../../subscriber/private-identity';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import type { Logger } from '../../shared/logger';
import { raiseCounters } from './raise-counters';
import type { ProvisioningPool } from './pool';
import type { Sql } from '../../state/database';
import type { Sealing } from './secrets';

/** Name of the hash key in shared_secret. */
export const hashKeyName = 'k-hash';
export const sharedSecretOwner = (name: string): string => secretOwner('shared_secret', name);

/** Hashes of a subscription's keys, by holder: private identity (ISIM) or IMSI (USIM). */
export type KeyHashes = ReadonlyMap<string, string>;
export const noKeyHashes: KeyHashes = new Map();

/** Private identities in one transaction of `fill`. */
const fillBatchCount = 500;
const fillReportIntervalMs = 5_000;

/** The hash of K under this database's hash key, which it reads (or makes) when it is first asked. */
export class KeyHasher {
  private hash: Promise<HashOfK> | null = null;

  constructor(
    private readonly pool: ProvisioningPool,
    private readonly sealing: Sealing,
  ) {}

  /** @throws StoreUnavailableError; SealedSecretError where the ring does not open the hash key */
  ready(): Promise<HashOfK> {
    this.hash ??= this.load().catch((error: unknown) => {
      this.hash = null;
      throw error;
    });
    return this.hash;
  }

  private async load(): Promise<HashOfK> {
    const owner = sharedSecretOwner(hashKeyName);
    const find = () =>
      this.pool.use((sql) =>
        sql<[string]>('select sealed from shared_secret where name = $1', [hashKeyName]),
      );
    let [row] = await find();
    if (row === undefined) {
      const fresh = seal(createHashKey(this.sealing.random), owner, this.sealing.ring(), this.sealing.random);
      // Of several instances that make one, the first one's counts.
      await this.pool.use((sql) =>
        sql('insert into shared_secret (name, sealed) values ($1, $2) on conflict do nothing', [
          hashKeyName,
          fresh,
        ]),
      );
      [row] = await find();
    }
    if (row === undefined) throw new Error('the key of the hashes of K was not stored');
    return hashOfKWith(unseal(row[0], owner, this.sealing.ring()));
  }

  /**
   * Hashes what an older release left without: K of every private identity, in bounded transactions. Each K gets
   * its counter, with the numbers that had no hash. Returns how many. @throws StoreUnavailableError
   */
  async fill(logger: Logger): Promise<number> {
    const hash = await this.ready();
    let filled = 0;
    let reportAtMs = performance.now() + fillReportIntervalMs;
    for (let after: readonly [number, number] = [0, 0]; ;) {
      const step = await this.pool.transaction((sql) => this.fillBatch(sql, after, hash, logger));
      if (step === null) return filled;
      after = step.last;
      filled += step.filledCount;
      if (performance.now() < reportAtMs) continue;
      reportAtMs = performance.now() + fillReportIntervalMs;
      logger.info({ filledCount: filled }, 'noting which K each private identity has, once');
    }
  }

  private async fillBatch(
    sql: Sql,
    [key, position]: readonly [number, number],
    hash: HashOfK,
    logger: Logger,
  ): Promise<{ last: readonly [number, number]; filledCount: number } | null> {
    // Only there until every row has its hash; ordered by the primary key.
    const rows = await sql<[number, number, string, string]>(
      `select subscription_key, position, identity, aka_k_sealed from private_identity
      where (subscription_key, position) > ($1, $2) and aka_k_hash is null and aka_k_sealed is not null
      order by subscription_key, position limit $3 for update`,
      [key, position, fillBatchCount],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    const hashed = rows.flatMap(([ofKey, at, identity, sealed]) => {
      try {
        return [[ofKey, at, hash(unseal(sealed, secretOwner(identity, 'k'), this.sealing.ring()))] as const];
      } catch (error) {
        if (!(error instanceof SealedSecretError)) throw error;
        logger.warn({ privateIdentity: identity, reason: error.reason }, 'the stored K does not open');
        return [];
      }
    });
    await sql(
      `update private_identity p set aka_k_hash = i.hash
      from unnest($1::bigint[], $2::smallint[], $3::uuid[]) as i (key, position, hash)
      where p.subscription_key = i.key and p.position = i.position`,
      [hashed.map(([k]) => k), hashed.map(([, at]) => at), hashed.map(([, , text]) => text)],
    );
    const numbers = await takeUnhashed(sql, hashed);
    await raiseCounters(sql, [...hashed.map(([, , text]) => [text, 0] as const), ...numbers]);
    return { last: [last[0], last[1]], filledCount: hashed.length };
  }
}

/** Takes the numbers of private identities that have a hash now: pairs of hash and number. */
function takeUnhashed(
  sql: Sql,
  hashed: readonly (readonly [key: number, position: number, hash: string])[],
): Promise<[hash: string, number: number][]> {
  return sql(
    `delete from unhashed_sequence_number u using private_identity p,
      unnest($1::bigint[], $2::smallint[], $3::uuid[]) as i (key, position, hash)
    where p.subscription_key = i.key and p.position = i.position
      and u.subscription_key = p.subscription_key and u.identity_key = p.identity_key
    returning i.hash::text, u.sequence_number`,
    [hashed.map(([key]) => key), hashed.map(([, at]) => at), hashed.map(([, , text]) => text)],
  );
}

/** In whatever case the realm was written: a new spelling keeps the K. */
const hashBefore = (before: KeyHashes, identity: string): string | undefined =>
  before.get(identity) ?? [...before].find(([name]) => samePrivateIdentity(name, identity))?.[1];

/** A credential as a document gives it. */
interface GivenCredential {
  /** Private identity (ISIM) or IMSI (USIM); neither can be taken for the other. */
  readonly holder: string;
  readonly k: string | undefined;
  readonly sqn: number | undefined;
}

/** Every credential of a document, with what it says of K and SQN. */
export function credentialsOf({ privateIdentities, usims = [] }: SubscriptionDocument): GivenCredential[] {
  return [
    ...privateIdentities.flatMap(({ identity, authentication: { aka } }) =>
      aka === undefined ? [] : [{ holder: identity, k: aka.k, sqn: aka.sqn }],
    ),
    ...usims.map(({ imsi, aka }) => ({ holder: imsi, k: aka.k, sqn: aka.sqn })),
  ];
}

/** The hashes that go with a document: of each K that it gives, else of the K that is stored already. */
export function keyHashesOf(document: SubscriptionDocument, before: KeyHashes, hash: HashOfK): KeyHashes {
  const hashes = new Map<string, string>();
  for (const { holder, k } of credentialsOf(document)) {
    const text = k === undefined ? hashBefore(before, holder) : hash(Buffer.from(k, 'hex'));
    if (text !== undefined) hashes.set(holder, text);
  }
  return hashes;
}
