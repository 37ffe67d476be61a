/** The priority of a request, by what it says. */
import { createCxApplication } from '../../../src/apps/cx/application';
import type { CxSettings } from '../../../src/apps/cx/settings';
import { Routes } from '../../../src/diameter/dispatch/routes';
import type { CommandPriority, PriorityAvp } from '../../../src/diameter/overload/contract';
import { encodeAvp } from '../../../src/diameter/codec/encode';
import { RequestPriority } from '../../../src/diameter/overload/priority';
import { scanRequest } from '../../../src/diameter/overload/request-scan';
import { limits } from '../../../src/shared/limits';
import { cxRequest, decoded, dictionary } from '../../support/cx-messages';
import { cxSettings, hss, icscf, scscf } from '../dispatch/support';

const settings: CxSettings = {
  ...cxSettings,
  priorities: { sessionPriorities: [0, 2, 4, 6, 8], emergencyPriority: 1 },
};
const routes = new Routes(
  [createCxApplication(settings, new Set(), { open: () => Buffer.alloc(0) })],
  hss,
  dictionary,
);
const user = { userName: 'alice@ims.example', publicIdentity: 'sip:alice@ims.example' };
const uar = { ...user, visitedNetworkIdentifier: Buffer.from('ims.example') };

const cases: readonly [string, 'UAR' | 'LIR', object, number][] = [
  ['[29.228-J.2.3] nothing', 'UAR', uar, limits.drmpLevel.default],
  ['[29.228-J.2.3] DRMP', 'UAR', { ...uar, drmp: 3 }, 3],
  ['[29.228-J.2.3] DRMP PRIORITY_0', 'UAR', { ...uar, drmp: 0 }, 0],
  ['[29.228-J.2.3] DRMP PRIORITY_15', 'LIR', { publicIdentity: user.publicIdentity, drmp: 15 }, 15],
  [
    '[29.228-J.2.4] DRMP and Session-Priority: DRMP',
    'LIR',
    { publicIdentity: user.publicIdentity, drmp: 12, sessionPriority: 0 },
    12,
  ],
  [
    '[29.229-6.3.56] Session-Priority PRIORITY-0',
    'LIR',
    { publicIdentity: user.publicIdentity, sessionPriority: 0 },
    0,
  ],
  [
    '[29.229-6.3.56] Session-Priority PRIORITY-1',
    'LIR',
    { publicIdentity: user.publicIdentity, sessionPriority: 1 },
    2,
  ],
  [
    '[29.229-6.3.56] Session-Priority PRIORITY-4',
    'LIR',
    { publicIdentity: user.publicIdentity, sessionPriority: 4 },
    8,
  ],
  ['[29.229-6.3.44] emergency registration', 'UAR', { ...uar, uarFlags: 1 }, 1],
  ['[29.229-6.3.44] another flag', 'UAR', { ...uar, uarFlags: 2 }, limits.drmpLevel.default],
  ['[29.228-J.2.3] emergency registration with DRMP: DRMP', 'UAR', { ...uar, uarFlags: 1, drmp: 2 }, 2],
];

test.each(cases)('%s', (_, command, avps, expected) => {
  const bytes = cxRequest(command, command === 'UAR' ? icscf : scscf, avps);
  const { header, avps: full } = decoded(bytes);
  const { priority } = routes.find(header) ?? { priority: RequestPriority.ordinary };
  expect(priority.of(full)).toBe(expected);
  const scanned = scanRequest(bytes);
  expect(scanned?.read(priority)).toBe(true);
  expect(scanned?.priority).toBe(expected);
});

describe('what an application says of its commands', () => {
  const uarCommand = { applicationId: 16_777_216, code: 300 };
  const of = (priority: CommandPriority) => RequestPriority.of(priority, uarCommand, dictionary);
  const both = (priority: RequestPriority, avps: object): readonly unknown[] => {
    const bytes = cxRequest('UAR', icscf, { ...uar, ...avps });
    const scanned = scanRequest(bytes);
    return [scanned?.read(priority), scanned?.priority, priority.of(decoded(bytes).avps)];
  };
  const authorizationType: PriorityAvp = {
    property: 'userAuthorizationType',
    levelOf: (value) => (value === 1 ? 12 : undefined),
  };
  const flags: PriorityAvp = { property: 'uarFlags', levelOf: (value) => (value === 1 ? 2 : undefined) };

  test('a level for all requests of a command, below DRMP', () => {
    const late = of({ level: 13 });
    expect(both(late, {})).toEqual([true, 13, 13]);
    expect(both(late, { drmp: 4 })).toEqual([true, 4, 4]);
    expect(both(late, { uarFlags: 1 })).toEqual([true, 13, 13]);
  });

  test.each([
    ['flags first', [flags, authorizationType], 2],
    ['type first', [authorizationType, flags], 12],
  ])('the first AVP with a level counts, whichever comes first on the wire: %s', (_, avps, expected) => {
    const priority = of({ level: 11, avps });
    expect(both(priority, { uarFlags: 1, userAuthorizationType: 1 })).toEqual([true, expected, expected]);
    expect(both(priority, { uarFlags: 2, userAuthorizationType: 1 })).toEqual([true, 12, 12]);
    expect(both(priority, { uarFlags: 2, userAuthorizationType: 0 })).toEqual([true, 11, 11]);
  });

  test('an AVP of another length is left to the decoder', () => {
    const bytes = cxRequest('UAR', icscf, { ...uar, uarFlags: 1 });
    const avp = encodeAvp('UAR-Flags', 1, dictionary);
    const at = bytes.indexOf(avp);
    // The last octet becomes padding.
    bytes.writeUIntBE(avp.length - 1, at + 5, 3);
    expect(scanRequest(bytes)?.read(of({ avps: [flags] }))).toBe(false);
    expect(scanRequest(bytes)?.read(RequestPriority.ordinary)).toBe(true);
  });

  test.each<[string, CommandPriority]>([
    ['a level that RFC 7944 does not have', { level: 16 }],
    ['an AVP that the command does not have', { avps: [{ ...flags, property: 'sessionPriority' }] }],
    ['an AVP that is no number', { avps: [{ ...flags, property: 'userName' }] }],
    ['an AVP that may come several times', { avps: [{ ...flags, property: 'supportedFeatures' }] }],
  ])('the HSS does not start with %s', (_, priority) => {
    expect(() => of(priority)).toThrow();
  });
});
