/**
 * User-Data that is kept between SARs [29.228-6.6]: the same document until something that it is made of
 * changes.
 */
import { SIFC } from '../../../src/apps/cx/feature-table';
import { userInformation } from '../../../src/apps/cx/user-information';
import { initialStatus } from '../../../src/apps/cx/state/registration-status';
import type { SharedData } from '../../../src/subscriber/subscription';
import { sharedData, storedSubscription } from './support/test-hss';

const ONE = 'one@ims.example';
const TWO = 'two@ims.example';
const stored = () =>
  storedSubscription({
    id: 'family',
    privateIdentities: [{ identity: ONE }, { identity: TWO }],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [{ identity: 'sip:family@ims.example', serviceProfile: 'standard' }],
      },
    ],
  });
/** The criteria of the service profile name this application server. */
const sharedWith = (version: number, serverName: string): SharedData => ({
  ...sharedData({
    serviceProfiles: [{ name: 'standard', sharedIfcSets: ['common'] }],
    ifcSets: [
      { name: 'common', id: 7, initialFilterCriteria: [{ priority: 1, applicationServer: { serverName } }] },
    ],
  }),
  version,
});

const subscription = stored();
function documentOf(
  shared: SharedData,
  privateIdentity = ONE,
  features: readonly string[] = [],
  of = subscription,
): Buffer {
  const [set] = of.implicitRegistrationSets;
  if (set === undefined) throw new Error('no set');
  const { userData } = userInformation(
    { key: 1, version: 0, watchers: 0, subscription: of, shared, states: { registration: initialStatus } },
    set,
    privateIdentity,
    new Set(features),
    true,
  );
  if (userData === undefined) throw new Error('no User-Data');
  return userData;
}

const first = sharedWith(1, 'sip:first.example');
const second = sharedWith(2, 'sip:second.example');

test('from the second time on the octets are kept, with the same content as what was not', () => {
  const own = stored();
  const [before, kept, again] = [1, 2, 3].map(() => documentOf(first, ONE, [], own));
  if (before === undefined) throw new Error('none');
  expect(before.toString()).toContain('sip:first.example');
  expect(kept).toEqual(before);
  expect(kept).not.toBe(before);
  expect(again).toBe(kept);
});

test('each private identity and each set of features has a document of its own', () => {
  for (let i = 0; i < 3; i += 1) {
    expect(documentOf(first, TWO).toString()).toContain(`<PrivateID>${TWO}</PrivateID>`);
    expect(documentOf(first).toString()).toContain(`<PrivateID>${ONE}</PrivateID>`);
    expect(documentOf(first, ONE, [SIFC]).toString()).toContain('<SharedIFCSetID>7</SharedIFCSetID>');
  }
});

test('a change of the shared data ends it, and so does one of the profile', () => {
  documentOf(first);
  documentOf(first);
  expect(documentOf(second).toString()).toContain('sip:second.example');
  expect(documentOf(second).toString()).toContain('sip:second.example');
  const changed = {
    ...subscription,
    privateIdentities: subscription.privateIdentities.map((entry) =>
      entry.identity === ONE ? { ...entry, imsi: '001010000000009' } : entry,
    ),
  };
  expect(documentOf(second, ONE, [], changed).toString()).toContain('<IMSI>001010000000009</IMSI>');
});
