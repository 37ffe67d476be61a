import { createRoutingCheck } from '../../../src/diameter/dispatch/routing';
import { hss } from './support';

const check = createRoutingCheck(hss);

describe('whether a request is for this node', () => {
  test.each([
    ['our realm alone', 'ims.example', undefined],
    ['our realm and host', 'ims.example', 'hss.ims.example'],
    ['names are compared without regard to case', 'IMS.Example', 'HSS.ims.EXAMPLE'],
    ['a served realm', 'roaming.example', 'hss.ims.example'],
    ['a served realm in another case', 'ROAMING.EXAMPLE', undefined],
    ['neither realm nor host', undefined, undefined],
  ])('[6733-6.1.4] served: %s', (_name, realm, host) => {
    expect(check(realm, host)).toBeNull();
  });

  test.each([
    ['another realm', 'other.example', undefined, 3003],
    ['a realm below ours', 'sub.ims.example', undefined, 3003],
    ['a realm above ours', 'example', 'hss.ims.example', 3003],
    ['another realm and another host: the realm comes first', 'other.example', 'other.other.example', 3003],
    ['another host in our realm', 'ims.example', 'hss2.ims.example', 3002],
    ['another host in a served realm', 'roaming.example', 'hss.roaming.example', 3002],
    ['another host, no realm', undefined, 'hss2.ims.example', 3002],
    ['an empty host', 'ims.example', '', 3002],
  ])('[6733-7.1.3] refused: %s', (_name, realm, host, resultCode) => {
    const fault = check(realm, host);
    expect(fault?.resultCode).toBe(resultCode);
    expect(fault?.message).toContain(
      resultCode === 3003 ? `Destination-Realm ${realm}` : `Destination-Host ${host}`,
    );
  });
});
