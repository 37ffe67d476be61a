/** Every "shall" has its place: the check itself, and what it says of this repository. */
import path from 'node:path';
import {
  checkRequirements,
  countFaults,
  literals,
  read,
  readCounts,
  type RequirementDocument,
} from '../../scripts/codegen/clause-requirements.js';
import { requirementLines } from '../../scripts/codegen/requirements-page.js';

const root = path.join(__dirname, '..', '..');
const here = 'test/scripts/clause-requirements.test.ts';

const document = (entries: Record<string, object>): RequirementDocument => ({
  file: 'scripts/codegen/requirements/x.yaml',
  standard: '29.228',
  code: { index: 'scripts/codegen/clause-index.js' },
  tests: { here, gone: 'test/gone.test.ts' },
  clauses: { '6.1': entries },
});
const proven = {
  binds: 'hss',
  says: 'something',
  code: 'index',
  tests: 'here > a requirement on us > with code',
};
const faults = (entries: Record<string, object>): string[] =>
  checkRequirements(root, [document(entries)], { '29.228': { '6.1': Object.keys(entries).length } }).faults;

describe('a requirement on us', () => {
  test('with code and tests that are there is fine', () => {
    expect(faults({ 1: proven })).toEqual([]);
    expect(
      faults({ 1: { ...proven, code: ['index', 'index'], tests: [proven.tests, 'here > one that binds'] } }),
    ).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      'without a test',
      { tests: undefined },
      '29.228-6.1/r1 binds us and has neither code and tests nor a reason',
    ],
    ['without code', { code: [] }, '29.228-6.1/r1 binds us and has neither code and tests nor a reason'],
    [
      'a test that its file does not have',
      { tests: `here > ${['no such', 'test'].join(' ')}` },
      `29.228-6.1/r1 ${here} has no test "no such test"`,
    ],
    [
      'a describe that its file does not have',
      { tests: `here > ${['no such', 'group'].join(' ')} > with code` },
      `29.228-6.1/r1 ${here} has no test "no such group"`,
    ],
    ['a title that says nothing', { tests: 'here > %s' }, `29.228-6.1/r1 ${here} has no test "%s"`],
    ['a file without a test', { tests: 'here' }, `29.228-6.1/r1 ${here} is named without a test`],
    [
      'a test file that is not there',
      { tests: 'gone > something' },
      '29.228-6.1/r1 test/gone.test.ts does not exist',
    ],
    [
      'an unknown alias',
      { code: 'nowhere' },
      '29.228-6.1/r1 "nowhere" is no alias of scripts/codegen/requirements/x.yaml',
    ],
    ['an unknown party', { binds: 'somebody' }, '29.228-6.1/r1 binds "somebody"'],
    ['nothing said', { says: '' }, '29.228-6.1/r1 says nothing'],
    ['open without a reason', { open: true }, '29.228-6.1/r1 is open without a reason'],
  ])('%s is a fault', (_name, change, fault) => {
    expect(faults({ 1: { ...proven, ...change } }).some((text) => text.startsWith(fault))).toBe(true);
  });

  test('with a reason needs no test', () => {
    expect(faults({ 1: { binds: 'hss', says: 'something', reason: 'not here' } })).toEqual([]);
    expect(faults({ 1: { binds: 'hss', says: 'something', reason: 'not yet', open: true } })).toEqual([]);
  });
});

test('one that binds others needs nothing, and its test has to be there all the same', () => {
  expect(faults({ 1: { binds: 'scscf', says: 'something' } })).toEqual([]);
  expect(
    faults({ 1: { binds: 'scscf', says: 'something', tests: `here > ${['no such', 'test'].join(' ')}` } }),
  ).toHaveLength(1);
});

test('every number of a clause once, every clause, and none that is not counted', () => {
  const of = (clause: string, ...numbers: number[]) =>
    numbers.map((number) => ({ standard: '29.228', clause, number }));
  const counts = { '29.228': { 6: 0, '6.1': 3, '6.2': 1 } };
  expect(countFaults([...of('6.1', 3, 1, 2), ...of('6.2', 1)], counts)).toEqual([]);
  expect(
    countFaults([...of('6.1', 1, 3), ...of('6.2', 1, 1), ...of('6', 1), ...of('6.9', 1)], counts),
  ).toEqual([
    '29.228-6 has 0 "shall"s, entered are 1',
    '29.228-6.1 has 3 "shall"s, entered are 1, 3',
    '29.228-6.2 has 1 "shall"s, entered are 1, 1',
    '29.228-6.9 is not in counts.yaml',
  ]);
});

test('titles are what stands in strings of a test file, not what stands in its comments', () => {
  expect(
    literals(String.raw`// 'a comment'
/* 'another "one' */ test('it\'s one', () => { ${'x'} }); test("two", f); test(${'`three`'}, f);`),
  ).toEqual(["it's one", 'two', 'three']);
});

test('the page has a table for each clause, what is open at its head', () => {
  const { all, counts } = checkRequirements(
    root,
    [
      document({
        1: proven,
        2: { binds: 'scscf', says: 'a | b' },
        3: { ...proven, open: true, reason: 'half of it' },
      }),
    ],
    { '29.228': { 6: 0, '6.1': 3 } },
  );
  const lines = requirementLines(all, counts);
  expect(lines).toContain('- 29.228-6.1/r3: half of it');
  expect(lines).toContain('### TS 29.228, clause 6.1');
  expect(lines).toContain(
    '| r1 | hss | something | [clause-index.js](../scripts/codegen/clause-index.js) | [clause-requirements.test.ts](../test/scripts/clause-requirements.test.ts): a requirement on us › with code |',
  );
  expect(lines).toContain('| r2 | scscf | a \\| b | – | binds the S-CSCF |');
  expect(lines.at(-1)).toBe('Without a "shall" in TS 29.228: 6.');
});

describe('this repository', () => {
  test('every "shall" has its code and its test, or the reason why not', () => {
    expect(checkRequirements(root).faults).toEqual([]);
  });

  test('the clauses are those of TS 29.228 6, 8, Annexes E, G, H, J, K and of TS 29.229 5, 6.1, 6.2, 7 and of TS 29.272 6', () => {
    const sums = Object.fromEntries(
      Object.entries(readCounts(root)).map(([standard, clauses]) => [
        standard,
        Object.values(clauses).reduce((a, b) => a + b),
      ]),
    );
    expect(sums).toEqual({ '29.228': 497, '29.229': 73, '29.272': 19 });
    expect(new Set(read(root).map(({ standard }) => standard))).toEqual(
      new Set(['29.228', '29.229', '29.272']),
    );
  });
});
