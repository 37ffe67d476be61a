/**
 * Many phones: SIPp registers, calls and de-registers 200 users; 40 phones with IMS-AKA register at the same
 * moment.
 */
import type { Lab } from '../support/lab';
import type { Scenario } from '../support/scenario';
import { Sipp, SippOptions, SippResult } from '../support/sipp';
import {
  akaPhone,
  fleetCount,
  fleetUser,
  massCount,
  massFields,
  nai,
  sip,
  wrongPassword,
} from '../support/subscribers';
import type { Cards } from './registration';

const registrationsPerSecond = 50;

/** SIPp with the lab's ports. */
export function startSipp(lab: Lab, options: Pick<SippOptions, 'scenario'> & Partial<SippOptions>): Sipp {
  return Sipp.start({
    users: massFields(),
    callsCount: massCount,
    callsPerSecond: registrationsPerSecond,
    localPort: lab.ports.sipp,
    targetPort: lab.ports.pcscf,
    folder: lab.folder,
    logFolder: lab.resultsFolder,
    ...options,
  });
}

const run = (lab: Lab, options: Pick<SippOptions, 'scenario'> & Partial<SippOptions>): Promise<SippResult> =>
  startSipp(lab, options).result();

export function loadScenarios(scenario: Scenario, lab: () => Lab, cards: Cards): void {
  scenario(`${fleetCount} phones register with IMS-AKA at once; no card has to resynchronise`, async () => {
    const phones = await Promise.all(
      cards.fleet.map((usim, index) =>
        lab().phone({
          impi: nai(fleetUser(index)),
          impu: sip(fleetUser(index)),
          credentials: akaPhone(usim),
          algorithm: 'AKAv1-MD5',
        }),
      ),
    );
    const outcome = { status: 200, resynchronisationsCount: 0 };
    expect(await Promise.all(phones.map((phone) => phone.register()))).toEqual(
      phones.map(() => expect.objectContaining(outcome) as unknown),
    );
    expect(await Promise.all(phones.map((phone) => phone.register(0)))).toEqual(
      phones.map(() => expect.objectContaining(outcome) as unknown),
    );
  });

  scenario(`${massCount} phones register`, async () => {
    expect(await run(lab(), { scenario: 'register' })).toEqual({
      exitCode: 0,
      successfulCount: massCount,
      failedCount: 0,
      errors: '',
    });
  });

  scenario('phones with wrong passwords are refused', async () => {
    const result = await run(lab(), {
      scenario: 'register-refused',
      users: massFields(wrongPassword),
      callsCount: 10,
    });
    expect(result).toEqual({ exitCode: 0, successfulCount: 10, failedCount: 0, errors: '' });
  });

  scenario('20 of them are called', async () => {
    const phones = startSipp(lab(), {
      scenario: 'answer',
      users: undefined,
      targetPort: undefined,
      callsCount: 20,
    });
    try {
      const caller = run(lab(), {
        scenario: 'call',
        callsCount: 20,
        callsPerSecond: 10,
        localPort: lab().ports.caller,
      });
      expect(await caller).toEqual({ exitCode: 0, successfulCount: 20, failedCount: 0, errors: '' });
      expect(await phones.result()).toEqual({ exitCode: 0, successfulCount: 20, failedCount: 0, errors: '' });
    } finally {
      await phones.stop();
    }
  });

  scenario(`${massCount} phones de-register`, async () => {
    expect(await run(lab(), { scenario: 'deregister' })).toEqual({
      exitCode: 0,
      successfulCount: massCount,
      failedCount: 0,
      errors: '',
    });
  });
}
