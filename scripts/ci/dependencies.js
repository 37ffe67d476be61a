/**
 * `npm run dependencies`, a weekly look: packages with newer versions, and known advisories. What the registry
 * does not answer is said in one line. Exit status 1 where an advisory is about something that is installed in
 * production, or a pin in package.json has no reason.
 */
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const { overrides = {}, '//overrides': reasons = {} } = require(join(root, 'package.json'));
let bad = false;

for (const name of Object.keys(overrides)) {
  const reason = reasons[name];
  if (reason === undefined) bad = true;
  console.log(
    `pinned: ${name} ${JSON.stringify(overrides[name])}: ${reason ?? 'without a reason in "//overrides"'}`,
  );
}

/** What npm says as JSON; null where it says none or an error. */
function ask(...args) {
  const { stdout } = spawnSync('npm', [...args, '--json'], { cwd: root, encoding: 'utf8', timeout: 120_000 });
  try {
    const answer = JSON.parse(stdout);
    return 'error' in answer || 'message' in answer ? null : answer;
  } catch {
    return null;
  }
}

const outdated = ask('outdated');
if (outdated === null) console.log('outdated: the registry does not answer');
else {
  const entries = Object.entries(outdated);
  console.log(entries.length === 0 ? 'outdated: nothing' : 'outdated:');
  for (const [name, { current, wanted, latest }] of entries)
    console.log(`  ${name} ${current ?? 'not installed'}, ${wanted} within its range, newest ${latest}`);
}

const audit = ask('audit', '--omit=dev');
if (audit === null) console.log('advisories: the registry does not answer');
else {
  const found = Object.values(audit.vulnerabilities ?? {});
  console.log(found.length === 0 ? 'advisories: none in production' : 'advisories in production:');
  for (const { name, severity, range } of found) console.log(`  ${severity}: ${name} ${range}`);
  bad ||= found.length > 0;
}
process.exitCode = bad ? 1 : 0;
