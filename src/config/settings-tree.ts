/**
 * The configuration schema as a tree that can be walked: what is allowed where, for messages, overrides and
 * documentation.
 */
import { z } from 'zod';
import { configSchema } from './schema';

/** A node of the JSON Schema that zod makes of the configuration, with the metadata of fields.ts. */
export interface SettingNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly allowed?: string;
  readonly secret?: 'value' | 'url';
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, SettingNode>>;
  readonly items?: SettingNode;
  readonly required?: readonly string[];
}

export type SettingPath = readonly (string | number)[];

/** The tree of every setting. */
export const settingsTree = z.toJSONSchema(configSchema, { io: 'input' }) as SettingNode;

/** The node that a path leads to; undefined where there is no such setting. */
export function settingAt(path: SettingPath): SettingNode | undefined {
  let node: SettingNode | undefined = settingsTree;
  for (const step of path) node = typeof step === 'number' ? node?.items : node?.properties?.[step];
  return node;
}

/** `peers[0].identity`; the root is called "the configuration". */
export function pathText(path: SettingPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the configuration' : text.replace(/^\./, '');
}

/** What may stand at a node, in words. */
export function allowedText(node: SettingNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'integer':
      return `a whole number from ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `a text of ${node.minLength ?? 0} to ${node.maxLength ?? 'any number of'} characters`;
    case 'array':
      return `a list of ${node.minItems ?? 0} to ${node.maxItems ?? 'any number of'} entries, each ${allowedText(node.items)}`;
    case 'object':
      return `a section with the settings ${Object.keys(node.properties ?? {}).join(', ')}`;
    case undefined:
      return 'any value';
  }
}

/** HSS__DIAMETER__ORIGIN_HOST for diameter.originHost; list entries by their number. */
export function environmentName(path: SettingPath): string {
  return ['HSS', ...path.map((step) => environmentPart(String(step)))].join('__');
}

export function environmentPart(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** The nearest of `candidates`, if near enough to be meant: at most a third of its letters differ. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Single letters added, left out, exchanged or swapped with the next one, over at most 64 characters. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64);
  const b = right.slice(0, 64);
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (beforePrevious[j - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(substitution, swap, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** Paths of all settings called `key`, list entries written `[]`. */
export function pathsOfKey(key: string, node: SettingNode = settingsTree, prefix = ''): string[] {
  const found: string[] = [];
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (name.toLowerCase() === key.toLowerCase()) found.push(path);
    found.push(...pathsOfKey(key, child, path));
    if (child.items !== undefined) found.push(...pathsOfKey(key, child.items, `${path}[]`));
  }
  return found;
}
