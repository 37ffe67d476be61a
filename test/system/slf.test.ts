/**
 * Two HSS processes behind a subscription locator, in both modes, and both roles in one process [29.228-6.4]
 * [29.229-5.5].
 */
import type { RawAvp } from '../../src/diameter/codec/types';
import { CxClient } from '../support/cx-client';
import type { CxAnswer } from '../support/cx-messages';
import { freshDatabase } from '../support/database';
import { cli } from '../cli/run-cli';
import { lir, mar, sar, uar } from './support/cscf';
import {
  endAll,
  eventually,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
  type HssSettings,
} from './support/hss-process';
import { provision, secretKey, secretsOfUsers, user } from './support/provisioning';

const realm = 'ims.example';
const scscf = { originHost: 'scscf1.ims.example', originRealm: realm };
const alice = user('alice');
const bob = user('bob');
const nobody = user('nobody');

const start = async (originHost: string, settings: HssSettings = {}): Promise<HssProcess> =>
  HssProcess.start(
    writeConfiguration(temporaryFolder(), {
      ...settings,
      store: { url: await freshDatabase(), secretKey },
      diameter: { originHost, ...settings.diameter },
      push: { pollMs: 50 },
    }),
  );
const redirectHosts = (answer: CxAnswer): string[] =>
  ((answer.avps['additionalAvps'] ?? []) as RawAvp[])
    .filter(({ code }) => code === 292)
    .map(({ data }) => data.toString());
