/** Reads the configuration file and knows on which line each setting stands. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { errorText } from '../shared/error-text';
import type { ConfigFault } from './config-error';
import type { SettingPath } from './settings-tree';

const MAX_FILE_OCTETS = 4 * 1024 * 1024;
const MAX_ALIASES = 100;

export interface YamlFile {
  readonly values: unknown;
  readonly faults: readonly ConfigFault[];
  /** `hss.yaml, line 4, column 3` of the nearest thing that the file says about a path. */
  sourceOf(path: SettingPath): string;
}

/** An empty file, for where there is none. */
export const noFile: YamlFile = { values: {}, faults: [], sourceOf: () => 'default' };

/** Reads and parses; what is wrong with the YAML itself is in `faults`. */
export function readYamlFile(file: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return {
      ...noFile,
      faults: [
        { path: 'the configuration file', found: reason(error), allowed: `a readable YAML file at ${file}` },
      ],
    };
  }
  if (text.length > MAX_FILE_OCTETS) {
    return {
      ...noFile,
      faults: [
        {
          path: 'the configuration file',
          found: `${text.length} octets`,
          allowed: `at most ${MAX_FILE_OCTETS} octets`,
        },
      ],
    };
  }
  return parseYaml(text, file);
}

/** @param name what messages call the text. */
export function parseYaml(text: string, name: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}, line ${line}, column ${col}`;
  };
  const faults: ConfigFault[] = [...document.errors, ...document.warnings].map((error) => ({
    path: 'YAML syntax',
    found: error.message,
    allowed: 'YAML 1.2',
    source: at(error.pos[0]),
  }));
  let values: unknown = {};
  if (faults.length === 0) {
    try {
      values = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      faults.push({
        path: 'YAML syntax',
        found: reason(error),
        allowed: `at most ${MAX_ALIASES} aliases`,
        source: name,
      });
    }
  }
  return { values, faults, sourceOf: (path) => at(offsetOf(document, path)) };
}

/** Where a setting's name stands, or that of the nearest section around it. */
function offsetOf(document: Document, path: SettingPath): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step] as Node | undefined;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

/** An error of the file system in words. */
export function reason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'no permission to read it';
  if (code === 'EISDIR') return 'a folder';
  return errorText(error);
}
