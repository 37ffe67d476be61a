/**
 * User-Name whose realm is written in another case than provisioned (RFC 7542 2.4): the same private identity
 * in every procedure, kept and answered as it is provisioned.
 */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import { alice, result } from './support/subscribers';
import { SCSCF1, TestHss } from './support/test-hss';

const PROVISIONED = 'alice.phone@IMS.Example';
const document = {
  ...alice,
  privateIdentities: alice.privateIdentities
    .slice(0, 1)
    .map((entry) => ({ ...entry, identity: PROVISIONED })),
  implicitRegistrationSets: alice.implicitRegistrationSets.slice(0, 1).map((set) => ({
    name: set.name,
    publicIdentities: set.publicIdentities.map(({ identity }) => ({ identity, serviceProfile: 'own' })),
  })),
  serviceProfiles: [{ name: 'own' }],
};
const spellings = [PROVISIONED, 'alice.phone@ims.example', 'alice.phone@IMS.EXAMPLE'];

test.each(spellings)('[29.228-6.1.1] [29.228-6.1.2] [29.228-6.3] UAR, MAR and SAR with %s', (userName) => {
  const hss = new TestHss({ subscriptions: [document] });
  const publicIdentity = document.implicitRegistrationSets[0]?.publicIdentities[0]?.identity ?? '';
  expect(result(hss.uar({ userName, publicIdentity }))).toBe('experimental FIRST_REGISTRATION');
  const maa = hss.mar({ userName, publicIdentity });
  expect(result(maa)).toBe('SUCCESS');
  expect(maa.avps.userName).toBe(PROVISIONED);
  const saa = hss.sar({
    serverAssignmentType: Type.REGISTRATION,
    userName,
    publicIdentity: [publicIdentity],
    serverName: SCSCF1,
    userDataAlreadyAvailable: 0,
  });
  expect(result(saa)).toBe('SUCCESS');
  expect(saa.avps.userName).toBe(PROVISIONED);
  expect(saa.avps.userData?.toString()).toContain(`<PrivateID>${PROVISIONED}</PrivateID>`);
  expect(Object.values(hss.status().sets).flatMap((set) => Object.keys(set.privateIdentities))).toEqual([
    PROVISIONED,
  ]);
  expect(Object.keys(hss.status().sequenceNumbers)).toEqual([PROVISIONED]);
});

test('the user part is compared as it is written', () => {
  const hss = new TestHss({ subscriptions: [document] });
  const publicIdentity = document.implicitRegistrationSets[0]?.publicIdentities[0]?.identity ?? '';
  expect(result(hss.mar({ userName: 'Alice.phone@IMS.Example', publicIdentity }))).toBe(
    'experimental ERROR_USER_UNKNOWN',
  );
});
