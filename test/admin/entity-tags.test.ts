/** RFC 9110 clauses 8.8.3 and 13.1. */
import { changePrecondition, notModified } from '../../src/admin/entity-tags';

const current = (etag: string | null) => () => Promise.resolve(etag);

describe('entity tags', () => {
  test.each([
    [{}, {}],
    [{ 'if-match': '*' }, { ifMatch: '*' }],
    [{ 'if-match': '"7"' }, { ifMatch: '"7"' }],
    [{ 'if-none-match': '*' }, { ifNoneMatch: '*' }],
    [{ 'if-match': '"1", "7"' }, { ifMatch: '"7"' }],
  ])('%j is the precondition %j', async (headers, expected) => {
    expect(await changePrecondition(headers, current('"7"'))).toEqual(expected);
  });

  test.each([
    [{ 'if-match': '7' }, 400],
    [{ 'if-none-match': '"7"' }, 400],
    [{ 'if-match': '*', 'if-none-match': '*' }, 400],
    [{ 'if-match': 'W/"7"' }, 412],
    [{ 'if-match': '"1", "2"' }, 412],
  ])('%j is refused with %i', async (headers, status) => {
    await expect(changePrecondition(headers, current('"7"'))).rejects.toMatchObject({ status });
  });

  test.each([
    ['"7"', true],
    ['W/"7"', true],
    ['"6", "7"', true],
    ['*', true],
    ['"8"', false],
  ])('If-None-Match %s of a read: %s', (value, expected) => {
    expect(notModified({ 'if-none-match': value }, '"7"')).toBe(expected);
  });
});
