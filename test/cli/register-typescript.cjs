/**
 * Lets a test start a TypeScript program of this repository with plain node: `node -r <this file>
 * src/cli/hss.ts ...`. What a file compiles to is kept by its content, since the system tests start a good hundred processes.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const cache = path.join(__dirname, '../../node_modules/.cache/hss-typescript');
const options = {
  sourceMaps: 'inline',
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs', ignoreDynamic: true },
};

function compile(source, filename) {
  const file = path.join(
    cache,
    `${createHash('sha256').update(JSON.stringify(options)).update(filename).update('\0').update(source).digest('hex')}.js`,
  );
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not yet.
  }
  const { code } = require('@swc/core').transformSync(source, { filename, ...options });
  try {
    mkdirSync(cache, { recursive: true });
    // Whole or not at all: others compile the same at this moment.
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  } catch {
    // A checkout that may only be read: compiled each time.
  }
  return code;
}

require.extensions['.ts'] = (module, filename) =>
  module._compile(compile(readFileSync(filename, 'utf8'), filename), filename);
