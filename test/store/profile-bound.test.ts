/**
 * Documents that would lead to more User-Data than is allowed are refused, with what makes it large; a shared
 * set does not grow beyond what the subscriptions that use it can take [29.228-6.6] [29.229-7.1.1].
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { profileMeasure } from '../../src/apps/cx/user-data-size';
import type { ProfileRules } from '../../src/subscriber/profile-size';
import { serviceProfile, sharedIfcSet } from '../../src/subscriber/subscription-document';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { criteria, largeProfile, manyAliasGroups } from '../support/large-profile';
import { putSharedSets, simple } from './documents';

const rules: ProfileRules = {
  measure: profileMeasure,
  maxUserDataOctets: 57_343,
  maxFilterCriteriaPerProfileCount: 128,
};
let store: PostgresStore;
let url: string;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url, { profileRules: () => rules });
  await putSharedSets(store);
});
afterAll(() => store.close());

const refusal = (pointer: string, detail: RegExp) => ({
  kind: 'refused',
  conflict: false,
  faults: [{ pointer, detail: expect.stringMatching(detail) as string }],
});

test('[29.229-7.1.1] ten alias groups with 8 KB of filter criteria: refused with the profile and how often it is sent', async () => {
  expect(await store.putSubscription(manyAliasGroups('ten'), {})).toEqual(
    refusal(
      '/implicitRegistrationSets/0',
      /^makes User-Data of \d{6} octets, at most 57343 .*cx\.maxUserDataOctets.*service profile large, \d+ octets 10 times, once for each alias group/,
    ),
  );
  expect(await store.getSubscription({ id: 'ten' })).toBeNull();
  expect((await store.putSubscription(manyAliasGroups('four', 4, { number: 501 }), {})).kind).toBe('created');
});

test('[29.228-6.6] identities alone may be too much, and what is beside the profile counts', async () => {
  const publicIdentities = Array.from({ length: 256 }, (_, i) => ({
    identity: `sip:${'u'.repeat(200)}${i}@ims.example`,
    serviceProfile: 'basic',
  }));
  expect(
    await store.putSubscription(
      simple('many', 510, { implicitRegistrationSets: [{ name: 'default', publicIdentities }] }),
      {},
    ),
  ).toEqual(refusal('/implicitRegistrationSets/0', /most of it are identities/));
  const wafNames = Array.from({ length: 64 }, (_, i) => `${'w'.repeat(1_000)}${i}`);
  expect(
    await store.putSubscription(simple('waf', 511, { allowedWafWwsfIdentities: { wafNames } }), {}),
  ).toMatchObject({ kind: 'refused' });
});

test('an import refuses those that are too large and takes the others', async () => {
  const outcomes = await store.importSubscriptions([
    simple('beside1', 520),
    manyAliasGroups('toolarge', 10, { number: 521 }),
    simple('beside2', 522),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'refused', 'created']);
});

test('[29.228-6.6.1] a shared profile grows as far as its users allow, whoever has it; its own bound holds for any', async () => {
  const put = (count: number) => store.putShared('serviceProfiles', largeProfile('grows', count), {});
  expect((await put(2)).kind).toBe('created');
  const users = [1, 6].map((pairs, i) =>
    manyAliasGroups(`user${pairs}`, pairs, { profile: 'grows', shared: true, number: 530 + i }),
  );
  for (const outcome of await store.importSubscriptions(users)) expect(outcome.kind).toBe('created');
  expect((await put(5)).kind).toBe('replaced');
  expect(await put(15)).toEqual(
    refusal(
      '/initialFilterCriteria',
      /^set default of subscription user6 would make User-Data of \d+ octets.*grows, \d+ octets 6 times/,
    ),
  );
  // Without that user nothing is in the way; smaller is never a question.
  expect((await store.deleteSubscription('user6', {})).kind).toBe('deleted');
  expect((await put(15)).kind).toBe('replaced');
  expect((await put(1)).kind).toBe('replaced');
  expect(await put(80)).toEqual(refusal('/initialFilterCriteria', /^makes \d+ octets of User-Data alone/));
});

test('[29.228-B.2] a shared iFC set grows as far as the profiles allow that name it, shared or own', async () => {
  const put = (count: number) =>
    store.putShared(
      'ifcSets',
      sharedIfcSet.parse({ name: 'growing', id: 77, initialFilterCriteria: criteria(count) }),
      {},
    );
  expect((await put(1)).kind).toBe('created');
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'names-it', sharedIfcSets: ['growing'] }),
    {},
  );
  await store.putSubscription(
    manyAliasGroups('through', 6, { profile: 'names-it', shared: true, number: 540 }),
    {},
  );
  expect(await put(15)).toEqual(refusal('/initialFilterCriteria', /^set default of subscription through /));
  await store.deleteSubscription('through', {});
  const own = manyAliasGroups('own', 6, { profile: 'mine', number: 541 });
  expect(
    (
      await store.putSubscription(
        { ...own, serviceProfiles: [serviceProfile.parse({ name: 'mine', sharedIfcSets: ['growing'] })] },
        {},
      )
    ).kind,
  ).toBe('created');
  expect(await put(15)).toEqual(refusal('/initialFilterCriteria', /^set default of subscription own /));
  await store.deleteSubscription('own', {});
  expect((await put(15)).kind).toBe('replaced');
});

test('a subscription that is being written while its profile grows: one of the two is refused, never neither', async () => {
  for (let round = 0; round < 8; round += 1) {
    const profile = `race${round}`;
    await store.putShared('serviceProfiles', largeProfile(profile, 1), {});
    const [written, grown] = await Promise.all([
      store.importSubscriptions([
        manyAliasGroups(`race${round}`, 6, { profile, shared: true, number: 550 + round }),
      ]),
      store.putShared('serviceProfiles', largeProfile(profile, 15), {}),
    ]);
    const kinds = [written[0]?.kind, grown.kind];
    expect(kinds).toContain('refused');
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(1);
  }
});

test('[29.228-B.2.2] the number of filter criteria is a setting', async () => {
  const strict = await openStore(url, {
    profileRules: () => ({ ...rules, maxFilterCriteriaPerProfileCount: 2 }),
  });
  try {
    expect(await strict.putSubscription(manyAliasGroups('counted', 1, { number: 560 }), {})).toEqual(
      refusal('/serviceProfiles/0/initialFilterCriteria', /has 15 filter criteria, at most 2 are allowed/),
    );
    expect(await strict.putShared('serviceProfiles', largeProfile('counted', 3), {})).toEqual(
      refusal('/initialFilterCriteria', /has 3 filter criteria, at most 2/),
    );
    expect((await strict.putShared('serviceProfiles', largeProfile('counted', 2), {})).kind).toBe('created');
  } finally {
    await strict.close();
  }
  // More than the 128 of old, where somebody allows it and they are short.
  const short = Array.from({ length: 200 }, (_, priority) => ({
    priority,
    applicationServer: { serverName: 'sip:as.ims.example' },
  }));
  const wide = await openStore(url, {
    profileRules: () => ({ ...rules, maxFilterCriteriaPerProfileCount: 256 }),
  });
  try {
    expect(
      (
        await wide.putShared(
          'serviceProfiles',
          serviceProfile.parse({ name: 'wide', initialFilterCriteria: short }),
          {},
        )
      ).kind,
    ).toBe('created');
  } finally {
    await wide.close();
  }
});

test('what is stored of a size, and what the migration estimates of the same, bound it from above', async () => {
  await store.putSubscription(manyAliasGroups('measured', 4, { number: 570 }), {});
  const client = new pg.Client(url);
  await client.connect();
  try {
    const sizes = async (): Promise<number[]> => {
      const { rows } = await client.query<{ o: number; c: number }>(
        `select user_data_octets as o, shared_copies as c from implicit_registration_set
         join ims_subscription using (subscription_key) where id = 'measured'`,
      );
      return [rows[0]?.o ?? 0, rows[0]?.c ?? -1];
    };
    const [octets = 0, copies] = await sizes();
    expect(copies).toBe(0);
    expect(octets).toBeGreaterThan(40_000);
    const migration = readFileSync('migrations/0014_user_data_sizes.sql', 'utf8');
    await client.query(migration.slice(migration.indexOf('with groups as')));
    const [estimated = 0, estimatedCopies] = await sizes();
    expect(estimated).toBeGreaterThan(octets);
    expect(estimatedCopies).toBe(0);
  } finally {
    await client.end();
  }
});
