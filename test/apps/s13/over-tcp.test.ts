/** ECR and ECA between an MME and the whole product, over TCP [29.272-6.2.1]. */
import { EquipmentStatus, S13_APPLICATION_ID } from '../../../src/apps/s13/generated/s13';
import { CxClient } from '../../support/cx-client';
import { freshDatabase, openStore, type TestStore } from '../../support/database';
import { MmeClient, type MmeAnswer } from '../../support/mme-client';
import { endServers, startWhole, type WholeServer } from '../../outbox/whole-server';
import { endAll, eventually } from '../../system/support/hss-process';

const realm = 'ims.example';
const mme = { originHost: 'mme.ims.example', originRealm: realm };
const imei = '35693803564380';
const imsi = '001010000000001';
let url: string;
let store: TestStore;
let server: WholeServer;
let client: MmeClient;

const settings = {
  diameter: { unknownPeers: 'accept' },
  peers: [
    { identity: mme.originHost, role: 'mme' },
    { identity: 'sgsn.ims.example', role: 'sgsn' },
    { identity: 'scscf.ims.example', role: 'scscf' },
  ],
};
const ecr = (terminalInformation: object, avps: object = {}): Promise<MmeAnswer> =>
  client.request('ECR', { terminalInformation, ...avps });

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await store.equipment.import([
    { value: imei, status: 'prohibited' },
    { value: `${imei}01`, status: 'tracking' },
    { value: '35693804', status: 'permitted' },
  ]);
  server = await startWhole(url, { ...settings, s13: { recordUse: true } });
  client = await MmeClient.open(server.diameterPort, mme, S13_APPLICATION_ID);
}, 60_000);

afterAll(async () => {
  client.close();
  await endServers();
  await endAll();
  await store.close();
});

test('[29.272-7.1.7] the CEA names S13 beside Cx', async () => {
  const other = await MmeClient.connect(
    server.diameterPort,
    { originHost: 'sgsn.ims.example', originRealm: realm },
    S13_APPLICATION_ID,
  );
  const { result, avps } = await other.exchangeCapabilities();
  expect(result).toBe('2001');
  expect(avps['vendorSpecificApplicationId']).toEqual(
    expect.arrayContaining([{ vendorId: 10_415, authApplicationId: S13_APPLICATION_ID }]),
  );
  // [29.272-6.1] S13' is the same for an SGSN.
  expect((await other.request('ECR', { terminalInformation: { imei } })).result).toBe('2001');
  other.close();
});

test.each([
  ['of the IMEI', { imei }, EquipmentStatus.PROHIBITEDLISTED],
  ['with the check digit', { imei: `${imei}9` }, EquipmentStatus.PROHIBITEDLISTED],
  ['of the software version', { imei, softwareVersion: '01' }, EquipmentStatus.TRACKINGLISTED],
  ['of the TAC', { imei: '35693804000001', softwareVersion: '77' }, EquipmentStatus.PERMITTEDLISTED],
])('[29.272-6.2.1.3] known equipment gets the status %s', async (_, terminal, equipmentStatus) => {
  const { result, avps, header, abbreviation } = await ecr(terminal);
  expect([abbreviation, result, avps['equipmentStatus']]).toEqual(['ECA', '2001', equipmentStatus]);
  expect([header.applicationId, header.proxiable, header.error]).toEqual([S13_APPLICATION_ID, true, false]);
  // [29.272-7.1.4] [29.272-7.2.2]
  expect([avps['authSessionState'], avps['vendorSpecificApplicationId']]).toEqual([1, undefined]);
});

test('[29.272-6.2.1.3] unknown equipment: 5422 in Experimental-Result, with the vendor 3GPP', async () => {
  const { result, avps } = await ecr({ imei: '11111111111111' });
  expect(result).toBe('experimental 5422');
  expect(avps['experimentalResult']).toMatchObject({ vendorId: 10_415 });
  expect([avps['resultCode'], avps['equipmentStatus']]).toEqual([undefined, undefined]);
});

test('[29.272-7.2.2] a Vendor-Specific-Application-Id that comes in is ignored', async () => {
  const vendorSpecificApplicationId = { vendorId: 10_415, authApplicationId: 16_777_251 };
  expect((await ecr({ imei }, { vendorSpecificApplicationId })).result).toBe('2001');
});

test.each([
  ['a malformed IMEI', { imei: '1234' }, '5004'],
  ['no IMEI', {}, '5005'],
  ['a malformed software version', { imei, softwareVersion: 'x' }, '5004'],
])('%s is refused with Failed-AVP, and the connection stays', async (_, terminal, code) => {
  const { result, avps } = await ecr(terminal);
  expect(result).toBe(code);
  expect(avps['failedAvp']).toMatchObject({ additionalAvps: [{ code: 1401, vendorId: 10_415 }] });
  expect((await ecr({ imei })).result).toBe('2001');
});

