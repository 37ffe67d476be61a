/**
 * What decoding and encoding run on: AVPs and Command Code Formats with references instead of names. RFC 6733
 * clauses 3.2, 4.1 and 4.4. `Dictionary` makes them of the generated tables.
 */
import type { AvpDefinition, AvpType, FormatDefinition, RuleValues } from './definitions';
import { NumberIndex } from './number-index';

/** Numbers for the data formats, so that a switch over them is a jump. */
export const ValueKind = {
  OctetString: 0,
  Integer32: 1,
  Integer64: 2,
  Unsigned32: 3,
  Unsigned64: 4,
  Float32: 5,
  Float64: 6,
  Grouped: 7,
  Address: 8,
  Time: 9,
  UTF8String: 10,
  DiameterIdentity: 11,
  DiameterURI: 12,
  Enumerated: 13,
  IPFilterRule: 14,
} as const satisfies Record<AvpType, number>;

/**
 * Octets of data that a value of the type has at least; the zero-filled example of [6733-7.5] has just these.
 */
const MIN_DATA_OCTETS: Readonly<Record<AvpType, number>> = {
  OctetString: 0,
  Integer32: 4,
  Integer64: 8,
  Unsigned32: 4,
  Unsigned64: 8,
  Float32: 4,
  Float64: 8,
  Grouped: 0,
  Address: 6,
  Time: 4,
  UTF8String: 0,
  DiameterIdentity: 0,
  DiameterURI: 0,
  Enumerated: 4,
  IPFilterRule: 0,
};

export interface LinkedAvp extends AvpDefinition {
  readonly kind: number;
  readonly minDataOctets: number;
  /** Of a UTF8String: more than that is no valid value here. */
  readonly maxDataOctets: number;
  /** The format of a Grouped AVP. */
  readonly format: LinkedFormat | null;
  /** Value -> name, of an Enumerated AVP (all that is valid) or of result codes (for display). */
  readonly valueNames: ReadonlyMap<number, string> | null;
}

export interface LinkedRule {
  /** Position in the format and in the values given to `build`. */
  readonly index: number;
  readonly property: string;
  /** null: any AVP. */
  readonly avp: LinkedAvp | null;
  readonly min: number;
  readonly max: number;
  /** Becomes an array. */
  readonly repeated: boolean;
  readonly absenceTolerated: boolean;
}

export interface LinkedFormat {
  readonly rules: readonly LinkedRule[];
  readonly byKey: { get(key: number): LinkedRule | undefined };
  /** What must be there when received. */
  readonly required: readonly LinkedRule[];
  /** Position of `*[ AVP ]`; -1 where the format admits nothing else. */
  readonly anyIndex: number;
  /** `1*{ AVP }`: carries AVPs that are not ours to judge (Failed-AVP). */
  readonly opaque: boolean;
  readonly build: (values: RuleValues) => object;
  readonly take: (message: object, to: unknown[]) => void;
}

/** While a dictionary is built: formats and names of values are added after the AVP. */
export interface MutableAvp extends LinkedAvp {
  format: LinkedFormat | null;
  valueNames: Map<number, string> | null;
}

/** The only place that makes a LinkedAvp, so that all of them have one hidden class. */
export function makeAvp(
  { name, code, vendorId, type, mandatory }: AvpDefinition,
  maxDataOctets: number,
  format: LinkedFormat | null,
  valueNames: Map<number, string> | null,
): MutableAvp {
  return {
    name,
    code,
    vendorId,
    type,
    mandatory,
    kind: ValueKind[type],
    minDataOctets: MIN_DATA_OCTETS[type],
    maxDataOctets,
    format,
    valueNames,
  };
}

/** The only place that makes a LinkedFormat, for the same reason. */
export function makeFormat(
  rules: readonly LinkedRule[],
  { build, take }: Pick<FormatDefinition<object>, 'build' | 'take'>,
  keyOf: (avp: LinkedAvp) => number,
): LinkedFormat {
  const any = rules.find((rule) => rule.avp === null);
  const byKey: [number, LinkedRule][] = [];
  for (const rule of rules) if (rule.avp !== null) byKey.push([keyOf(rule.avp), rule]);
  return {
    rules,
    byKey: new NumberIndex(byKey),
    required: rules.filter((rule) => rule.avp !== null && rule.min > 0 && !rule.absenceTolerated),
    anyIndex: any === undefined ? -1 : any.index,
    opaque: any !== undefined && any.min > 0,
    build,
    take,
  };
}
