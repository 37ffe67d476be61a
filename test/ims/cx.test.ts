/**
 * The HSS with real peers: Debian's Kamailio as P-, I- and S-CSCF, SIPp and a SIP client of our own as the
 * phones, tshark as the judge of what the HSS sent. The whole suite runs twice, with a kill -9 of the HSS in
 * between. Addresses are loopback only.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { callScenarios } from './scenarios/calls';
import { loadScenarios, startSipp } from './scenarios/load';
import { pushScenarios } from './scenarios/pushes';
import { newCards, registrationScenarios } from './scenarios/registration';
import type { Capture, CaptureReport } from './support/capture';
import { Lab } from './support/lab';
import { scenariosOf } from './support/scenario';
import {
  akaPhone,
  digestPhone,
  fleetSubscribers,
  massSubscribers,
  nai,
  sip,
  subscribers,
} from './support/subscribers';

let prepared: Lab | undefined;
const cards = newCards();

const lab = (): Lab => {
  if (prepared === undefined) throw new Error('the lab did not start: see the first failure');
  return prepared;
};
const scenario = scenariosOf(lab);

let stopped: Promise<Capture | undefined> | undefined;
const stopLab = (): Promise<Capture | undefined> => (stopped ??= lab().stop());

afterAll(async () => {
  if (prepared === undefined) return;
  await stopLab();
  prepared.remove();
}, 60_000);

test('HSS and CSCFs start, and the subscribers are provisioned', async () => {
  prepared = await Lab.prepare();
  try {
    await lab().start();
    for (const document of [...subscribers(lab().ports), ...fleetSubscribers(), ...massSubscribers()])
      await lab().hss.provision(document);
  } catch (error) {
    if (error instanceof Error) error.message += `\n\n${lab().tails()}`;
    throw error;
  }
}, 180_000);

describe('Cx with real peers', () => {
  registrationScenarios(scenario, lab, cards);
  callScenarios(scenario, lab);
  pushScenarios(scenario, lab);
  loadScenarios(scenario, lab, cards);
});

describe('kill -9 of the HSS in the middle of 200 registrations', () => {
  scenario(
    'nothing that had been answered is lost, and the CSCFs come back to the restarted HSS',
    async () => {
      const kate = await lab().phone({
        impi: nai('kate'),
        impu: sip('kate'),
        credentials: akaPhone(cards.kate),
        algorithm: 'AKAv1-MD5',
      });
      const kurt = await lab().phone({
        impi: nai('kurt'),
        impu: sip('kurt'),
        credentials: digestPhone('kurt'),
        algorithm: 'MD5',
      });
      expect(await kate.register()).toMatchObject({ status: 200 });
      expect(await kurt.register()).toMatchObject({ status: 200 });
      const mass = startSipp(lab(), { scenario: 'register' });
      await delay(1_500);
      await lab().hss.crash();
      // What is under way while there is no HSS fails.
      const { successfulCount, failedCount } = await mass.result();
      await lab().hss.start();
      await lab().ready();
      expect(successfulCount).toBeGreaterThan(0);
      expect(failedCount).toBeGreaterThan(0);
      // Who was registered is reached, without a new registration; the card sees no sequence number twice.
      const call = await kate.call(sip('kurt'));
      expect(call).toMatchObject({ status: 200 });
      expect(await call.hangUp()).toBe(200);
      expect(kurt.receivedMethods).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(await kate.register()).toMatchObject({ status: 200, resynchronisationsCount: 0 });
      expect(await kate.register(0)).toMatchObject({ status: 200, resynchronisationsCount: 0 });
      expect(await kurt.register(0)).toMatchObject({ status: 200 });
    },
  );
});

describe('Cx with real peers, after the kill', () => {
  registrationScenarios(scenario, lab, cards);
  callScenarios(scenario, lab);
  pushScenarios(scenario, lab);
  loadScenarios(scenario, lab, cards);
});

describe('what tshark says', () => {
  let sent: CaptureReport;
  let received: CaptureReport;

  beforeAll(async () => {
    const capture = await stopLab();
    if (capture === undefined) throw new Error('there is no capture');
    sent = await capture.analyse('HSS');
    received = await capture.analyse('peers');
    const counts = [...sent.sent]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`);
    process.stdout.write(
      `Sent by the HSS: ${sent.messagesCount} messages\n${counts.join('\n')}\n` +
        `  malformed ${sent.malformed.length}, unknown AVPs ${sent.unknownAvps.length}, expert warnings ${sent.warnings.length}\n`,
    );
  }, 120_000);

  test('the reader notices what it looks for: the private AVP that Kamailio puts into SAR', () => {
    expect(received.unknownAvps.length).toBeGreaterThan(0);
    expect(received.warnings.length).toBeGreaterThan(0);
  });

  test('no malformed packet, no unknown AVP, no expert warning in what the HSS sent', () => {
    expect(sent.malformed).toEqual([]);
    expect(sent.unknownAvps).toEqual([]);
    expect(sent.warnings).toEqual([]);
  });

  test('every kind of answer was on the wire', () => {
    expect([...sent.sent.keys()]).toEqual(
      expect.arrayContaining([
        'CEA 2001',
        'DPR',
        'UAA 2001',
        'UAA experimental 2001',
        'UAA experimental 2002',
        'UAA experimental 5001',
        'UAA experimental 5002',
        'MAA 2001',
        'MAA experimental 5006',
        'SAA 2001',
        'LIA 2001',
        'LIA experimental 2003',
        'LIA experimental 5001',
        'LIA experimental 5003',
      ]),
    );
  });
});
