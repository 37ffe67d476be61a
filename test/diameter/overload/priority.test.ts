/** The priority of a request, by what it says. */
import { priorityOf } from '../../../src/diameter/overload/priority';
import { limits } from '../../../src/shared/limits';
import { cxRequest, decoded } from '../../support/cx-messages';
import { icscf, scscf } from '../dispatch/support';

const settings = { sessionPriorities: [0, 2, 4, 6, 8], emergencyPriority: 1 };
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
  expect(
    priorityOf(decoded(cxRequest(command, command === 'UAR' ? icscf : scscf, avps)).avps, settings),
  ).toBe(expected);
});
