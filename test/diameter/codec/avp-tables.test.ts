/** AVP tables against what the standards' own tables say, written down a second time from there. */
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeAvp } from '../../../src/diameter/codec/encode';
import { ExperimentalResultCode } from '../../../src/apps/cx/generated/cx';
import { ResultCode } from '../../../src/diameter/generated/base';
import { dictionary, sampleAvps, uarWith } from './support';
import type { LinkedAvp } from '../../../src/diameter/codec/dictionary';

/** Table 6.3.0.1: code, type, MUST flags. Everything else is in the MUST NOT column. */
const TABLE_6_3_0_1 = `
600 OctetString MV|601 UTF8String MV|602 UTF8String MV|603 Grouped MV|604 Unsigned32 MV|605 Unsigned32 MV|606 OctetString MV
607 Unsigned32 MV|608 UTF8String MV|609 OctetString MV|610 OctetString MV|611 OctetString MV|612 Grouped MV|613 Unsigned32 MV
614 Enumerated MV|615 Grouped MV|616 Enumerated MV|617 UTF8String MV|618 Grouped MV|619 DiameterURI MV|620 DiameterURI MV
621 DiameterURI MV|622 DiameterURI MV|623 Enumerated MV|624 Enumerated MV|625 OctetString MV|626 OctetString MV
628 Grouped V|629 Unsigned32 V|630 Unsigned32 V|631 Grouped V|632 Grouped V|633 Enumerated MV|634 UTF8String V|635 Grouped V
637 Unsigned32 V|638 Enumerated V|639 Grouped V|640 OctetString V|641 OctetString V|642 Grouped V|643 OctetString V
644 OctetString V|645 OctetString V|646 OctetString V|647 Grouped V|648 Enumerated V|649 Grouped V|650 Enumerated V
651 Grouped V|652 Enumerated V|653 Unsigned32 V|654 Unsigned32 V|655 Unsigned32 V|656 Grouped V|657 UTF8String V
658 UTF8String V|659 Unsigned32 V|660 Grouped V|661 Time V|662 UTF8String V|663 UTF8String V|664 Grouped V
665 DiameterIdentity V|666 Address V`
  .trim()
  .split(/[|\n]/)
  .map((row) => row.split(' ') as [string, string, string]);

/** The same table's AVPs of other specifications: code, vendor, type, MUST flags. */
const REUSED: readonly (readonly [string, number, number, string, string])[] = [
  ['Digest-Realm', 104, 0, 'UTF8String', 'M'],
  ['Digest-Algorithm', 111, 0, 'UTF8String', 'M'],
  ['Digest-QoP', 110, 0, 'UTF8String', 'M'],
  ['Digest-HA1', 121, 0, 'UTF8String', 'M'],
  ['OC-Supported-Features', 621, 0, 'Grouped', ''],
  ['OC-OLR', 623, 0, 'Grouped', ''],
  ['DRMP', 301, 0, 'Enumerated', ''],
  ['Load', 650, 0, 'Grouped', ''],
  ['Framed-IP-Address', 8, 0, 'OctetString', 'M'],
  ['Framed-Interface-Id', 96, 0, 'Unsigned64', 'M'],
  ['Framed-IPv6-Prefix', 97, 0, 'OctetString', 'M'],
  ['Line-Identifier', 500, 13019, 'OctetString', 'V'],
  ['Wildcarded-IMPU', 636, 10415, 'UTF8String', 'V'],
];

/** RFC 6733 clause 4.5: the AVPs without M; all others have it. */
const BASE_WITHOUT_M = ['Error-Message', 'Error-Reporting-Host', 'Firmware-Revision', 'Product-Name'];
/** RFC 6733 clause 4.5, the codes. */
const BASE_CODES = [
  1, 25, 27, 33, 44, 50, 55, 85, 257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270, 271,
  272, 273, 274, 276, 277, 278, 279, 280, 281, 282, 283, 284, 285, 287, 291, 292, 293, 294, 295, 296, 297,
  298, 299, 480, 483, 485,
];

