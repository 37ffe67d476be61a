/** Values of the equipment table, and lines of its files. */
import { csvFields, parseLine } from '../../../src/apps/s13/cli/csv';
import { canonicalValue, kindOf, spanOf } from '../../../src/apps/s13/equipment/entry';

test.each([
  ['35693803', 'TAC', '35693803'],
  ['35693803564380', 'IMEI', '35693803564380'],
  ['356938035643809', 'IMEI', '35693803564380'],
  ['3569380356438001', 'IMEISV', '3569380356438001'],
  ['35693803000000-35693804999999', 'range', '35693803000000-35693804999999'],
  ['356938030000001-356938049999992', 'range', '35693803000000-35693804999999'],
  ['35693803564380-35693803564380', 'range', '35693803564380-35693803564380'],
])('[29.272-7.3.4] %s is a %s', (text, kind, value) => {
  expect(canonicalValue(text)).toEqual({ ok: true, value });
  expect(kindOf(value)).toBe(kind);
});

test.each([
  '',
  '1',
  '356938035',
  'x5693803',
  '35693803564381-35693803564380',
  '35693803-35693804',
  '٣٥٦٩٣٨٠٣',
  '35693803\n',
])('"%s" is no value', (text) => {
  expect(canonicalValue(text).ok).toBe(false);
});

test('the span of a TAC and of a range', () => {
  expect(spanOf('35693803')).toEqual({ first: '35693803000000', last: '35693803999999' });
  expect(spanOf('35693803000000-35693804999999')).toEqual({
    first: '35693803000000',
    last: '35693804999999',
  });
  expect([spanOf('35693803564380'), spanOf('3569380356438001')]).toEqual([null, null]);
});

test.each([
  ['a,b,c', ['a', 'b', 'c']],
  [' a , "b, c" ,', ['a', 'b, c', '']],
  ['"say ""no""",x', ['say "no"', 'x']],
  ['a,"b', null],
  ['a,b"c', null],
  ['', ['']],
])('CSV %s', (line, fields) => {
  expect(csvFields(line)).toEqual(fields);
});

test.each([
  ['', 'nothing'],
  ['# a comment', 'nothing'],
  ['\ufeffValue,Status,Note', 'nothing'],
  ['35693803,permitted', { entry: { value: '35693803', status: 'permitted' } }],
  ['35693803,prohibited,"a, b"', { entry: { value: '35693803', status: 'prohibited', note: 'a, b' } }],
  ['{"value":"35693803","status":"tracking"}', { entry: { value: '35693803', status: 'tracking' } }],
  ['{"equipment":{"value":"35693803"}}', { entry: { value: '35693803' } }],
  ['{', { fault: 'is no JSON' }],
  ['35693803,permitted,a,b', { fault: 'has more fields than value,status,note' }],
  ['35693803,"permitted', { fault: 'has quotes that do not fit' }],
])('the line %s', (line, parsed) => {
  expect(parseLine(line)).toEqual(parsed);
});
