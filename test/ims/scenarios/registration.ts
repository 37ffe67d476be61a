/** Registrations through P-, I- and S-CSCF: UAR, MAR and SAR as a real network sends them. */
import type { Lab } from '../support/lab';
import { waitFor } from '../support/processes';
import type { Scenario } from '../support/scenario';
import { akaCard, akaPhone, digestPhone, fleetCount, nai, sip, wrongPassword } from '../support/subscribers';
import type { Usim } from '../support/usim';

/**
 * Cards outlive a kill of the HSS, as real ones do: a sequence number given twice would show as a
 * resynchronisation.
 */
export interface Cards {
  alice: Usim;
  kate: Usim;
  victor: Usim;
  carol: Usim;
  family: Usim;
  shared: Usim;
  fleet: Usim[];
}

export const newCards = (): Cards => ({
  alice: akaCard(),
  kate: akaCard(),
  victor: akaCard(),
  carol: akaCard(),
  family: akaCard(),
  shared: akaCard(),
  fleet: Array.from({ length: fleetCount }, akaCard),
});

export function registrationScenarios(scenario: Scenario, lab: () => Lab, cards: Cards): void {
  scenario('IMS-AKA: registration, re-registration, de-registration', async () => {
    const alice = await lab().phone({
      impi: nai('alice'),
      impu: sip('alice'),
      credentials: akaPhone(cards.alice),
      algorithm: 'AKAv1-MD5',
    });
    const first = await alice.register();
    expect(first).toMatchObject({
      status: 200,
      resynchronisationsCount: 0,
      associatedUris: [sip('alice')],
      contacts: [alice.contact],
    });
    expect(await alice.register()).toMatchObject({
      status: 200,
      resynchronisationsCount: 0,
      associatedUris: [sip('alice')],
      contacts: [alice.contact],
    });
    expect(await alice.register(0)).toMatchObject({
      status: 200,
      resynchronisationsCount: 0,
      associatedUris: [],
    });
  });

  scenario('SIP Digest: registration, re-registration, de-registration', async () => {
    const bob = await lab().phone({
      impi: nai('bob'),
      impu: sip('bob'),
      credentials: digestPhone('bob'),
      algorithm: 'MD5',
    });
    expect(await bob.register()).toMatchObject({
      status: 200,
      associatedUris: [sip('bob')],
      contacts: [bob.contact],
    });
    expect(await bob.register()).toMatchObject({
      status: 200,
      associatedUris: [sip('bob')],
      contacts: [bob.contact],
    });
    expect(await bob.register(0)).toMatchObject({ status: 200, associatedUris: [] });
  });

  scenario(
    'the scheme "unknown": the HSS chooses SIP Digest, and refuses where only IMS-AKA is provisioned [29.228-6.3.1] step 4',
    async () => {
      const dora = await lab().phone({
        impi: nai('dora'),
        impu: sip('dora'),
        credentials: digestPhone('dora'),
      });
      expect(await dora.register()).toMatchObject({ status: 200 });
      expect(await dora.register(0)).toMatchObject({ status: 200 });
      const carol = await lab().phone({
        impi: nai('carol'),
        impu: sip('carol'),
        credentials: akaPhone(cards.carol),
      });
      expect(await carol.register()).toMatchObject({
        status: 403,
        challengesCount: 0,
        reason: expect.stringMatching(/Authentication scheme/i) as unknown,
      });
    },
  );

  scenario('wrong credentials are refused, and do not keep the right ones out', async () => {
    const impostor = await lab().phone({
      impi: nai('mallory'),
      impu: sip('mallory'),
      credentials: { scheme: 'digest', password: wrongPassword() },
      algorithm: 'MD5',
    });
    expect(await impostor.register()).toMatchObject({ status: 403 });
    const mallory = await lab().phone({
      impi: nai('mallory'),
      impu: sip('mallory'),
      credentials: digestPhone('mallory'),
      algorithm: 'MD5',
    });
    expect(await mallory.register()).toMatchObject({ status: 200 });
    expect(await mallory.register(0)).toMatchObject({ status: 200 });

    const options = { impi: nai('victor'), impu: sip('victor'), algorithm: 'AKAv1-MD5' as const };
    const wrongCard = await lab().phone({
      ...options,
      credentials: { scheme: 'aka', usim: cards.victor, wrongRes: true },
    });
    expect(await wrongCard.register()).toMatchObject({ status: 403 });
    const victor = await lab().phone({ ...options, credentials: akaPhone(cards.victor) });
    expect(await victor.register()).toMatchObject({ status: 200, resynchronisationsCount: 0 });
    expect(await victor.register(0)).toMatchObject({ status: 200 });
  });

  scenario('an unknown user is refused', async () => {
    const nobody = await lab().phone({
      impi: nai('nobody'),
      impu: sip('nobody'),
      credentials: digestPhone('nobody'),
    });
    expect(await nobody.register()).toMatchObject({
      status: 403,
      challengesCount: 0,
      reason: expect.stringMatching(/User Unknown/i) as unknown,
    });
  });

  scenario("somebody else's Public Identity is refused", async () => {
    const thief = await lab().phone({
      impi: nai('mallory'),
      impu: sip('bob'),
      credentials: digestPhone('mallory'),
    });
    expect(await thief.register()).toMatchObject({
      status: 403,
      challengesCount: 0,
      reason: expect.stringMatching(/Identities/i) as unknown,
    });
  });

  scenario('resynchronisation: a card that is ahead gets through with AUTS, and once only', async () => {
    cards.carol.advanceTo(cards.carol.sqn + 1_000 * 32);
    const carol = await lab().phone({
      impi: nai('carol'),
      impu: sip('carol'),
      credentials: akaPhone(cards.carol),
      algorithm: 'AKAv1-MD5',
    });
    expect(await carol.register()).toMatchObject({ status: 200, resynchronisationsCount: 1 });
    expect(await carol.register()).toMatchObject({ status: 200, resynchronisationsCount: 0 });
    expect(await carol.register(0)).toMatchObject({ status: 200 });
  });

  scenario(
    'an implicit registration set: P-Associated-URI in provisioned order, the barred identity left out',
    async () => {
      const family = await lab().phone({
        impi: nai('family'),
        impu: sip('family'),
        credentials: akaPhone(cards.family),
        algorithm: 'AKAv1-MD5',
      });
      expect(await family.register()).toMatchObject({
        status: 200,
        associatedUris: [sip('family'), 'tel:+15550100', sip('family.work')],
      });
      const erik = await lab().phone({
        impi: nai('erik'),
        impu: sip('erik'),
        credentials: digestPhone('erik'),
        algorithm: 'MD5',
      });
      expect(await erik.register()).toMatchObject({ status: 200 });
      // Registered along with it, so it is where a call finds the phone.
      const call = await erik.call(sip('family.work'));
      expect(call).toMatchObject({ status: 200 });
      expect(await call.hangUp()).toBe(200);
      expect(family.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(await family.register(0)).toMatchObject({ status: 200 });
      expect(await erik.register(0)).toMatchObject({ status: 200 });
    },
  );

  scenario('two devices share an identity', async () => {
    const phone = await lab().phone({
      impi: nai('shared.phone'),
      impu: sip('shared'),
      credentials: akaPhone(cards.shared),
      algorithm: 'AKAv1-MD5',
    });
    const tablet = await lab().phone({
      impi: nai('shared.tablet'),
      impu: sip('shared'),
      credentials: digestPhone('shared.tablet'),
      algorithm: 'MD5',
    });
    expect(await phone.register()).toMatchObject({ status: 200, associatedUris: [sip('shared')] });
    expect(await tablet.register()).toMatchObject({ status: 200, associatedUris: [sip('shared')] });
    const fred = await lab().phone({
      impi: nai('fred'),
      impu: sip('fred'),
      credentials: digestPhone('fred'),
      algorithm: 'MD5',
    });
    expect(await fred.register()).toMatchObject({ status: 200 });
    tablet.busy = true;
    const call = await fred.call(sip('shared'));
    expect(call).toMatchObject({ status: 200 });
    expect(await call.hangUp()).toBe(200);
    expect(phone.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    // Rings on both; busy on one of them: INVITE and the ACK for its 486.
    await waitFor('the call on the second device', 2_000, async () => tablet.received.length === 2);
    expect(tablet.receivedMethods).toEqual(['INVITE', 'ACK']);
    expect(await tablet.register(0)).toMatchObject({ status: 200 });
    const second = await fred.call(sip('shared'));
    expect(second).toMatchObject({ status: 200 });
    expect(await second.hangUp()).toBe(200);
    expect(tablet.received).toHaveLength(2);
    expect(await phone.register(0)).toMatchObject({ status: 200 });
    expect(await fred.register(0)).toMatchObject({ status: 200 });
  });
}
