/**
 * The smallest configurable nesting depth takes the deepest AVP of Cx: SCSCF-Restoration-Info with a
 * subscription [29.229-6.3.46] [29.229-6.3.52].
 */
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../src/diameter/codec/decode';
import { limits } from '../../../src/shared/limits';
import { restorationInfo } from '../../apps/cx/support/restoration';
import { cxRequest, dictionary } from '../../support/cx-messages';

const sar = cxRequest(
  'SAR',
  { originHost: 'scscf1.ims.example', originRealm: 'ims.example' },
  {
    userName: 'a@ims.example',
    publicIdentity: ['sip:a@ims.example'],
    serverName: 'sip:scscf1.ims.example',
    serverAssignmentType: 1,
    userDataAlreadyAvailable: 0,
    scscfRestorationInfo: restorationInfo('a@ims.example'),
  },
);

test('with the least depth that is allowed; with one less it is too deep', () => {
  const decoded = (maxNestingDepth: number) =>
    decodeMessage(sar, dictionary, { ...DEFAULT_DECODE_LIMITS, maxNestingDepth });
  expect(decoded(limits.avpNestingDepth.min).ok).toBe(true);
  expect(decoded(limits.avpNestingDepth.min - 1)).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining('Subscription-Info is nested deeper than 3') },
  });
});
