/** Vectors for an MME, against the USIM of the tests [29.272-5.2.3.1]. */
import { inside, requestVectors, resultOf, vectorsOf } from '../support/requests';
import type { Scenario } from '../support/scenario';
import {
  challenge,
  foreignPlmn,
  homePlmn,
  kasme,
  newSubscriber,
  newUsim,
  octets,
} from '../support/subscribers';

const separationBit = 0x80;

export function authenticationScenarios(scenario: Scenario): void {
  scenario(
    '[29.272-5.2.3.1.3] [29.272-7.3.18] several vectors in the order of their SQNs, each taken by the USIM',
    async ({ hss, nodes }) => {
      const anna = newSubscriber('anna');
      await hss.provision(anna.eps());
      const answer = await requestVectors(nodes, 'mme1', anna.imsi, { count: 3, plmn: foreignPlmn });
      expect(resultOf(answer)).toBe(2001);
      const vectors = vectorsOf(answer);
      expect(vectors.map((vector) => vector['Item-Number'])).toEqual([1, 2, 3]);
      const sqns: number[] = [];
      for (const vector of vectors) {
        const said = challenge(anna.usim, vector);
        if (said.kind !== 'response') throw new Error(said.kind);
        expect(vector['XRES']).toBe(said.res.toString('hex'));
        expect(vector['KASME']).toBe(kasme(said, foreignPlmn, octets(vector, 'AUTN')));
        // The separation bit of AMF [29.272-5.2.3.1.3].
        expect(octets(vector, 'AUTN').readUInt8(6) & separationBit).toBe(separationBit);
        sqns.push(anna.usim.sqn);
      }
      expect(sqns).toEqual([...sqns].sort((a, b) => a - b));
      expect(new Set(sqns).size).toBe(3);
    },
  );

  scenario(
    '[29.272-5.2.3.1.3] [33.102-6.3.5] a USIM that is ahead resynchronises the HSS',
    async ({ hss, nodes }) => {
      const bert = newSubscriber('bert');
      await hss.provision(bert.eps());
      bert.usim.advanceTo(1_000_000 * 32);
      const [stale = {}] = vectorsOf(await requestVectors(nodes, 'mme1', bert.imsi));
      const refused = challenge(bert.usim, stale);
      if (refused.kind !== 'resynchronisation') throw new Error(refused.kind);

      // MAC-S is verified before anything changes.
      const wrong = Buffer.concat([octets(stale, 'RAND'), refused.auts]);
      wrong.writeUInt8(wrong.readUInt8(29) ^ 1, 29);
      const unavailable = await requestVectors(nodes, 'mme1', bert.imsi, {
        resynchronisation: wrong.toString('hex'),
      });
      expect(resultOf(unavailable)).toBe(4181);
      const [stillStale = {}] = vectorsOf(await requestVectors(nodes, 'mme1', bert.imsi));
      expect(challenge(bert.usim, stillStale).kind).toBe('resynchronisation');

      const resynchronisation = Buffer.concat([octets(stale, 'RAND'), refused.auts]).toString('hex');
      const healed = await requestVectors(nodes, 'mme1', bert.imsi, { resynchronisation });
      expect(resultOf(healed)).toBe(2001);
      const [fresh = {}] = vectorsOf(healed);
      expect(challenge(bert.usim, fresh).kind).toBe('response');
      const [next = {}] = vectorsOf(await requestVectors(nodes, 'mme2', bert.imsi));
      expect(challenge(bert.usim, next).kind).toBe('response');
    },
  );

  scenario('[29.272-5.2.3.1.3] vectors for GERAN and UTRAN to an SGSN', async ({ hss, nodes }) => {
    const clara = newSubscriber('clara');
    await hss.provision(clara.eps());
    const { avps } = await nodes.request('sgsn1', 'AIR', {
      'Destination-Realm': 'epc.mnc001.mcc001.3gppnetwork.org',
      'User-Name': clara.imsi,
      'Visited-PLMN-Id': homePlmn,
      'Requested-UTRAN-GERAN-Authentication-Info': { 'Number-Of-Requested-Vectors': 1 },
    });
    expect(resultOf(avps)).toBe(2001);
    const vector = inside(avps, 'Authentication-Info', 'UTRAN-Vector');
    const said = challenge(newUsim(), vector);
    if (said.kind !== 'response') throw new Error(said.kind);
    expect(vector).toMatchObject({
      XRES: said.res.toString('hex'),
      'Confidentiality-Key': said.ck.toString('hex'),
      'Integrity-Key': said.ik.toString('hex'),
    });
    expect(octets(vector, 'AUTN').readUInt8(6) & separationBit).toBe(0);
  });

  scenario(
    '[29.272-5.2.3.1.3] nobody, and a subscriber without EPS, get no vectors',
    async ({ hss, nodes }) => {
      expect(resultOf(await requestVectors(nodes, 'mme1', '001019999999999'))).toBe(5001);
      const dora = newSubscriber('dora');
      await hss.provision(dora.ims());
      const answer = await requestVectors(nodes, 'mme1', dora.imsi);
      expect(resultOf(answer)).toBe(5420);
      // NO_GPRS_DATA_SUBSCRIBED [29.272-7.3.128].
      expect(answer['Error-Diagnostic']).toBe(1);
    },
  );
}
