/**
 * Settings from the environment. HSS__ and the path of a setting, its parts joined with two underscores and
 * its words with one: HSS__DIAMETER__ORIGIN_HOST, HSS__DIAMETER__LISTEN__0__PORT. Lists are written [a, b] or
 * a,b; sections as {name: value}. DATABASE_URL and HSS_SECRET_KEY are short for store.url and
 * store.secretKey. An empty variable counts as not set.
 */
import { nearestName } from '../shared/nearest-name';
import { parse } from 'yaml';
import type { ConfigFault } from './config-error';
import {
  environmentName,
  environmentPart,
  settingsTree,
  type SettingNode,
  type SettingPath,
} from './settings-tree';

const PREFIX = 'HSS__';
/** Longer variables than a kernel passes are not settings. */
const MAX_PATH_PARTS = 8;

/** Short names; a long name of the same setting wins. */
export const environmentAliases: Readonly<Record<string, SettingPath>> = {
  DATABASE_URL: ['store', 'url'],
  HSS_SECRET_KEY: ['store', 'secretKey'],
};

export interface EnvironmentOverride {
  readonly name: string;
  readonly path: SettingPath;
  readonly value: unknown;
}

export interface EnvironmentOverrides {
  readonly overrides: readonly EnvironmentOverride[];
  readonly faults: readonly ConfigFault[];
}

/** Every setting that the environment holds, in an order in which they can be applied one after another. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentOverrides {
  const overrides: EnvironmentOverride[] = [];
  const faults: ConfigFault[] = [];
  for (const [name, path] of Object.entries(environmentAliases)) {
    const value = env[name];
    if (value !== undefined && value !== '') overrides.push({ name, path, value });
  }
  // Shorter names first: HSS__PEERS before HSS__PEERS__0__PORT.
  const names = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX))
    .sort((a, b) => partsOf(a).length - partsOf(b).length || (a < b ? -1 : 1));
  for (const name of names) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const found = findSetting(name);
    if ('fault' in found) faults.push(found.fault);
    else overrides.push({ name, path: found.path, value: valueOf(text, found.node) });
  }
  return { overrides, faults };
}

function partsOf(name: string): string[] {
  return name.slice(PREFIX.length).split('__');
}

function findSetting(
  name: string,
): { readonly path: SettingPath; readonly node: SettingNode } | { readonly fault: ConfigFault } {
  const path: (string | number)[] = [];
  let node: SettingNode = settingsTree;
  for (const part of partsOf(name).slice(0, MAX_PATH_PARTS)) {
    const index = node.items !== undefined && /^\d{1,5}$/.test(part) ? Number(part) : undefined;
    const key = Object.keys(node.properties ?? {}).find((candidate) => environmentPart(candidate) === part);
    const step = index ?? key;
    const next = index === undefined ? node.properties?.[key ?? ''] : node.items;
    if (step === undefined || next === undefined) return { fault: unknownName(name, part, path, node) };
    path.push(step);
    node = next;
  }
  return { path, node };
}

function unknownName(name: string, part: string, path: SettingPath, node: SettingNode): ConfigFault {
  const candidates = Object.keys(node.properties ?? {});
  const meant = nearestName(part, candidates);
  const names = candidates.map((candidate) => environmentName([...path, candidate]));
  return {
    path: name,
    source: 'environment',
    found: `no setting of that name ("${part}")`,
    allowed:
      node.items === undefined
        ? `one of ${names.join(', ') || environmentName(path)}`
        : `${environmentName(path)}__ and the number of an entry, from 0`,
    ...(meant === undefined ? {} : { hint: `did you mean ${environmentName([...path, meant])}?` }),
  };
}

/**
 * The text as the type that the setting has; text that does not fit stays text, and the schema says what is
 * wrong.
 */
function valueOf(text: string, node: SettingNode): unknown {
  switch (node.type) {
    case 'integer':
      return /^[+-]?\d+$/.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'object':
      return flow(text);
    case 'array':
      return /^\s*[[{]/.test(text)
        ? flow(text)
        : text.split(',').map((entry) => entryOf(entry.trim(), node.items));
    // A name or a list of names.
    case undefined:
      return /^\s*\[/.test(text)
        ? flow(text)
        : text.includes(',')
          ? text.split(',').map((entry) => entry.trim())
          : text;
    default:
      return text;
  }
}

function entryOf(text: string, node: SettingNode | undefined): unknown {
  return node === undefined ? text : valueOf(text, node);
}

function flow(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    // Handed on as it is: the schema reports text where a list or a section belongs.
    return error instanceof Error ? text : undefined;
  }
}

/** Puts the overrides into a copy of the file's values. Faults name list entries that would leave a gap. */
export function applyOverrides(
  values: unknown,
  overrides: readonly EnvironmentOverride[],
): { readonly values: unknown; readonly faults: readonly ConfigFault[] } {
  const root: { value: unknown } = { value: structuredClone(values) };
  const faults: ConfigFault[] = [];
  for (const override of overrides) {
    if (!put(root, override.path, override.value)) {
      faults.push({
        path: override.name,
        source: 'environment',
        found: 'a list entry after a missing one',
        allowed: 'the number of an entry that is there, counted from 0, or the next one',
      });
    }
  }
  return { values: root.value, faults };
}

function put(root: { value: unknown }, path: SettingPath, value: unknown): boolean {
  const [first, ...rest] = path;
  if (first === undefined) {
    root.value = value;
    return true;
  }
  if (typeof first === 'number') {
    const list: unknown[] = Array.isArray(root.value) ? root.value : [];
    if (first > list.length) return false;
    const child = { value: list[first] };
    if (!put(child, rest, value)) return false;
    list[first] = child.value;
    root.value = list;
    return true;
  }
  const section: Record<string, unknown> = isSection(root.value) ? root.value : {};
  const child = { value: section[first] };
  if (!put(child, rest, value)) return false;
  section[first] = child.value;
  root.value = section;
  return true;
}

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