test('a change of the table holds for the next ECR', async () => {
  const of = '22222222222222';
  expect((await ecr({ imei: of })).result).toBe('experimental 5422');
  await store.equipment.put({ value: of, status: 'permitted' }, {});
  expect((await ecr({ imei: of })).avps['equipmentStatus']).toBe(EquipmentStatus.PERMITTEDLISTED);
  await store.equipment.delete(of, {});
  expect((await ecr({ imei: of })).result).toBe('experimental 5422');
});

test('a use is recorded with the IMSI, of unknown equipment too', async () => {
  await ecr({ imei: '33333333333333', softwareVersion: '05' }, { userName: imsi });
  await eventually(
    async () => (await store.equipmentUses.list({ imsi }, 1, null, 10)).items.length > 0,
    'the use is stored',
  );
  expect((await store.equipmentUses.list({ imsi }, 1, null, 10)).items).toMatchObject([
    { imsi, imei: '33333333333333', softwareVersion: '05', peer: mme.originHost },
  ]);
});

test('checks are counted by outcome', async () => {
  const text = async (): Promise<string> => (await fetch(`${server.metricsUrl}/metrics`)).text();
  const count = async (outcome: string): Promise<number> =>
    Number(
      new RegExp(`^hss_equipment_checks_total{outcome="${outcome}"} (\\d+)$`, 'm').exec(await text())?.[1],
    );
  const before = await count('unknown');
  await ecr({ imei: '11111111111111' });
  expect(await count('unknown')).toBe(before + 1);
  for (const outcome of ['permitted', 'prohibited', 'tracking', 'malformed'])
    expect(await count(outcome)).toBeGreaterThan(0);
  expect(await text()).toContain(
    'hss_diameter_answers_total{command="ECR",result="DIAMETER_ERROR_EQUIPMENT_UNKNOWN"}',
  );
});

test('a peer that is neither MME nor SGSN may not ask', async () => {
  const scscf = await MmeClient.open(
    server.diameterPort,
    { originHost: 'scscf.ims.example', originRealm: realm },
    S13_APPLICATION_ID,
  );
  expect((await scscf.request('ECR', { terminalInformation: { imei } })).result).toBe('5003');
  scscf.close();
});

test('what is said of unknown equipment can be configured; nothing is recorded unless asked for', async () => {
  const mild = await startWhole(url, { ...settings, s13: { unknownEquipment: 'tracking' } });
  const its = await MmeClient.open(mild.diameterPort, mme, S13_APPLICATION_ID);
  const userName = '001010000000009';
  const { result, avps } = await its.request('ECR', {
    terminalInformation: { imei: '11111111111111' },
    userName,
  });
  expect([result, avps['equipmentStatus']]).toEqual(['2001', EquipmentStatus.TRACKINGLISTED]);
  its.close();
  await mild.stop();
  expect((await store.equipmentUses.list({ imsi: userName }, 1, null, 10)).items).toEqual([]);
}, 30_000);

test('a use whose ECR is answered is stored before the HSS ends', async () => {
  const ending = await startWhole(url, { ...settings, s13: { recordUse: true } });
  const its = await MmeClient.open(ending.diameterPort, mme, S13_APPLICATION_ID);
  const imsis = Array.from({ length: 20 }, (_, i) => `0010100000001${String(i).padStart(2, '0')}`);
  await Promise.all(imsis.map((userName) => its.request('ECR', { terminalInformation: { imei }, userName })));
  await ending.stop();
  its.close();
  const stored = await Promise.all(
    imsis.map((of) => store.equipmentUses.list({ imsi: of }, 1, null, 10).then(({ items }) => items.length)),
  );
  expect(stored).toEqual(imsis.map(() => 1));
}, 30_000);

test('switched off: neither named in the CEA nor served', async () => {
  const off = await startWhole(url, { ...settings, s13: { enabled: false } });
  const alone = await MmeClient.connect(off.diameterPort, mme, S13_APPLICATION_ID);
  expect((await alone.exchangeCapabilities()).result).toBe('5010');
  alone.close();
  const cx = await CxClient.open(off.diameterPort, {
    originHost: 'scscf.ims.example',
    originRealm: realm,
  });
  cx.close();
  const both = await MmeClient.connect(off.diameterPort, mme, S13_APPLICATION_ID);
  const cea = await both.exchangeCapabilities(16_777_216);
  expect(JSON.stringify(cea.avps['vendorSpecificApplicationId'])).not.toContain(String(S13_APPLICATION_ID));
  expect((await both.request('ECR', { terminalInformation: { imei } })).result).toBe('3007');
  both.close();
}, 30_000);
