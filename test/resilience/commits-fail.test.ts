/** Readiness follows whether commits work: on a database that takes no writes, and on a full disk. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { CxClient } from '../support/cx-client';
import { mar } from '../system/support/cscf';
import {
  endAll,
  eventually,
  hssOrigin,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { OwnPostgres } from '../system/support/own-postgres';
import { secretKey } from '../system/support/provisioning';

const noticedWithinMs = 30_000;
const backWithinMs = 60_000;
const realm = hssOrigin.originRealm;
const scscf = { originHost: `scscf1.${realm}`, originRealm: realm };
const alice = { userName: `001010000000001@${realm}`, publicIdentity: `sip:alice@${realm}` };

const mounted: string[] = [];
afterAll(async () => {
  for (const mount of mounted) spawnSync('umount', ['-l', mount]);
  await endAll();
}, 60_000);

async function isReady(hss: HssProcess): Promise<boolean> {
  const { status } = await fetch(`${hss.metricsUrl}/readyz`);
  return status === 200;
}

test('a database that becomes read-only while nobody asks anything: not ready; and ready again', async () => {
  const postgres = await OwnPostgres.create();
  const hss = await HssProcess.start(
    writeConfiguration(temporaryFolder(), { store: { url: postgres.url, secretKey } }),
  );
  const set = async (value: 'on' | 'off') => {
    const sql = new Client({ connectionString: postgres.url });
    await sql.connect();
    await sql.query('set default_transaction_read_only = off');
    await sql.query(`alter system set default_transaction_read_only = ${value}`);
    await sql.query('select pg_reload_conf()');
    await sql.end();
  };
  try {
    expect(await isReady(hss)).toBe(true);
    await set('on');
    await eventually(async () => !(await isReady(hss)), 'not ready', noticedWithinMs);
    await set('off');
    await eventually(() => isReady(hss), 'ready again', backWithinMs);
  } finally {
    await hss.interrupt();
    await postgres.kill();
  }
}, 180_000);

const place = temporaryFolder();
const canMount =
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', place], { stdio: 'ignore' }).status === 0;
if (canMount) mounted.push(place);
else
  process.stderr.write(
    '\n*** NOT TESTED: readiness on a full disk. This machine does not permit to mount a small tmpfs (root is needed). ***\n\n',
  );

(canMount ? test : test.skip)(
  'a full disk: commits fail and it is not ready; with room again it is',
  async () => {
    mkdirSync(join(place, 'data'));
    const hss = await HssProcess.start(
      writeConfiguration(temporaryFolder(), { store: { dataFolder: join(place, 'data') } }),
    );
    const client = await CxClient.open(hss.diameterPort, scscf);
    expect((await mar(client, alice)).result).toBe('2001');
    expect(await isReady(hss)).toBe(true);
    const filler = join(place, 'filler');
    const { status } = spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' });
    expect(status).not.toBe(0);
    await eventually(async () => !(await isReady(hss)), 'not ready', noticedWithinMs);
    // It stays so, and does not come and go.
    for (let i = 0; i < 8; i += 1) {
      expect(await isReady(hss)).toBe(false);
      await new Promise((wake) => {
        setTimeout(wake, 700);
      });
    }
    expect((await fetch(`${hss.metricsUrl}/livez`)).status).toBe(200);
    // On some machines root has blocks that others have not: a small file shows that there is no room.
    expect(() => writeFileSync(join(place, 'more'), Buffer.alloc(65_536))).toThrow('ENOSPC');
    rmSync(join(place, 'more'), { force: true });
    rmSync(filler);
    await eventually(() => isReady(hss), 'ready again', backWithinMs);
    await eventually(async () => (await mar(client, alice)).result === '2001', 'a MAR again', backWithinMs);
    client.close();
    await hss.interrupt();
  },
  240_000,
);
