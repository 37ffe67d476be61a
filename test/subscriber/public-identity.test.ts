import { canonicalPublicIdentity } from '../../src/subscriber/public-identity';

describe('[29.228-6] [23.003-13.4] Public Identities in canonical form', () => {
  test.each([
    ['sip:alice@ims.example', 'sip:alice@ims.example'],
    ['SIP:alice@IMS.Example', 'sip:alice@ims.example'],
    ['sip:Alice@ims.example', 'sip:Alice@ims.example'],
    ['sips:alice@ims.example', 'sips:alice@ims.example'],
    ['sip:alice@ims.example:5060', 'sip:alice@ims.example'],
    ['sip:alice@ims.example;transport=tcp;user=ip', 'sip:alice@ims.example'],
    ['sip:alice@ims.example?Subject=x', 'sip:alice@ims.example'],
    ['sip:alice:password@ims.example', 'sip:alice@ims.example'],
    ['sip:%61l%69ce@ims.example', 'sip:alice@ims.example'],
    ['sip:a%3bb@ims.example', 'sip:a%3Bb@ims.example'],
    ['sip:alice@ims.example.', 'sip:alice@ims.example'],
    ['sip:ims.example', 'sip:ims.example'],
    ['sip:alice@[2001:DB8::1]:5060', 'sip:alice@[2001:db8::1]'],
    ['sip:+1(555)000-1@ims.example', 'sip:+15550001@ims.example'],
    ['sip:+1-555-0001@ims.example;user=phone', 'sip:+15550001@ims.example'],
    ['tel:+15550001', 'tel:+15550001'],
    ['TEL:+1(555)000-1', 'tel:+15550001'],
    ['tel:+1.555.0001;isub=3', 'tel:+15550001'],
    ['tel:7042;phone-context=IMS.Example', 'tel:7042;phone-context=ims.example'],
    ['tel:70-42;ext=3;phone-context=+1555', 'tel:7042;phone-context=+1555'],
    // What may stand in a user part unescaped, and what has to be escaped.
    ["sip:a-_.!~*'()&=+$,;?/b@ims.example", "sip:a-_.!~*'()&=+$,;?/b@ims.example"],
    ['sip:alice;day=tuesday@ims.example', 'sip:alice;day=tuesday@ims.example'],
    ['sip:%2a123%23@ims.example', 'sip:*123%23@ims.example'],
    ['sip:*123#@ims.example', 'sip:*123%23@ims.example'],
    ['sip:"<a>"@ims.example', 'sip:%22%3Ca%3E%22@ims.example'],
    ['sip:\u00e4@ims.example', 'sip:%C3%A4@ims.example'],
    ['sip:%c3%a4@ims.example', 'sip:%C3%A4@ims.example'],
    ['sip:a%40b@ims.example', 'sip:a%40b@ims.example'],
    ['sip:a%21b@ims.example', 'sip:a!b@ims.example'],
    ['sip:alice@ims.example?to=bob@other.example', 'sip:alice@ims.example'],
    // Hosts: addresses as RFC 5952 writes them, the ASCII form of international names.
    ['sip:alice@[2001:db8:0:0::0001]', 'sip:alice@[2001:db8::1]'],
    ['sip:alice@[::FFFF:192.0.2.1]:5060;lr', 'sip:alice@[::ffff:c000:201]'],
    ['sip:alice@192.0.2.1:5060', 'sip:alice@192.0.2.1'],
    ['sip:alice@XN--BCHER-KVA.example', 'sip:alice@xn--bcher-kva.example'],
    ['SIPS:ims.example:5061;x=y', 'sips:ims.example'],
    // Local numbers of labs: as they are written, separators apart.
    ['tel:0711', 'tel:0711'],
    ['TEL:03987-654321-00', 'tel:0398765432100'],
    ['tel:0711;ext=2', 'tel:0711'],
    // RFC 3261 19.1.6: telephone numbers as user parts.
    ['sip:+1-555-0001;isub=9@ims.example;user=phone', 'sip:+15550001@ims.example'],
    ['sip:%2B15550001@ims.example;transport=udp;USER=Phone', 'sip:+15550001@ims.example'],
    ['sip:alice@ims.example;user=phone', 'sip:alice@ims.example'],
    ['sip:+1-555-abc@ims.example', 'sip:+1-555-abc@ims.example'],
    ['sip:863-1234@ims.example', 'sip:863-1234@ims.example'],
    // RFC 3966: separators, escapes, letters and the context of local numbers.
    ['tel:%2B1(555)000%2D1', 'tel:+15550001'],
    ['tel:+15550001;rn=+1555;npdi', 'tel:+15550001'],
    ['tel:*70%23;phone-context=IMS.example.', 'tel:*70#;phone-context=ims.example'],
    ['tel:7a-b;Phone-Context=+1-(555)', 'tel:7AB;phone-context=+1555'],
  ])('%s is %s', (uri, value) => {
    expect(canonicalPublicIdentity(uri)).toEqual({ ok: true, value });
    expect(canonicalPublicIdentity(value)).toEqual({ ok: true, value });
  });

  test.each([
    'alice@ims.example',
    'mailto:alice@ims.example',
    '',
    'sip:',
    'sip:@ims.example',
    'sip:alice@',
    'sip:alice@-bad-',
    'sip:al ice@ims.example',
    'tel:',
    'tel:+',
    'tel:+1x',
    'tel:hello',
    'sip:al%4@ims.example',
    'sip:al%zz@ims.example',
    'sip:a\tb@ims.example',
    'sip:a\u0000b@ims.example',
    'sip:a@b@ims.example',
    'sip:alice@a..b',
    'sip:alice@-a.example',
    'sip:alice@a_b.example',
    'sip:alice@b\u00fccher.example',
    'sip:alice@[::1',
    'sip:alice@[::g]',
    'sip:alice@[1::2::3]',
    'sip:alice@ims.example:x',
    'tel:7042;phone-context=',
    'tel:0711;phone-context=',
    'tel:',
    'tel:07 11',
    'tel:7042;phone-context=a b',
    `tel:+${'1'.repeat(32)}`,
  ])('"%s" has none', (uri) => {
    expect(canonicalPublicIdentity(uri).ok).toBe(false);
  });

  test.each(['sip:chat-!.*!@ims.example', 'tel:+1555!.*!', 'sip:!.*!@ims.example'])(
    '[23.003-13.5] %s is the canonical form of a wildcarded identity',
    (uri) => {
      expect(canonicalPublicIdentity(uri, 'wildcardedPsi')).toEqual({ ok: true, value: uri });
      expect(canonicalPublicIdentity(uri, 'wildcardedPublicUserIdentity')).toEqual({ ok: true, value: uri });
    },
  );

  test('[23.003-13.5] its literal parts are made canonical, its expression is checked and stays', () => {
    expect(canonicalPublicIdentity('SIP:%63hat-!X.*!@IMS.example:5060', 'wildcardedPsi')).toEqual({
      ok: true,
      value: 'sip:chat-!X.*!@ims.example',
    });
    expect(canonicalPublicIdentity('sip:chat-!\\d!@ims.example', 'wildcardedPsi')).toEqual({
      ok: false,
      reason: expect.stringContaining('is no extended regular expression') as unknown,
    });
  });

  test('a wildcarded identity needs its delimiters', () => {
    expect(canonicalPublicIdentity('sip:chat@ims.example', 'wildcardedPsi').ok).toBe(false);
    expect(canonicalPublicIdentity('sip:chat-!!@ims.example', 'wildcardedPsi').ok).toBe(false);
  });

  test('hostile text takes no time and does not throw', () => {
    const started = Date.now();
    for (const uri of [
      `sip:${'a'.repeat(100_000)}`,
      `sip:${'%61'.repeat(50_000)}@x`,
      `sip:${'@'.repeat(100_000)}`,
      `sip:x@${'a.'.repeat(50_000)}!`,
      `tel:+${'('.repeat(100_000)}`,
      `sip:x;${';'.repeat(100_000)}@y`,
      `sip:x@${'a-'.repeat(50_000)}!`,
      `sip:x@${'a'.repeat(100_000)}_`,
      `sip:x@y;${'user=phone;'.repeat(10_000)}`,
      `sip:x@[${':'.repeat(100_000)}]`,
    ])
      canonicalPublicIdentity(uri);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
