/** What went wrong, in one line for people: of whatever was thrown. */

/**
 * The message; of an AggregateError (a refused connection to several addresses), whose own is empty, those it
 * holds.
 */
export function errorText(error: unknown): string {
  const errors = property(error, 'errors');
  if (Array.isArray(errors) && errors.length > 0) return errors.map(errorText).join('; ');
  const message = property(error, 'message');
  return typeof message === 'string' && message !== '' ? message : String(error);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
