/**
 * Grouped AVPs whose format differs by command. A standard may allow an AVP inside a group in one command and
 * forbid it in another; the group has one code and one name.
 *
 * Theory of operation: a command with formats of its own sees copies of the AVPs that they concern. These are
 * the AVPs with another format and every group that contains one of them, however deep. A copy differs from
 * its AVP in the format alone. All other AVPs, and the commands without such formats, share what is there, so
 * decoding and encoding need not know the command that they are in.
 */
import { makeAvp, makeFormat, type LinkedAvp, type LinkedFormat, type MutableAvp } from './linked-formats';

/** The formats of one command. */
export class CommandFormats {
  readonly #copies = new Map<LinkedAvp, MutableAvp>();

  /** `own`: the formats that only this command has, by the AVP as all other commands have it. */
  constructor(
    private readonly own: ReadonlyMap<LinkedAvp, LinkedFormat>,
    private readonly keyOf: (avp: LinkedAvp) => number,
  ) {}

  /** The format as this command has it; the same one where it contains nothing that differs. */
  formatOf(format: LinkedFormat): LinkedFormat {
    let differs = false;
    const rules = format.rules.map((rule) => {
      const avp = rule.avp === null ? null : this.avpOf(rule.avp);
      if (avp === rule.avp) return rule;
      differs = true;
      return { ...rule, avp };
    });
    return differs ? makeFormat(rules, format, this.keyOf) : format;
  }

  /** The AVP as this command has it. */
  avpOf(avp: LinkedAvp): LinkedAvp {
    const known = this.#copies.get(avp);
    if (known !== undefined) return known;
    const format = this.own.get(avp) ?? avp.format;
    if (format === null || !this.#differs(avp, new Set())) return avp;
    // A group may contain itself: the copy is known before its format is made.
    const copy = makeAvp(avp, avp.maxDataOctets, null, null);
    this.#copies.set(avp, copy);
    copy.format = this.formatOf(format);
    return copy;
  }

  /** Whether the AVP has another format in this command or contains one that has. */
  #differs(avp: LinkedAvp, seen: Set<LinkedAvp>): boolean {
    if (this.own.has(avp)) return true;
    if (avp.format === null || seen.has(avp)) return false;
    seen.add(avp);
    return avp.format.rules.some((rule) => rule.avp !== null && this.#differs(rule.avp, seen));
  }
}
