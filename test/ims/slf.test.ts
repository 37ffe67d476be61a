/**
 * A subscription locator in front of two HSSs, with Debian's Kamailio as the CSCFs, which know the locator
 * only: a proxy agent, since Kamailio follows no redirect [29.228-6.4] [29.229-5.5].
 */
import type { Capture } from './support/capture';
import { Lab } from './support/lab';
import { waitFor } from './support/processes';
import { scenariosOf } from './support/scenario';
import { digestPhone, digestSubscriber, nai, sip } from './support/subscribers';

let prepared: Lab | undefined;
const lab = (): Lab => {
  if (prepared === undefined) throw new Error('the lab did not start: see the first failure');
  return prepared;
};
const scenario = scenariosOf(lab);
const phone = (user: string) =>
  lab().phone({ impi: nai(user), impu: sip(user), credentials: digestPhone(user), algorithm: 'MD5' });
const answered = async (home: number, command: string): Promise<number> => {
  const metrics = (await lab().homes[home]?.metrics()) ?? '';
  return [
    ...metrics.matchAll(new RegExp(`^hss_diameter_answers_total\\{command="${command}".*\\} (\\d+)$`, 'gm')),
  ].reduce((sum, [, count]) => sum + Number(count), 0);
};

let stopped: Promise<Capture | undefined> | undefined;
const stopLab = (): Promise<Capture | undefined> => (stopped ??= lab().stop());

afterAll(async () => {
  if (prepared === undefined) return;
  await stopLab();
  prepared.remove();
}, 60_000);

test('SLF, two HSSs and CSCFs start; the locator is filled from the HSSs', async () => {
  prepared = await Lab.prepare('slf');
  try {
    await lab().start();
    const [first, second] = lab().homes;
    for (const user of ['bob', 'gina']) await first?.provision(digestSubscriber(user));
    for (const user of ['hans', 'erik']) await second?.provision(digestSubscriber(user));
    const { status, output } = await lab().hss.command([
      'slf',
      'fill',
      '--from',
      ...lab().homes.map(({ options }) => `http://127.0.0.1:${options.httpPort}=${options.originHost}`),
    ]);
    expect({ status, output }).toMatchObject({ status: 0 });
  } catch (error) {
    if (error instanceof Error) error.message += `\n\n${lab().tails()}`;
    throw error;
  }
}, 180_000);

scenario('subscribers of both HSSs register, and call each other', async () => {
  const gina = await phone('gina');
  const hans = await phone('hans');
  expect(await gina.register()).toMatchObject({ status: 200, associatedUris: [sip('gina')] });
  expect(await hans.register()).toMatchObject({ status: 200, associatedUris: [sip('hans')] });
  for (const [from, to] of [
    [gina, hans],
    [hans, gina],
  ] as const) {
    const call = await from.call(to.options.impu);
    expect(call).toMatchObject({ status: 200 });
    expect(await call.hangUp()).toBe(200);
    expect(to.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
    to.received.splice(0);
  }
  // Each HSS was asked about its own subscriber only: UAR twice (before and after the challenge), the rest
  // once.
  for (const home of [0, 1]) {
    expect(await answered(home, 'UAR')).toBe(2);
    expect(await answered(home, 'MAR')).toBe(1);
    expect(await answered(home, 'SAR')).toBe(1);
    expect(await answered(home, 'LIR')).toBe(1);
  }
  expect(await gina.register(0)).toMatchObject({ status: 200 });
  expect(await hans.register(0)).toMatchObject({ status: 200 });
});

scenario('an RTR of the HSS reaches the S-CSCF through the locator', async () => {
  const erik = await phone('erik');
  expect(await erik.register()).toMatchObject({ status: 200 });
  const { status, output } = (await lab().homes[1]?.command(['deregister', sip('erik'), '--json'])) ?? {
    status: -1,
    output: '',
  };
  expect(output).toContain('"success"');
  expect(status).toBe(0);
});

scenario(
  'nobody is refused; while an HSS is gone its subscribers are, and those of the other are served',
  async () => {
    expect(await (await phone('nobody')).register()).toMatchObject({
      status: 403,
      reason: expect.stringMatching(/User Unknown/i) as unknown,
    });
    await lab().homes[0]?.crash();
    const bob = await phone('bob');
    const hans = await phone('hans');
    expect((await bob.register()).status).toBeGreaterThanOrEqual(400);
    expect(await hans.register()).toMatchObject({ status: 200 });
    expect(await hans.register(0)).toMatchObject({ status: 200 });
    await lab().homes[0]?.start();
    await waitFor(
      'the locator to be connected again',
      60_000,
      async () => (await bob.register()).status === 200,
    );
    expect(await bob.register(0)).toMatchObject({ status: 200 });
  },
  120_000,
);

test('tshark finds no malformed packet, no unknown AVP and no expert warning in what the locator sent', async () => {
  const capture = await stopLab();
  if (capture === undefined) throw new Error('there is no capture');
  const report = await capture.analyse('HSS');
  process.stdout.write(`Sent by the SLF: ${report.messagesCount} messages\n`);
  expect(report.messagesCount).toBeGreaterThan(20);
  expect(report.malformed).toEqual([]);
  expect(report.unknownAvps).toEqual([]);
  expect(report.warnings).toEqual([]);
}, 120_000);
