/**
 * OC-Supported-Features, OC-OLR and Load of answers: to whom, with which content, with which sequence
 * numbers. Decoded from their octets.
 */
import type { ReportSettings } from '../../../src/diameter/overload/contract';
import { Reports } from '../../../src/diameter/overload/reports';
import { encodeFromParts } from '../../../src/diameter/codec/encode';
import { AnswerWriter } from '../../../src/diameter/dispatch/answers';
import type { Application } from '../../../src/diameter/dispatch/contract';
import { ResultCode } from '../../../src/diameter/generated/base';
import { cxAnswer, cxRequest, decoded, dictionary } from '../../support/cx-messages';
import { hss, scscf } from '../dispatch/support';

const START_MS = 1_800_000_000_000;
let elapsedMs: number;
const clock = { nowMs: () => START_MS + elapsedMs, monotonicMs: () => elapsedMs };

beforeEach(() => {
  elapsedMs = 0;
});

function reportsWith(settings: Partial<ReportSettings> = {}): Reports {
  return new Reports(
    { overload: 'host', validitySeconds: 30, maxReductionPercent: 90, load: true, ...settings },
    hss.originHost,
    dictionary,
    clock,
  );
}

interface Said {
  readonly ocSupportedFeatures?: { readonly ocFeatureVector: bigint };
  readonly ocOlr?: {
    readonly ocSequenceNumber: bigint;
    readonly ocReportType: number;
    readonly ocReductionPercentage: number;
    readonly ocValidityDuration: number;
  };
  readonly load?: readonly {
    readonly loadType: number;
    readonly loadValue: bigint;
    readonly sourceid: string;
  }[];
}

const application = { applicationId: 16_777_216, vendorId: 10_415, name: 'Cx' } as Application;
const writer = new AnswerWriter(hss, application, dictionary);

/** What an LIA to a request with these AVPs says. */
function said(reports: Reports, avps: object): Said {
  const message = decoded(cxRequest('LIR', scscf, { publicIdentity: 'sip:alice@ims.example', ...avps }, {}));
  const answer = writer.decision(
    message,
    'LIA',
    { result: { kind: 'base', code: ResultCode.DIAMETER_SUCCESS }, avps: {} },
    [],
    reports.of(message.avps).avps,
  );
  const { ocSupportedFeatures, ocOlr, load } = cxAnswer(answer).avps as Said;
  return {
    ...(ocSupportedFeatures === undefined ? {} : { ocSupportedFeatures }),
    ...(ocOlr === undefined ? {} : { ocOlr }),
    ...(load === undefined ? {} : { load }),
  };
}

const capable = { ocSupportedFeatures: { ocFeatureVector: 1n }, destinationHost: hss.originHost };

describe('[29.228-H.2] to whom', () => {
  const cases: readonly [string, object, boolean][] = [
    ['no OC-Supported-Features', {}, false],
    ['the loss algorithm', { ocSupportedFeatures: { ocFeatureVector: 1n } }, true],
    ['the loss algorithm among others', { ocSupportedFeatures: { ocFeatureVector: 5n } }, true],
    ['no OC-Feature-Vector: the loss algorithm is what is meant', { ocSupportedFeatures: {} }, true],
    ['only another algorithm', { ocSupportedFeatures: { ocFeatureVector: 4n } }, false],
  ];

  test.each(cases)('%s', (_, avps, expected) => {
    const reports = reportsWith();
    reports.setReduction(20);
    const answer = said(reports, avps);
    expect(answer.ocSupportedFeatures).toEqual(expected ? { ocFeatureVector: 1n } : undefined);
    expect(answer.ocOlr?.ocReductionPercentage).toBe(expected ? 20 : undefined);
    expect(answer.load).toHaveLength(1);
  });

  test('no report without overload, but the answer says what is supported', () => {
    expect(said(reportsWith(), capable)).toEqual({
      ocSupportedFeatures: { ocFeatureVector: 1n },
      load: [{ loadType: 0, loadValue: 65_535n, sourceid: hss.originHost }],
    });
  });

  test('switched off: nothing at all', () => {
    const reports = reportsWith({ overload: 'none', load: false });
    reports.setReduction(20);
    reports.setLoad(1);
    expect(said(reports, capable)).toEqual({});
  });
});

