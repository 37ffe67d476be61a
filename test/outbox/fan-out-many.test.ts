/**
 * A change of a shared profile reaches thousands of registered sets, each once, at the configured rate, with
 * its progress in the API [29.228-6.6.1]. `FAN_OUT_COUNT=10000` for more of them than a test run has time
 * for.
 */
import { Client } from 'pg';
import { serviceProfile } from '../../src/subscriber/subscription-document';
import { simple } from '../store/documents';
import { seeded, server } from './support';
import { connected, endServers, startWhole } from './whole-server';

const total = Number(process.env['FAN_OUT_COUNT'] ?? 1_000);
const perSecond = 400;
/** What takes longer than the rate says by this much is too slow; the machine does other things as well. */
const patienceFactor = 2.5;

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await endServers();
  for (const end of ends.splice(0)) await end();
});

interface Campaign {
  readonly total: number | null;
  readonly done: number;
  readonly written: number;
  readonly completedAt: string | null;
}

test(
  `[29.228-6.6.1] ${total} registered sets at ${perSecond} a second`,
  async () => {
    const { url, store } = await seeded();
    const sql = new Client({ connectionString: url });
    await sql.connect();
    ends.push(
      () => sql.end(),
      () => store.close(),
    );
    const begunLoading = performance.now();
    for (let from = 0; from < total; from += 1_000) {
      const outcomes = await store.importSubscriptions(
        Array.from({ length: Math.min(1_000, total - from) }, (_, i) => simple(`u${from + i}`, from + i)),
      );
      expect(outcomes.every(({ kind }) => kind === 'created')).toBe(true);
    }
    await sql.query(
      `update subscription_state r set scscf_name = $1, scscf_diameter_host = $2, scscf_diameter_realm = $3, registered_sets = 1, version = version + 1,
    sets = json_build_array(json_build_object('name', 'default', 'state', 'registered', 'privateIdentities',
      json_build_array(json_build_object('identity', s.id || '@ims.example', 'registered', true))))
    from ims_subscription s where s.subscription_key = r.subscription_key`,
      [server.name, server.diameterHost, server.diameterRealm],
    );
    const loadingMs = performance.now() - begunLoading;

    const hss = await startWhole(url, {
      push: {
        fanOutPerSecondCount: perSecond,
        maxPerServerAndSecondCount: 2_000,
        maxInFlightPerServerCount: 200,
        pollMs: 100,
      },
    });
    const client = await connected(hss);
    const got = new Map<string, number>();
    const perWindow = new Map<number, number>();
    client.serve = ({ avps }) => {
      const name = String(avps['userName']);
      got.set(name, (got.get(name) ?? 0) + 1);
      const second = Math.floor(performance.now() / 1_000);
      perWindow.set(second, (perWindow.get(second) ?? 0) + 1);
      return { resultCode: 2001 };
    };
    const begun = performance.now();
    await store.putShared(
      'serviceProfiles',
      serviceProfile.parse({ name: 'basic', capabilitySet: 'caps' }),
      {},
    );
    const progress: number[] = [];
    const deadline = begun + 10_000 + (total / perSecond) * 1_000 * patienceFactor;
    while (got.size < total && performance.now() < deadline) {
      const { items } = (await (await fetch(`${hss.apiUrl}/v1/push-campaigns`)).json()) as {
        items: Campaign[];
      };
      const [campaign] = items;
      if (campaign !== undefined && campaign.total !== null) {
        expect(campaign.total).toBe(total);
        progress.push(campaign.done);
      }
      await new Promise((wake) => {
        setTimeout(wake, 200);
      });
    }
    const tookMs = performance.now() - begun;
    process.stdout.write(
      `${total} sets: provisioned in ${Math.round(loadingMs)} ms; ${got.size} PPRs in ${Math.round(tookMs)} ms, at most ${Math.max(...perWindow.values())} in a second\n`,
    );

    expect(got.size).toBe(total);
    expect([...got.values()].every((count) => count === 1)).toBe(true);
    // The rate is kept: less than a second's worth more than it allows.
    expect(tookMs).toBeGreaterThan((total / perSecond - 1) * 1_000);
    expect(new Set(progress).size).toBeGreaterThan(3);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
    const finished = async (): Promise<boolean> =>
      (await store.outbox.openCount()) === 0 && (await store.outbox.campaigns(1))[0]?.completedAtMs != null;
    while (!(await finished()) && performance.now() < deadline)
      await new Promise((wake) => {
        setTimeout(wake, 50);
      });
    expect(await store.outbox.openCount()).toBe(0);
    expect(await store.outbox.campaigns(10)).toEqual([
      expect.objectContaining({
        totalCount: total,
        doneCount: total,
        writtenCount: total,
        completedAtMs: expect.any(Number),
      }),
    ]);
    client.close();
  },
  30_000 + total * 20,
);
