import { cxFeatureTable } from '../../../src/apps/cx/feature-table';
import { offeredMask, type FeatureOffer } from '../../../src/diameter/features/feature-lists';
import { createNegotiator, type ReceivedFeatureList } from '../../../src/diameter/features/negotiation';

const offer = (...enabled: string[]): FeatureOffer => ({ table: cxFeatureTable, enabled: new Set(enabled) });
const list = (
  featureList: number,
  mandatory = true,
  rest: Partial<ReceivedFeatureList> = {},
): ReceivedFeatureList => ({ vendorId: 10415, featureListId: 1, featureList, mandatory, ...rest });
const ours = (featureList: number) => [{ vendorId: 10415, featureListId: 1, featureList }];
const SIFC = 1;
const ALIAS = 2;
const RESTORATION = 4;
const UNKNOWN = 0x8000_0000;

test('[29.229-7.1.1] bits and commands of the features', () => {
  expect(cxFeatureTable.features.map(({ name, bit, commands }) => [name, bit, commands.join()])).toEqual([
    ['SiFC', 0, 'SAR,PPR'],
    ['AliasInd', 1, 'SAR,PPR'],
    ['IMSRestorationInd', 2, 'UAR,LIR,SAR'],
    ['P-CSCF-Restoration-mechanism', 3, 'SAR'],
  ]);
  const all = offer(...cxFeatureTable.features.map(({ name }) => name));
  expect(['UAR', 'SAR', 'LIR', 'MAR', 'PPR', 'RTR'].map((command) => offeredMask(all, command))).toEqual([
    4, 15, 4, 0, 3, 0,
  ]);
  expect(
    offeredMask(
      {
        table: { ...cxFeatureTable, features: [{ name: 'top', bit: 31, commands: ['SAR'], switches: '' }] },
        enabled: new Set(['top']),
      },
      'SAR',
    ),
  ).toBe(0x8000_0000);
});

describe('[29.229-7.2.1] dynamic discovery of supported features', () => {
  const sar = createNegotiator([offer('SiFC', 'AliasInd', 'IMSRestorationInd')], 'SAR');

  test('all features of the request are supported: our complete list', () => {
    expect(sar([list(SIFC | RESTORATION)])).toEqual({
      common: new Set(['SiFC', 'IMSRestorationInd']),
      announced: ours(7),
      unsupported: false,
    });
    expect(sar([list(0)])).toEqual({ common: new Set(), announced: ours(7), unsupported: false });
  });

  test('no Supported-Features in the request: our complete list, and none is used', () => {
    expect(sar([])).toEqual({ common: new Set(), announced: ours(7), unsupported: false });
  });

  test('no features here: none announced', () => {
    expect(createNegotiator([offer()], 'SAR')([])).toEqual({
      common: new Set(),
      announced: [],
      unsupported: false,
    });
  });

  test.each([UNKNOWN, 8, SIFC | UNKNOWN, 16])(
    'a feature of %d is not supported, M bit set: refused, with our list',
    (bits) => {
      expect(sar([list(bits)])).toMatchObject({ unsupported: true, announced: ours(7) });
      expect(sar([list(SIFC), list(bits)]).unsupported).toBe(true);
    },
  );

  test('without the M bit what is unknown is ignored', () => {
    expect(sar([list(ALIAS | UNKNOWN, false)])).toEqual({
      common: new Set(['AliasInd']),
      announced: ours(7),
      unsupported: false,
    });
  });

  test('lists of other vendors or of another id are not ours', () => {
    for (const rest of [{ vendorId: 13019 }, { featureListId: 2 }]) {
      expect(sar([list(SIFC, true, rest)])).toMatchObject({ unsupported: true, common: new Set() });
      expect(sar([list(SIFC, false, rest)])).toMatchObject({ unsupported: false, common: new Set() });
      expect(sar([list(0, true, rest)])).toMatchObject({ unsupported: false });
    }
  });

  test('several lists are one', () => {
    expect(sar([list(SIFC), list(ALIAS)]).common).toEqual(new Set(['SiFC', 'AliasInd']));
  });
});

describe('[29.229-7.2] command pairs', () => {
  const enabled = offer('SiFC', 'AliasInd', 'IMSRestorationInd');

  test('a feature that we support for other commands is no error, and has no effect', () => {
    expect(createNegotiator([enabled], 'MAR')([list(SIFC | RESTORATION)])).toEqual({
      common: new Set(),
      announced: [],
      unsupported: false,
    });
    expect(createNegotiator([enabled], 'UAR')([list(SIFC | RESTORATION)])).toEqual({
      common: new Set(['IMSRestorationInd']),
      announced: ours(4),
      unsupported: false,
    });
    expect(createNegotiator([enabled], 'MAR')([list(UNKNOWN)]).unsupported).toBe(true);
  });

  test('a feature that is switched off is unsupported everywhere', () => {
    const off = createNegotiator([offer('IMSRestorationInd')], 'SAR');
    expect(off([list(SIFC)]).unsupported).toBe(true);
    expect(off([list(SIFC | RESTORATION, false)])).toEqual({
      common: new Set(['IMSRestorationInd']),
      announced: ours(4),
      unsupported: false,
    });
  });
});

test('[29.229-7.1.1] an application with lists of two vendors and two Feature-List-IDs: each counts for itself', () => {
  const second = (vendorId: number, name: string): FeatureOffer => ({
    table: { vendorId, featureListId: 2, features: [{ name, bit: 0, commands: ['SAR'], switches: '' }] },
    enabled: new Set([name]),
  });
  const sar = createNegotiator([offer('SiFC'), second(10_415, 'more'), second(32_473, 'ours')], 'SAR');
  const lists = [
    { vendorId: 10_415, featureListId: 1, featureList: 1 },
    { vendorId: 10_415, featureListId: 2, featureList: 1 },
    { vendorId: 32_473, featureListId: 2, featureList: 1 },
  ];
  const both = [list(1), list(1, true, { vendorId: 32_473, featureListId: 2 })];
  expect(sar(both)).toEqual({
    common: new Set(['SiFC', 'ours']),
    announced: lists,
    unsupported: false,
  });
  expect(sar([list(2, true, { featureListId: 2 })])).toMatchObject({ unsupported: true, announced: lists });
});