const slfPort = (process: HssProcess): number =>
  Number(/tcp 127\.0\.0\.1:(\d+) \(SLF/.exec(process.output)?.[1]);
const metric = async (process: HssProcess, line: string): Promise<boolean> =>
  (await (await fetch(`${process.metricsUrl}/metrics`)).text()).includes(line);

/** They speak for the CSCFs of the realm. */
const locators = ['slf.ims.example', 'slf3.ims.example'].map((identity) => ({
  identity,
  role: 'relay',
  originRealms: [realm],
}));

let hss1: HssProcess;
let hss2: HssProcess;
beforeAll(async () => {
  [hss1, hss2] = await Promise.all([
    start('hss1.ims.example', { peers: locators }),
    start('hss2.ims.example', { peers: locators }),
  ]);
  await Promise.all([provision(hss1, ['alice']), provision(hss2, ['bob'])]);
}, 120_000);
afterAll(endAll);

const fill = (locator: HssProcess): Promise<{ status: number; stderr: string }> =>
  cli(
    [
      'slf',
      'fill',
      '--from',
      `${hss1.httpUrl}=aaa://hss1.ims.example:${hss1.diameterPort}`,
      `${hss2.httpUrl}=aaa://hss2.ims.example:${hss2.diameterPort}`,
    ],
    { env: { HSS_API: locator.httpUrl } },
  );

test('redirect: filled from the HSSs, each subscriber is found at his own, and the request sent there is served', async () => {
  const slf = await start('slf.ims.example', { role: 'slf' });
  expect(await fill(slf)).toMatchObject({ status: 0, stderr: '' });
  const atSlf = await CxClient.connect(slf.diameterPort, scscf);
  const cea = await atSlf.exchangeCapabilities();
  // [6733-2.4] [29.229-5.6]
  expect(cea.avps).toMatchObject({
    originHost: 'slf.ims.example',
    authApplicationId: [0xffff_ffff],
    vendorSpecificApplicationId: [
      { vendorId: 10_415, authApplicationId: 16_777_216 },
      { vendorId: 13_019, authApplicationId: 16_777_216 },
    ],
  });
  for (const [subscriber, hss, name] of [
    [alice, hss1, 'hss1.ims.example'],
    [bob, hss2, 'hss2.ims.example'],
  ] as const) {
    const redirect = await uar(atSlf, subscriber);
    expect(redirect).toMatchObject({ result: '3006', header: { error: true } });
    expect(redirectHosts(redirect)).toEqual([`aaa://${name}:${hss.diameterPort}`]);
    const atHss = await CxClient.open(Number(/:(\d+)$/.exec(redirectHosts(redirect)[0] ?? '')?.[1]), scscf);
    const answer = await atHss.request('UAR', {
      ...subscriber,
      visitedNetworkIdentifier: Buffer.from(realm),
      destinationHost: name,
    });
    expect(answer).toMatchObject({ result: 'experimental 2001', avps: { originHost: name } });
    atHss.close();
  }
  expect((await uar(atSlf, nobody)).result).toBe('experimental 5001');
  expect(await metric(slf, 'hss_locator_lookups_total{outcome="identity"} 2')).toBe(true);
  expect(await metric(slf, 'hss_locator_lookups_total{outcome="unknown"} 1')).toBe(true);
  expect(
    await metric(slf, 'hss_diameter_answers_total{command="UAR",result="DIAMETER_REDIRECT_INDICATION"} 2'),
  ).toBe(true);
  atSlf.close();
  await slf.interrupt();
}, 120_000);

test('proxy: an S-CSCF that knows the locator alone registers, gets the RTR of its HSS, and is served by the next HSS when one is gone', async () => {
  const peers = [hss1, hss2].map((hss, i) => ({
    identity: `hss${i + 1}.ims.example`,
    addresses: ['127.0.0.1'],
    port: hss.diameterPort,
    connect: true,
    role: 'hss',
  }));
  const slf = await start('slf.ims.example', {
    role: 'slf',
    slf: { mode: 'proxy', unknownIdentity: 'unableToDeliver' },
    peers,
  });
  expect(await fill(slf)).toMatchObject({ status: 0, stderr: '' });
  const client = await CxClient.open(slf.diameterPort, { ...scscf, originHost: 'scscf2.ims.example' });
  expect((await uar(client, bob)).avps['originHost']).toBe('hss2.ims.example');
  expect((await mar(client, alice)).avps['originHost']).toBe('hss1.ims.example');
  expect(await sar(client, alice)).toMatchObject({
    result: '2001',
    avps: { originHost: 'hss1.ims.example' },
  });
  expect((await uar(client, nobody)).result).toBe('3002');

  const requests: Record<string, unknown>[] = [];
  client.serve = (request) => {
    requests.push(request.avps);
    return { resultCode: 2001 };
  };
  const response = await fetch(`${hss1.httpUrl}/v1/subscriptions/alice/deregister`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(202);
  await eventually(() => requests.length === 1, 'the RTR arrives through the locator');
  expect(requests[0]).toMatchObject({
    originHost: 'hss1.ims.example',
    destinationHost: 'scscf2.ims.example',
    routeRecord: ['hss1.ims.example'],
    userName: alice.userName,
  });
  await eventually(
    async () =>
      (
        (await (await fetch(`${hss1.httpUrl}/v1/subscriptions/alice/registration-status`)).json()) as {
          server: unknown;
        }
      ).server === null,
    'alice is de-registered',
  );

  // Both know bob now; the second of the list serves him while the first is gone.
  await provision(hss1, ['carol']);
  await provision(hss2, ['carol']);
  expect(
    await cli(['slf', 'put', user('carol').publicIdentity, 'hss1.ims.example', 'hss2.ims.example'], {
      env: { HSS_API: slf.httpUrl },
    }),
  ).toMatchObject({ status: 0 });
  expect((await lir(client, user('carol').publicIdentity)).avps['originHost']).toBe('hss1.ims.example');
  await hss1.crash();
  await eventually(
    async () => (await lir(client, user('carol').publicIdentity)).avps['originHost'] === 'hss2.ims.example',
    'the next HSS serves',
  );
  expect(await lir(client, alice.publicIdentity)).toMatchObject({ result: '3002', header: { error: true } });
  await slf.until(
    () =>
      slf.output.includes('LIR refused with DIAMETER_UNABLE_TO_DELIVER: hss1.ims.example is not connected'),
    'the log says why',
  );
  client.close();
  slf.expectNoSecrets(secretsOfUsers);
}, 120_000);

test('both roles in one process: two identities on two listeners; a proxied request is handed to the HSS beside the locator, and its RTR comes back the same way', async () => {
  const listen = [
    { transport: 'tcp', addresses: ['127.0.0.1'], port: 0 },
    { transport: 'tcp', addresses: ['127.0.0.1'], port: 0, role: 'slf' },
  ];
  const both = await start('hss3.ims.example', {
    role: 'both',
    slf: { originHost: 'slf3.ims.example', mode: 'proxy' },
    diameter: { listen },
    peers: [
      {
        identity: 'hss2.ims.example',
        addresses: ['127.0.0.1'],
        port: hss2.diameterPort,
        connect: true,
        connectAs: 'slf',
        role: 'hss',
      },
    ],
  });
  await provision(both, ['dave']);
  const dave = user('dave');
  for (const [identity, host] of [
    [dave.publicIdentity, 'hss3.ims.example'],
    [bob.publicIdentity, 'hss2.ims.example'],
  ] as const) {
    expect(await cli(['slf', 'put', identity, host], { env: { HSS_API: both.httpUrl } })).toMatchObject({
      status: 0,
    });
  }
  const atHss = await CxClient.open(both.diameterPort, scscf);
  const atSlf = await CxClient.open(slfPort(both), scscf);
  expect((await lir(atHss, dave.publicIdentity)).avps['originHost']).toBe('hss3.ims.example');
  expect((await lir(atHss, bob.publicIdentity)).result).toBe('experimental 5001');
  expect((await lir(atSlf, bob.publicIdentity)).avps['originHost']).toBe('hss2.ims.example');
  expect((await lir(atSlf, dave.publicIdentity)).avps['originHost']).toBe('hss3.ims.example');
  atHss.close();
  await atHss.closed;

  await mar(atSlf, dave);
  expect(await sar(atSlf, dave)).toMatchObject({ result: '2001', avps: { originHost: 'hss3.ims.example' } });
  const requests: Record<string, unknown>[] = [];
  atSlf.serve = (request) => {
    requests.push(request.avps);
    return { resultCode: 2001 };
  };
  await fetch(`${both.httpUrl}/v1/subscriptions/dave/deregister`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  await eventually(() => requests.length === 1, 'the RTR arrives by the locator’s connection');
  expect(requests[0]).toMatchObject({ originHost: 'hss3.ims.example', routeRecord: ['hss3.ims.example'] });
  const { items } = (await (await fetch(`${both.httpUrl}/v1/peers`)).json()) as {
    items: { originHost: string }[];
  };
  expect(items.map(({ originHost }) => originHost)).toEqual(
    expect.arrayContaining(['hss2.ims.example', 'scscf1.ims.example']),
  );
  atSlf.close();
  expect(await both.interrupt()).toEqual({ code: 0, signal: null });
  both.expectNoSecrets(secretsOfUsers);
}, 120_000);
