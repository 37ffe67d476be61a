/**
 * Replaces a file that holds secrets: whole or not at all, whatever dies in between, and readable by its
 * owner only.
 */
import { chownSync, closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/** @throws Error of the file system; the old content is still there then. */
export function replaceSecretFile(file: string, content: string): void {
  const owner = statSync(file, { throwIfNoEntry: false });
  const temporary = `${file}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'wx', OWNER_ONLY);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (owner !== undefined && process.getuid?.() === 0) chownSync(temporary, owner.uid, owner.gid);
  renameSync(temporary, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
