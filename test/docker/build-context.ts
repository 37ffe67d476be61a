/**
 * The build context: which files of the checkout reach a build, by .dockerignore as the engine reads it
 * (patterns from the root, the last one that matches a path or a folder above it decides, "!" takes back).
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';

interface Rule {
  readonly expression: RegExp;
  readonly included: boolean;
}

export function readIgnoreRules(source: string): (file: string) => boolean {
  const rules = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(ruleOf);
  return (file) => {
    const parts = file.split('/');
    const levels = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return !(rules.findLast((rule) => levels.some((level) => rule.expression.test(level)))?.included ?? true);
  };
}

function ruleOf(line: string): Rule {
  const included = line.startsWith('!');
  const pattern = path.posix.normalize(line.slice(included ? 1 : 0).trim()).replace(/^\/|\/$/g, '');
  const expression = pattern.replace(
    /\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g,
    (token) =>
      (({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }) as Record<string, string>)[token] ??
      `\\${token}`,
  );
  return { expression: new RegExp(`^${expression}$`), included };
}

/** Folders that are large and can be told from their name to hold nothing that a build may have. */
const NEVER_ENTERED = new Set(['.git', 'node_modules']);

/** Paths of the files that reach the build, from the root of the checkout. */
export async function contextFiles(
  root: string,
  isIgnored: (file: string) => boolean,
  below = '',
): Promise<string[]> {
  const entries = await fs.readdir(path.join(root, below), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const file = path.posix.join(below, entry.name);
      if (entry.isDirectory())
        return NEVER_ENTERED.has(entry.name) && isIgnored(file) ? [] : contextFiles(root, isIgnored, file);
      return isIgnored(file) ? [] : [file];
    }),
  );
  return nested.flat();
}

/** Copies the context as a checkout under umask 077 has it: readable by its owner only. */
export async function copyContext(root: string, files: readonly string[], target: string): Promise<void> {
  for (const file of files) {
    const copy = path.join(target, file);
    await fs.mkdir(path.dirname(copy), { recursive: true, mode: 0o700 });
    await fs.copyFile(path.join(root, file), copy);
    const { mode } = await fs.stat(copy);
    await fs.chmod(copy, mode & 0o700);
  }
}
