/** Many phones: SIPp registers, calls and de-registers 200 users. */
import type { Lab } from '../support/lab';
import type { Scenario } from '../support/scenario';
import { Sipp, SippOptions, SippResult } from '../support/sipp';
import { massCount, massFields, wrongPassword } from '../support/subscribers';

const registrationsPerSecond = 50;

/** SIPp with the lab's ports. */
export function startSipp(lab: Lab, options: Pick<SippOptions, 'scenario'> & Partial<SippOptions>): Sipp {
  return Sipp.start({
    users: massFields(), callsCount: massCount, callsPerSecond: registrationsPerSecond, localPort: lab.ports.sipp, targetPort: lab.ports.pcscf,
    folder: lab.folder, logFolder: lab.resultsFolder, ...options,
  });
}

const run = (lab: Lab, options: Pick<SippOptions, 'scenario'> & Partial<SippOptions>): Promise<SippResult> => startSipp(lab, options).result();

export function loadScenarios(scenario: Scenario, lab: () => Lab): void {
  scenario(`${massCount} phones register`, async () => {
    expect(await run(lab(), { scenario: 'register' })).toEqual({ exitCode: 0, successfulCount: massCount, failedCount: 0, errors: '' });
  });

  scenario('phones with wrong passwords are refused', async () => {
    const result = await run(lab(), { scenario: 'register-refused', users: massFields(wrongPassword), callsCount: 10 });
    expect(result).toEqual({ exitCode: 0, successfulCount: 10, failedCount: 0, errors: '' });
  });

  scenario('20 of them are called', async () => {
    const phones = startSipp(lab(), { scenario: 'uas', users: undefined, targetPort: undefined, callsCount: 20 });
    try {
      const result = await run(lab(), { scenario: 'call', callsCount: 20, callsPerSecond: 10, localPort: lab().ports.caller });
      expect(result).toEqual({ exitCode: 0, successfulCount: 20, failedCount: 0, errors: '' });
    } finally {
      await phones.stop();
    }
  });

  scenario(`${massCount} phones de-register`, async () => {
    expect(await run(lab(), { scenario: 'deregister' })).toEqual({ exitCode: 0, successfulCount: massCount, failedCount: 0, errors: '' });
  });
}
