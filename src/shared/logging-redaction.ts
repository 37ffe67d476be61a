/**
 * Keeps secrets out of the log whatever a caller passes: fields with a secret-looking name are replaced at
 * any depth, octet strings are shown as their length, and passwords inside URLs are hidden. A last line of
 * defence; callers pass no secrets.
 */
import { isNativeError } from 'node:util/types';

const REPLACEMENT = '[hidden]';
const MAX_DEPTH = 6;
const MAX_ENTRIES = 256;

/**
 * Lower case without separators. K, OPc, OP and what is made of them (TS 33.102), digest secrets (RFC 7616),
 * tokens.
 */
const secretNames = new Set([
  'k',
  'ki',
  'op',
  'opc',
  'ck',
  'ik',
  'xres',
  'kasme',
  'rand',
  'autn',
  'auts',
  'ha1',
  'ha1sha256',
  'digestha1',
  'alternatedigestha1',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'secretkey',
  'sealedsecret',
  'token',
  'bearertoken',
  'apikey',
  'privatekey',
  'authorization',
  'cookie',
  'connectionstring',
  'databaseurl',
  'confidentialitykey',
  'integritykey',
  'sipauthenticate',
  'sipauthorization',
  'sipauthdataitem',
  'key',
]);

/** A copy of the fields without secrets; the fields themselves where nothing has to change. */
export function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return cleanObject(fields, 0);
}

function cleanObject(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name in value) {
    const before = value[name];
    const after = isSecretName(name) && mayBeSecret(before) ? REPLACEMENT : clean(before, depth + 1);
    if (after !== before) {
      copy ??= { ...value };
      copy[name] = after;
    }
  }
  return copy ?? value;
}

function isSecretName(name: string): boolean {
  return secretNames.has(name) || secretNames.has(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/** Keys and passwords are texts or octets; a row's key, a count or a flag may be called the same. */
function mayBeSecret(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.includes('://') ? withoutPasswords(value) : value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (isNativeError(value)) return errorFields(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} octets]`;
  if (value instanceof Date) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return cleanArray(value, depth);
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  return cleanObject(value as Record<string, unknown>, depth);
}

function cleanArray(value: readonly unknown[], depth: number): readonly unknown[] {
  const cleaned = value.slice(0, MAX_ENTRIES).map((entry) => clean(entry, depth + 1));
  return value.length > MAX_ENTRIES ? [...cleaned, `[${value.length - MAX_ENTRIES} more]`] : cleaned;
}

/**
 * Only the parts of an error that are known to be harmless: others (pg's, fetch's) carry what they were
 * called with.
 */
function errorFields(error: Error, depth: number): Record<string, unknown> {
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: withoutPasswords(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: withoutPasswords(error.stack) }),
    ...(error.cause === undefined || depth > MAX_DEPTH ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

/** A text whose URLs show no password. */
export function withoutPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*:)[^\s@]+@/gi, `$1${REPLACEMENT}@`);
}
