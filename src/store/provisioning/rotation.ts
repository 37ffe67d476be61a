/**
 * Key rotation: every secret that is not sealed under the ring's current key is sealed anew, in bounded
 * transactions. It can be interrupted and run again: what is done is not done twice.
 */
import { needsRotation, rotate, secretOwner } from '../../authentication/sealed-secret';
import type { KeyRing } from '../../authentication/key-ring';
import type { RandomSource } from '../../shared/clock';
import { sharedSecretOwner } from './key-hashes';
import type { ProvisioningPool } from './pool';
import type { Sql } from '../../state/database';
import type { SecretField } from './secrets';

export interface RotationProgress {
  /** Private identities and USIMs looked at and sealed anew so far. */
  readonly seenCount: number;
  readonly resealedCount: number;
  /** Estimate of all private identities and USIMs. */
  readonly totalCount: number;
}

const batchCount = 200;

/** A table of holders of secrets: the column that names the holder, and those of its secrets. */
interface HolderTable {
  readonly table: 'private_identity' | 'usim';
  readonly holder: 'identity' | 'imsi';
  readonly columns: Readonly<Partial<Record<SecretField, string>>>;
}

const akaColumns = { k: 'aka_k_sealed', opc: 'aka_opc_sealed' };
const holderTables: readonly HolderTable[] = [
  {
    table: 'private_identity',
    holder: 'identity',
    columns: { ...akaColumns, ha1: 'digest_ha1_sealed', ha1Sha256: 'digest_ha1_sha256_sealed' },
  },
  { table: 'usim', holder: 'imsi', columns: akaColumns },
];

type Row = [key: number, position: number, holder: string, ...sealed: (string | null)[]];

/** Re-seals. @throws StoreUnavailableError; SealedSecretError where a secret's key is not in the ring */
export async function rotateSecrets(
  pool: ProvisioningPool,
  ring: KeyRing,
  random: RandomSource,
  onProgress: (progress: RotationProgress) => void,
): Promise<RotationProgress> {
  const [estimate] = await pool.use((sql) =>
    sql<[number]>('select (select count(*) from private_identity) + (select count(*) from usim)', []),
  );
  let progress: RotationProgress = { seenCount: 0, resealedCount: 0, totalCount: estimate?.[0] ?? 0 };
  for (let after = 0; ;) {
    const step = await pool.transaction(async (sql) => {
      // The same locks in the same order as every other writer of profiles.
      const keys = await sql<[number]>(
        'select subscription_key from ims_subscription where subscription_key > $1 order by subscription_key limit $2 for update',
        [after, batchCount],
      );
      const locked = keys.map(([key]) => key);
      const changed = new Set<number>();
      let seen = 0;
      let resealed = 0;
      for (const table of holderTables) {
        const { seenCount, stale } = await reseal(sql, table, locked, ring, random);
        seen += seenCount;
        resealed += stale.length;
        for (const [key] of stale) changed.add(key);
      }
      if (changed.size > 0) await renew(sql, [...changed]);
      return { last: locked[locked.length - 1], seen, resealed };
    });
    if (step.last === undefined) {
      await pool.transaction((sql) => resealShared(sql, ring, random));
      return progress;
    }
    after = step.last;
    progress = {
      ...progress,
      seenCount: progress.seenCount + step.seen,
      resealedCount: progress.resealedCount + step.resealed,
    };
    onProgress(progress);
  }
}

/** The database's own secrets, after those of subscribers. */
async function resealShared(sql: Sql, ring: KeyRing, random: RandomSource): Promise<void> {
  const rows = await sql<[string, string]>(
    'select name, sealed from shared_secret order by name for update',
    [],
  );
  for (const [name, sealed] of rows)
    if (needsRotation(sealed, ring))
      await sql('update shared_secret set sealed = $2 where name = $1', [
        name,
        rotate(sealed, sharedSecretOwner(name), ring, random),
      ]);
}

/** Seals anew what these subscriptions have in one table. @returns how many rows it saw, and those that changed */
async function reseal(
  sql: Sql,
  { table, holder, columns }: HolderTable,
  keys: readonly number[],
  ring: KeyRing,
  random: RandomSource,
): Promise<{ seenCount: number; stale: readonly Row[] }> {
  const fields = Object.entries(columns);
  const rows = await sql<Row>(
    `select subscription_key, position, ${holder}, ${fields.map(([, column]) => column).join(', ')} from ${table} where subscription_key = any ($1::bigint[])`,
    [keys],
  );
  const stale = rows.filter(([, , , ...sealed]) =>
    sealed.some((text) => text !== null && needsRotation(text, ring)),
  );
  if (stale.length === 0) return { seenCount: rows.length, stale };
  const fresh = stale.map(([key, position, name, ...sealed]) => ({
    subscription_key: key,
    position,
    ...Object.fromEntries(
      fields.map(([field, column], i) => {
        const text = sealed[i] ?? null;
        return [column, text === null ? null : rotate(text, secretOwner(name, field), ring, random)];
      }),
    ),
  }));
  await sql(
    `update ${table} p set ${fields.map(([, column]) => `${column} = x.${column}`).join(', ')}
    from json_to_recordset($1::json) as x (subscription_key bigint, position smallint, ${fields.map(([, column]) => `${column} text`).join(', ')})
    where p.subscription_key = x.subscription_key and p.position = x.position`,
    [JSON.stringify(fresh)],
  );
  return { seenCount: rows.length, stale };
}

/** A new revision, so that no instance goes on with images sealed under a key that is going away. */
async function renew(sql: Sql, keys: readonly number[]): Promise<void> {
  await sql(
    "update ims_subscription set revision = nextval('revision_sequence') where subscription_key = any ($1::bigint[])",
    [keys],
  );
  await sql(
    `update subscription_state r set version = r.version + 1, revision = s.revision from ims_subscription s
    where s.subscription_key = r.subscription_key and r.subscription_key = any ($1::bigint[])`,
    [keys],
  );
  await sql('select refresh_subscription_images($1::bigint[])', [keys]);
}
