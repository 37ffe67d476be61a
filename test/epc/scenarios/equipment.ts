/** Whether a phone may be used: S13 [29.272-6.2.1]. */
import { realm } from '../support/names';
import { resultOf } from '../support/requests';
import type { Scenario } from '../support/scenario';

/** [29.272-7.3.51] */
const prohibited = 1;

export function equipmentScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-6.2.1.3] equipment on a list, and equipment that nobody knows',
    async ({ hss, nodes }) => {
      const added = await hss.command(['equipment', 'add', '35693803564380', '--status', 'prohibited']);
      expect(added).toMatchObject({ status: 0 });
      const check = async (node: string, terminal: { IMEI?: string; 'Software-Version'?: string }) =>
        (await nodes.request(node, 'ECR', { 'Destination-Realm': realm, 'Terminal-Information': terminal }))
          .avps;

      // 15 digits: the check digit does not count.
      for (const node of ['mme1', 'sgsn1']) {
        const answer = await check(node, { IMEI: '356938035643809', 'Software-Version': '01' });
        expect(resultOf(answer)).toBe(2001);
        expect(answer['Equipment-Status']).toBe(prohibited);
      }
      const unknown = await check('mme2', { IMEI: '35693803564381' });
      expect(resultOf(unknown)).toBe(5422);
      expect(unknown['Equipment-Status']).toBeUndefined();
    },
  );
}
