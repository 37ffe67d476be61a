/**
 * The keys that seal K, OPc and HA1: from the configuration (HSS_SECRET_KEY), else from the key file, which a
 * first start on the embedded database makes. An outside database is shared, so its key is never made up
 * here; nor is one for a database that has secrets.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createKey,
  createKeyRing,
  fingerprintKeyId,
  formatKeyRing,
  KeyMaterialError,
  parseKeyRing,
  type KeyRing,
} from '../authentication/key-ring';
import { SealedSecretError, unseal, type UnsealFailure } from '../authentication/sealed-secret';
import { replaceSecretFile } from '../shared/secret-file';
import { ConfigError } from '../config/config-error';
import type { HssConfig } from '../config/schema';
import { systemRandom } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { sealedSamples, type SealedSample } from '../store/sealed-sample';

export interface KeySource {
  readonly ring: KeyRing;
  /** Null where the key came from the configuration or the environment. */
  readonly file: string | null;
}

/** Anybody else than the owner and the group of a key file. */
const OTHERS = 0o007;

/**
 * The keys as the configuration says; null where the embedded database's file is not there (yet). @throws
 * ConfigError where the key is missing or malformed.
 */
export function readKeys(
  store: HssConfig['store'],
  configFile: string | null,
  logger: Logger,
): KeySource | null {
  if (store.secretKey !== undefined)
    return { ring: parsed(store.secretKey, 'store.secretKey', configFile), file: null };
  const file = store.secretKeyFile ?? '';
  const found = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined) {
    const ring = parsed(readFileSync(file, 'utf8'), 'store.secretKeyFile', configFile);
    if ((found.mode & OTHERS) !== 0)
      logger.warn({ file }, 'other accounts may read or change the key file: chmod o= takes that away');
    return { ring, file };
  }
  if (store.url === undefined) return null;
  throw fault(
    'store.secretKeyFile',
    `${file}, which does not exist`,
    'a file with the key of this database, or HSS_SECRET_KEY; make one with: openssl rand -hex 32',
    configFile,
  );
}

/**
 * The keys that open what is in the database; of an embedded database without any secret a new one, if there
 * is none yet. @throws ConfigError where they do not fit, or the file is gone; Error where the database
 * cannot be reached
 */
export async function fittingKeys(
  store: HssConfig['store'],
  databaseUrl: string,
  configFile: string | null,
  logger: Logger,
): Promise<KeySource> {
  const found = readKeys(store, configFile, logger);
  const samples = await sealedSamples(databaseUrl);
  if (found !== null) {
    checkKeys(found, samples, configFile);
    return found;
  }
  const file = store.secretKeyFile ?? '';
  if (samples.length > 0)
    throw fault(
      'store.secretKeyFile',
      `${file}, which does not exist, beside a database whose secrets are sealed`,
      'the key of this database, from its backup: a new one would open none of its secrets',
      configFile,
    );
  return makeKey(file, logger);
}

function makeKey(file: string, logger: Logger): KeySource {
  const key = createKey(systemRandom);
  const ring = createKeyRing([{ id: fingerprintKeyId(key), key }]);
  mkdirSync(dirname(file), { recursive: true });
  replaceSecretFile(file, formatKeyRing(ring));
  logger.info(
    { file },
    'made the key that seals K, OPc and HA1 at rest: keep it with the backups of the data folder',
  );
  return { ring, file };
}

/** @throws ConfigError where the ring lacks a key of the samples, or has another one under its id. */
function checkKeys(
  { ring, file }: KeySource,
  samples: readonly SealedSample[],
  configFile: string | null,
): void {
  const fitting = new Set<string>();
  const failing = new Map<string, UnsealFailure>();
  for (const { sealed, owner } of samples) {
    const id = sealed.split('.')[1] ?? '';
    try {
      unseal(sealed, owner, ring).fill(0);
      fitting.add(id);
    } catch (error) {
      if (!(error instanceof SealedSecretError)) throw error;
      failing.set(id, error.reason);
    }
  }
  // One secret that does not open, of several under a key, is damaged; its key is not another one.
  const ids = (...reasons: UnsealFailure[]): string[] =>
    [...failing].flatMap(([id, reason]) => (reasons.includes(reason) && !fitting.has(id) ? [id] : []));
  const path = file === null ? 'store.secretKey' : 'store.secretKeyFile';
  const allowed = 'the key of this database, from its backup; without it K, OPc and HA1 cannot be read';
  const missing = ids('unknownKey');
  if (missing.length > 0)
    throw fault(
      path,
      `${file ?? 'a key'} without the key ${missing.join(', ')}, which the stored secrets are sealed with`,
      allowed,
      configFile,
    );
  const others = ids('notAuthentic', 'malformed');
  if (others.length > 0)
    throw fault(
      path,
      `${file ?? 'a key'} with another key ${others.join(', ')} than the one that the stored secrets are sealed with`,
      allowed,
      configFile,
    );
}

function parsed(text: string, path: string, configFile: string | null): KeyRing {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (!(error instanceof KeyMaterialError)) throw error;
    throw fault(
      path,
      error.message,
      '64 hexadecimal digits or base64 of 32 octets, one key to a line, the current one first',
      configFile,
    );
  }
}

function fault(path: string, found: string, allowed: string, configFile: string | null): ConfigError {
  return new ConfigError([{ path, found, allowed, source: configFile ?? 'default' }], configFile);
}
