/** Every AVP of Subscription-Data that can be provisioned, decoded by Erlang and, at the end, by tshark [29.272-7.3.2]. */
import { everyEpsProperty } from '../../support/eps';
import { apnsOf, inside, rat, resultOf, updateLocation } from '../support/requests';
import type { Scenario } from '../support/scenario';
import { newSubscriber } from '../support/subscribers';

/** [29.272-7.3.7] */
const wantsGprsData = 8;

export function everythingScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-7.3.2] [29.272-5.2.1.1.3] a subscriber who has everything, at an MME and at an SGSN',
    async ({ hss, nodes }) => {
      const zoe = newSubscriber('everything');
      await hss.provision(zoe.eps({ ...everyEpsProperty(), profile: undefined }));
      const atMme = await updateLocation(nodes, 'mme1', zoe.imsi);
      expect(resultOf(atMme)).toBe(2001);
      const forMme = inside(atMme, 'Subscription-Data');
      expect(apnsOf(forMme).map((apn) => apn['Context-Identifier'])).toEqual([1, 2, 3, 50]);
      const atSgsn = await updateLocation(nodes, 'sgsn1', zoe.imsi, {
        'ULR-Flags': wantsGprsData,
        'RAT-Type': rat.utran,
      });
      expect(resultOf(atSgsn)).toBe(2001);
      const forSgsn = inside(atSgsn, 'Subscription-Data');
      process.stdout.write(`${Object.keys(forMme).join(' ')}\n${Object.keys(forSgsn).join(' ')}\n`);
    },
  );
}
