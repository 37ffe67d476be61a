/** What an import reads of a record before anything is checked. */
import { limits } from '../shared/limits';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only white space: most records are told by their first octet. */
export function isBlank(octets: Buffer): boolean {
  return octets.every((octet) => octet === 0x20 || (octet >= 0x09 && octet <= 0x0d));
}

export function nameOf(value: unknown): string | null {
  const name = isObject(value) ? (value['id'] ?? value['name']) : undefined;
  return typeof name === 'string' ? name.slice(0, limits.nameCharacters) : null;
}

/** The id of a subscriber line is the IMSI where it says none. */
export function lineNameOf(value: unknown): string | null {
  const imsi = isObject(value) ? value['imsi'] : undefined;
  return nameOf(value) ?? (typeof imsi === 'string' ? imsi.slice(0, limits.nameCharacters) : null);
}
