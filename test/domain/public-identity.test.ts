import { canonicalPublicIdentity } from '../../src/domain/public-identity';

describe('[29.228-6] Public Identities in canonical form (TS 23.003 13.4)', () => {
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
  ])('%s is %s', (uri, value) => {
    expect(canonicalPublicIdentity(uri)).toEqual({ ok: true, value });
    expect(canonicalPublicIdentity(value)).toEqual({ ok: true, value });
  });

  test.each([
    'alice@ims.example', 'mailto:alice@ims.example', '', 'sip:', 'sip:@ims.example', 'sip:alice@', 'sip:alice@-bad-', 'sip:al ice@ims.example', 'tel:', 'tel:7042', 'tel:+', 'tel:+1x', 'tel:hello',
  ])('"%s" has none', (uri) => {
    expect(canonicalPublicIdentity(uri).ok).toBe(false);
  });

  test.each(['sip:chat-!.*!@ims.example', 'tel:+1555!.*!', 'sip:!.*!@ims.example'])('%s stays as it is provisioned when it is a wildcarded identity', (uri) => {
    expect(canonicalPublicIdentity(uri, 'wildcardedPsi')).toEqual({ ok: true, value: uri });
    expect(canonicalPublicIdentity(uri, 'wildcardedPublicUserIdentity')).toEqual({ ok: true, value: uri });
  });

  test('a wildcarded identity needs its delimiters', () => {
    expect(canonicalPublicIdentity('sip:chat@ims.example', 'wildcardedPsi').ok).toBe(false);
    expect(canonicalPublicIdentity('sip:chat-!!@ims.example', 'wildcardedPsi').ok).toBe(false);
  });

  test('hostile text takes no time and does not throw', () => {
    const started = Date.now();
    for (const uri of [`sip:${'a'.repeat(100_000)}`, `sip:${'%61'.repeat(50_000)}@x`, `sip:${'@'.repeat(100_000)}`, `sip:x@${'a.'.repeat(50_000)}!`, `tel:+${'('.repeat(100_000)}`, `sip:x;${';'.repeat(100_000)}@y`]) canonicalPublicIdentity(uri);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
