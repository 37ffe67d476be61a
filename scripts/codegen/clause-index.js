'use strict';
/**
 * Makes docs/clauses.md: which clause of which standard is implemented where, and which tests prove it, from
 * the tags in code and tests ("[29.228-6.1.1.1]", followed by "step 4" and, for 6.1.2.1, ": REGISTRATION"
 * where it is about that). A test counts where the tag stands in a string of a *.test.ts file, not in a
 * comment. Files are named without line numbers, so that the page changes only when a clause comes, goes or
 * moves. After that the page lists every "shall", from scripts/codegen/requirements/ (see clause-requirements.js).
 * With a tag as its argument (`npm run clauses -- 29.228-6.1.1.1`) it only prints the lines that carry it.
 * `--check` writes nothing and fails (exit status 1) when the page is not what the tags and the requirements
 * say, when something in scripts/codegen/clauses-required.json has no test, or when a requirement is incomplete or
 * names what is not there.
 */
const { readdirSync, readFileSync, writeFileSync, existsSync } = require('node:fs');
const path = require('node:path');
const { checkRequirements } = require('./clause-requirements.js');
const { requirementLines } = require('./requirements-page.js');

const ROOT = path.join(__dirname, '..', '..');
const TARGET = path.join('docs', 'clauses.md');
const REQUIRED = path.join('scripts', 'codegen', 'clauses-required.json');
const CODE_FOLDERS = ['src', 'migrations'];
const TEST_FOLDER = 'test';
/** Folders made from dictionary/, whose own tags say it already. */
const SKIPPED = 'generated';

/** In the order of the page. */
const STANDARDS = new Map([
  ['29.228', 'TS 29.228, Cx and Dx: signalling flows and message contents'],
  ['29.229', 'TS 29.229, Cx and Dx: protocol details'],
  ['29.272', 'TS 29.272, S6a, S6d and S13: MME, SGSN and EIR related interfaces'],
  ['23.003', 'TS 23.003, Numbering, addressing and identification'],
  ['33.102', 'TS 33.102, Security architecture (sequence numbers, authentication vectors)'],
  ['33.401', 'TS 33.401, EPS security architecture (K_ASME)'],
  ['35.206', 'TS 35.206, Milenage: specification'],
  ['35.207', "TS 35.207, Milenage: implementors' test data"],
  ['35.208', 'TS 35.208, Milenage: design conformance test data'],
  ['6733', 'RFC 6733, Diameter base protocol'],
  ['3539', 'RFC 3539, AAA transport profile'],
]);

const TAG = new RegExp(
  `\\[(${[...STANDARDS.keys()].map((name) => name.replace('.', '\\.')).join('|')})-([^\\]]+)\\](?: step (\\d+[a-z]?)(?:: ([A-Z]+(?:_[A-Z]+)+|REGISTRATION|RESTORATION))?)?`,
  'g',
);
const CLAUSE = /^[A-Z0-9]+(\.[A-Za-z0-9]+)*/;

/** @returns {string[]} what one tag names, e.g. "6.1.1.1 step 1", "6.1.1.1 step 2" for "6.1.1.1 steps 1-2" */
function clausesOf(inside, step, detail) {
  const clauses = inside
    .split(',')
    .map((part) => CLAUSE.exec(part.trim())?.[0])
    .filter((clause) => clause !== undefined);
  const [first] = clauses;
  if (first === undefined) return [];
  const range = / steps? (\d+)([a-z]?)(?:-(\d+))?/.exec(inside);
  if (range !== null) {
    const from = Number(range[1]);
    const to = Number(range[3] ?? range[1]);
    return Array.from({ length: to - from + 1 }, (_, index) => `${first} step ${from + index}${range[2]}`);
  }
  if (step === undefined) return clauses;
  return detail === undefined
    ? [`${first} step ${step}`]
    : [`${first} step ${step}`, `${first} step ${step}: ${detail}`];
}

/** @returns {string[]} files below a folder, relative to the root, sorted */
function filesIn(folder) {
  if (!existsSync(path.join(ROOT, folder))) return [];
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|sql)$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.split(path.sep).includes(SKIPPED))
    .sort();
}

