/**
 * A look at what the database's secrets are sealed with, so that a start without their key says so instead of
 * failing each MAR.
 */
import { connectToPrimary } from './servers';

const connectTimeoutMs = 5_000;

/**
 * The oldest and the newest subscription that has a secret: rotation goes in this order, so they differ in
 * the middle of one.
 */
const sample = `
  select sealed from (
    (select coalesce(aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed) as sealed from private_identity
      where coalesce(aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed) is not null order by subscription_key limit 1)
    union
    (select coalesce(aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed) from private_identity
      where coalesce(aka_k_sealed, digest_ha1_sealed, digest_ha1_sha256_sealed) is not null order by subscription_key desc limit 1)
  ) s`;

/**
 * Ids of the keys that the sampled secrets need; none in a database without secrets. @throws Error where it
 * cannot be reached
 */
export async function sampleKeyIds(databaseUrl: string): Promise<string[]> {
  const client = await connectToPrimary(databaseUrl, {
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'hss-start',
  });
  try {
    const { rows } = await client.query<{ sealed: string }>(sample);
    return [...new Set(rows.map(({ sealed }) => sealed.split('.')[1] ?? ''))];
  } finally {
    await client.end();
  }
}
