import { canonicalPublicIdentity } from '../../../src/subscriber/public-identity';
import { WildcardIndex } from '../../../src/subscriber/wildcards/wildcard-index';
import { Seeded } from '../../apps/cx/support/seeded';

function indexOf(...texts: readonly string[]): WildcardIndex {
  const index = new WildcardIndex();
  for (const text of texts) if (!index.add(text)) throw new Error(`${text} is no wildcarded identity`);
  return index;
}

describe('[23.003-13.5] matching', () => {
  const chat = 'sip:chatlist!.*!@example.com';

  // The last is the standard's own: on an interface an exclamation mark is no delimiter.
  test.each([
    'sip:chatlist1@example.com',
    'sip:chatlist2@example.com',
    'sip:chatlist42@example.com',
    'sip:chatlistAbC@example.com',
    'sip:chatlist@example.com',
    'sip:chatlist!1@example.com',
  ])('%s is in the range', (identity) => {
    expect(indexOf(chat).find(identity)).toBe(chat);
  });

  test.each([
    'sip:chat@example.com',
    'sip:Chatlist1@example.com',
    'sip:xchatlist1@example.com',
    'sip:chatlist1@example.org',
    'sip:chatlist1@sub.example.com',
    'sips:chatlist1@example.com',
    'sip:example.com',
    'tel:+1555',
    'chatlist1@example.com',
    '',
    // Not canonical, so no identity.
    'sip:chatlist 1@example.com',
    'sip:chatlist1@EXAMPLE.com',
    'SIP:chatlist1@example.com',
    'sip:chatlist1@example.com;x=y',
    'sip:chatlist1@x@example.com',
  ])('"%s" is not', (identity) => {
    expect(indexOf(chat).find(identity)).toBeNull();
  });

  test('what is literal may not overlap', () => {
    const index = indexOf('sip:ab!.*!ba@x.example', 'sip:c!x+!@x.example', 'sip:d!x!@x.example');
    expect(index.find('sip:aba@x.example')).toBeNull();
    expect(index.find('sip:abba@x.example')).not.toBeNull();
    expect(index.find('sip:cx@x.example')).not.toBeNull();
    expect(index.find('sip:c@x.example')).toBeNull();
    expect(index.find('sip:dx@x.example')).not.toBeNull();
  });

  test('telephone numbers, global and local, with the context of the local ones', () => {
    const index = indexOf(
      'tel:+1555!.*!',
      'tel:70!..!;phone-context=x.example',
      'sip:+1555![0-9]*!@x.example',
    );
    expect(index.find('tel:+15551234')).toBe('tel:+1555!.*!');
    expect(index.find('tel:+1666')).toBeNull();
    expect(index.find('tel:7042;phone-context=x.example')).toBe('tel:70!..!;phone-context=x.example');
    expect(index.find('tel:7042;phone-context=y.example')).toBeNull();
    const canonical = canonicalPublicIdentity('sip:+1-555-1234@X.example;user=phone');
    expect(canonical.ok && index.find(canonical.value)).toBe('sip:+1555![0-9]*!@x.example');
  });

  test('most literal characters outside the delimiters first, then the order of the text', () => {
    const all = [
      'sip:!.*!@x.example',
      'sip:a!.*!@x.example',
      'sip:ab!.*!@x.example',
      'sip:!.*!yz@x.example',
      'sip:a!.*!yz@x.example',
      'sip:!abc.*yz!@x.example',
    ];
    const index = indexOf(...all);
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:a!.*!yz@x.example');
    index.delete('sip:a!.*!yz@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:!.*!yz@x.example');
    index.delete('sip:!.*!yz@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:ab!.*!@x.example');
    index.delete('sip:ab!.*!@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:a!.*!@x.example');
    index.delete('sip:a!.*!@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:!.*!@x.example');
    index.delete('sip:!.*!@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBe('sip:!abc.*yz!@x.example');
    index.delete('sip:!abc.*yz!@x.example');
    index.delete('sip:!abc.*yz!@x.example');
    expect(index.find('sip:abcxyz@x.example')).toBeNull();
    expect(index.size).toBe(0);
  });

  test('the same answer as trying every one in that order, while they come and go', () => {
    const alone = (text: string, identity: string): boolean => indexOf(text).find(identity) !== null;
    for (let seed = 0; seed < 12; seed += 1) {
      const random = new Seeded(seed);
      const piece = (count: number): string =>
        Array.from({ length: random.below(count + 1) }, () => random.pick([...'ab1'])).join('');
      const index = new WildcardIndex();
      const there = new Set<string>();
      const known = Array.from(
        { length: 40 },
        () =>
          `sip:${piece(3)}!${random.pick(['.*', 'a.*', '[ab]+', 'a|b.*', '.{2}', '(ab)*', 'b', '[^1]*1'])}!${piece(2)}@${random.pick(['x', 'y'])}.example`,
      );
      for (let step = 0; step < 150; step += 1) {
        const text = random.pick(known);
        if (random.chance(0.6)) {
          index.add(text);
          there.add(text);
        } else {
          index.delete(text);
          there.delete(text);
        }
        if (step % 5 !== 0) continue;
        const identity = `sip:a${piece(5)}@${random.pick(['x', 'y'])}.example`;
        const literal = (one: string): number =>
          one.indexOf('!') - 4 + one.indexOf('@') - one.lastIndexOf('!') - 1;
        const [best = null] = [...there]
          .filter((one) => alone(one, identity))
          .sort((a, b) => literal(b) - literal(a) || (a < b ? -1 : 1));
        expect([seed, step, identity, index.find(identity)]).toEqual([seed, step, identity, best]);
      }
      expect(index.size).toBe(there.size);
      expect(new Set(index.texts())).toEqual(there);
    }
  });

  test('one among 100,000 is found in well under a millisecond, whatever their form', () => {
    const index = new WildcardIndex();
    for (let i = 0; i < 25_000; i += 1) {
      index.add(`sip:service${i}-!.*!@x.example`);
      index.add(`sip:!room${i}[.][0-9]{4}!@x.example`);
      index.add(`sip:![a-z]+!.box${i}@x.example`);
      index.add(`tel:+1555${String(i).padStart(5, '0')}![0-9]{2,4}!`);
    }
    expect(index.size).toBe(100_000);
    const count = 500;
    const started = performance.now();
    for (let n = 0; n < count; n += 1) {
      const i = (n * 7919) % 25_000;
      expect(index.find(`sip:service${i}-x@x.example`)).toBe(`sip:service${i}-!.*!@x.example`);
      expect(index.find(`sip:room${i}.1234@x.example`)).toBe(`sip:!room${i}[.][0-9]{4}!@x.example`);
      expect(index.find(`sip:mail.box${i}@x.example`)).toBe(`sip:![a-z]+!.box${i}@x.example`);
      expect(index.find(`tel:+1555${String(i).padStart(5, '0')}123`)).toBe(
        `tel:+1555${String(i).padStart(5, '0')}![0-9]{2,4}!`,
      );
      expect(index.find(`sip:nobody${i}@x.example`)).toBeNull();
    }
    // Most expressions are compiled here for the first time; measured some 0.1 ms each, checked with room for
    // a slow machine.
    expect((performance.now() - started) / (5 * count)).toBeLessThan(2);
  });
});
