/** The version in package.json, two folders above both src/shared and dist/shared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}

export const productVersion = readVersion();
