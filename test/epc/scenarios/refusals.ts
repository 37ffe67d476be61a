/** Who may not be served, with the results that tell an MME which cause it gives the UE [29.272-5.2.1.1.3]. */
import { resultOf, updateLocation } from '../support/requests';
import type { Scenario } from '../support/scenario';
import { foreignPlmn, newSubscriber } from '../support/subscribers';

export function refusalScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-5.2.1.1.3] unknown IMSI, no EPS, RAT not allowed, network forbidden',
    async ({ hss, nodes }) => {
      expect(resultOf(await updateLocation(nodes, 'mme1', '001019999999999'))).toBe(5001);

      const withoutEps = newSubscriber('without-eps');
      await hss.provision(withoutEps.ims());
      const unknown = await updateLocation(nodes, 'mme1', withoutEps.imsi);
      // NO_GPRS_DATA_SUBSCRIBED [29.272-7.3.128].
      expect([resultOf(unknown), unknown['Error-Diagnostic']]).toEqual([5420, 1]);

      const onlyUtran = newSubscriber('only-utran');
      await hss.provision(onlyUtran.eps({ accessRestrictions: ['wbEutranNotAllowed'] }));
      expect(resultOf(await updateLocation(nodes, 'mme1', onlyUtran.imsi))).toBe(5421);

      const atHome = newSubscriber('at-home');
      await hss.provision(atHome.eps({ forbiddenVisitedNetworks: ['26201'] }));
      const abroad = await updateLocation(nodes, 'mme1', atHome.imsi, { 'Visited-PLMN-Id': foreignPlmn });
      expect([resultOf(abroad), abroad['Error-Diagnostic']]).toEqual([5004, undefined]);
      // What a refusal has nothing to do with [29.272-5.2.1.1.1].
      for (const avp of ['ULA-Flags', 'Subscription-Data']) expect(abroad[avp]).toBeUndefined();
      expect(resultOf(await updateLocation(nodes, 'mme1', atHome.imsi))).toBe(2001);
    },
  );
}
