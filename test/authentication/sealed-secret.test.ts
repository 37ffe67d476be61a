import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import {
  KeyMaterialError,
  createKey,
  createKeyRing,
  fingerprintKeyId,
  formatKeyRing,
  parseKey,
  parseKeyRing,
  type KeyRing,
} from '../../src/authentication/key-ring';
import {
  SealedSecretError,
  needsRotation,
  rotate,
  seal,
  secretOwner,
  unseal,
} from '../../src/authentication/sealed-secret';
import { systemRandom, type RandomSource } from '../../src/shared/clock';

const key = (fill: number): Buffer => Buffer.alloc(32, fill);
const ring = createKeyRing([
  { id: 'new', key: key(2) },
  { id: 'old', key: key(1) },
]);
const oldRing = createKeyRing([{ id: 'old', key: key(1) }]);
const owner = secretOwner('alice@ims.example', 'k');
const secret = Buffer.from('465b5ce8b199b49faa5f0a2ee238a6bc', 'hex');

function failure(attempt: () => unknown): SealedSecretError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SealedSecretError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('sealing', () => {
  test.each([0, 1, 16, 32, 64, 1000])('%d octets come back', (size) => {
    const plain = createHash('shake256', { outputLength: Math.max(1, size) })
      .update('x')
      .digest()
      .subarray(0, size);
    const sealed = seal(plain, owner, ring, systemRandom);
    expect(sealed).toMatch(/^v1\.new\.[A-Za-z0-9_-]+$/);
    expect(unseal(sealed, owner, ring).equals(plain)).toBe(true);
  });

  test('the form is IV, ciphertext, tag: AES-256-GCM test case 14 of the GCM specification', () => {
    const zeroRing = createKeyRing([{ id: 'z', key: key(0) }]);
    const zeroRandom: RandomSource = { bytes: (size) => Buffer.alloc(size) };
    const body = Buffer.from(
      seal(Buffer.alloc(16), owner, zeroRing, zeroRandom).split('.')[2] ?? '',
      'base64url',
    );
    expect(body.subarray(0, 12).equals(Buffer.alloc(12))).toBe(true);
    // The tag differs from the published one, since ours authenticates the owner too.
    expect(body.subarray(12, 28).toString('hex')).toBe('cea7403d4d606b6e074ec5d3baf39d18');
    expect(body).toHaveLength(12 + 16 + 16);
  });

  test('two seals of one secret differ, and neither shows it', () => {
    const sealed = [seal(secret, owner, ring, systemRandom), seal(secret, owner, ring, systemRandom)];
    expect(sealed[0]).not.toBe(sealed[1]);
    for (const text of sealed)
      expect(Buffer.from(text.split('.')[2] ?? '', 'base64url').includes(secret)).toBe(false);
  });
});

