/** Calls: the I-CSCF asks with LIR where the called user is, the S-CSCF with SAR for services of an unregistered one. */
import type { Lab } from '../support/lab';
import { header } from '../support/sip-message';
import type { Scenario } from '../support/scenario';
import type { SipPhone } from '../support/sip-phone';
import { akaCard, akaPhone, digestPhone, nai, sip } from '../support/subscribers';

export function callScenarios(scenario: Scenario, lab: () => Lab): void {
  const registeredBob = async (): Promise<SipPhone> => {
    const bob = await lab().phone({ impi: nai('bob'), impu: sip('bob'), credentials: digestPhone('bob'), algorithm: 'MD5' });
    expect(await bob.register()).toMatchObject({ status: 200 });
    return bob;
  };

  scenario('a call to a registered user', async () => {
    const bob = await registeredBob();
    const mallory = await lab().phone({ impi: nai('mallory'), impu: sip('mallory'), credentials: digestPhone('mallory'), algorithm: 'MD5' });
    expect(await mallory.register()).toMatchObject({ status: 200 });
    const call = await mallory.call(sip('bob'));
    expect(call).toMatchObject({ status: 200 });
    expect(await call.hangUp()).toBe(200);
    expect(bob.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(await mallory.register(0)).toMatchObject({ status: 200 });
    expect(await bob.register(0)).toMatchObject({ status: 200 });
  });

  scenario('a call to a user who is not registered and has no unregistered services: 480', async () => {
    const bob = await registeredBob();
    expect(await bob.call(sip('never'))).toMatchObject({ status: 480, reason: expect.stringMatching(/not registered/i) as unknown });
    expect(await bob.register(0)).toMatchObject({ status: 200 });
  });

  scenario('a call to nobody: 604', async () => {
    const bob = await registeredBob();
    expect(await bob.call(sip('nobody'))).toMatchObject({ status: 604 });
    expect(await bob.register(0)).toMatchObject({ status: 200 });
  });

  scenario("a call to an unregistered user with unregistered services reaches that user's application server", async () => {
    const voicemail = await lab().phone({ impi: nai('voicemail'), impu: sip('voicemail'), credentials: digestPhone('voicemail') }, lab().ports.voicemail);
    const bob = await registeredBob();
    const call = await bob.call(sip('absent'));
    expect(call).toMatchObject({ status: 200 });
    expect(await call.hangUp()).toBe(200);
    expect(voicemail.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(voicemail.received[0]?.requestUri).toBe(sip('absent'));
    expect(header(voicemail.received[0] ?? { headers: [], body: '' }, 'Route')).toContain(`127.0.0.1:${lab().ports.voicemail}`);

    // Registered, the same user is reached; the criterion is in the unregistered part of the profile only.
    const absent = await lab().phone({ impi: nai('absent'), impu: sip('absent'), credentials: akaPhone(akaCard()), algorithm: 'AKAv1-MD5' });
    expect(await absent.register()).toMatchObject({ status: 200 });
    const second = await bob.call(sip('absent'));
    expect(second).toMatchObject({ status: 200 });
    expect(await second.hangUp()).toBe(200);
    expect(absent.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(voicemail.received).toHaveLength(3);
    expect(await absent.register(0)).toMatchObject({ status: 200 });
    expect(await bob.register(0)).toMatchObject({ status: 200 });
  });
}
