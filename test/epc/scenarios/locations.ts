/** Attach, move, both nodes at once, purge and P-GWs [29.272-5.2.1] [29.272-5.2.5]. */
import type { Hss } from '../../ims/support/hss';
import type { Avps } from '../support/avps';
import type { ErlangNodes } from '../support/erlang-nodes';
import { hostOf, realm } from '../support/names';
import {
  about,
  apnsOf,
  inside,
  rat,
  requestVectors,
  resultOf,
  ulr,
  updateLocation,
  vectorsOf,
} from '../support/requests';
import { allAnswered, type Scenario } from '../support/scenario';
import { challenge, homePlmn, kasme, newSubscriber, octets, type Subscriber } from '../support/subscribers';

/** [29.272-7.3.24] */
const cancellation = { mmeUpdate: 0, sgsnUpdate: 1, initialAttach: 4 };
/** [29.272-7.3.8] [29.272-7.3.48] */
const separationIndication = 1;
const freezeMTmsi = 1;
/** [29.272-7.3.49] */
const norOverS6a = 256;
/** [29.272-7.3.44] */
const dynamic = 1;

async function provisioned(hss: Hss, id: string): Promise<Subscriber> {
  const subscriber = newSubscriber(id);
  await hss.provision(subscriber.eps());
  return subscriber;
}

const purge = async (nodes: ErlangNodes, node: string, imsi: string): Promise<Avps> =>
  (await nodes.request(node, 'PUR', about(imsi))).avps;

