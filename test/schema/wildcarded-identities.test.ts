/**
 * Which characters of an extended regular expression a validating S-CSCF takes in a wildcarded identity,
 * which is sent as stored [29.228-B.2.1] [29.228-E]: libxml2 is what Kamailio validates with.
 * docs/decisions/0003 says so to operators; this test says when that is not true any more.
 */
import { validateUserDataDocuments } from './validate-user-data';

const document = (identity: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<IMSSubscription><PrivateID>as@ims.example</PrivateID><ServiceProfile><PublicIdentity><Identity>${identity}</Identity><Extension><IdentityType>2</IdentityType></Extension></PublicIdentity></ServiceProfile></IMSSubscription>`;

const taken = [
  'sip:chat-!.*!@ims.example',
  'sip:chat-!(0|1|2)+!@ims.example',
  'sip:chat-!a{2,3}!@ims.example',
  'sip:chat-!a\\.b!@ims.example',
  'sip:chat-!^a?$!@ims.example',
  'tel:+1555!.{7}!',
  'tel:+1555!(0|1).*!',
];
const refused = [
  'sip:chat-![0-9]!@ims.example',
  'sip:chat-![.]!@ims.example',
  'tel:+1555![0-9]*!',
  'sip:chat-!100%!@ims.example',
];

test('what validates, and what does not: bracket expressions, and a % that begins no escape', async () => {
  const identities = [...taken, ...refused];
  const results = await validateUserDataDocuments(identities.map(document));
  expect(identities.filter((_, index) => results[index]?.length === 0)).toEqual(taken);
});

test('percent-encoded brackets validate, but are another text: an S-CSCF that compiles the expression would look for the escapes', async () => {
  const [encoded] = await validateUserDataDocuments([document('sip:chat-!%5B0-9%5D!@ims.example')]);
  expect(encoded).toEqual([]);
  expect(new RegExp('^%5B0-9%5D$').test('7')).toBe(false);
});
