/** peers[].interop wholeApnProfile: an IDR with one changed APN configuration has the others, too [29.272-7.3.33]. */
import { planInsertion } from '../../../src/apps/s6a/outgoing/insert-subscriber-data';
import type { ServingNode } from '../../../src/apps/s6a/state/serving-nodes';
import { defaultS6aSettings, MME1, S6aHss } from './support/s6a-hss';
import { epsSubscriber, IMSI } from './support/subscribers';

const node: ServingNode = {
  host: MME1.originHost,
  realm: MME1.originRealm,
  visitedPlmnId: '00f110',
  sinceMs: 0,
  ulrFlags: 0x22,
  ratType: 1004,
  features: null,
  isPurged: false,
};

test.each([
  ['a node that takes changes', new Set<string>(), 1, [1]],
  ['a node that takes the whole profile only', new Set([MME1.originHost]), 0, [1, 2]],
])('%s', (_, wholeApnProfile, indicator, contexts) => {
  const hss = new S6aHss({ subscriptions: [epsSubscriber()] });
  hss.setNodes({ imsi: IMSI, mme: node });
  const plan = planInsertion(
    { imsi: IMSI, kind: 'mme', changed: ['apnConfigurationProfile'], changedContexts: [1] },
    { snapshot: hss.snapshot(IMSI), nodes: hss.nodes(IMSI), node },
    { settings: { ...defaultS6aSettings, wholeApnProfile } },
  );
  if (!('content' in plan)) throw new Error('nothing is sent');
  const profile = plan.content.subscriptionData.apnConfigurationProfile;
  expect(profile?.allApnConfigurationsIncludedIndicator).toBe(indicator);
  expect(profile?.apnConfiguration?.map(({ contextIdentifier }) => contextIdentifier)).toEqual(contexts);
});