function sample(avp: LinkedAvp): unknown {
  const rule = { index: 0, property: 'value', avp, min: 1, max: 1, repeated: false, absenceTolerated: false };
  return sampleAvps(
    {
      rules: [rule],
      byKey: new Map(),
      required: [],
      anyIndex: -1,
      opaque: false,
      build: () => ({}),
      take: () => undefined,
    },
    true,
  )['value'];
}

/** V and M of the AVP as it is sent. */
function flagsOf(avp: LinkedAvp): string {
  const octet = encodeAvp(avp.name, sample(avp), dictionary)[4] ?? 0;
  expect(octet & 0x3f).toBe(0);
  return `${(octet & 0x40) === 0 ? '' : 'M'}${(octet & 0x80) === 0 ? '' : 'V'}`;
}

describe('[29.229-6.3.0] table 6.3.0.1', () => {
  test.each(TABLE_6_3_0_1)('AVP %s is %s with flags %s', (code, type, flags) => {
    const avp = dictionary.findAvp(Number(code), 10415);
    if (avp === undefined) throw new Error('not in the dictionary');
    expect(avp.type).toBe(type);
    expect(flagsOf(avp)).toBe(flags);
  });

  test('600 to 666 are complete: only 627 is unassigned, 636 belongs to Sh', () => {
    const missing = [];
    for (let code = 600; code <= 666; code += 1)
      if (dictionary.findAvp(code, 10415) === undefined) missing.push(code);
    expect(missing).toEqual([627]);
    expect(TABLE_6_3_0_1.length).toBe(65);
  });

  test.each(REUSED)('%s (%i of vendor %i) is %s with flags "%s"', (name, code, vendorId, type, flags) => {
    const avp = dictionary.findAvpByName(name);
    if (avp === undefined) throw new Error('not in the dictionary');
    expect([avp.code, avp.vendorId, avp.type]).toEqual([code, vendorId, type]);
    expect(flagsOf(avp)).toBe(flags);
  });
});

test('[6733-4.5] every AVP of the base protocol with its flags', () => {
  for (const code of BASE_CODES) {
    const avp = dictionary.findAvp(code, 0);
    if (avp === undefined) throw new Error(`AVP ${code} is missing`);
    expect(avp.mandatory).toBe(!BASE_WITHOUT_M.includes(avp.name));
    expect(flagsOf(avp)).toBe(avp.mandatory ? 'M' : '');
  }
});

test('[7683-7] [7944-9] [8583-7] AVPs that the base dictionary adds', () => {
  const added = [
    'OC-Supported-Features',
    'OC-Feature-Vector',
    'OC-OLR',
    'OC-Sequence-Number',
    'OC-Validity-Duration',
    'OC-Report-Type',
    'OC-Reduction-Percentage',
    'DRMP',
    'SourceID',
    'Load',
    'Load-Type',
    'Load-Value',
  ];
  expect(added.map((name) => dictionary.findAvpByName(name)?.code)).toEqual([
    621, 622, 623, 624, 625, 626, 627, 301, 649, 650, 651, 652,
  ]);
});

test('[29.229-6.2] experimental result codes, and none that the specification does not define', () => {
  expect(Object.values(ExperimentalResultCode)).toEqual([
    2001, 2002, 2003, 2004, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5011, 5012,
  ]);
});

test('[6733-7.1] result codes', () => {
  const expected = [1001, 2001, 2002, ...range(3001, 3010), 4001, 4002, 4003, ...range(5001, 5017)];
  expect(Object.values(ResultCode)).toEqual(expected);
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test('[29.229-6.3.15] [29.229-6.3.24] every defined value of an enumeration is accepted', () => {
  for (const avp of dictionary.avps()) {
    if (avp.type !== 'Enumerated') continue;
    for (const value of avp.valueNames?.keys() ?? []) {
      const odd = encodeAvp(avp.name, value, dictionary);
      const result = decodeMessage(
        uarWith(avp.name === 'Auth-Session-State' ? { authSessionState: odd } : { odd }),
        dictionary,
      );
      expect([avp.name, value, result.ok]).toEqual([avp.name, value, true]);
    }
  }
});
