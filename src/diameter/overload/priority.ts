/**
 * The priority of a request: DRMP where it has one [29.228-J.2.3], whatever else it says [29.228-J.2.4]. DRMP is
 * common to all applications (RFC 7944). Without it, the application of the command says what counts
 * (CommandPriority); else it is PRIORITY_10, which RFC 7944 clause 8 takes for a message without.
 */
import type { Dictionary } from '../codec/dictionary';
import { limits } from '../../shared/limits';
import type { CommandPriority, PriorityAvp } from './contract';

/** An AVP of a CommandPriority as it stands on the wire. */
interface WireAvp extends PriorityAvp {
  readonly code: number;
  readonly vendorId: number;
}

const { min, max, default: ordinary } = limits.drmpLevel;

/** Of one command: reads priorities of its requests. One class for all, with codes that the scan compares. */
export class RequestPriority {
  /** For commands whose application says nothing. */
  static readonly ordinary = new RequestPriority(ordinary, []);

  /** Only codes from the first to the second are worth a look; none where there are no AVPs. */
  readonly lowestCode: number;
  readonly highestCode: number;

  private constructor(
    /** Of a request that says nothing. */
    readonly level: number,
    readonly avps: readonly WireAvp[],
  ) {
    const codes = avps.map(({ code }) => code);
    this.lowestCode = Math.min(...codes);
    this.highestCode = Math.max(...codes);
  }

  /** @throws Error where the command has no such number, or the level is none */
  static of(
    { level = ordinary, avps = [] }: CommandPriority,
    command: { readonly applicationId: number; readonly code: number },
    dictionary: Dictionary,
  ): RequestPriority {
    if (!Number.isInteger(level) || level < min || level > max)
      throw new Error(`the priority ${level} of command ${command.code} is none`);
    const format = dictionary.findCommand(command.code, command.applicationId, true)?.format;
    return new RequestPriority(
      level,
      avps.map(({ property, levelOf }) => {
        const avp = format?.rules.find((rule) => rule.property === property && !rule.repeated)?.avp;
        if (avp === null || avp === undefined || (avp.type !== 'Unsigned32' && avp.type !== 'Enumerated'))
          throw new Error(`no number ${property} of command ${command.code} can say its priority`);
        return { property, levelOf, code: avp.code, vendorId: avp.vendorId };
      }),
    );
  }

  /** 0 (first) to 15 (last). `avps`: of a decoded request; the codec refuses values that no clause defines. */
  of(avps: unknown): number {
    const said = avps as Readonly<Record<string, number | undefined>>;
    const { drmp } = said;
    if (drmp !== undefined) return drmp;
    for (const { property, levelOf } of this.avps) {
      const value = said[property];
      const level = value === undefined ? undefined : levelOf(value);
      if (level !== undefined) return level;
    }
    return this.level;
  }
}
