/** DRMP of RTR and PPR: as configured for the command, first after Session-Id; none otherwise. */
import { PushMessages } from '../../src/apps/cx/outgoing/messages';
import { hss, scscf } from '../diameter/dispatch/support';
import { decoded, dictionary, wireCodes } from '../support/cx-messages';

const node = { originHost: hss.originHost, originRealm: hss.originRealm };
const to = {
  sessionId: 'hss.ims.example;1;1',
  destinationHost: scscf.originHost,
  destinationRealm: scscf.originRealm,
  mayDuplicate: false,
};
const SESSION_ID = 263;
const DRMP = 301;

const rtr = (messages: PushMessages): Buffer =>
  messages.termination(
    {
      userName: 'alice@ims.example',
      associatedIdentities: [],
      sets: [],
      reasonCode: 'PERMANENT_TERMINATION',
    } as unknown as Parameters<PushMessages['termination']>[0],
    to,
    true,
  );
const ppr = (messages: PushMessages): Buffer =>
  messages.profile('alice@ims.example', { avps: {}, features: null }, to);

test('[29.228-J.2.3] the level of each command', () => {
  const messages = new PushMessages(node, dictionary, { RTR: 3, PPR: 12 });
  expect(decoded(rtr(messages)).avps['drmp']).toBe(3);
  expect(decoded(ppr(messages)).avps['drmp']).toBe(12);
  expect(wireCodes(rtr(messages)).slice(0, 2)).toEqual([SESSION_ID, DRMP]);
});

test('[29.228-J.2.3] PRIORITY_0 is one, too, and what is not configured is not sent', () => {
  expect(decoded(rtr(new PushMessages(node, dictionary, { RTR: 0 }))).avps['drmp']).toBe(0);
  expect(wireCodes(ppr(new PushMessages(node, dictionary, { RTR: 0 })))).not.toContain(DRMP);
  expect(wireCodes(rtr(new PushMessages(node, dictionary)))).not.toContain(DRMP);
});
