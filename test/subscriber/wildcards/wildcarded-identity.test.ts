import { parseWildcardedIdentity } from '../../../src/subscriber/wildcards/wildcarded-identity';
import { WildcardIndex } from '../../../src/subscriber/wildcards/wildcard-index';

const text = (identity: string): string => {
  const outcome = parseWildcardedIdentity(identity);
  return outcome.ok ? outcome.value.text : `no: ${outcome.reason}`;
};

describe('[23.003-13.5] [23.003-13.4A] the delimited form', () => {
  test('prefix, expression, suffix and where its identities are', () => {
    expect(parseWildcardedIdentity('sip:chatlist!.*!.room@example.com')).toMatchObject({
      ok: true,
      value: {
        text: 'sip:chatlist!.*!.room@example.com',
        space: 'sip:example.com',
        prefix: 'chatlist',
        suffix: '.room',
        expression: { source: '.*' },
      },
    });
    expect(parseWildcardedIdentity('tel:+15550!.*!')).toMatchObject({
      ok: true,
      value: { space: 'tel:', prefix: '+15550', suffix: '', expression: { source: '.*' } },
    });
  });

  test.each([
    ['sip:chatlist!.*!@example.com', 'sip:chatlist!.*!@example.com'],
    ['SIP:Chat-!.*!@EXAMPLE.com.:5060;transport=tcp?x=y', 'sip:Chat-!.*!@example.com'],
    ['sips:!.*!@example.com', 'sips:!.*!@example.com'],
    ['sip:%63hat%2d!.*!%2Ea:secret@example.com', 'sip:chat-!.*!.a@example.com'],
    ['sip:a%21!.*!%21b@example.com', 'sip:a%21!.*!%21b@example.com'],
    ['sip:a%3b!.*!@[2001:DB8:0::1]', 'sip:a%3B!.*!@[2001:db8::1]'],
    ['sip:+1(555)-!.*!-00@example.com;user=phone', 'sip:+1555!.*!00@example.com'],
    ['sip:+1-555!.*!.chat@example.com', 'sip:+1-555!.*!.chat@example.com'],
    ['sip:a![^@]+!@example.com', 'sip:a![^@]+!@example.com'],
    ['sip:a!x!y!@example.com', 'sip:a!x!y!@example.com'],
    ['TEL:+1-(555)-!.*!;isub=7', 'tel:+1555!.*!'],
    ['tel:!\\+1555.*!', 'tel:!\\+1555.*!'],
    ['tel:70!..!;ext=3;phone-context=IMS.Example', 'tel:70!..!;phone-context=ims.example'],
    ['tel:*2!.!%23;phone-context=+1-555', 'tel:*2!.!#;phone-context=+1555'],
  ])('%s is stored as %s', (given, stored) => {
    expect(text(given)).toBe(stored);
    expect(text(stored)).toBe(stored);
  });

  test.each([
    ['sip:chat@example.com', 'has no regular expression between "!" delimiters'],
    ['sip:chat!@example.com', 'has no regular expression'],
    ['sip:chat!!@example.com', 'has no regular expression'],
    ['mailto:a!.*!@example.com', 'is neither a SIP nor a tel URI'],
    ['sip:a@!.*!.example.com', 'in the domain'],
    ['sip:a!.*!', 'has no valid host part'],
    ['sip:a!.*!@', 'has no valid host part'],
    ['sip:a!.*!@exa mple', 'has no valid host part'],
    ['sip:a!.*!@-bad-', 'has no valid host part'],
    ['sip:a:b!.*!@example.com', 'in the password'],
    ['sip:a%4!.*!@example.com', 'incomplete escape'],
    ['sip:a b!.*!@example.com', 'white space'],
    [
      'sip:a!\\d+!@example.com',
      'has a regular expression that is no extended regular expression: "\\d": a backslash',
    ],
    ['sip:a!(!@example.com', 'is no extended regular expression'],
    ['sip:a!(a{99}){99}!@example.com', 'expand to more than 512'],
    ['tel:alice!.*!', 'is no telephone-subscriber'],
    ['tel:+1!.*!x', 'is no telephone-subscriber'],
    ['tel:70!..!', 'without phone-context'],
    ['tel:+70!..!#', 'is no telephone-subscriber'],
  ])('%s is refused: %s', (given, reason) => {
    expect(text(given)).toContain(reason);
    expect(new WildcardIndex().add(given)).toBe(false);
  });
});
