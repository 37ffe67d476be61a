/**
 * The measured size of a set is never below what is rendered, in whichever form, and hardly above it
 * [29.228-6.6] [29.228-E] [29.229-7.1.1].
 */
import { renderUserData } from '../../../src/apps/cx/user-data';
import { profileMeasure } from '../../../src/apps/cx/user-data-size';
import { SharedSizes } from '../../../src/subscriber/profile-size';
import {
  associatedPrivateIdentities,
  emptySharedData,
  type Subscription,
} from '../../../src/subscriber/subscription';
import {
  serviceProfile,
  sharedIfcSet,
  type SubscriptionDocument,
} from '../../../src/subscriber/subscription-document';
import { everything, simple } from '../../store/documents';
import { criteria, largeProfile, manyAliasGroups } from '../../support/large-profile';

const ifcSets = [
  sharedIfcSet.parse({ name: 'ifc', id: 7, initialFilterCriteria: criteria(3) }),
  sharedIfcSet.parse({ name: 'empty', id: 2_147_483_647, initialFilterCriteria: [] }),
];
const profiles = [
  serviceProfile.parse({ name: 'basic', sharedIfcSets: ['ifc', 'empty'] }),
  largeProfile('shared'),
];
const shared = {
  ...emptySharedData,
  serviceProfiles: new Map(profiles.map((profile) => [profile.name, profile])),
  ifcSets: new Map(ifcSets.map((set) => [set.name, set])),
};
const sizes = SharedSizes.of(profileMeasure, profiles, ifcSets);

const documents: readonly (readonly [string, SubscriptionDocument])[] = [
  ['simple', simple('simple', 1)],
  ['everything', everything()],
  ['own profile in ten alias groups', manyAliasGroups('own')],
  ['shared profile in ten alias groups', manyAliasGroups('shared', 10, { profile: 'shared', shared: true })],
  [
    'texts that are escaped',
    simple('escaped', 2, {
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            {
              identity: 'sip:escaped@ims.example',
              serviceProfile: 'basic',
              displayName: `<'"&\r>é`.repeat(100),
            },
            {
              identity: 'sip:a!.*!@ims.example',
              type: 'wildcardedPublicUserIdentity',
              serviceProfile: 'basic',
            },
          ],
        },
      ],
    }),
  ],
];

test.each(documents)('%s', (_name, document) => {
  const subscription = document as unknown as Subscription;
  for (const set of subscription.implicitRegistrationSets) {
    const measured = sizes.setOctets(profileMeasure.ofSet(subscription, set));
    let longest = 0;
    const wildcard = set.publicIdentities.find(({ type }) => type === 'wildcardedPublicUserIdentity');
    for (const sharedIfcSets of [false, true])
      for (const aliases of [false, true])
        for (const privateIdentity of associatedPrivateIdentities(subscription, set))
          for (const nonDistinct of wildcard === undefined
            ? [undefined]
            : [undefined, { identity: `sip:${'a'.repeat(490)}@ims.example`, wildcard }]) {
            const text = renderUserData(subscription, shared, set, privateIdentity, {
              sharedIfcSets,
              aliases,
              ...(nonDistinct === undefined ? {} : { nonDistinct }),
            });
            longest = Math.max(longest, Buffer.byteLength(text));
          }
    expect(measured).toBeGreaterThanOrEqual(longest);
    // What stands beside User-Data is in it too: names, at most some hundred octets here.
    expect(measured).toBeLessThan(longest * 1.02 + 1_200);
  }
});
