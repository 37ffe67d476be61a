'use strict';
/**
 * Compiles dictionary/*.dia: the base protocol into src/diameter/generated/, an application's into
 * src/apps/<name>/generated/; and the toy application's of the tests, beside its file. `--check` writes nothing and fails when what is committed
 * differs from what the dictionaries say (exit status 1), naming the first line that differs.
 */
const { readdirSync, readFileSync, mkdirSync, writeFileSync, existsSync } = require('node:fs');
const path = require('node:path');
const { parseDictionary, DictionaryError } = require('./dictionary/parse');
const { checkDictionary } = require('./dictionary/check');
const { emitTypes, emitTables, folderOf } = require('./dictionary/emit');
const { propertyName } = require('./dictionary/names');

const ROOT = path.join(__dirname, '..', '..');
const SOURCE_FOLDER = 'dictionary';
/** Dictionaries of the tests. */
const TEST_SOURCES = ['test/toy/toy.dia'];

/** @returns {Map<string, string>} path below the root -> content */
function compileAll() {
  const files = readdirSync(path.join(ROOT, SOURCE_FOLDER))
    .filter((name) => name.endsWith('.dia'))
    .sort()
    .map((name) => `${SOURCE_FOLDER}/${name}`);
  const sources = new Map(
    [...files, ...TEST_SOURCES].map((file) => {
      const source = parseDictionary(file, readFileSync(path.join(ROOT, file), 'utf8'));
      return [source.name, source];
    }),
  );
  const output = new Map();
  for (const source of sources.values()) {
    const used = source.uses.map((name) => {
      const found = sources.get(name);
      if (found === undefined)
        throw new DictionaryError(source.file, 1, `@uses names the unknown dictionary ${name}`);
      return found;
    });
    const avps = checkDictionary(source, used);
    output.set(path.join(folderOf(source), `${source.name}.ts`), emitTypes(source, used, avps));
    output.set(path.join(folderOf(source), `${source.name}-tables.ts`), emitTables(source, used, avps));
  }
  return output;
}

/** @param {Map<string, string>} output @returns {string[]} one sentence per difference */
function findDrift(output) {
  const drift = [];
  for (const [file, wanted] of output) {
    const absolute = path.join(ROOT, file);
    if (!existsSync(absolute)) {
      drift.push(`${file} is missing`);
      continue;
    }
    const there = readFileSync(absolute, 'utf8').split('\n');
    const generated = wanted.split('\n');
    const at = generated.findIndex((line, index) => line !== there[index]);
    const line = at === -1 && there.length !== generated.length ? generated.length : at;
    if (line !== -1) {
      drift.push(
        `${file}:${line + 1} differs\n  committed: ${there[line] ?? '(end of file)'}\n  generated: ${generated[line] ?? '(end of file)'}`,
      );
    }
  }
  const apps = readdirSync(path.join(ROOT, 'src', 'apps')).map((name) => `src/apps/${name}/generated`);
  const folders = new Set([...apps, ...[...output.keys()].map((file) => path.dirname(file))]);
  for (const folder of [...folders].filter((name) => existsSync(path.join(ROOT, name)))) {
    for (const name of readdirSync(path.join(ROOT, folder))) {
      if (!output.has(path.join(folder, name)))
        drift.push(`${path.join(folder, name)} comes from no dictionary`);
    }
  }
  return drift;
}

/** @param {string[]} args @returns {number} exit status */
function main(args) {
  const output = compileAll();
  if (args.includes('--check')) {
    const drift = findDrift(output);
    if (drift.length === 0) return 0;
    process.stderr.write(
      `the generated code does not match dictionary/; run npm run dictionary\n${drift.join('\n')}\n`,
    );
    return 1;
  }
  for (const [file, content] of output) {
    mkdirSync(path.join(ROOT, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(ROOT, file), content);
  }
  process.stdout.write(`${[...output.keys()].join('\n')}\n`);
  return 0;
}

if (require.main === module) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof DictionaryError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

module.exports = {
  compileAll,
  findDrift,
  parseDictionary,
  checkDictionary,
  emitTypes,
  emitTables,
  propertyName,
};