describe('tampering', () => {
  const sealed = seal(secret, owner, ring, systemRandom);
  const body = Buffer.from(sealed.split('.')[2] ?? '', 'base64url');

  test('no changed bit of IV, ciphertext or tag opens', () => {
    for (let bit = 0; bit < body.length * 8; bit++) {
      const altered = Buffer.from(body);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(failure(() => unseal(`v1.new.${altered.toString('base64url')}`, owner, ring)).reason).toBe(
        'notAuthentic',
      );
    }
  });

  test('no shortened one opens', () => {
    for (let length = 0; length < body.length; length++) {
      const error = failure(() =>
        unseal(`v1.new.${body.subarray(0, length).toString('base64url')}`, owner, ring),
      );
      expect(error.reason).toBe(length < 28 ? 'malformed' : 'notAuthentic');
    }
  });

  test('it does not open for another identity or field, nor under another key id', () => {
    for (const other of [
      secretOwner('bob@ims.example', 'k'),
      secretOwner('alice@ims.example', 'opc'),
      '',
      `${owner} `,
    ]) {
      expect(failure(() => unseal(sealed, other, ring)).reason).toBe('notAuthentic');
    }
    expect(failure(() => unseal(sealed.replace('v1.new.', 'v1.old.'), owner, ring)).reason).toBe(
      'notAuthentic',
    );
    const sameKeyOtherId = createKeyRing([
      { id: 'new', key: key(2) },
      { id: 'copy', key: key(2) },
    ]);
    expect(failure(() => unseal(sealed.replace('v1.new.', 'v1.copy.'), owner, sameKeyOtherId)).reason).toBe(
      'notAuthentic',
    );
  });

  test('owners made of different parts differ', () => {
    expect(secretOwner('a', 'bc')).not.toBe(secretOwner('ab', 'c'));
    expect(secretOwner('a', '1:b')).not.toBe(secretOwner('a', '1', 'b'));
  });

  test('another key under the same id', () => {
    expect(failure(() => unseal(sealed, owner, createKeyRing([{ id: 'new', key: key(9) }]))).reason).toBe(
      'notAuthentic',
    );
  });

  test.each([
    '',
    'v1',
    'v1.new',
    'v2.new.AAAA',
    'v1.new.',
    'v1..AAAA',
    'v1.a b.AAAA',
    'v1.new.AA.AA',
    `v1.${'k'.repeat(33)}.AAAA`,
  ])('%j is malformed', (text) => {
    expect(failure(() => unseal(text, owner, ring)).reason).toBe('malformed');
    if (text !== 'v1.new.AAAA') expect(failure(() => needsRotation(text, ring)).reason).toBe('malformed');
  });

  test('base64 that decodes by being lenient is malformed', () => {
    const text = sealed.split('.')[2] ?? '';
    for (const lenient of [`${text}=`, `${text} `, `${text.slice(0, 8)}\n${text.slice(8)}`, `*${text}`]) {
      expect(failure(() => unseal(`v1.new.${lenient}`, owner, ring)).reason).toBe('malformed');
    }
  });

  test('no error shows the secret, the sealed text or a key', () => {
    const attempts = [
      () => unseal(sealed, 'other', ring),
      () => unseal(sealed, owner, oldRing),
      () => unseal(`${sealed}=`, owner, ring),
      () => unseal(sealed.replace('v1', 'v9'), owner, ring),
    ];
    for (const attempt of attempts) {
      const shown = inspect(failure(attempt), { depth: 10, showHidden: true });
      for (const hidden of [
        secret.toString('hex'),
        secret.toString('base64url'),
        sealed.split('.')[2] ?? '',
        '02020202',
      ])
        expect(shown).not.toContain(hidden);
    }
  });
});

describe('rotation', () => {
  test('an older key opens, is told, and is replaced', () => {
    const sealed = seal(secret, owner, oldRing, systemRandom);
    expect(needsRotation(sealed, oldRing)).toBe(false);
    expect(needsRotation(sealed, ring)).toBe(true);
    expect(unseal(sealed, owner, ring).equals(secret)).toBe(true);
    const rotated = rotate(sealed, owner, ring, systemRandom);
    expect(rotated).toMatch(/^v1\.new\./);
    expect(unseal(rotated, owner, ring).equals(secret)).toBe(true);
    expect(rotate(rotated, owner, ring, systemRandom)).toBe(rotated);
  });

  test('a key that is no longer there is named', () => {
    const error = failure(() => unseal(seal(secret, owner, ring, systemRandom), owner, oldRing));
    expect(error.reason).toBe('unknownKey');
    expect(error.message).toContain("'new'");
  });
});

