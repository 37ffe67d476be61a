/**
 * The peer's half of overload control: it does what OC-OLR asks (RFC 7683 clauses 4.2.1.3 and 6.3, the loss
 * algorithm). Newest sequence number counts, until the validity has passed; of every hundred requests as many
 * are held back as the report says, evenly.
 */
import { findAvp } from '../load/answers';

const HEADER_OCTETS = 20;
const OC_OLR = 623;
const OC_SEQUENCE_NUMBER = 624;
const OC_VALIDITY_DURATION = 625;
const OC_REDUCTION_PERCENTAGE = 627;
const DEFAULT_VALIDITY_SECONDS = 30;

export class Reduction {
  private sequenceNumber = -1n;
  private untilMs = 0;
  private asked = 0;
  private owed = 0;
  /** The largest that was asked for. */
  maxPercent = 0;
  reportsCount = 0;

  percent(nowMs: number): number {
    return nowMs < this.untilMs ? this.asked : 0;
  }

  /** Reads the report of an answer, if it has a new one. */
  heard(bytes: Buffer, from: number, to: number, nowMs: number): void {
    const report = findAvp(bytes, OC_OLR, from + HEADER_OCTETS, to);
    if (report === null) return;
    const end = report.at + report.octets;
    const number = findAvp(bytes, OC_SEQUENCE_NUMBER, report.at, end);
    if (number === null) return;
    const sequenceNumber = bytes.readBigUInt64BE(number.at);
    if (sequenceNumber <= this.sequenceNumber) return;
    this.sequenceNumber = sequenceNumber;
    this.reportsCount += 1;
    const percentage = findAvp(bytes, OC_REDUCTION_PERCENTAGE, report.at, end);
    const validity = findAvp(bytes, OC_VALIDITY_DURATION, report.at, end);
    this.asked = percentage === null ? 0 : bytes.readUInt32BE(percentage.at);
    this.untilMs =
      nowMs + (validity === null ? DEFAULT_VALIDITY_SECONDS : bytes.readUInt32BE(validity.at)) * 1_000;
    this.maxPercent = Math.max(this.maxPercent, this.percent(nowMs));
  }

  /** Whether the next request is one of those that are held back. One that must go is owed by the next. */
  holdsBack(nowMs: number, mayWait: boolean): boolean {
    this.owed += this.percent(nowMs) / 100;
    if (!mayWait || this.owed < 1) return false;
    this.owed -= 1;
    return true;
  }
}
