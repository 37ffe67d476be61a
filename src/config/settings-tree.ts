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
