/** The log of the running product: what goes well is seen, its level changes while it runs, and its last line is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { S6A_APPLICATION_ID } from '../../src/apps/s6a/generated/s6a';
import { encodeNamed } from '../../src/diameter/codec/encode';
import { s6aDictionary } from '../diameter/codec/s6a-support';
import { CxClient } from '../support/cx-client';
import { freshDatabase } from '../support/database';
import { RE_REGISTRATION, REGISTRATION, sar, SERVER_NAME, uar, USER_DEREGISTRATION } from './support/cscf';
import { endAll, eventually, HssProcess, temporaryFolder, writeConfiguration } from './support/hss-process';
import { provision, secretKey, secretsOfUsers, user } from './support/provisioning';

const alice = user('alice');
let file: string;
let hss: HssProcess;
let client: CxClient;

beforeAll(async () => {
  file = writeConfiguration(temporaryFolder(), {
    store: { url: await freshDatabase(), secretKey },
    logging: { level: 'info', linesPerSecondCount: 3 },
  });
  hss = HssProcess.spawn(file, {
    NODE_OPTIONS: `--require ${join(__dirname, 'support/reject-on-signal.cjs')}`,
  });
  await hss.until(() => hss.output.includes('Ctrl-C stops it.'), 'the banner', 60_000);
  await provision(hss, ['alice']);
  client = await CxClient.open(hss.diameterPort, {
    originHost: 'scscf1.ims.example',
    originRealm: 'ims.example',
  });
}, 90_000);
afterAll(endAll, 30_000);

const lines = (text: string): Record<string, unknown>[] =>
  hss.log.filter(({ msg }) => String(msg).startsWith(text));
const seen = (text: string): Promise<void> =>
  hss.until(() => lines(text).length > 0, `a line "${text}"`, 10_000);
const level = async (init?: RequestInit): Promise<unknown> =>
  (await fetch(`${hss.httpUrl}/v1/logging`, init)).json();
const setLevel = (body: unknown): Promise<unknown> =>
  level({ method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('[29.228-6.1.2.1] one line at info for each change of state, with identities and S-CSCF', async () => {
  for (const [type, what] of [
    [REGISTRATION, 'registered'],
    [RE_REGISTRATION, 're-registered'],
    [USER_DEREGISTRATION, 'de-registered'],
  ] as const) {
    expect((await sar(client, alice, type)).result).toBe('2001');
    await seen(`${what}: `);
    expect(lines(`${what}: `)).toEqual([
      expect.objectContaining({
        level: 'info',
        command: 'SAR',
        privateIdentity: alice.userName,
        publicIdentity: alice.publicIdentity,
        server: SERVER_NAME,
        peer: 'scscf1.ims.example',
        sessionId: expect.any(String),
      }),
    ]);
  }
}, 30_000);

test('more of one kind in a second than the setting says are one line', async () => {
  await Promise.all(Array.from({ length: 30 }, () => sar(client, alice, REGISTRATION)));
  await hss.until(() => lines('registered: and ').length > 0, 'the sum', 10_000);
  expect(lines('registered: ').length).toBeLessThan(25);
}, 30_000);

test('[29.272-5.2.5.1.3] a refusal of S6a names the IMSI, the check and its clause', async () => {
  const origin = { originHost: 'mme1.epc.example', originRealm: 'epc.example' };
  const mme = await CxClient.connect(hss.diameterPort, origin);
  const capabilities = {
    ...origin,
    hostIpAddress: ['127.0.0.1'],
    vendorId: 0,
    productName: 'test MME',
    supportedVendorId: [10_415],
    vendorSpecificApplicationId: [{ vendorId: 10_415, authApplicationId: S6A_APPLICATION_ID }],
  };
  const cea = await mme.send((hopByHopId) =>
    encodeNamed('CER', { hopByHopId, endToEndId: hopByHopId }, capabilities, s6aDictionary),
  );
  expect(cea.result).toBe('2001');
  const notification = {
    ...origin,
    sessionId: 'mme1;1;1',
    authSessionState: 1,
    destinationRealm: 'ims.example',
    userName: '001019999999999',
  };
  const header = { applicationId: S6A_APPLICATION_ID, hopByHopId: 900, endToEndId: 900 };
  mme.write(encodeNamed('NOR', header, notification, s6aDictionary));
  await seen('NOR refused');
  expect(lines('NOR refused')).toEqual([
    expect.objectContaining({
      level: 'info',
      msg: 'NOR refused with DIAMETER_ERROR_USER_UNKNOWN: no subscription has this IMSI (TS 29.272 5.2.5.1.3)',
      result: 'DIAMETER_ERROR_USER_UNKNOWN',
      clause: 'TS 29.272 5.2.5.1.3',
      imsi: '001019999999999',
      peer: 'mme1.epc.example',
      sessionId: 'mme1;1;1',
    }),
  ]);
  mme.close();
}, 30_000);

test('at debug a line for each answer; the level changes by the API and by SIGHUP', async () => {
  await uar(client, alice);
  expect(await level()).toMatchObject({ level: 'info', droppedLines: 0 });
  expect(lines('UAR answered')).toEqual([]);
  expect(await setLevel({ level: 'debug' })).toMatchObject({ level: 'debug' });
  await uar(client, alice);
  await seen('UAR answered: ');
  expect(lines('UAR answered: ')[0]).toMatchObject({ level: 'debug', peer: 'scscf1.ims.example' });

  expect(await setLevel({ level: 'loud' })).toMatchObject({ status: 422 });

  writeFileSync(file, readFileSync(file, 'utf8').replace('level: info', 'level: warn'));
  hss.kill('SIGHUP');
  await eventually(
    async () => ((await level()) as { level: string }).level === 'warn',
    'the level of the file',
  );
  const before = lines('UAR answered: ').length;
  await uar(client, alice);
  expect(lines('UAR answered: ')).toHaveLength(before);
}, 30_000);

test('a rejection that nobody handles is logged, without secrets, before the process ends with a failure', async () => {
  hss.kill('SIGUSR2');
  expect(await hss.ended).toEqual({ code: 1, signal: null });
  await eventually(() => lines('a rejection reached nobody').length === 1, 'its line');
  expect(lines('a rejection reached nobody')[0]).toMatchObject({
    level: 'error',
    err: { message: 'a fault at postgres://hss:[hidden]@db/hss', stack: expect.any(String) },
  });
  expect(hss.output).not.toContain('hunter2');
  hss.expectNoSecrets(secretsOfUsers);
}, 30_000);
