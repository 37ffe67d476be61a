/** What is decided on an ECR, without a socket or a database. */
import type { EquipmentEntry } from '../../../src/apps/s13/equipment/entry';
import { EquipmentStatus, type MeIdentityCheckRequest } from '../../../src/apps/s13/generated/s13';
import { decideCheck, prepareCheck, type S13Settings } from '../../../src/apps/s13/me-identity-check';
import type { PeerIdentity } from '../../../src/diameter/peer/contract';

const imei = '35693803564380';
const peer: PeerIdentity = { originHost: 'mme.epc.example', originRealm: 'epc.example' };
const settings: S13Settings = { unknownEquipment: 'unknown', recordUse: false };

const request = (
  terminalInformation: MeIdentityCheckRequest['terminalInformation'],
  userName?: string,
): MeIdentityCheckRequest => ({
  sessionId: 'mme;1;1',
  authSessionState: 1,
  originHost: peer.originHost,
  originRealm: peer.originRealm,
  destinationRealm: 'epc.example',
  terminalInformation,
  ...(userName === undefined ? {} : { userName }),
});

const decide = (entry: EquipmentEntry | null, given: Partial<S13Settings> = {}, userName?: string) =>
  decideCheck(
    request({ imei: `${imei}9`, softwareVersion: '01' }, userName),
    {
      peer,
      loaded: {
        snapshot: null,
        impuOwners: [],
        impuWildcards: [],
        impiOwner: null,
        keyed: { equipment: entry },
      },
    },
    { ...settings, ...given },
  );

describe('what is looked up', () => {
  test.each([
    ['14 digits', imei],
    ['a 15th digit is ignored', `${imei}9`],
  ])('[29.272-6.2.1.3] %s', (_, given) => {
    expect(prepareCheck(request({ imei: given }))).toMatchObject({
      impus: [],
      keyed: [{ module: { name: 'equipment' }, key: { imei } }],
    });
  });

  test('[29.272-6.2.1.3] the software version goes along', () => {
    expect(prepareCheck(request({ imei, softwareVersion: '07' }))).toMatchObject({
      keyed: [{ key: { imei, softwareVersion: '07' } }],
    });
  });

  const of3gpp = (code: number, octets: string): string =>
    Buffer.concat([
      Buffer.from([0, 0, code >> 8, code & 0xff, 0xc0, 0, 0, 12 + octets.length, 0, 0, 0x28, 0xaf]),
      Buffer.from(octets),
      Buffer.alloc((4 - (octets.length % 4)) % 4),
    ]).toString('hex');

  test.each([
    ['no IMEI', {}, 5005, of3gpp(1402, '')],
    ['a 3GPP2 MEID only', { avp3gpp2Meid: Buffer.alloc(8) }, 5005, of3gpp(1402, '')],
    ['13 digits', { imei: imei.slice(1) }, 5004, of3gpp(1402, imei.slice(1))],
    ['16 digits', { imei: `${imei}01` }, 5004, of3gpp(1402, `${imei}01`)],
    ['letters', { imei: 'A5693803564380' }, 5004, of3gpp(1402, 'A5693803564380')],
    ['other digits', { imei: '٣٥٦٩٣٨٠٣٥٦٤٣٨٠' }, 5004, null],
    ['nothing in it', { imei: '' }, 5004, of3gpp(1402, '')],
    ['a line break', { imei: `${imei}\n` }, 5004, of3gpp(1402, `${imei}\n`)],
    ['a software version of one digit', { imei, softwareVersion: '1' }, 5004, of3gpp(1403, '1')],
    ['a software version of letters', { imei, softwareVersion: 'ab' }, 5004, of3gpp(1403, 'ab')],
  ])('[29.272-6.2.1.1] %s is refused, and Failed-AVP shows it', (_, terminal, code, inside) => {
    const decision = prepareCheck(request(terminal, '001010000000001'));
    expect(decision).toMatchObject({
      result: { kind: 'base', code },
      failedAvps: [{ code: 1401, vendorId: 10_415, mandatory: true }],
      notable: 'equipmentMalformed',
      refusal: { imsi: '001010000000001' },
    });
    if (inside !== null && 'failedAvps' in decision)
      expect(decision.failedAvps?.[0]?.data.toString('hex')).toBe(inside);
  });

  test('what is no number does not get into the log', () => {
    const decision = prepareCheck(request({ imei: 'x'.repeat(5_000) }, 'y'.repeat(5_000)));
    expect(JSON.stringify('refusal' in decision ? decision.refusal : null).length).toBeLessThan(200);
  });
});

describe('[29.272-6.2.1.3] the answer', () => {
  test.each([
    ['permitted', EquipmentStatus.PERMITTEDLISTED],
    ['prohibited', EquipmentStatus.PROHIBITEDLISTED],
    ['tracking', EquipmentStatus.TRACKINGLISTED],
  ] as const)('%s equipment: success with its status', (status, equipmentStatus) => {
    const decision = decide({ value: imei, status });
    expect(decision).toEqual({
      result: { kind: 'base', code: 2001 },
      avps: { equipmentStatus },
      notable: `equipment${status[0]?.toUpperCase()}${status.slice(1)}`,
    });
    // The same where that is what is said of unknown equipment.
    expect(decide(null, { unknownEquipment: status })).toEqual(decision);
  });

  test('unknown equipment: DIAMETER_ERROR_EQUIPMENT_UNKNOWN, with a line that says which', () => {
    expect(decide(null, {}, '001010000000001')).toEqual({
      result: { kind: 'experimental', code: 5422 },
      avps: {},
      notable: 'equipmentUnknown',
      refusal: {
        check: 'no entry is about this equipment',
        clause: 'TS 29.272 6.2.1.3',
        imei,
        softwareVersion: '01',
        imsi: '001010000000001',
      },
    });
  });

  test('an entry counts before what is said of unknown equipment', () => {
    expect(decide({ value: imei, status: 'prohibited' }, { unknownEquipment: 'permitted' }).avps).toEqual({
      equipmentStatus: EquipmentStatus.PROHIBITEDLISTED,
    });
  });
});

describe('[29.272-6.2.1.1] who uses it', () => {
  const imsi = '001010000000001';
  const use = { imsi, imei, softwareVersion: '01', peer: peer.originHost };
  test.each([
    ['with an IMSI', true, imsi, [use]],
    ['not without an IMSI, which is optional', true, undefined, undefined],
    ['not of what is no IMSI', true, 'user@realm', undefined],
    ['not where it is not asked for', false, imsi, undefined],
  ])('is told %s', (_, recordUse, userName, notifications) => {
    expect(decide({ value: imei, status: 'permitted' }, { recordUse }, userName).notifications).toEqual(
      notifications,
    );
    expect(decide(null, { recordUse }, userName).notifications).toEqual(notifications);
  });
});
