/**
 * Key rotation: every secret that is not sealed under the ring's current key is sealed anew, in bounded
 * transactions. It can be interrupted and run again: what is done is not done twice.
 */
import { needsRotation, rotate, secretOwner } from '../../authentication/sealed-secret';
import type { KeyRing } from '../../authentication/key-ring';
import type { RandomSource } from '../../shared/clock';
import { sharedSecretOwner } from './key-hashes';
import type { ProvisioningPool, Sql } from './pool';
import type { SecretField } from './secrets';

export interface RotationProgress {
  /** Private identities looked at and sealed anew so far. */
  readonly seenCount: number;
  readonly resealedCount: number;
  /** Estimate of all private identities. */
  readonly totalCount: number;
}

const batchCount = 200;
const columns: Readonly<Record<SecretField, string>> = {
  k: 'aka_k_sealed',
  opc: 'aka_opc_sealed',
  ha1: 'digest_ha1_sealed',
  ha1Sha256: 'digest_ha1_sha256_sealed',
};
const fields = Object.keys(columns) as SecretField[];
const list = fields.map((field) => columns[field]).join(', ');

type Row = [key: number, position: number, identity: string, ...sealed: (string | null)[]];

/** Re-seals. @throws StoreUnavailableError; SealedSecretError where a secret's key is not in the ring */
export async function rotateSecrets(
  pool: ProvisioningPool,
  ring: KeyRing,
  random: RandomSource,
  onProgress: (progress: RotationProgress) => void,
): Promise<RotationProgress> {
  const [estimate] = await pool.use((sql) => sql<[number]>('select count(*) from private_identity', []));
  let progress: RotationProgress = { seenCount: 0, resealedCount: 0, totalCount: estimate?.[0] ?? 0 };
  for (let after = 0; ;) {
    const step = await pool.transaction(async (sql) => {
      // The same locks in the same order as every other writer of profiles.
      const keys = await sql<[number]>(
        'select subscription_key from ims_subscription where subscription_key > $1 order by subscription_key limit $2 for update',
        [after, batchCount],
      );
      const locked = keys.map(([key]) => key);
      const rows = await sql<Row>(
        `select subscription_key, position, identity, ${list} from private_identity where subscription_key = any ($1::bigint[])`,
        [locked],
      );
      const stale = rows.filter(([, , , ...sealed]) =>
        sealed.some((text) => text !== null && needsRotation(text, ring)),
      );
      if (stale.length > 0) await reseal(sql, stale, ring, random);
      return { last: locked[locked.length - 1], seen: rows.length, resealed: stale.length };
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

async function reseal(sql: Sql, stale: readonly Row[], ring: KeyRing, random: RandomSource): Promise<void> {
  const fresh = stale.map(([key, position, identity, ...sealed]) => ({
    subscription_key: key,
    position,
    ...Object.fromEntries(
      fields.map((field, i) => {
        const text = sealed[i] ?? null;
        return [
          columns[field],
          text === null ? null : rotate(text, secretOwner(identity, field), ring, random),
        ];
      }),
    ),
  }));
  await sql(
    `update private_identity p set ${fields.map((field) => `${columns[field]} = x.${columns[field]}`).join(', ')}
    from json_to_recordset($1::json) as x (subscription_key bigint, position smallint, ${fields.map((field) => `${columns[field]} text`).join(', ')})
    where p.subscription_key = x.subscription_key and p.position = x.position`,
    [JSON.stringify(fresh)],
  );
  const keys = [...new Set(stale.map(([key]) => key))];
  // A new revision, so that no instance goes on with images sealed under a key that is going away.
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
