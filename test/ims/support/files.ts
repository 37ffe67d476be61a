/** Small helpers around the file system. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether `<root>/<file>` or `<root>/<any folder>/<file>` exists (Debian's multiarch folders). */
export function inLibraryFolder(root: string, file: string): boolean {
  const candidates = [
    root,
    ...readdirSync(root, { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => join(root, e.name)),
  ];
  return candidates.some((folder) => existsSync(join(folder, file)));
}

/** The last lines of a file, or a note that there is none. */
export function tail(path: string, lineCount: number): string {
  if (!existsSync(path)) return '(no such file)';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lineCount).join('\n');
}
