/**
 * The shape of the tables in src/diameter/generated: what an AVP, a Command Code Format and an enumeration are, as
 * plain data. RFC 6733 clauses 3.2, 4.1 and 4.4. `Dictionary` links them into what decoding and encoding run
 * on.
 */

/** RFC 6733 clauses 4.2 and 4.3. */
export type AvpType =
  | 'OctetString'
  | 'Integer32'
  | 'Integer64'
  | 'Unsigned32'
  | 'Unsigned64'
  | 'Float32'
  | 'Float64'
  | 'Grouped'
  | 'Address'
  | 'Time'
  | 'UTF8String'
  | 'DiameterIdentity'
  | 'DiameterURI'
  | 'Enumerated'
  | 'IPFilterRule';

export interface AvpDefinition {
  readonly name: string;
  readonly code: number;
  /** 0: an IETF AVP, sent without the V bit. */
  readonly vendorId: number;
  readonly type: AvpType;
  /** The M bit that we send; what a peer sends is not held against it [29.229-6.3.0 NOTE 1a]. */
  readonly mandatory: boolean;
}

/** One line of a Command Code Format. */
export interface RuleDefinition {
  /** The AVP's name, or `AVP` for any other one. */
  readonly avp: string;
  readonly property: string;
  readonly min: number;
  readonly max: number;
  /** Written in angle brackets. */
  readonly fixed?: boolean;
  /** Required when we send it, may be missing in what we receive. */
  readonly absenceTolerated?: boolean;
}

/** Values by the position of their rule. */
export type RuleValues = readonly unknown[];

export interface FormatDefinition<T> {
  readonly rules: readonly RuleDefinition[];
  /** Makes the typed object; generated, so that every message of a command has one hidden class. */
  readonly build: (values: RuleValues) => T;
  /**
   * The reverse: puts the values of such an object in the places of their rules, `undefined` where it has
   * none; generated, so that no property is looked up by its name.
   */
  readonly take: (message: Partial<T>, to: unknown[]) => void;
}

export interface CommandDefinition<T> extends FormatDefinition<T> {
  /** With its direction: UAR, UAA. */
  readonly abbreviation: string;
  readonly name: string;
  readonly code: number;
  /** null: a command that any application may use (RFC 6733 clauses 8 and 9). */
  readonly applicationId: number | null;
  readonly request: boolean;
  /** PXY in the Diameter Header. */
  readonly proxiable: boolean;
  /** ERR in the Diameter Header. */
  readonly error: boolean;
}

export interface GroupDefinition extends FormatDefinition<object> {
  readonly avp: string;
  /** Abbreviations of the table's commands that have this format of the AVP; absent: all others have it. */
  readonly commands?: readonly string[];
}

export interface DictionaryTable {
  readonly name: string;
  /** Tables whose AVPs its formats may name; its own AVPs go before theirs. */
  readonly uses: readonly string[];
  readonly applications: readonly { readonly id: number; readonly name: string }[];
  readonly vendors: readonly { readonly id: number; readonly name: string }[];
  readonly avps: readonly AvpDefinition[];
  readonly groups: readonly GroupDefinition[];
  /** AVP name -> value -> name. */
  readonly enumerations: Readonly<Record<string, Readonly<Record<number, string>>>>;
  readonly commands: readonly CommandDefinition<object>[];
  /** The format of answers with the E bit, RFC 6733 clause 7.2. */
  readonly errorAnswer: CommandDefinition<object> | null;
}