describe('[29.228-H.2] the report', () => {
  test('content and AVP order', () => {
    const reports = reportsWith({ validitySeconds: 60 });
    reports.setReduction(35);
    expect(said(reports, capable).ocOlr).toEqual({
      ocSequenceNumber: BigInt(START_MS),
      ocReportType: 0,
      ocReductionPercentage: 35,
      ocValidityDuration: 60,
    });
    const { ocOlr } = reports.of(capable).avps;
    // 623, then inside 624 and 626 first as their fixed positions demand; M and V clear.
    expect([0, 8, 24].map((offset) => ocOlr?.readUInt32BE(offset))).toEqual([623, 624, 626]);
    expect([4, 12, 28].map((offset) => ocOlr?.[offset])).toEqual([0, 0, 0]);
  });

  test.each([
    ['host', { destinationHost: hss.originHost }, 0],
    ['host', {}, 0],
    ['hostAndRealm', { destinationHost: hss.originHost }, 0],
    ['hostAndRealm', {}, 1],
  ] as const)('reports %s, request with %j: report type %d', (overload, avps, type) => {
    const reports = reportsWith({ overload });
    reports.setReduction(10);
    expect(said(reports, { ocSupportedFeatures: {}, ...avps }).ocOlr?.ocReportType).toBe(type);
  });

  const sequence = (reports: Reports): bigint | undefined => said(reports, capable).ocOlr?.ocSequenceNumber;

  test('the sequence number rises with the content, and stays with it', () => {
    const reports = reportsWith();
    reports.setReduction(10);
    const first = sequence(reports) ?? 0n;
    elapsedMs = 5_000;
    reports.setReduction(10);
    expect(sequence(reports)).toBe(first);
    reports.setReduction(20);
    const second = sequence(reports) ?? 0n;
    expect(second > first).toBe(true);
    // No time passed: it rises all the same.
    reports.setReduction(30);
    expect((sequence(reports) ?? 0n) > second).toBe(true);
  });

  test('it is prolonged before it ends, under a new number', () => {
    const reports = reportsWith({ validitySeconds: 30 });
    reports.setReduction(10);
    const first = sequence(reports) ?? 0n;
    elapsedMs = 14_999;
    reports.setReduction(10);
    expect(sequence(reports)).toBe(first);
    elapsedMs = 15_000;
    reports.setReduction(10);
    expect((sequence(reports) ?? 0n) > first).toBe(true);
    expect(said(reports, capable).ocOlr).toMatchObject({ ocReductionPercentage: 10, ocValidityDuration: 30 });
  });

  test('its end is told with validity 0 for as long as it may be remembered, then nothing', () => {
    const reports = reportsWith({ validitySeconds: 30 });
    reports.setReduction(10);
    const first = sequence(reports) ?? 0n;
    elapsedMs = 1_000;
    reports.setReduction(0);
    const ended = said(reports, capable).ocOlr;
    expect(ended).toMatchObject({ ocReductionPercentage: 0, ocValidityDuration: 0 });
    expect((ended?.ocSequenceNumber ?? 0n) > first).toBe(true);
    elapsedMs = 30_999;
    reports.setReduction(0);
    expect(sequence(reports)).toBe(ended?.ocSequenceNumber);
    elapsedMs = 31_000;
    reports.setReduction(0);
    expect(said(reports, capable).ocOlr).toBeUndefined();
    reports.setReduction(10);
    expect((sequence(reports) ?? 0n) > (ended?.ocSequenceNumber ?? 0n)).toBe(true);
  });

  test('after a restart the numbers go on above those before it', () => {
    const before = reportsWith();
    for (const percent of [10, 20, 30]) before.setReduction(percent);
    elapsedMs = 10;
    const after = reportsWith();
    after.setReduction(10);
    expect((sequence(after) ?? 0n) > (sequence(before) ?? 0n)).toBe(true);
  });
});

test('[29.228-K.2] Load of type HOST: from us, the less the more loaded, encoded again only when it changes', () => {
  const reports = reportsWith();
  reports.setLoad(0.75);
  expect(said(reports, {}).load).toEqual([{ loadType: 0, loadValue: 16_384n, sourceid: hss.originHost }]);
  const { avps } = reports.of({});
  reports.setLoad(0.7501);
  expect(reports.of({}).avps).toBe(avps);
  reports.setLoad(1);
  expect(said(reports, {}).load?.[0]?.loadValue).toBe(0n);
});

test('[6733-7.2] an answer with the E bit carries them too', () => {
  const reports = reportsWith();
  reports.setReduction(50);
  const message = decoded(
    cxRequest('LIR', scscf, { publicIdentity: 'sip:alice@ims.example', ...capable }, {}),
  );
  const answer = decoded(writer.plain(message, 3004, 'busy', reports.of(message.avps).avps));
  expect(answer.header.error).toBe(true);
  const codes = (
    answer.avps as { additionalAvps: readonly { code: number; vendorId: number }[] }
  ).additionalAvps
    .filter(({ vendorId }) => vendorId === 0)
    .map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining([621, 623, 650]));
});

test('the AVPs are as the dictionary reads them', () => {
  const reports = reportsWith();
  reports.setReduction(5);
  const bytes = encodeFromParts(0x40, 302, 16_777_216, 1, 1, Object.values(reports.of(capable).avps));
  expect(bytes.length % 4).toBe(0);
});
