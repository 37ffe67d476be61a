/** AVPs of S6a and S13 on the wire: codes and flags of TS 29.272 clause 7.3.1, and what an MME sends. */
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import { encodeAvp } from '../../../src/diameter/codec/encode';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { CX_APPLICATION_ID } from '../../../src/apps/cx/generated/cx';
import { S13_APPLICATION_ID } from '../../../src/apps/s13/generated/s13';
import { s13Table } from '../../../src/apps/s13/generated/s13-tables';
import { RatType, S6A_APPLICATION_ID, SmsRegisterRequest } from '../../../src/apps/s6a/generated/s6a';
import { PLMN, s6aDictionary as dictionary } from './s6a-support';
import {
  cxNumber,
  cxText,
  MANDATORY,
  number,
  present,
  rawAvp,
  rawMessage,
  TGPP,
  text,
  VENDOR,
} from './support';

/** Code, flags and vendor of an AVP as octets. */
function headOf(name: string, value: unknown, applicationId: number = S6A_APPLICATION_ID) {
  const octets = encodeAvp(name, value, dictionary, applicationId);
  const flags = octets.readUInt8(4);
  return [octets.readUInt32BE(0), flags, (flags & VENDOR) === 0 ? 0 : octets.readUInt32BE(8)];
}

const OCTETS = Buffer.from('x');
const REFERENCE = { scefReferenceId: 1 };

describe('[29.272-7.3.1] flags of re-used AVPs', () => {
  test.each([
    ['Visited-Network-Identifier', OCTETS, 600],
    ['Charged-Party', 'scs', 857],
    ['User-CSG-Information', { csgId: 32, csgAccessMode: 0 }, 2319],
    ['GMLC-Address', '192.0.2.1', 2405],
    ['External-Identifier', 'meter1@example', 3111],
    ['AESE-Communication-Pattern', { scefId: 'scef.example' }, 3113],
    ['Monitoring-Event-Configuration', { scefId: 'scef.example', monitoringType: 1 }, 3122],
    ['Monitoring-Event-Report', REFERENCE, 3123],
    ['SCEF-ID', 'scef.example', 3125],
    ['Monitoring-Type', 1, 3127],
    ['Reachability-Information', 1, 3140],
    ['Monitoring-Event-Config-Status', REFERENCE, 3142],
    ['Supported-Monitoring-Events', 1n, 3144],
    ['SCEF-Reference-ID-Ext', 1n, 3186],
    ['Maximum-UE-Availability-Time', new Date(0), 3329],
    ['ProSe-Subscription-Data', { prosePermission: 1 }, 3701],
    ['eNodeB-ID', OCTETS, 4008],
    ['Active-Time', 1, 4324],
    ['Reachability-Cause', 1, 4325],
  ])('%s must not have the M bit', (name, value, code) => {
    expect(headOf(name, value)).toEqual([code, VENDOR, TGPP]);
  });

  test('RAT-Type must have the M bit', () => {
    expect(headOf('RAT-Type', RatType.EUTRAN)).toEqual([1032, MANDATORY | VENDOR, TGPP]);
  });

  test.each([
    ['OC-Supported-Features', {}, 621, 0, 0],
    ['DRMP', 0, 301, 0, 0],
    ['Supported-Features', { vendorId: TGPP, featureListId: 1, featureList: 1 }, 628, VENDOR, TGPP],
    ['Service-Selection', 'internet', 493, MANDATORY, 0],
    ['MIP6-Agent-Info', {}, 486, MANDATORY, 0],
    ['3GPP-Charging-Characteristics', '0800', 13, MANDATORY | VENDOR, TGPP],
    ['MSISDN', OCTETS, 701, MANDATORY | VENDOR, TGPP],
    ['Confidentiality-Key', OCTETS, 625, MANDATORY | VENDOR, TGPP],
    ['Integrity-Key', OCTETS, 626, MANDATORY | VENDOR, TGPP],
    ['QoS-Class-Identifier', 9, 1028, MANDATORY | VENDOR, TGPP],
    ['Priority-Level', 8, 1046, VENDOR, TGPP],
    ['Extended-Max-Requested-BW-UL', 1, 555, VENDOR, TGPP],
    ['Emergency-Services', 1, 1538, VENDOR, TGPP],
  ])('%s has those of the specification that defines it', (name, value, code, flags, vendorId) => {
    expect(headOf(name, value)).toEqual([code, flags, vendorId]);
  });

  test('Cx keeps its own', () => {
    const cx = headOf('Visited-Network-Identifier', OCTETS, CX_APPLICATION_ID);
    expect(cx).toEqual([600, MANDATORY | VENDOR, TGPP]);
  });
});

