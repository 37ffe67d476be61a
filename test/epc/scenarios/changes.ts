/** What a change of the subscription sends to the node that serves it [29.272-5.2.2] [29.272-5.2.1.2]. */
import type { Hss } from '../../ims/support/hss';
import type { Avps } from '../support/avps';
import { hostOf } from '../support/names';
import { apnsOf, inside, resultOf, updateLocation } from '../support/requests';
import { allAnswered, type Scenario } from '../support/scenario';
import { ims, internet, newSubscriber } from '../support/subscribers';

const subscriptionWithdrawal = 2;
/** [29.272-7.3.33] */
const modifiedApnsIncluded = 1;
/** "PDN subscription contexts Withdrawal" [29.272-7.3.25] */
const contextsWithdrawal = 8;

const ambr = { uplinkBitsPerSecond: 7_000_000, downlinkBitsPerSecond: 9_000_000 };
const withApns = (...apnConfigurations: readonly object[]) => ({
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: [...apnConfigurations] as never,
  },
});

export function changeScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-5.2.2.1.3] [29.272-5.2.2.2.3] IDR with what changed, DSR with what is gone, CLR after the last',
    async ({ hss, nodes }) => {
      const erik = newSubscriber('changed');
      await hss.provision(erik.eps());
      await updateLocation(nodes, 'mme1', erik.imsi);

      await hss.provision(erik.eps({ ambr }));
      const idr = await nodes.next('mme1', 'IDR');
      expect(idr).toMatchObject({ 'User-Name': erik.imsi, 'Destination-Host': hostOf('mme1') });
      expect(inside(idr, 'Subscription-Data')).toEqual({
        AMBR: { 'Max-Requested-Bandwidth-UL': 7_000_000, 'Max-Requested-Bandwidth-DL': 9_000_000 },
      });
      await allAnswered(hss);

      const faster = { ...internet, qosProfile: { qci: 8, priorityLevel: 8 } };
      await hss.provision(erik.eps({ ambr, ...withApns(faster, ims) }));
      const changed = inside(await nodes.next('mme1', 'IDR'), 'Subscription-Data');
      expect(Object.keys(changed)).toEqual(['APN-Configuration-Profile']);
      expect(inside(changed, 'APN-Configuration-Profile')).toMatchObject({
        'Context-Identifier': 1,
        'All-APN-Configurations-Included-Indicator': modifiedApnsIncluded,
      });
      expect(apnsOf(changed)).toMatchObject([
        { 'Context-Identifier': 1, 'EPS-Subscribed-QoS-Profile': { 'QoS-Class-Identifier': 8 } },
      ]);
      await allAnswered(hss);

      await hss.provision(erik.eps({ ambr, ...withApns(faster) }));
      expect(await nodes.next('mme1', 'DSR')).toMatchObject({
        'User-Name': erik.imsi,
        'DSR-Flags': contextsWithdrawal,
        'Context-Identifier': 2,
      });
      await allAnswered(hss);

      await hss.withdraw(erik.id);
      expect(await nodes.next('mme1', 'CLR')).toMatchObject({
        'User-Name': erik.imsi,
        'Cancellation-Type': subscriptionWithdrawal,
      });
      await allAnswered(hss);
      expect(resultOf(await updateLocation(nodes, 'mme1', erik.imsi))).toBe(5001);
    },
  );

  scenario(
    '[29.272-5.2.4.1.3] [29.272-5.2.2.1.3] after a restart: who serves the UE is known, and RSR by hand',
    async ({ hss, nodes }) => {
      const fred = newSubscriber('restart');
      await hss.provision(fred.eps());
      await updateLocation(nodes, 'mme2', fred.imsi);
      await restart(hss);
      for (const node of ['mme1', 'mme2', 'sgsn1']) await nodes.connected(node);
      await hss.provision(fred.eps({ ambr }));
      const idr: Avps = await nodes.next('mme2', 'IDR');
      expect(idr['User-Name']).toBe(fred.imsi);
      await allAnswered(hss);

      expect(await hss.command(['reset', '--node', hostOf('mme2')])).toMatchObject({ status: 0 });
      expect(await nodes.next('mme2', 'RSR')).toMatchObject({ 'Destination-Host': hostOf('mme2') });
      await allAnswered(hss);
    },
  );
}

async function restart(hss: Hss): Promise<void> {
  await hss.stop();
  await hss.start();
}
