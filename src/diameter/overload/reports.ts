/**
 * What answers say about overload and load [29.228-H.2] [29.228-K.2]; RFC 7683 clauses 5.1.2, 5.2.3 and 7,
 * RFC 8583 clauses 6 and 7. Encoded when it changes, not for each answer.
 *
 * OC-Supported-Features and OC-OLR only where the request announced the loss algorithm. The sequence number
 * rises when the content changes, and when the report has to be prolonged: a reacting node ignores one whose
 * number it has, so that the same number would not renew it. It begins with the time, so that it rises over a
 * restart too. The end is told with OC-Validity-Duration 0 for as long as the last report may be in force.
 */
import { encodeAvp } from '../codec/encode';
import type { Dictionary } from '../codec/dictionary';
import { LoadType, OcReportType } from '../generated/base';
import type { Clock } from '../../shared/clock';
import type { ReportSettings } from './contract';
import { loadValueOf } from './load-level';

/** Whole AVPs, by the property of the answer that they stand for. */
export type ReportedAvps = Readonly<Record<string, Buffer>>;

/** OC-Feature-Vector: OLR_DEFAULT_ALGO, the loss algorithm (RFC 7683 clause 7.2). */
const LOSS_ALGORITHM = 1n;
const nothing: ReportedAvps = Object.freeze({});

interface Announcing {
  readonly ocSupportedFeatures?: { readonly ocFeatureVector?: bigint };
  readonly destinationHost?: string;
}

interface Report {
  readonly percent: number;
  readonly validitySeconds: number;
  readonly sequenceNumber: bigint;
  readonly sinceMs: number;
}

export interface AnswerReports {
  readonly avps: ReportedAvps;
  readonly overload: boolean;
}

export class Reports {
  readonly #supported: ReportedAvps;
  #load: ReportedAvps = nothing;
  #loadValue = -1;
  /** Null where there is nothing to say: no overload, and the last one is forgotten everywhere. */
  #report: Report | null = null;
  #sequenceNumber = 0n;
  #plain: AnswerReports = { avps: nothing, overload: false };
  #capable: AnswerReports = this.#plain;
  #capableOfRealm: AnswerReports = this.#plain;

  constructor(
    private readonly settings: ReportSettings,
    private readonly originHost: string,
    private readonly dictionary: Dictionary,
    private readonly clock: Clock,
  ) {
    this.#supported =
      settings.overload === 'none'
        ? nothing
        : {
            ocSupportedFeatures: encodeAvp(
              'OC-Supported-Features',
              { ocFeatureVector: LOSS_ALGORITHM },
              dictionary,
            ),
          };
    this.setLoad(0);
    this.#compose();
  }

  /** What the answer to a request with these AVPs carries. */
  of(avps: unknown): AnswerReports {
    const { ocSupportedFeatures } = avps as Announcing;
    if (ocSupportedFeatures === undefined) return this.#plain;
    // Without the vector it is the loss algorithm that is supported.
    if (((ocSupportedFeatures.ocFeatureVector ?? LOSS_ALGORITHM) & LOSS_ALGORITHM) === 0n) return this.#plain;
    return (avps as Announcing).destinationHost === undefined ? this.#capableOfRealm : this.#capable;
  }

  /** `load`: 0 to 1. */
  setLoad(load: number): void {
    const value = loadValueOf(load);
    if (!this.settings.load || value === this.#loadValue) return;
    this.#loadValue = value;
    const avp = { loadType: LoadType.HOST, loadValue: BigInt(value), sourceid: this.originHost };
    this.#load = { load: encodeAvp('Load', avp, this.dictionary) };
    this.#compose();
  }

  /**
   * `percent`: 0 to 100. To be called now and then also where it stays the same: reports are prolonged and
   * forgotten here.
   */
  setReduction(percent: number): void {
    if (this.settings.overload === 'none') return;
    const report = this.#report;
    const now = this.clock.monotonicMs();
    const { validitySeconds } = this.settings;
    if (report === null) {
      if (percent > 0) this.#publish(percent, validitySeconds, now);
      return;
    }
    const ageMs = now - report.sinceMs;
    if (percent !== report.percent) this.#publish(percent, percent === 0 ? 0 : validitySeconds, now);
    else if (percent > 0 && ageMs >= (validitySeconds * 1_000) / 2)
      this.#publish(percent, validitySeconds, now);
    else if (percent === 0 && ageMs >= validitySeconds * 1_000) {
      this.#report = null;
      this.#compose();
    }
  }

  #publish(percent: number, validitySeconds: number, sinceMs: number): void {
    const time = BigInt(Math.trunc(this.clock.nowMs()));
    this.#sequenceNumber = time > this.#sequenceNumber ? time : this.#sequenceNumber + 1n;
    this.#report = { percent, validitySeconds, sequenceNumber: this.#sequenceNumber, sinceMs };
    this.#compose();
  }

  #compose(): void {
    this.#plain = { avps: this.#load, overload: false };
    const capable = { ...this.#load, ...this.#supported };
    const report = this.#report;
    if (report === null) {
      this.#capable = this.#capableOfRealm = { avps: capable, overload: false };
      return;
    }
    this.#capable = {
      avps: { ...capable, ocOlr: this.#olr(report, OcReportType.HOST_REPORT) },
      overload: true,
    };
    this.#capableOfRealm =
      this.settings.overload === 'hostAndRealm'
        ? { avps: { ...capable, ocOlr: this.#olr(report, OcReportType.REALM_REPORT) }, overload: true }
        : this.#capable;
  }

  #olr({ sequenceNumber, percent, validitySeconds }: Report, ocReportType: OcReportType): Buffer {
    return encodeAvp(
      'OC-OLR',
      {
        ocSequenceNumber: sequenceNumber,
        ocReportType,
        ocReductionPercentage: percent,
        ocValidityDuration: validitySeconds,
      },
      this.dictionary,
    );
  }
}
