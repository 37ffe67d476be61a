import { sameSipUri } from '../../src/subscriber/sip-uri';

describe('[29.228-6] S-CSCF names are compared by the rules of RFC 3261 clause 19.1.4', () => {
  test.each([
    // The clause's own examples of URIs that are equivalent.
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    // What S-CSCF names look like.
    ['sip:scscf.ims.example:6060', 'SIP:SCSCF.ims.example:6060'],
    ['sip:scscf.ims.example', 'sip:scscf.ims.example;lr'],
    ['sip:[2001:DB8::1]:6060', 'sip:[2001:db8::1]:6060'],
    ['sip:a@b;x=%41', 'sip:a@b;x=a'],
  ])('%s is %s', (left, right) => {
    expect(sameSipUri(left, right)).toBe(true);
    expect(sameSipUri(right, left)).toBe(true);
  });

  test.each([
    // The clause's own examples of URIs that are not.
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    // Parameters that count although only one has them.
    ['sip:a.example', 'sip:a.example;user=ip'],
    ['sip:a.example', 'sip:a.example;ttl=1'],
    ['sip:a.example', 'sip:a.example;method=INVITE'],
    ['sip:a.example', 'sip:a.example;maddr=192.0.2.1'],
    ['sip:a.example', 'sips:a.example'],
    ['sip:a.example', 'sip:b.example'],
    ['sip:x@a.example', 'sip:a.example'],
    ['sip:a.example:1', 'sip:a.example:2'],
    ['sip:carol@chicago.com;security=off', 'sip:carol@chicago.com;security=on'],
    ['sip:a.example?x=1', 'sip:a.example?x=2'],
    ['', 'sip:a.example'],
  ])('%s is not %s', (left, right) => {
    expect(sameSipUri(left, right)).toBe(false);
    expect(sameSipUri(right, left)).toBe(false);
  });

  test('what is no URI is equal to itself only', () => {
    expect(sameSipUri('scscf1', 'scscf1')).toBe(true);
    expect(sameSipUri('scscf1', 'scscf2')).toBe(false);
  });
});
