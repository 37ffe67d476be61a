/**
 * The product as a process that is asked for more than it may serve: refusals by DIAMETER_TOO_BUSY, counted,
 * while those of high priority get their answers.
 */
import { CxClient } from '../support/cx-client';
import { freshDatabase } from '../support/database';
import { endAll, HssProcess, temporaryFolder, writeConfiguration } from './support/hss-process';
import { provision, secretKey, user } from './support/provisioning';

const realm = 'ims.example';
const alice = user('alice');

afterAll(endAll);

test('[29.228-H.1] [29.228-J.2.3] a burst: what there is no room for is refused, not what has priority', async () => {
  const hss = await HssProcess.start(
    writeConfiguration(temporaryFolder(), {
      store: { url: await freshDatabase(), secretKey },
      overload: { maxInFlightRequests: 1, maxQueuedRequests: 8, maxQueueMs: 5_000 },
      // Whose priority is believed.
      peers: [{ identity: `icscf2.${realm}` }],
    }),
  );
  await provision(hss, ['alice']);
  const crowd = await CxClient.open(hss.diameterPort, { originHost: `icscf1.${realm}`, originRealm: realm });
  const few = await CxClient.open(hss.diameterPort, { originHost: `icscf2.${realm}`, originRealm: realm });
  const ordinary = Array.from({ length: 300 }, () =>
    crowd.request('LIR', { publicIdentity: alice.publicIdentity }),
  );
  const urgent = Array.from({ length: 5 }, () =>
    few.request('LIR', { publicIdentity: alice.publicIdentity, sessionPriority: 0 }),
  );
  const results = (await Promise.all(ordinary)).map(({ result }) => result);
  expect(new Set(results)).toEqual(new Set(['experimental 5003', '3004']));
  for (const answer of await Promise.all(urgent)) {
    expect(answer.result).toBe('experimental 5003');
    expect(answer.avps['load']).toMatchObject([{ loadType: 0, sourceid: `hss.${realm}` }]);
  }
  const text = await (await fetch(`${hss.metricsUrl}/metrics`)).text();
  const refused = [
    ...text.matchAll(/^hss_overload_refused_requests_total\{reason="\w+",priority="10"\} (\d+)$/gm),
  ].reduce((sum, [, count]) => sum + Number(count), 0);
  expect(refused).toBe(results.filter((result) => result === '3004').length);
  expect(text).toMatch(/^hss_overload_refused_requests_total\{reason="queue_full",priority="0"\} 0$/m);
}, 90_000);
