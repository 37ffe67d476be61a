/** Cursors of lists: the last key of a page, as text that means nothing to clients. */

export const cursorOf = (key: string): string => Buffer.from(key, 'utf8').toString('base64url');

/** The key in a cursor; '' for the beginning. */
export const textIn = (cursor: string | null): string =>
  cursor === null ? '' : Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');

/** Whether a page of uses can have given it: time, IMSI, IMEI and software version. */
export const isUseCursor = (cursor: string): boolean =>
  /^[0-9]{1,16} [0-9]{6,15} [0-9]{14} ([0-9]{2})?$/.test(textIn(cursor));
