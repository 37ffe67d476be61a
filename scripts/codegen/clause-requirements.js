'use strict';
/**
 * Every "shall" of the clauses that this HSS has to follow, from scripts/codegen/requirements/: one YAML file for a
 * group of clauses, and counts.yaml with how many there are in each clause, counted in the text of the
 * standard, which is not in this repository. `check` says what is wrong with them: a clause or a number
 * missing, a file that is not there, a test that its file does not have, a requirement on us with neither a
 * test nor a reason.
 *
 * An entry: `7: { binds: hss, says: .., code: alias, tests: alias > title > title }`. `code` and `tests` take
 * one or a list; aliases are those of the file; a title is the beginning of a string in the test file
 * (test.each keeps titles in its rows). `reason` says why a requirement on us has no test, `open: true` that
 * it is still to be done.
 */
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { parse } = require('yaml');

const FOLDER = path.join('scripts', 'codegen', 'requirements');
const COUNTS = 'counts.yaml';
/** Whom a requirement can bind; with the reason that nobody here has to prove it, where it is not us. */
const PARTIES = new Map([
  ['hss', null],
  ['slf', null],
  ['scscf', 'binds the S-CSCF'],
  ['icscf', 'binds the I-CSCF'],
  ['cscf', 'binds the I-CSCF and the S-CSCF'],
  ['mme', 'binds the MME and the SGSN'],
  ['agent', 'binds Diameter agents'],
  ['operator', 'binds the operator'],
  ['authors', 'binds who writes the standard'],
]);
const MIN_TITLE_CHARACTERS = 4;

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** @returns {object[]} the documents of scripts/requirements, each with its file */
function read(root) {
  const folder = path.join(root, FOLDER);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== COUNTS)
    .sort()
    .map((name) => ({ file: `${FOLDER}/${name}`, ...parse(readFileSync(path.join(folder, name), 'utf8')) }));
}

/** @returns {Record<string, Record<string, number>>} standard -> clause -> number of "shall"s */
const readCounts = (root) => parse(readFileSync(path.join(root, FOLDER, COUNTS), 'utf8'));

/**
 * @returns {object[]} every requirement with its files and tests resolved; what cannot be resolved is in
 * `faults`
 */
function requirements(documents) {
  return documents.flatMap((document) =>
    Object.entries(document.clauses).flatMap(([clause, entries]) =>
      Object.entries(entries).map(([number, entry]) => {
        const faults = [];
        const resolve = (aliases, alias) => {
          if (aliases?.[alias] === undefined) faults.push(`"${alias}" is no alias of ${document.file}`);
          return aliases?.[alias];
        };
        return {
          id: `${document.standard}-${clause}/r${number}`,
          standard: String(document.standard),
          clause,
          number: Number(number),
          file: document.file,
          binds: entry.binds,
          says: entry.says,
          isOpen: entry.open === true,
          reason: entry.reason,
          code: list(entry.code)
            .map((alias) => resolve(document.code, alias))
            .filter((file) => file !== undefined),
          tests: list(entry.tests)
            .map((text) => {
              const [alias, ...titles] = text.split(' > ').map((part) => part.trim());
              return { file: resolve(document.tests, alias), titles };
            })
            .filter(({ file }) => file !== undefined),
          faults,
        };
      }),
    ),
  );
}

/** @returns {string[]} string literals of a test file, without their quotes, comments left out */
function literals(source) {
  const found = [];
  for (const match of source.matchAll(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`/g,
  )) {
    const text = match[1] ?? match[2] ?? match[3];
    if (text !== undefined) found.push(text.replace(/\\(['"`\\])/g, '$1'));
  }
  return found;
}

/** @returns {string[]} what is wrong with one requirement by itself */
function faultsOf(requirement, root, literalsOf) {
  const { binds, says, code, tests, reason, isOpen } = requirement;
  const faults = [...requirement.faults];
  if (!PARTIES.has(binds))
    faults.push(`binds "${binds}", which is none of ${[...PARTIES.keys()].join(', ')}`);
  if (typeof says !== 'string' || says.length === 0) faults.push('says nothing');
  const ours = PARTIES.get(binds) === null;
  if (ours && reason === undefined && (code.length === 0 || tests.length === 0))
    faults.push('binds us and has neither code and tests nor a reason');
  if (isOpen && reason === undefined) faults.push('is open without a reason');
  for (const file of code) if (!existsSync(path.join(root, file))) faults.push(`${file} does not exist`);
  for (const { file, titles } of tests) {
    const known = literalsOf(file);
    if (known === null) faults.push(`${file} does not exist`);
    else if (titles.length === 0) faults.push(`${file} is named without a test`);
    else
      for (const title of titles) {
        if (title.length < MIN_TITLE_CHARACTERS || !known.some((text) => text.startsWith(title)))
          faults.push(`${file} has no test "${title}"`);
      }
  }
  return faults;
}

/** @returns {string[]} clauses whose entries are not 1 to the number of "shall"s in them */
function countFaults(all, counts) {
  const faults = [];
  const numbers = new Map();
  for (const { standard, clause, number } of all) {
    const key = `${standard}-${clause}`;
    numbers.set(key, [...(numbers.get(key) ?? []), number]);
  }
  for (const [standard, clauses] of Object.entries(counts)) {
    for (const [clause, count] of Object.entries(clauses)) {
      const key = `${standard}-${clause}`;
      const there = (numbers.get(key) ?? []).sort((a, b) => a - b);
      numbers.delete(key);
      const wanted = Array.from({ length: count }, (_, index) => index + 1);
      if (there.join() !== wanted.join())
        faults.push(`${key} has ${count} "shall"s, entered are ${there.join(', ') || 'none'}`);
    }
  }
  return [...faults, ...[...numbers.keys()].map((key) => `${key} is not in ${COUNTS}`)];
}

/** @returns {{ all: object[], faults: string[] }} */
function checkRequirements(root, documents = read(root), counts = readCounts(root)) {
  const all = requirements(documents);
  const cache = new Map();
  const literalsOf = (file) => {
    if (!cache.has(file)) {
      const full = path.join(root, file);
      cache.set(file, existsSync(full) ? literals(readFileSync(full, 'utf8')) : null);
    }
    return cache.get(file);
  };
  const faults = all.flatMap((requirement) =>
    faultsOf(requirement, root, literalsOf).map((fault) => `${requirement.id} ${fault}`),
  );
  return { all, counts, faults: [...faults, ...countFaults(all, counts)] };
}

module.exports = {
  PARTIES,
  checkRequirements,
  countFaults,
  faultsOf,
  literals,
  read,
  readCounts,
  requirements,
};
