/**
 * Calls: the I-CSCF asks with LIR where the called user is, the S-CSCF with SAR for services of an
 * unregistered one.
 */
import type { Lab } from '../support/lab';
import { header } from '../support/sip-message';
import type { Scenario } from '../support/scenario';
import type { SipPhone } from '../support/sip-phone';
import { akaCard, akaPhone, digestPhone, nai, sip } from '../support/subscribers';

export function callScenarios(scenario: Scenario, lab: () => Lab): void {
  const registered = async (user: string): Promise<SipPhone> => {
    const phone = await lab().phone({
      impi: nai(user),
      impu: sip(user),
      credentials: digestPhone(user),
      algorithm: 'MD5',
    });
    expect(await phone.register()).toMatchObject({ status: 200 });
    return phone;
  };

  scenario('a call to a registered user', async () => {
    const gina = await registered('gina');
    const hans = await registered('hans');
    const call = await hans.call(sip('gina'));
    expect(call).toMatchObject({ status: 200 });
    expect(await call.hangUp()).toBe(200);
    expect(gina.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(await hans.register(0)).toMatchObject({ status: 200 });
    expect(await gina.register(0)).toMatchObject({ status: 200 });
  });

  scenario('a call to a user who is not registered and has no unregistered services: 480', async () => {
    const ida = await registered('ida');
    expect(await ida.call(sip('never'))).toMatchObject({
      status: 480,
      reason: expect.stringMatching(/not registered/i) as unknown,
    });
    expect(await ida.register(0)).toMatchObject({ status: 200 });
  });

  scenario('a call to nobody: 604', async () => {
    const jack = await registered('jack');
    expect(await jack.call(sip('nobody'))).toMatchObject({ status: 604 });
    expect(await jack.register(0)).toMatchObject({ status: 200 });
  });

  scenario(
    "a call to an unregistered user with unregistered services reaches that user's application server",
    async () => {
      const voicemail = await lab().phone(
        { impi: nai('voicemail'), impu: sip('voicemail'), credentials: digestPhone('voicemail') },
        lab().ports.voicemail,
      );
      const karl = await registered('karl');
      const call = await karl.call(sip('absent'));
      expect(call).toMatchObject({ status: 200 });
      expect(await call.hangUp()).toBe(200);
      expect(voicemail.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(voicemail.received[0]?.requestUri).toBe(sip('absent'));
      expect(header(voicemail.received[0] ?? { headers: [], body: '' }, 'Route')).toContain(
        `127.0.0.1:${lab().ports.voicemail}`,
      );

      // Registered, the same user is reached; the criterion is in the unregistered part of the profile only.
      const absent = await lab().phone({
        impi: nai('absent'),
        impu: sip('absent'),
        credentials: akaPhone(akaCard()),
        algorithm: 'AKAv1-MD5',
      });
      expect(await absent.register()).toMatchObject({ status: 200 });
      const second = await karl.call(sip('absent'));
      expect(second).toMatchObject({ status: 200 });
      expect(await second.hangUp()).toBe(200);
      expect(absent.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(voicemail.received).toHaveLength(3);
      expect(await absent.register(0)).toMatchObject({ status: 200 });
      expect(await karl.register(0)).toMatchObject({ status: 200 });
    },
  );
}
