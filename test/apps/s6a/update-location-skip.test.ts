/** Update-Location-Request of a combined node that has the subscription data already [29.272-7.3.7]. */
import { S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, twoApns } from './support/subscribers';

type Eps = NonNullable<NonNullable<Parameters<typeof epsSubscriber>[0]>['eps']>;
const hss = (eps: Partial<Eps> = {}) =>
  new S6aHss({ subscriptions: [epsSubscriber({ eps: { ...twoApns, ...eps } })] });

const S6A = 0x02;
const SKIP = 0x04;
const NODE_TYPE = 0x10;

describe('ULR: Skip Subscriber Data [29.272-7.3.7]', () => {
  const combined = { userName: IMSI, ulrFlags: S6A | NODE_TYPE };
  const skipping = { userName: IMSI, ulrFlags: NODE_TYPE | SKIP, ratType: 1000 } as const;

  it('sends nothing to a combined node that has it, in whichever part', () => {
    const it = hss();
    expect(it.ulr(combined).avps.subscriptionData).toBeDefined();
    const { result, avps } = it.ulr(skipping);
    expect(result.code).toBe(2001);
    expect(avps).toEqual({ ulaFlags: 1 });
  });

  it.each<[string, object, object]>([
    ['a node that has nothing', { ulrFlags: 0, ...SGSN1 }, SGSN1],
    ['another node', {}, SGSN1],
    ['a standalone node', {}, { ulrFlags: S6A | SKIP }],
    ['one that registers for SMS', {}, { smsRegisterRequest: 0 }],
    [
      'one whose data are other ones',
      { visitedPlmnId: Buffer.from('00f110', 'hex') },
      { adjacentPlmns: { visitedPlmnId: [Buffer.from('62f210', 'hex')] } },
    ],
  ])('sends it to %s', (_, first, second) => {
    const it = hss({ accessRestrictions: ['geranNotAllowed'] });
    it.ulr({ ...combined, ...first });
    expect(it.ulr({ ...skipping, ...second }).avps.subscriptionData).toBeDefined();
  });
});
