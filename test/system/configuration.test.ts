/** What a process makes of its configuration: mistakes, ports that are taken, peers that come and go. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { CxClient } from '../support/cx-client';
import { putSharedSets, simple } from '../store/documents';
import { freshDatabase, openStore } from '../support/database';
import {
  endAll,
  HssProcess,
  leave,
  temporaryFolder,
  writeConfiguration,
  type HssSettings,
} from './support/hss-process';
import { alive } from '../support/processes';
import { secretKey } from './support/provisioning';

const realm = 'ims.example';
const known = { originHost: `icscf.${realm}`, originRealm: realm };
const unknown = { originHost: `stranger.${realm}`, originRealm: realm };

afterAll(endAll);

async function endOf(hss: HssProcess): Promise<{ code: number | null; output: string }> {
  const { code } = await hss.ended;
  return { code, output: hss.output };
}

test('mistakes: status 78, and for each of them its path, what was found, what is allowed and where it stands', async () => {
  const folder = temporaryFolder();
  const file = writeConfiguration(folder, {
    diameter: { watchdogIntervalSeconds: 2, originHost: 'not a host' },
    store: { statmentTimeoutMs: 5, dataFolder: './data' },
    logging: { level: 'loud' },
  });
  const { code, output } = await endOf(HssProcess.spawn(file));
  expect(code).toBe(78);
  expect(output).toMatch(/diameter\.watchdogIntervalSeconds[^]*\b2\b[^]*6[^]*3600/);
  expect(output).toMatch(/diameter\.originHost[^]*not a host/);
  expect(output).toMatch(/store\.statmentTimeoutMs/);
  expect(output).toMatch(/logging\.level[^]*loud[^]*trace/);
  expect(output).toMatch(/hss\.yaml/);
  expect(output).not.toMatch(/\n\s+at /);
  expect(existsSync(join(folder, 'data'))).toBe(false);
}, 20_000);

test('a mistake in the environment is named by its variable', async () => {
  const { code, output } = await endOf(
    HssProcess.spawn(writeConfiguration(temporaryFolder()), { DATABASE_URL: 'mysql://localhost/hss' }),
  );
  expect(code).toBe(78);
  expect(output).toMatch(/store\.url[^]*DATABASE_URL/);
}, 20_000);

test('an outside database without a key for the secrets: status 78, and how to make one', async () => {
  const { code, output } = await endOf(
    HssProcess.spawn(
      writeConfiguration(temporaryFolder(), {
        store: { url: 'postgresql://hss:correct-horse@127.0.0.1:1/hss' },
      }),
    ),
  );
  expect(code).toBe(78);
  expect(output).toMatch(/store\.secretKeyFile[^]*openssl rand -hex 32/);
  expect(output).not.toContain('correct-horse');
}, 20_000);

test('a database that does not answer: status 1 and a line without the password', async () => {
  const { code, output } = await endOf(
    HssProcess.spawn(
      writeConfiguration(temporaryFolder(), {
        store: { url: 'postgresql://hss:correct-horse@127.0.0.1:1/hss', secretKey },
      }),
    ),
  );
  expect(code).toBe(1);
  expect(output).toMatch(/the HSS cannot start: .*127\.0\.0\.1:1.*ECONNREFUSED/);
  expect(output).not.toContain('correct-horse');
  expect(output).not.toContain(secretKey);
}, 20_000);

test('a key that the stored secrets are not sealed with: status 78 before anything listens, and the right one starts', async () => {
  const url = await freshDatabase();
  const store = await openStore(url);
  await putSharedSets(store);
  await store.putSubscription(simple('anna', 1), {});
  await store.close();
  const stale = HssProcess.spawn(
    writeConfiguration(temporaryFolder(), { store: { url, secretKey: `older:${'11'.repeat(32)}` } }),
  );
  const { code, output } = await endOf(stale);
  expect(code).toBe(78);
  expect(output).toMatch(
    /store\.secretKey[^]*without the key test, which the stored secrets are sealed with/,
  );
  expect(output).not.toMatch(/1111|5a5a|\n\s+at /);
  const right = await HssProcess.start(
    writeConfiguration(temporaryFolder(), {
      store: { url, secretKey: `older:${'11'.repeat(32)},test:${'5a'.repeat(32)}` },
    }),
  );
  expect(right.diameterPort).toBeGreaterThan(0);
  right.kill('SIGTERM');
  expect((await right.ended).code).toBe(0);
}, 60_000);

function occupied(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}

test('a port in use: status 1, a line that names it, and the embedded database is stopped', async () => {
  const server = await occupied();
  const { port } = server.address() as AddressInfo;
  try {
    const folder = temporaryFolder();
    const hss = HssProcess.spawn(
      writeConfiguration(folder, {
        diameter: { listen: [{ transport: 'tcp', addresses: ['127.0.0.1'], port }] },
        store: { dataFolder: './data' },
        demo: { load: false },
      }),
    );
    let postmaster = 0;
    const pidFile = join(folder, 'data/cluster/postmaster.pid');
    const watch = setInterval(() => {
      if (existsSync(pidFile))
        postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0]) || postmaster;
    }, 20);
    const { code, output } = await endOf(hss);
    clearInterval(watch);
    expect(code).toBe(1);
    expect(output).toContain(`127.0.0.1:${port}`);
    expect(hss.log.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^the HSS cannot start: diameter\.listen\[0\]\.port: .*EADDRINUSE/),
    ]);
    expect(postmaster).toBeGreaterThan(0);
    expect(alive(postmaster)).toBe(false);
    expect(existsSync(pidFile)).toBe(false);
  } finally {
    server.close();
  }
}, 60_000);

describe('peers', () => {
  let folder: string;
  let hss: HssProcess;
  let settings: HssSettings;

  beforeAll(async () => {
    folder = temporaryFolder();
    settings = {
      store: { url: await freshDatabase(), secretKey },
      diameter: { unknownPeers: 'refuse' },
      peers: [{ identity: known.originHost }],
    };
    hss = await HssProcess.start(writeConfiguration(folder, settings));
  }, 60_000);

  /** SIGHUP, and the line that says that it was heard. */
  async function reread(change: HssSettings, line: RegExp): Promise<void> {
    writeConfiguration(folder, { ...settings, ...change });
    const before = hss.output.length;
    hss.kill('SIGHUP');
    await hss.until(() => line.test(hss.output.slice(before)), String(line));
  }

  test('[6733-5.3] an unknown peer gets DIAMETER_UNKNOWN_PEER and its connection is closed; a configured one is taken', async () => {
    const refused = await CxClient.connect(hss.diameterPort, unknown);
    expect(await refused.exchangeCapabilities()).toMatchObject({ result: '3010', header: { error: true } });
    await refused.closed;
    const client = await CxClient.open(hss.diameterPort, {
      ...known,
      originHost: known.originHost.toUpperCase(),
    });
    await leave(hss, client);
  });

  test('SIGHUP: a peer that was added may connect, one that was taken out is told, the one that stays keeps its connection', async () => {
    const staying = await CxClient.open(hss.diameterPort, known);
    await reread(
      { peers: [{ identity: known.originHost }, { identity: unknown.originHost }] },
      /configuration read again/,
    );
    const added = await CxClient.open(hss.diameterPort, unknown);
    await reread({ peers: [{ identity: known.originHost }] }, /configuration read again/);
    await added.closed;
    expect(added.requests.at(-1)).toBe('DPR');
    const again = await CxClient.connect(hss.diameterPort, unknown);
    expect((await again.exchangeCapabilities()).result).toBe('3010');
    expect((await staying.request('LIR', { publicIdentity: 'sip:nobody@ims.example' })).result).toBe(
      'experimental 5001',
    );
    expect(staying.requests).not.toContain('DPR');
    await leave(hss, staying);
  });

  test('SIGHUP with a mistake changes nothing and says what is wrong', async () => {
    await reread({ peers: [{ identity: 'two words' }] }, /the configuration is not taken over/);
    expect(hss.output).toMatch(/peers\[0\]\.identity/);
    const client = await CxClient.open(hss.diameterPort, known);
    await leave(hss, client);
  });

  test('SIGHUP: unknown peers may be let in as well', async () => {
    await reread({ diameter: { unknownPeers: 'accept' } }, /configuration read again/);
    const client = await CxClient.open(hss.diameterPort, unknown);
    await leave(hss, client);
  });

  test('SIGTERM stops as Ctrl-C does', async () => {
    const client = await CxClient.open(hss.diameterPort, known);
    hss.kill('SIGTERM');
    expect(await hss.ended).toEqual({ code: 0, signal: null });
    await client.closed;
    expect(client.requests.at(-1)).toBe('DPR');
  });
});
