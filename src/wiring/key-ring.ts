/**
 * The keys that seal K, OPc and HA1: from the configuration (HSS_SECRET_KEY), else from the key file, which a first start on the
 * embedded database makes. An outside database is shared, so its key is never made up here.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createKey, createKeyRing, fingerprintKeyId, formatKeyRing, KeyMaterialError, parseKeyRing, type KeyRing } from '../auth/key-ring';
import { ConfigError } from '../config/config-error';
import type { HssConfig } from '../config/schema';
import { systemRandom } from '../shared/clock';
import type { Logger } from '../shared/logger';

export interface KeySource {
  readonly ring: KeyRing;
  /** Null where the key came from the configuration or the environment. */
  readonly file: string | null;
}

/** @throws ConfigError where the key is missing or malformed. */
export function loadKeyRing(store: HssConfig['store'], configFile: string | null, logger: Logger): KeySource {
  if (store.secretKey !== undefined) return { ring: parsed(store.secretKey, 'store.secretKey', configFile), file: null };
  const file = store.secretKeyFile ?? '';
  if (existsSync(file)) return { ring: parsed(readFileSync(file, 'utf8'), 'store.secretKeyFile', configFile), file };
  if (store.url !== undefined) {
    throw fault('store.secretKeyFile', `${file}, which does not exist`, 'a file with the key of this database, or HSS_SECRET_KEY; make one with: openssl rand -hex 32', configFile);
  }
  const key = createKey(systemRandom);
  const ring = createKeyRing([{ id: fingerprintKeyId(key), key }]);
  writeKeyFile(file, ring);
  logger.info({ file }, 'made the key that seals K, OPc and HA1 at rest: keep it with the backups of the data folder');
  return { ring, file };
}

/** Readable by the owner only. */
export function writeKeyFile(file: string, ring: KeyRing): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatKeyRing(ring), { mode: 0o600 });
  chmodSync(file, 0o600);
}

function parsed(text: string, path: string, configFile: string | null): KeyRing {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (!(error instanceof KeyMaterialError)) throw error;
    throw fault(path, error.message, '64 hexadecimal digits or base64 of 32 octets, one key to a line, the current one first', configFile);
  }
}

function fault(path: string, found: string, allowed: string, configFile: string | null): ConfigError {
  return new ConfigError([{ path, found, allowed, source: configFile ?? 'default' }], configFile);
}
