/**
 * A look at secrets of the database, so that a start (or a reload) with another key says so instead of
 * failing each MAR: the database's own, and of subscriptions the oldest, the newest and some between them.
 */
import { secretOwner } from '../authentication/sealed-secret';
import { sharedSecretOwner } from './provisioning/key-hashes';
import { connectToPrimary } from './servers';

const connectTimeoutMs = 5_000;
/** Rotation goes in the order of the keys, so an interrupted one leaves its parts one after the other. */
const placesCount = 32;
/** Subscriptions without a secret that are passed over at each place. */
const passedOverCount = 500;

/** The oldest, the newest and some between them, of rows of `from` that have a secret. */
const sampleOf = (from: string, columns: string, hasSecret: string): string => `
  (select ${columns} from ${from} where ${hasSecret} order by subscription_key limit 1)
  union
  (select ${columns} from ${from} where ${hasSecret} order by subscription_key desc limit 1)
  union
  select p.* from (select min(subscription_key) as first, max(subscription_key) as last from ${from}) ends
  cross join generate_series(1, ${placesCount}) as n cross join lateral (
    select ${columns} from (
      select * from ${from} where subscription_key >= first + (last - first) * n / ${placesCount + 1}
      order by subscription_key limit ${passedOverCount}) near
    where ${hasSecret} limit 1) p`;
const sample = `${sampleOf(
  'private_identity',
  'identity, aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed',
  'coalesce(aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed) is not null',
)}
  union ${sampleOf('usim', 'imsi, aka_k_sealed, null, null', 'true')}`;

/** A secret as it is stored, and whose it is. */
export interface SealedSample {
  readonly sealed: string;
  readonly owner: string;
}

type SampleRow = [holder: string, k: string | null, ha1: string | null, ha1Sha256: string | null];

/** Some of the sealed secrets, none in a database that has none. @throws Error where it cannot be reached */
export async function sealedSamples(databaseUrl: string): Promise<SealedSample[]> {
  const client = await connectToPrimary(databaseUrl, {
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'hss-keys',
  });
  try {
    const own = await client.query<{ name: string; sealed: string }>(
      'select name, sealed from shared_secret',
    );
    const { rows } = await client.query<SampleRow>({ text: sample, rowMode: 'array' });
    const subscribers = rows.flatMap(([holder, k, ha1, ha1Sha256]) =>
      (
        [
          ['k', k],
          ['ha1', ha1],
          ['ha1Sha256', ha1Sha256],
        ] as const
      ).flatMap(([field, sealed]) =>
        sealed === null ? [] : [{ sealed, owner: secretOwner(holder, field) }],
      ),
    );
    return [
      ...own.rows.map(({ name, sealed }) => ({ sealed, owner: sharedSecretOwner(name) })),
      ...subscribers,
    ];
  } finally {
    await client.end();
  }
}
