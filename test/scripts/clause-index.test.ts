/** The clause index itself, and that nothing of scripts/codegen/clauses-required.json is without a test. */
import { clausesOf, collect, page, untested } from '../../scripts/codegen/clause-index.js';

test.each<[string, string | undefined, string | undefined, string[]]>([
  ['6.1.1.1', undefined, undefined, ['6.1.1.1']],
  ['6.1.1.1', '4', undefined, ['6.1.1.1 step 4']],
  ['6.1.4.1', '2a', undefined, ['6.1.4.1 step 2a']],
  ['6.1.2.1', '5', 'NO_ASSIGNMENT', ['6.1.2.1 step 5', '6.1.2.1 step 5: NO_ASSIGNMENT']],
  ['6.1.4.1 step 2a', undefined, undefined, ['6.1.4.1 step 2a']],
  ['6.1.1.1 steps 1-3', undefined, undefined, ['6.1.1.1 step 1', '6.1.1.1 step 2', '6.1.1.1 step 3']],
  ['C.1.1.2, C.3.2', undefined, undefined, ['C.1.1.2', 'C.3.2']],
  ['6.3.0 NOTE 1a', undefined, undefined, ['6.3.0']],
  ['6 "canonical form"', undefined, undefined, ['6']],
  ['...', undefined, undefined, []],
])('a tag of %s, step %s, detail %s', (inside, step, detail, clauses) => {
  expect(clausesOf(inside, step, detail)).toEqual(clauses);
});

test('every step that is required has a test, and code', () => {
  const index = collect();
  expect(untested(index)).toEqual([]);
  const steps = [...(index.get('29.228')?.entries() ?? [])].filter(([clause]) => / step /.test(clause));
  expect(steps.filter(([, { code }]) => code.size === 0).map(([clause]) => clause)).toEqual([]);
});

test('what has no test is found', () => {
  expect(untested(new Map())).toContain('29.228-6.1.2.1 step 5: PGW_UPDATE');
});

test('the page lists clauses by number, with what is missing shown as such', () => {
  const clause = (code: string[], tests: string[]) => ({ code: new Set(code), tests: new Set(tests) });
  const text = page(
    new Map([
      [
        '29.228',
        new Map([
          ['6.10', clause(['src/b.ts', 'src/a.ts'], [])],
          ['6.9', clause([], ['test/a.test.ts'])],
        ]),
      ],
      ['29.229', new Map()],
      ['33.102', new Map()],
      ['35.206', new Map()],
      ['35.207', new Map()],
      ['35.208', new Map()],
      ['6733', new Map()],
      ['3539', new Map()],
    ]),
  );
  expect(text.split('\n').filter((line) => line.startsWith('| 6'))).toEqual([
    '| 6.9 | – | [test/a.test.ts](../test/a.test.ts) |',
    '| 6.10 | [src/a.ts](../src/a.ts)<br>[src/b.ts](../src/b.ts) | – |',
  ]);
});
