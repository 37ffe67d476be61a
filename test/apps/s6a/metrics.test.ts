/** IMSIs at MMEs and SGSNs as a scrape shows them. */
import { Registry } from 'prom-client';
import { s6aMetrics } from '../../../src/apps/s6a/metrics';
import type { AttachmentCounts } from '../../../src/apps/s6a/store/attachments';

const exposition = async (counts: () => Promise<AttachmentCounts>): Promise<string> => {
  const registry = new Registry();
  s6aMetrics({ counts, countsMaxAgeSeconds: 10 }).register(registry);
  return registry.metrics();
};

it('shows attached and purged IMSIs by kind of node', async () => {
  const text = await exposition(() =>
    Promise.resolve({ attached: { mme: 7, sgsn: 3 }, purged: { mme: 2, sgsn: 0 } }),
  );
  expect(text.split('\n').filter((line) => line.startsWith('hss_'))).toEqual([
    'hss_serving_node_imsis{node="mme",state="attached"} 7',
    'hss_serving_node_imsis{node="mme",state="purged"} 2',
    'hss_serving_node_imsis{node="sgsn",state="attached"} 3',
    'hss_serving_node_imsis{node="sgsn",state="purged"} 0',
  ]);
});

it('shows none while the database does not answer', async () => {
  const text = await exposition(() => Promise.reject(new Error('away')));
  expect(text).not.toMatch(/^hss_/m);
});
