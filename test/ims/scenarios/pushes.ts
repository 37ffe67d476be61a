/**
 * What the HSS begins, and services: RTR by `hss deregister`, a changed filter criterion with its PPR, a
 * wildcarded PSI.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../support/lab';
import { waitFor } from '../support/processes';
import type { Scenario } from '../support/scenario';
import { criterion, digestPhone, digestSubscriber, nai, sip } from '../support/subscribers';

/** Kamailio's S-CSCF keeps a contact until a timer of 2 s has passed. */
const removalLimit_ms = 10_000;
const forgetting_ms = 4_000;

interface Push {
  readonly command: string;
  readonly attempts: number;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly reasonCode?: string | null;
}

export function pushScenarios(scenario: Scenario, lab: () => Lab): void {
  const digestUser = (user: string, localPort = 0, proxyPort = lab().ports.pcscf) =>
    lab().phone(
      { impi: nai(user), impu: sip(user), credentials: digestPhone(user), algorithm: 'MD5' },
      localPort,
      proxyPort,
    );
  const pushesOf = async (subscription: string): Promise<readonly Push[]> =>
    (await lab().hss.get<{ items: Push[] }>(`/v1/pushes?subscription=${subscription}`)).items;

  scenario('`hss deregister` ends the registration at the S-CSCF [29.228-6.1.3]', async () => {
    const lena = await digestUser('lena');
    expect(await lena.register()).toMatchObject({ status: 200 });
    // Asks the S-CSCF itself, so that only what it knows counts.
    const caller = await digestUser('lena', 0, lab().ports.scscf);
    const before = await caller.call(sip('lena'));
    expect(before).toMatchObject({ status: 200 });
    expect(await before.hangUp()).toBe(200);
    expect(lena.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);

    const { status, output } = await lab().hss.command([
      'deregister',
      sip('lena'),
      '--reason-code',
      'PERMANENT_TERMINATION',
      '--reason-info',
      'contract ended',
      '--json',
    ]);
    expect(JSON.parse(output)).toMatchObject({
      items: [{ command: 'RTR', attempts: 1, outcome: 'success', reasonCode: 'PERMANENT_TERMINATION' }],
    });
    expect(status).toBe(0);
    expect(await lab().hss.get('/v1/subscriptions/lena/registration-status')).toMatchObject({ server: null });
    await waitFor('the S-CSCF to forget the phone', removalLimit_ms, async () => {
      lena.received.splice(0);
      const call = await caller.call(sip('lena'));
      if (call.status === 200) await call.hangUp();
      return call.status === 480 && lena.received.length === 0;
    });
    // The S-CSCF asked with SAR for the unregistered user; nothing keeps her from coming back.
    expect(await lena.register()).toMatchObject({ status: 200 });
    expect(await lena.register(0)).toMatchObject({ status: 200 });
  });

  scenario(
    'a changed filter criterion: the PPR that the S-CSCF leaves without an answer is shown, the next registration brings it [29.228-6.2.2]',
    async () => {
      // What an earlier run may have left.
      await lab().hss.provision(digestSubscriber('max'));
      const outdated = async (): Promise<boolean | undefined> =>
        (
          await lab().hss.get<{ sets: { profileOutdated: boolean }[] }>(
            '/v1/subscriptions/max/registration-status',
          )
        ).sets[0]?.profileOutdated;
      const application = await digestUser('application', lab().ports.application);
      const max = await digestUser('max');
      const nora = await digestUser('nora');
      expect(await max.register()).toMatchObject({ status: 200 });
      expect(await nora.register()).toMatchObject({ status: 200 });
      const known = new Set(await pushesOf('max'));
      await lab().hss.provision({
        ...digestSubscriber('max'),
        serviceProfiles: [
          {
            name: 'plain',
            initialFilterCriteria: [
              criterion(
                'ORIGINATING_REGISTERED',
                'REGISTERED',
                `sip:application@127.0.0.1:${lab().ports.application}`,
              ),
            ],
          },
        ],
      });
      await waitFor('the outcome of the PPR', removalLimit_ms, async () => {
        const pushes = await pushesOf('max');
        return pushes.length > known.size && pushes.every(({ outcome }) => outcome !== null);
      });
      expect((await pushesOf('max'))[0]).toMatchObject({ command: 'PPR', attempts: 2, outcome: 'noAnswer' });

      // What the S-CSCF has is still the profile without the criterion.
      const direct = await max.call(sip('nora'));
      expect(direct).toMatchObject({ status: 200 });
      expect(await direct.hangUp()).toBe(200);
      expect(application.received).toEqual([]);
      expect(await outdated()).toBe(true);
      // Its next SAR gets the profile, although it says that it has one already; this S-CSCF takes no profile
      // from the answer to a RE_REGISTRATION.
      expect(await max.register()).toMatchObject({ status: 200 });
      expect(await outdated()).toBe(false);
      expect(await max.register(0)).toMatchObject({ status: 200 });
      await delay(forgetting_ms);
      expect(await max.register()).toMatchObject({ status: 200 });
      const served = await max.call(sip('nora'));
      expect(served).toMatchObject({ status: 200 });
      expect(await served.hangUp()).toBe(200);
      expect(application.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(application.received[0]?.requestUri).toBe(sip('nora'));

      expect(await max.register(0)).toMatchObject({ status: 200 });
      expect(await nora.register(0)).toMatchObject({ status: 200 });
      await lab().hss.provision(digestSubscriber('max'));
    },
  );

  scenario(
    'a call to a number in the range of a wildcarded PSI reaches its application server [29.228-6.1.4.1] step 2',
    async () => {
      const application = await digestUser('application', lab().ports.application);
      const oskar = await digestUser('oskar');
      expect(await oskar.register()).toMatchObject({ status: 200 });
      const call = await oskar.call(sip('room-4711'));
      expect(call).toMatchObject({ status: 200 });
      expect(await call.hangUp()).toBe(200);
      expect(application.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(application.received[0]?.requestUri).toBe(sip('room-4711'));
      // Outside of the range nobody is found.
      expect(await oskar.call(sip('room-x'))).toMatchObject({ status: 604 });
      expect(application.received).toHaveLength(3);
      expect(await oskar.register(0)).toMatchObject({ status: 200 });
    },
  );
}
