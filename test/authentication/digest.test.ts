import { createHash } from 'node:crypto';
import { InvalidHa1Error, computeHa1, ha1Equal, isHa1, normaliseHa1 } from '../../src/authentication/digest';

describe('H(A1)', () => {
  test('[7616-3.4.2] [29.229-6.3.41] MD5: RFC 2617 clause 3.5, Mufasa', () => {
    expect(computeHa1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life')).toBe(
      '939e7578ed9e3c518a452acee763bce9',
    );
  });

  test('[7616-3.9.1] the responses of RFC 7616, built on our HA1s', () => {
    const response = (algorithm: 'MD5' | 'SHA-256', hash: string): string => {
      const h = (text: string): string => createHash(hash).update(text).digest('hex');
      const ha1 = computeHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
      const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
      return h(
        `${ha1}:${nonce}:00000001:f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:${h('GET:/dir/index.html')}`,
      );
    };
    expect(response('MD5', 'md5')).toBe('8ca523f5e9506fed4657c9700eebdbec');
    expect(response('SHA-256', 'sha256')).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
  });

  test('[7616-4] texts beyond ASCII are hashed as UTF-8', () => {
    expect(computeHa1('MD5', 'Jäsøn', 'räum', 'пароль')).toBe(
      computeHa1('MD5', 'J\u00e4s\u00f8n', 'r\u00e4um', '\u043f\u0430\u0440\u043e\u043b\u044c'),
    );
    expect(computeHa1('SHA-256', 'é', 'é', 'é')).not.toBe(computeHa1('SHA-256', 'é', 'é', 'e'));
  });

  test('a password may be empty and have colons, user name and realm may not be ambiguous', () => {
    expect(isHa1('SHA-256', computeHa1('SHA-256', 'a@b', 'b', 'x:y"z'))).toBe(true);
    expect(isHa1('MD5', computeHa1('MD5', 'a@b', 'b', ''))).toBe(true);
    for (const bad of ['', 'a:b', 'a"b', 'a\nb', 'a\u007fb'])
      expect(() => computeHa1('MD5', bad, 'b', 'p')).toThrow(RangeError);
    for (const bad of ['', 'a"b', 'a\rb']) expect(() => computeHa1('MD5', 'a', bad, 'p')).toThrow(RangeError);
  });
});

describe('[29.229-6.3.73] ready-made HA1s', () => {
  const md5 = '939E7578ED9E3C518A452ACEE763BCE9';

  test('become lower case', () => {
    expect(normaliseHa1('MD5', md5)).toBe(md5.toLowerCase());
    expect(normaliseHa1('SHA-256', 'Ab'.repeat(32))).toBe('ab'.repeat(32));
  });

  test.each([
    ['MD5', ''],
    ['MD5', md5.slice(1)],
    ['MD5', `${md5}0`],
    ['MD5', md5.replace('9', 'g')],
    ['MD5', ` ${md5.slice(1)}`],
    ['MD5', `${md5.slice(1)}\n`],
    ['SHA-256', md5],
    ['MD5', md5 + md5],
  ] as const)('%s refuses %j, without repeating it', (algorithm, text) => {
    expect(isHa1(algorithm, text)).toBe(false);
    const attempt = (): string => normaliseHa1(algorithm, text);
    expect(attempt).toThrow(InvalidHa1Error);
    if (text !== '') expect(attempt).not.toThrow(text);
  });

  test('comparison without regard to case', () => {
    expect(ha1Equal(md5, md5.toLowerCase())).toBe(true);
    expect(ha1Equal(md5, `${md5.slice(0, 31)}8`)).toBe(false);
    expect(ha1Equal(md5, md5.slice(0, 31))).toBe(false);
  });
});
