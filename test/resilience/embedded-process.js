/**
 * Runs the embedded server for embedded.test.ts in a process that can be killed. Compiles src on the fly;
 * argv: checkout, folder, "once" to stop it as soon as it runs.
 */
const path = require('node:path');
const fs = require('node:fs');
const Module = require('node:module');
const { setInterval } = require('node:timers');

const [root, folder, once] = process.argv.slice(2);
const { transformSync } = require(path.join(root, 'node_modules', '@swc', 'core'));
require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  module._compile(code, filename);
};

if (process.env.HSS_TEST_WITHOUT_SHELL === '1') {
  // The watcher is the only thing that is started through the shell; here it does not come to be.
  const childProcess = require('node:child_process');
  const { spawn } = childProcess;
  const { EventEmitter } = require('node:events');
  const { PassThrough } = require('node:stream');
  const patched = (command, ...rest) =>
    command === '/bin/sh'
      ? Object.assign(new EventEmitter(), { stdin: new PassThrough(), unref() {} })
      : spawn(command, ...rest);
  childProcess.spawn = patched;
  Module.syncBuiltinESMExports();
}

const { startEmbedded } = require(path.join(root, 'src', 'store', 'embedded.ts'));
const waitMs = process.env.HSS_TEST_FOREIGN_SERVER_WAIT_MS;
startEmbedded({ folder, ...(waitMs === undefined ? {} : { foreignServerWaitMs: Number(waitMs) }) }).then(
  (database) => {
    process.stdout.write(`${JSON.stringify({ url: database.url, pid: database.pid() })}\n`);
    if (once === 'once') return database.stop();
    setInterval(() => undefined, 1_000);
    return undefined;
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