export function locationScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-5.2.3.1] [29.272-5.2.1.1] attach: the UE and the MME have one KASME, and the MME both APNs',
    async ({ hss, nodes }) => {
      const anna = await provisioned(hss, 'attach');
      const [vector = {}] = vectorsOf(await requestVectors(nodes, 'mme1', anna.imsi));
      const said = challenge(anna.usim, vector);
      if (said.kind !== 'response') throw new Error(said.kind);
      expect(vector['XRES']).toBe(said.res.toString('hex'));
      expect(vector['KASME']).toBe(kasme(said, homePlmn, octets(vector, 'AUTN')));

      const answer = await updateLocation(nodes, 'mme1', anna.imsi);
      expect(resultOf(answer)).toBe(2001);
      expect(answer['ULA-Flags']).toBe(separationIndication);
      const data = inside(answer, 'Subscription-Data');
      expect(data).toMatchObject({
        MSISDN: anna.msisdnTbcd,
        'Subscriber-Status': 0,
        'Network-Access-Mode': 0,
        AMBR: { 'Max-Requested-Bandwidth-UL': 50_000_000, 'Max-Requested-Bandwidth-DL': 100_000_000 },
      });
      expect(inside(data, 'APN-Configuration-Profile')).toMatchObject({
        'Context-Identifier': 1,
        'All-APN-Configurations-Included-Indicator': 0,
      });
      expect(apnsOf(data)).toMatchObject([
        {
          'Context-Identifier': 1,
          'Service-Selection': 'internet',
          'PDN-Type': 2,
          'EPS-Subscribed-QoS-Profile': {
            'QoS-Class-Identifier': 9,
            'Allocation-Retention-Priority': { 'Priority-Level': 8 },
          },
          AMBR: { 'Max-Requested-Bandwidth-UL': 50_000_000, 'Max-Requested-Bandwidth-DL': 100_000_000 },
        },
        {
          'Context-Identifier': 2,
          'Service-Selection': 'ims',
          'PDN-Type': 2,
          'EPS-Subscribed-QoS-Profile': {
            'QoS-Class-Identifier': 5,
            'Allocation-Retention-Priority': { 'Priority-Level': 1 },
          },
          AMBR: { 'Max-Requested-Bandwidth-UL': 1_000_000, 'Max-Requested-Bandwidth-DL': 1_000_000 },
        },
      ]);
    },
  );

  scenario(
    '[29.272-5.2.1.2] a move to another MME: CLR at the one left, answered, and the purge of both',
    async ({ hss, nodes }) => {
      const bert = await provisioned(hss, 'move');
      await updateLocation(nodes, 'mme1', bert.imsi);
      expect(resultOf(await updateLocation(nodes, 'mme2', bert.imsi, { 'ULR-Flags': ulr.s6a }))).toBe(2001);
      expect(await nodes.next('mme1', 'CLR')).toMatchObject({
        'Destination-Host': hostOf('mme1'),
        'Destination-Realm': realm,
        'User-Name': bert.imsi,
        'Cancellation-Type': cancellation.mmeUpdate,
      });
      await allAnswered(hss);

      // Freeze only at the node that is registered [29.272-5.2.1.3.3].
      const left = await purge(nodes, 'mme1', bert.imsi);
      expect([resultOf(left), left['PUA-Flags'] ?? 0]).toEqual([2001, 0]);
      const present = await purge(nodes, 'mme2', bert.imsi);
      expect([resultOf(present), present['PUA-Flags']]).toEqual([2001, freezeMTmsi]);
      expect(resultOf(await purge(nodes, 'mme2', '001019999999999'))).toBe(5001);
    },
  );

  scenario(
    '[29.272-5.2.1.1.3] an SGSN beside the MME, until an initial attach or a single registration',
    async ({ hss, nodes }) => {
      const clara = await provisioned(hss, 'beside');
      const atSgsn = { 'ULR-Flags': 0, 'RAT-Type': rat.utran };
      await updateLocation(nodes, 'mme1', clara.imsi);
      expect(resultOf(await updateLocation(nodes, 'sgsn1', clara.imsi, atSgsn))).toBe(2001);
      expect(nodes.notLookedAt).toEqual([]);
      // Again at the same MME: no CLR to itself.
      await updateLocation(nodes, 'mme1', clara.imsi, { 'ULR-Flags': ulr.s6a | ulr.initialAttach });
      expect(await nodes.next('sgsn1', 'CLR')).toMatchObject({
        'User-Name': clara.imsi,
        'Cancellation-Type': cancellation.initialAttach,
      });
      await updateLocation(nodes, 'sgsn1', clara.imsi, atSgsn);
      await updateLocation(nodes, 'mme1', clara.imsi, { 'ULR-Flags': ulr.s6a | ulr.singleRegistration });
      expect(await nodes.next('sgsn1', 'CLR')).toMatchObject({
        'User-Name': clara.imsi,
        'Cancellation-Type': cancellation.sgsnUpdate,
      });
    },
  );

  scenario(
    '[29.272-5.2.5.1.3] the P-GW of an APN, which the next MME gets; none from a node that is not registered',
    async ({ hss, nodes }) => {
      const dora = await provisioned(hss, 'gateway');
      const gateway = { 'MIP-Home-Agent-Address': ['192.0.2.7'] };
      const notify = async (node: string) =>
        (
          await nodes.request(
            node,
            'NOR',
            about(dora.imsi, {
              'MIP6-Agent-Info': gateway,
              'Service-Selection': 'internet',
              'Context-Identifier': 1,
              'NOR-Flags': norOverS6a,
            }),
          )
        ).avps;
      await updateLocation(nodes, 'mme1', dora.imsi);
      expect(resultOf(await notify('mme2'))).toBe(5423);
      expect(resultOf(await notify('mme1'))).toBe(2001);

      const answer = await updateLocation(nodes, 'mme2', dora.imsi, { 'ULR-Flags': ulr.s6a });
      const [internet, ims] = apnsOf(inside(answer, 'Subscription-Data'));
      expect(internet).toMatchObject({
        'Service-Selection': 'internet',
        'MIP6-Agent-Info': { 'MIP-Home-Agent-Address': '192.0.2.7' },
        'PDN-GW-Allocation-Type': dynamic,
      });
      expect(ims?.['MIP6-Agent-Info']).toBeUndefined();
      await nodes.next('mme1', 'CLR');
    },
  );
}
