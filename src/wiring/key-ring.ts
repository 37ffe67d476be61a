/**
 * The keys that seal K, OPc and HA1: from the configuration (HSS_SECRET_KEY), else from the key file, which a
 * first start on the embedded database makes. An outside database is shared, so its key is never made up
 * here.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createKey,
  createKeyRing,
  fingerprintKeyId,
  formatKeyRing,
  KeyMaterialError,
  parseKeyRing,
  type KeyRing,
} from '../auth/key-ring';
import { replaceSecretFile } from '../shared/secret-file';
import { ConfigError } from '../config/config-error';
import type { HssConfig } from '../config/schema';
import { systemRandom } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { sampleKeyIds } from '../store/sealed-sample';

export interface KeySource {
  readonly ring: KeyRing;
  /** Null where the key came from the configuration or the environment. */
  readonly file: string | null;
}

/** @throws ConfigError where the key is missing or malformed. */
export function loadKeyRing(store: HssConfig['store'], configFile: string | null, logger: Logger): KeySource {
  if (store.secretKey !== undefined)
    return { ring: parsed(store.secretKey, 'store.secretKey', configFile), file: null };
  const file = store.secretKeyFile ?? '';
  if (existsSync(file))
    return { ring: parsed(readFileSync(file, 'utf8'), 'store.secretKeyFile', configFile), file };
  if (store.url !== undefined) {
    throw fault(
      'store.secretKeyFile',
      `${file}, which does not exist`,
      'a file with the key of this database, or HSS_SECRET_KEY; make one with: openssl rand -hex 32',
      configFile,
    );
  }
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

/** @throws ConfigError where the ring lacks a key that secrets in the database are sealed with. */
export async function checkKeyRing(
  { ring, file }: KeySource,
  databaseUrl: string,
  configFile: string | null,
): Promise<void> {
  const missing = (await sampleKeyIds(databaseUrl)).filter((id) => !ring.keys.has(id));
  if (missing.length === 0) return;
  throw fault(
    file === null ? 'store.secretKey' : 'store.secretKeyFile',
    `${file ?? 'a key'} without the key ${missing.join(', ')}, which the stored secrets are sealed with`,
    'the key of this database, from its backup; without it K, OPc and HA1 cannot be read',
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
