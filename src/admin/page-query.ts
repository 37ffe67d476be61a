/** The query of every list. A cursor is opaque to clients; one that no page can have given is a fault. */
import { z } from 'zod';
import { limits } from '../shared/limits';

/** What a cursor holds, or null where it is none: base64url without padding, of UTF-8. */
function decoded(cursor: string): string | null {
  const octets = Buffer.from(cursor, 'base64url');
  const text = octets.toString('utf8');
  const isOurs = octets.toString('base64url') === cursor && Buffer.from(text, 'utf8').equals(octets);
  return isOurs && text !== '' && !text.includes('\0') ? text : null;
}

const isKey = (text: string): boolean => /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text));

const cursorWhere = (isPossible: (text: string) => boolean) =>
  z
    .string()
    .min(1)
    .max(limits.textCharacters)
    .refine((cursor) => {
      const text = decoded(cursor);
      return text !== null && isPossible(text);
    }, 'is none that a page of this list gave as nextCursor')
    .optional()
    .describe('nextCursor of the page before');

const limit = z.coerce.number().int().min(1).max(1_000).default(100).describe('Most entries on the page');

/** Of lists in the order of names. */
export const pageQuery = z.strictObject({ cursor: cursorWhere(() => true), limit });
/** Of lists in the order of the database's own keys. */
export const keyPageQuery = z.strictObject({ cursor: cursorWhere(isKey), limit });
