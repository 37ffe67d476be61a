/** Token, loopback and DNS rebinding rules. */
import { accessControl, assertMayListen } from '../../src/admin/access-control';
import { isLoopbackName } from '../../src/shared/loopback';
import { ProblemError } from '../../src/admin/problem';

function statusOf(run: () => void): number {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.status;
    throw error;
  }
  return 200;
}

describe('access control', () => {
  test.each<[string, boolean]>([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopbackName(host)).toBe(expected);
  });

  test('listening beyond the loopback needs a token', () => {
    expect(() => {
      assertMayListen('0.0.0.0', undefined);
    }).toThrow(/token/);
    expect(() => {
      assertMayListen('0.0.0.0', 'secret-token-1234');
    }).not.toThrow();
    expect(() => {
      assertMayListen('::1', undefined);
    }).not.toThrow();
  });

  test.each<[string | undefined, number]>([
    ['Bearer right-token-1234', 200],
    ['bearer right-token-1234', 200],
    ['Bearer wrong-token-1234', 401],
    ['Bearer right-token-12345', 401],
    ['Basic right-token-1234', 401],
    ['Bearer', 401],
    ['', 401],
    [undefined, 401],
  ])('with a token, Authorization %j gives %i', (authorization, status) => {
    const check = accessControl('right-token-1234');
    expect(
      statusOf(() => {
        check({ authorization, host: 'hss.example:8080' }, false);
      }),
    ).toBe(status);
    expect(
      statusOf(() => {
        check({ authorization, host: 'hss.example:8080' }, true);
      }),
    ).toBe(200);
  });

  test.each<[string | undefined, string | undefined, number]>([
    ['127.0.0.1:8080', undefined, 200],
    ['localhost', undefined, 200],
    ['[::1]:8080', undefined, 200],
    ['localhost:8080', 'http://localhost:8080', 200],
    ['localhost:8080', 'http://localhost:9999', 403],
    ['localhost:8080', 'null', 403],
    ['localhost:8080', 'https://evil.example', 403],
    ['evil.example:8080', undefined, 403],
    [undefined, undefined, 403],
  ])('without a token, Host %j and Origin %j give %i', (host, origin, status) => {
    expect(
      statusOf(() => {
        accessControl(undefined)({ host, origin }, true);
      }),
    ).toBe(status);
  });
});
