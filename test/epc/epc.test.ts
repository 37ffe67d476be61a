/**
 * The HSS as a process, with Erlang/OTP's diameter as two MMEs and an SGSN, and what tshark thinks of all that it
 * sent.
 */
import type { Capture } from '../ims/support/capture';
import { Lab } from './support/lab';
import { hostOf, nodeNames, realm } from './support/names';
import { scenariosOf, type Parts } from './support/scenario';
import { authenticationScenarios } from './scenarios/authentication';
import { changeScenarios } from './scenarios/changes';
import { equipmentScenarios } from './scenarios/equipment';
import { locationScenarios } from './scenarios/locations';
import { refusalScenarios } from './scenarios/refusals';

let lab: Lab | undefined;
let started: Parts | undefined;
const parts = (): Parts => {
  if (started === undefined) throw new Error('the lab did not start: see the first failure');
  return started;
};
const scenario = scenariosOf(parts);

let stopped: Promise<Capture | undefined> | undefined;
const stopLab = (): Promise<Capture | undefined> => (stopped ??= lab?.stop() ?? Promise.resolve(undefined));

afterAll(stopLab);

test('an HSS, two MMEs and an SGSN start', async () => {
  lab = new Lab('epc');
  const hss = await lab.hss('hss');
  await lab.startCapture(hss.options.diameterPort);
  const [nodes] = await Promise.all([lab.startNodes(), hss.start()]);
  for (const node of nodeNames)
    await nodes.connect(node, { host: hostOf(node), realm, port: hss.options.diameterPort });
  started = { lab, hss, nodes };
});

authenticationScenarios(scenario);
locationScenarios(scenario);
changeScenarios(scenario);
refusalScenarios(scenario);
equipmentScenarios(scenario);

test('tshark finds no malformed packet, no unknown AVP and no expert warning in what the HSS sent', async () => {
  const capture = await stopLab();
  if (capture === undefined) throw new Error('there is no capture');
  const report = await capture.analyse('HSS');
  process.stdout.write(`Sent by the HSS: ${report.messagesCount} messages\n`);
  expect(report.messagesCount).toBeGreaterThan(10);
  expect(report.malformed).toEqual([]);
  expect(report.unknownAvps).toEqual([]);
  expect(report.warnings).toEqual([]);
});