describe('key material', () => {
  const material = createHash('sha256').update('material').digest();

  test('hexadecimal, base64 and base64url give the same key', () => {
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(parseKey(` ${material.toString(encoding)}\n`).equals(material)).toBe(true);
    expect(parseKey(material.toString('hex').toUpperCase()).equals(material)).toBe(true);
    expect(parseKey(material.toString('base64').replace('=', '')).equals(material)).toBe(true);
    for (let i = 0; i < 300; i++) {
      const random = createKey(systemRandom);
      expect(parseKey(random.toString('base64')).equals(random)).toBe(true);
    }
  });

  test.each([
    ['nothing', ''],
    ['63 digits', 'a'.repeat(63)],
    ['65 digits', 'a'.repeat(65)],
    ['128 bits', Buffer.alloc(16, 7).toString('hex')],
    ['31 octets', Buffer.alloc(31, 7).toString('base64')],
    ['33 octets', Buffer.alloc(33, 7).toString('base64')],
    ['unused bits set', `${'A'.repeat(42)}B`],
    ['a pass phrase', 'correct horse battery staple'],
  ])('%s is refused without being shown', (_name, text) => {
    expect(() => parseKey(text)).toThrow(KeyMaterialError);
    if (text !== '') expect(() => parseKey(text)).not.toThrow(text);
  });

  test('createKey takes 32 octets from the random source', () => {
    const sizes: number[] = [];
    expect(
      createKey({
        bytes: (size) => {
          sizes.push(size);
          return material;
        },
      }),
    ).toBe(material);
    expect(sizes).toEqual([32]);
  });

  test('a ring in its text form', () => {
    const text = `# the ring\n\n 2026-08 : ${key(3).toString('hex')} \r\nold:${key(1).toString('base64')}\n`;
    const parsed = parseKeyRing(text);
    expect(parsed.current.id).toBe('2026-08');
    expect([...parsed.keys.keys()]).toEqual(['2026-08', 'old']);
    expect(unseal(seal(secret, owner, oldRing, systemRandom), owner, parsed).equals(secret)).toBe(true);
    expect([...parseKeyRing(`a:${key(1).toString('hex')},b:${key(2).toString('hex')}`).keys.keys()]).toEqual([
      'a',
      'b',
    ]);
    expect(parseKeyRing(key(5).toString('hex')).current.id).toBe(fingerprintKeyId(key(5)));
  });

  test('a new current key in front, the older ones stay', () => {
    const sealed = seal(secret, owner, ring, systemRandom);
    const next = parseKeyRing(formatKeyRing(ring, { id: 'next', key: key(7) }));
    expect([...next.keys.keys()]).toEqual(['next', 'new', 'old']);
    expect(needsRotation(sealed, next)).toBe(true);
    expect(unseal(rotate(sealed, owner, next, systemRandom), owner, next).equals(secret)).toBe(true);
    expect(parseKeyRing(formatKeyRing(ring)).current.id).toBe('new');
    expect(() => formatKeyRing(ring, { id: 'old', key: key(7) })).toThrow(KeyMaterialError);
  });

  test.each([
    ['none', '', /at least one/],
    ['comments only', '# a\n', /at least one/],
    ['an id twice', `a:${key(1).toString('hex')}\na:${key(2).toString('hex')}`, /'a' is there twice/],
    ['a bad id', `a.b:${key(1).toString('hex')}`, /a key id has/],
    ['a bad second key', `a:${key(1).toString('hex')}\nb:123`, /entry 2 of the key ring.*3 characters/],
  ])('a ring with %s is refused', (_name, text, message) => {
    expect(() => parseKeyRing(text)).toThrow(KeyMaterialError);
    expect(() => parseKeyRing(text)).toThrow(message);
  });

  test('a ring shows no key when it is printed or serialised', () => {
    const shown =
      inspect(ring, { depth: 10, showHidden: true }) + JSON.stringify(ring) + JSON.stringify([...ring.keys]);
    for (const material2 of [key(1), key(2)])
      for (const encoding of ['hex', 'base64'] as const)
        expect(shown).not.toContain(material2.toString(encoding).slice(0, 12));
    const check: KeyRing = ring;
    expect(() => createKeyRing([{ id: 'x', key: Buffer.alloc(16) }])).toThrow(/32 octets, not 16/);
    expect(check.current.id).toBe('new');
  });
});