test.each([
  ['Subscription-Data', {}, 1400, MANDATORY | VENDOR],
  ['Visited-PLMN-Id', PLMN, 1407, MANDATORY | VENDOR],
  ['CSG-Id', 32, 1437, MANDATORY | VENDOR],
  ['User-Id', '00101', 1444, VENDOR],
  ['3GPP2-MEID', OCTETS, 1471, MANDATORY | VENDOR],
  ['IDR-Flags', 1, 1490, MANDATORY | VENDOR],
  ['ICS-Indicator', 0, 1491, VENDOR],
  ['Error-Diagnostic', 0, 1614, VENDOR],
  ['Event-Threshold-RSRQ', 1, 1630, VENDOR],
  ['VPLMN-CSG-Subscription-Data', { csgId: 32 }, 1641, MANDATORY | VENDOR],
  ['Additional-Context-Identifier', 1, 1683, VENDOR],
  ['5QI', 1, 1713, VENDOR],
  ['Third-Context-Identifier', 1, 1719, VENDOR],
])('[29.272-7.3.1] code and flags of %s', (name, value, code, flags) => {
  expect(headOf(name, value)).toEqual([code, flags, TGPP]);
});

test('[29.272-7.3.51] Equipment-Status is of S13', () => {
  expect(headOf('Equipment-Status', 1, S13_APPLICATION_ID)).toEqual([1445, MANDATORY | VENDOR, TGPP]);
});

const optional = (code: number, value: number): Buffer => {
  const avp = cxNumber(code, value);
  avp.writeUInt8(VENDOR, 4);
  return avp;
};
const envelope = (applicationId: number): readonly Buffer[] => [
  text(263, 'mme.example;1;1;app_s6a'),
  number(277, 1),
  text(264, 'mme.epc.mnc001.mcc001.3gppnetwork.org'),
  text(296, 'epc.mnc001.mcc001.3gppnetwork.org'),
  text(283, 'epc.mnc001.mcc001.3gppnetwork.org'),
  text(1, '001010000000001'),
  rawAvp(260, MANDATORY, [number(266, TGPP), number(258, applicationId)]),
];
const terminal = rawAvp(1401, MANDATORY | VENDOR, [cxText(1402, '35609204079301'), cxText(1403, '01')]);

/** As Open5GS sends it: Vendor-Specific-Application-Id, no Supported-Features, no Destination-Host. */
const ulr = [
  ...envelope(S6A_APPLICATION_ID),
  terminal,
  cxNumber(1032, 1004),
  cxNumber(1405, 0x22),
  optional(1615, 0),
  rawAvp(1407, MANDATORY | VENDOR, PLMN),
  optional(1648, 1),
];

function decoded(avps: readonly Buffer[], code: number, application: number): unknown {
  const result = decodeMessage(rawMessage(avps, { code, application }), dictionary);
  return result.ok ? present(result.message.avps) : result.failure.kind;
}

test('[29.272-7.2.3] [29.272-7.2.2] the ULR of an MME that sends Vendor-Specific-Application-Id', () => {
  expect(decoded(ulr, 316, S6A_APPLICATION_ID)).toStrictEqual({
    sessionId: 'mme.example;1;1;app_s6a',
    vendorSpecificApplicationId: { vendorId: TGPP, authApplicationId: S6A_APPLICATION_ID },
    authSessionState: 1,
    originHost: 'mme.epc.mnc001.mcc001.3gppnetwork.org',
    originRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
    destinationRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
    userName: '001010000000001',
    terminalInformation: { imei: '35609204079301', softwareVersion: '01' },
    ratType: RatType.EUTRAN,
    ulrFlags: 0x22,
    ueSrvccCapability: 0,
    visitedPlmnId: PLMN,
    smsRegisterRequest: SmsRegisterRequest.SMS_REGISTRATION_NOT_PREFERRED,
  });
});

test('[29.272-7.3.1] the M bit of what comes in does not matter', () => {
  const other = ulr.map((avp) => {
    const copy = Buffer.from(avp);
    if ((copy.readUInt8(4) & VENDOR) !== 0) copy.writeUInt8(copy.readUInt8(4) ^ MANDATORY, 4);
    return copy;
  });
  expect(decoded(other, 316, S6A_APPLICATION_ID)).toStrictEqual(decoded(ulr, 316, S6A_APPLICATION_ID));
});

test('[29.272-7.2.3] a ULR without ULR-Flags', () => {
  const without = ulr.filter((avp) => avp.readUInt32BE(0) !== 1405);
  expect(decoded(without, 316, S6A_APPLICATION_ID)).toBe('missing_avp');
});

test('[29.272-7.2.19] an ECR is of S13, not of S6a', () => {
  const ecr = [...envelope(S13_APPLICATION_ID), terminal];
  expect(decoded(ecr, 324, S13_APPLICATION_ID)).toMatchObject({
    terminalInformation: { imei: '35609204079301', softwareVersion: '01' },
    userName: '001010000000001',
  });
  expect(decoded(ecr, 324, S6A_APPLICATION_ID)).toBe('unknown_command');
});

test('a table comes after those that it uses', () => {
  expect(() => new Dictionary([baseTable, s13Table])).toThrow('there is no dictionary s6a');
});
