/** Turns zod's issues into mistakes that say what was found and what is allowed. */
import { nearestName } from '../shared/nearest-name';
import type { z } from 'zod';
import type { ConfigFault } from './config-error';
import { isSection } from './environment';
import { configSchema, type ParsedConfig } from './schema';
import { allowedText, pathsOfKey, pathText, settingAt, type SettingPath } from './settings-tree';

const MAX_FOUND_CHARACTERS = 80;
const MAX_REPAIRS = 8;

type Issue = z.core.$ZodIssue;

/** One fault for each issue, and one for each unknown key. */
export function issueFaults(
  issues: readonly Issue[],
  values: unknown,
  source: (path: SettingPath) => string,
): ConfigFault[] {
  const faults = new Map<string, ConfigFault>();
  for (const issue of issues) {
    const path = pathOf(issue);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) faults.set(pathText([...path, key]), unknownKey(path, key, source));
    } else if (!faults.has(pathText(path))) {
      const node = settingAt(path);
      faults.set(pathText(path), {
        path: pathText(path),
        found: foundText(valueAt(values, path), node?.secret),
        allowed: allowedText(node),
        source: source(path),
      });
    }
  }
  return [...faults.values()];
}

function unknownKey(path: SettingPath, key: string, source: (path: SettingPath) => string): ConfigFault {
  const known = Object.keys(settingAt(path)?.properties ?? {});
  const meant = nearestName(key, known);
  const elsewhere = pathsOfKey(key);
  const hint =
    meant === undefined
      ? elsewhere.length === 0
        ? undefined
        : `did you mean ${elsewhere.join(' or ')}?`
      : `did you mean ${meant}?`;
  return {
    path: pathText([...path, key]),
    found: 'no setting of that name',
    allowed: `one of ${known.join(', ')}`,
    source: source([...path, key]),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The values with the faulty ones taken out, so that what depends on the others can still be checked. */
export function repaired(values: unknown, issues: readonly Issue[]): ParsedConfig | undefined {
  const copy: unknown = structuredClone(values);
  let left = issues;
  for (let round = 0; round < MAX_REPAIRS; round += 1) {
    for (const issue of left) {
      const path = pathOf(issue);
      for (const key of issue.code === 'unrecognized_keys' ? issue.keys : [undefined])
        remove(copy, key === undefined ? path : [...path, key]);
    }
    const result = configSchema.safeParse(copy);
    if (result.success) return result.data;
    left = result.error.issues;
  }
  return undefined;
}

/** Removes a setting; an entry of a list takes the whole list with it, so that numbers keep their meaning. */
function remove(root: unknown, path: SettingPath): void {
  const firstIndex = path.findIndex((step) => typeof step === 'number');
  const target = firstIndex < 0 ? path : path.slice(0, firstIndex);
  const key = target.at(-1);
  const parent = valueAt(root, target.slice(0, -1));
  if (isSection(parent) && typeof key === 'string') delete parent[key];
}

function pathOf(issue: Issue): SettingPath {
  return issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function valueAt(root: unknown, path: SettingPath): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isSection(value)) value = value[String(step)];
    else return undefined;
  }
  return value;
}

function foundText(value: unknown, secret: 'value' | 'url' | undefined): string {
  if (value === undefined) return 'nothing';
  if (secret !== undefined) return 'something else (not shown, it is secret)';
  const text = JSON.stringify(value);
  return text.length > MAX_FOUND_CHARACTERS ? `${text.slice(0, MAX_FOUND_CHARACTERS)}...` : text;
}
