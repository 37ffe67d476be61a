/**
 * Loads the configuration: one YAML file (--config, else HSS_CONFIG, else ./hss.yaml where it exists, else
 * none), settings from the environment over it, defaults for the rest. Everything is checked at once; see
 * config-error.ts for what a mistake says.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError, type ConfigFault } from './config-error';
import { crossCheck, onlyLoopback, warningsOf } from './cross-checks';
import { applyOverrides, isSection, readEnvironment, type EnvironmentOverride } from './environment';
import { issueFaults, repaired } from './issue-faults';
import { applications, configSchema, type HssConfig, type ParsedConfig } from './schema';
import { pathText, type SettingPath } from './settings-tree';
import { noFile, readYamlFile, reason, type YamlFile } from './yaml-file';

export { ConfigError } from './config-error';

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** From `--config`. */
  readonly file?: string | undefined;
}

export interface LoadedConfig {
  readonly config: HssConfig;
  /** Absolute path of the file; null without one. */
  readonly file: string | null;
  /** Environment variables that set something. */
  readonly environment: readonly string[];
  /** What works but is worth a line in the log. */
  readonly warnings: readonly string[];
}

const DEFAULT_FILE = 'hss.yaml';
const DEFAULT_KEY_FILE = 'secret.key';
const TOKEN_PATTERN = /^[\x21-\x7e]{16,1024}$/;

/** @throws ConfigError with every mistake. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const file = chooseFile(options);
  const yaml = file === null ? noFile : readYamlFile(file);
  if (yaml.faults.length > 0) throw new ConfigError(yaml.faults, file);
  const environment = readEnvironment(options.env);
  const merged = applyOverrides(withoutNulls(yaml.values), environment.overrides);
  const values = merged.values ?? {};
  const source = (path: SettingPath) => sourceOf(path, yaml, file, environment.overrides);
  const faults: ConfigFault[] = [...environment.faults, ...merged.faults];

  const result = configSchema.safeParse(values);
  if (!result.success) faults.push(...issueFaults(result.error.issues, values, source));
  // What can be read is checked in combination as well, so that all mistakes come at once.
  const readable = result.success ? result.data : repaired(values, result.error.issues);
  if (readable !== undefined) {
    const known = new Set(faults.map((fault) => fault.path));
    for (const { at, ...fault } of crossCheck(readable))
      if (!known.has(fault.path)) faults.push({ ...fault, source: source(at) });
  }
  const folder = file === null ? options.cwd : dirname(file);
  const token = readable === undefined ? undefined : readToken(readable, folder, source, faults);
  if (!result.success || faults.length > 0) throw new ConfigError(faults, file);
  return {
    config: inForce(result.data, folder, token),
    file,
    environment: environment.overrides.map((override) => override.name),
    warnings: warningsOf(result.data),
  };
}

function chooseFile({ file, env, cwd }: LoadOptions): string | null {
  const named = file ?? env['HSS_CONFIG'];
  if (named !== undefined && named !== '') return resolve(cwd, named);
  const usual = resolve(cwd, DEFAULT_FILE);
  return existsSync(usual) ? usual : null;
}

function sourceOf(
  path: SettingPath,
  yaml: YamlFile,
  file: string | null,
  overrides: readonly EnvironmentOverride[],
): string {
  const text = pathText(path);
  const override = overrides.findLast((entry) => {
    const overridden = pathText(entry.path);
    return text === overridden || text.startsWith(`${overridden}.`) || text.startsWith(`${overridden}[`);
  });
  if (override !== undefined) return `environment variable ${override.name}`;
  return file === null ? 'default' : yaml.sourceOf(path).replace(file, basename(file));
}

/** A setting or section with nothing behind its colon counts as left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isSection(value)) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  );
}

function readToken(
  config: ParsedConfig,
  folder: string,
  source: (path: SettingPath) => string,
  faults: ConfigFault[],
): string | undefined {
  const { token, tokenFile } = config.http;
  if (tokenFile === undefined || token !== undefined) return token;
  const fault = (found: string) =>
    faults.push({
      path: 'http.tokenFile',
      found,
      allowed: 'a readable file that holds one token of at least 16 visible characters',
      source: source(['http', 'tokenFile']),
    });
  try {
    const text = readFileSync(resolve(folder, tokenFile), 'utf8').trim();
    if (TOKEN_PATTERN.test(text)) return text;
    fault(`${tokenFile}: no such token in it`);
  } catch (error) {
    fault(`${tokenFile}: ${reason(error)}`);
  }
  return undefined;
}

function withPaths(tls: ParsedConfig['diameter']['tls'], folder: string): ParsedConfig['diameter']['tls'] {
  const { certificateFile, keyFile, authoritiesFile, ...rest } = tls;
  const files = Object.entries({ certificateFile, keyFile, authoritiesFile }).filter(
    ([, file]) => file !== undefined,
  );
  return { ...rest, ...Object.fromEntries(files.map(([name, file]) => [name, resolve(folder, file ?? '')])) };
}

function inForce(parsed: ParsedConfig, folder: string, token: string | undefined): HssConfig {
  const settled = applications.reduce((config, { settled: settle }) => settle?.(config) ?? config, parsed);
  const { diameter, overload, peers, store, http } = settled;
  const local = onlyLoopback(diameter.listen.flatMap((entry) => entry.addresses));
  const dataFolder = resolve(folder, store.dataFolder);
  return {
    ...settled,
    diameter: {
      ...diameter,
      tls: withPaths(diameter.tls, folder),
      unknownPeers: diameter.unknownPeers === 'auto' ? (local ? 'accept' : 'refuse') : diameter.unknownPeers,
    },
    overload: {
      ...overload,
      trustUnknownPeers: overload.trustUnknownPeers === 'auto' ? local : overload.trustUnknownPeers,
    },
    peers: peers.map((peer) => ({ ...peer, realm: peer.realm ?? diameter.originRealm })),
    store: {
      ...store,
      dataFolder,
      ...(store.secretKey === undefined
        ? { secretKeyFile: resolve(folder, store.secretKeyFile ?? resolve(dataFolder, DEFAULT_KEY_FILE)) }
        : {}),
    },
    http: {
      ...http,
      ...(token === undefined ? {} : { token }),
      ...(http.tokenFile === undefined ? {} : { tokenFile: resolve(folder, http.tokenFile) }),
    },
  };
}