/** @returns {boolean} whether the tag at this place of a line stands in a string */
const inString = (line, at) => !/^\s*(\/?\*|\/\/)/.test(line) && /['"`]/.test(line.slice(0, at));

/** Calls `found` for each tag of code and tests: standard, clause, 'code' or 'tests', file and line number. */
function eachTag(found) {
  const scan = (file, kind, counts) => {
    const name = file.split(path.sep).join('/');
    const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      for (const match of line.matchAll(TAG)) {
        if (!counts(line, match.index)) continue;
        for (const clause of clausesOf(match[2], match[3], match[4]))
          found({ standard: match[1], clause, kind, file: name, lineNumber: index + 1 });
      }
    }
  };
  for (const folder of CODE_FOLDERS) for (const file of filesIn(folder)) scan(file, 'code', () => true);
  for (const file of filesIn(TEST_FOLDER)) if (file.endsWith('.test.ts')) scan(file, 'tests', inString);
}

/**
 * @returns {Map<string, Map<string, { code: Set<string>, tests: Set<string> }>>} standard -> clause -> files
 */
function collect() {
  const index = new Map([...STANDARDS.keys()].map((name) => [name, new Map()]));
  eachTag(({ standard, clause, kind, file }) => {
    const clauses = index.get(standard);
    if (!clauses.has(clause)) clauses.set(clause, { code: new Set(), tests: new Set() });
    clauses.get(clause)[kind].add(file);
  });
  return index;
}

/** @returns {string[]} where a clause and what is below it stand: "kind file:line clause" */
function placesOf(wanted) {
  const lines = [];
  eachTag(({ standard, clause, kind, file, lineNumber }) => {
    const tag = `${standard}-${clause}`;
    if (tag === wanted || tag.startsWith(`${wanted}.`) || tag.startsWith(`${wanted} `))
      lines.push(`${kind.padEnd(5)} ${file}:${lineNumber}  ${tag}`);
  });
  return [...new Set(lines)];
}

/** Numbers by value, so that 6.10 comes after 6.9; annexes after clauses. */
const byClause = (left, right) => left.localeCompare(right, 'en', { numeric: true });

/** @returns {string} the page; `requirements`: lines about every "shall", none where absent */
function page(index, requirements = []) {
  const list = (files) =>
    [...files]
      .sort()
      .map((file) => `[${file}](../${file})`)
      .join('<br>') || '–';
  const lines = [
    '# Clauses',
    '',
    'Made by `npm run clauses` from the tags in code and tests; never edited. What has to be there is listed in `scripts/codegen/clauses-required.json`.',
  ];
  for (const [standard, title] of STANDARDS) {
    const clauses = index.get(standard);
    if (clauses === undefined || clauses.size === 0) continue;
    lines.push('', `## ${title}`, '', '| Clause | Code | Tests |', '|---|---|---|');
    for (const clause of [...clauses.keys()].sort(byClause)) {
      const { code, tests } = clauses.get(clause);
      lines.push(`| ${clause} | ${list(code)} | ${list(tests)} |`);
    }
  }
  return `${[...lines, ...requirements].join('\n')}\n`;
}

/** @returns {string[]} what is required and has no test */
function untested(index) {
  const required = Object.entries(JSON.parse(readFileSync(path.join(ROOT, REQUIRED), 'utf8')));
  return required
    .flatMap(([tag, parts]) => (parts.length === 0 ? [tag] : parts.map((part) => `${tag} ${part}`)))
    .filter((tag) => {
      const dash = tag.indexOf('-');
      const found = index.get(tag.slice(0, dash))?.get(tag.slice(dash + 1));
      return found === undefined || found.tests.size === 0;
    });
}

/** @param {string[]} args @returns {number} exit status */
function main(args) {
  const wanted = args.find((arg) => !arg.startsWith('-'));
  if (wanted !== undefined) {
    const places = placesOf(wanted.replace(/^\[|\]$/g, ''));
    process.stdout.write(places.map((line) => `${line}\n`).join(''));
    if (places.length === 0) process.stderr.write(`no tag of ${wanted}; a tag is written 29.228-6.1.1.1\n`);
    return places.length === 0 ? 1 : 0;
  }
  const index = collect();
  const { all, counts, faults } = checkRequirements(ROOT);
  const made = page(index, requirementLines(all, counts));
  const missing = [...untested(index).map((tag) => `${tag} has no test`), ...faults];
  for (const fault of missing) process.stderr.write(`${fault}\n`);
  if (!args.includes('--check')) {
    writeFileSync(path.join(ROOT, TARGET), made);
    process.stdout.write(`${TARGET}\n`);
    return 0;
  }
  const there = existsSync(path.join(ROOT, TARGET)) ? readFileSync(path.join(ROOT, TARGET), 'utf8') : '';
  if (there !== made)
    process.stderr.write(`${TARGET} is not what the tags and requirements say; run npm run clauses\n`);
  return there === made && missing.length === 0 ? 0 : 1;
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));

module.exports = { clausesOf, collect, page, untested };
