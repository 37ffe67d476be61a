/**
 * Runs the scenarios on a kernel with SCTP: HSS, MME, serving gateway, and one UE after another. `run.js` starts it.
 */
'use strict';
const { spawn } = require('node:child_process');
const { closeSync, openSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { K, OPC, PLMN, document, scenarios } = require('./scenarios');
const { API, SGW_ADDRESS, hssHost, token, writeSettings } = require('./settings');

/** Another build of the HSS than this checkout's, where HSS_ROOT names one. */
const root = path.resolve(process.env.HSS_ROOT ?? path.join(__dirname, '..', '..', '..'));
const children = [];

function start(name, folder, command, args, env = {}) {
  const logFile = path.join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  children.push(child);
  const ended = new Promise((resolve) => child.once('close', resolve));
  return { child, ended, log: () => readFileSync(logFile, 'utf8') };
}

async function until(what, seconds, condition) {
  const end = Date.now() + seconds * 1_000;
  while (!(await condition())) {
    if (Date.now() > end) return (console.log(`did not happen within ${seconds} s: ${what}`), false);
    await delay(200);
  }
  return true;
}

/* global fetch */
async function api(method, where, body) {
  const response = await fetch(`${API}${where}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

async function play(scenario, { folder, build, mme }) {
  const { name, msin, eps, resyncSqn, during, expects, mme: mmePatterns = [] } = scenario;
  console.log(`\n== ${name}`);
  if (eps !== undefined) await api('PUT', `/v1/subscriptions/ue-${msin}`, document(msin, eps));
  const before = mme.log().length;
  const environment = { UE_IMSI: `${PLMN}${msin}`, UE_K: K, UE_OPC: OPC, UE_SECONDS: '12' };
  if (resyncSqn) environment.UE_RESYNC_SQN = resyncSqn;
  const ue = start(
    `ue-${msin}`,
    folder,
    `${build}/tests/hss/hss-ue`,
    ['-c', `${folder}/mme.yaml`, '-e', 'error'],
    environment,
  );
  if (during && (await until('attached', 12, () => ue.log().includes('attached')))) {
    await delay(500);
    await during({ api });
  }
  await ue.ended;
  const heard = ue.log();
  console.log(heard.trimEnd());
  const mmeSaid = mme.log().slice(before);
  console.log(
    mmeSaid
      .split('\n')
      .filter((line) => /WARN|ERROR|FATAL|Insert-Sub|Cancel-Loc/.test(line) && !/md_hook/.test(line))
      .join('\n'),
  );
  const missing = [
    ...expects.filter((text) => !heard.includes(text)),
    ...mmePatterns.filter((pattern) => !pattern.test(mmeSaid)),
  ];
  console.log(missing.length === 0 ? `PASSED: ${name}` : `FAILED: ${name}: not seen: ${missing.join('; ')}`);
  return missing.length === 0;
}

async function main() {
  const [folder, build, transport, peer, only] = process.argv.slice(2);
  writeSettings({ folder, build, transport, peer: JSON.parse(peer) });
  const hss = start('hss', folder, process.execPath, [
    path.join(root, 'dist/main.js'),
    '--config',
    `${folder}/hss.yaml`,
  ]);
  if (
    !(await until(
      'HSS ready',
      120,
      () => hss.child.exitCode !== null || hss.log().includes('Ctrl-C stops it.'),
    ))
  )
    return (console.log(hss.log()), 1);
  if (hss.child.exitCode !== null) return (console.log(hss.log()), 1);
  start('sgw', folder, process.execPath, [path.join(__dirname, 'sgw.js'), SGW_ADDRESS]);
  const mme = start('mme', folder, `${build}/src/mme/open5gs-mmed`, ['-c', `${folder}/mme.yaml`]);
  const connected = async () => {
    const { items } = await api('GET', '/v1/peers');
    return items.some(
      ({ state }) => state === 'open' || state === 'OPEN' || state === 'I-Open' || state === 'R-Open',
    );
  };
  if (!(await until(`MME connected to ${hssHost}`, 60, connected))) {
    console.log(JSON.stringify(await api('GET', '/v1/peers')), mme.log().slice(-3000));
    return 1;
  }
  console.log(JSON.stringify((await api('GET', '/v1/peers')).items));
  let failed = 0;
  const chosen = scenarios.filter(({ name }) => only === undefined || name.includes(only));
  for (const scenario of chosen) if (!(await play(scenario, { folder, build, mme }))) failed += 1;
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

void main()
  .catch((error) => (console.error(error), 1))
  .then(async (status) => {
    for (const child of children) child.kill('SIGTERM');
    await delay(3_000);
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    process.exit(status);
  });
