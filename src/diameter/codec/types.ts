/**
 * What the codec hands to and takes from the rest of the house. RFC 6733 clauses 3 and 4.
 *
 * A decoded message is a plain object: each AVP of the command's Command Code Format becomes a property
 * whose name is the AVP's name in camel case ("Public-Identity" -> publicIdentity, "SIP-Auth-Data-Item" ->
 * sipAuthDataItem, every part after a hyphen lower-cased but for its first letter; "avp" before a digit,
 * "5QI" -> avp5qi). An AVP that may occur more than once becomes an array; an absent AVP is undefined. Value
 * types: UTF8String, DiameterIdentity, DiameterURI, IPFilterRule -> string; OctetString -> Buffer;
 * Integer32, Unsigned32, Enumerated, Float32, Float64 -> number; Integer64, Unsigned64 -> bigint; Time ->
 * Date; Address -> string (an IPv4 or IPv6 address in text; any other family `hex:<family>:<octets>`);
 * Grouped -> object.
 */

/** RFC 6733 clause 3. Lengths in octets. */
export interface DiameterHeader {
  readonly version: number;
  readonly length: number;
  /** R bit. */
  readonly request: boolean;
  /** P bit. */
  readonly proxiable: boolean;
  /** E bit. */
  readonly error: boolean;
  /** T bit. */
  readonly retransmitted: boolean;
  readonly commandCode: number;
  readonly applicationId: number;
  readonly hopByHopId: number;
  readonly endToEndId: number;
}

/** One AVP as it stands on the wire, its data not interpreted. RFC 6733 clause 4.1. */
export interface RawAvp {
  readonly code: number;
  /** 0 where the V bit is clear. */
  readonly vendorId: number;
  /** M bit. */
  readonly mandatory: boolean;
  /** The data without header and padding. */
  readonly data: Buffer;
}

/** AVPs that a Command Code Format admits through `*[ AVP ]`. */
export interface WithAdditionalAvps {
  readonly additionalAvps?: readonly RawAvp[];
}

/** Bounds of one message; every one is configurable. */
export interface DecodeLimits {
  readonly maxMessageOctets: number;
  readonly maxAvpCount: number;
  readonly maxNestingDepth: number;
}

/** A message that passed every check of RFC 6733 clause 7 that the dictionary knows of. */
export interface DecodedMessage<T = unknown> {
  readonly header: DiameterHeader;
  /** The command's abbreviation with its direction, e.g. UAR, UAA, CER. */
  readonly abbreviation: string;
  readonly avps: T;
  /** The message as received; valid until the handler is done, copy what you keep. */
  readonly bytes: Buffer;
}

/**
 * Why a message was refused and what RFC 6733 clause 7 prescribes as the answer. `header` is null when not
 * even 20 octets of plausible header were there, in which case the connection has to be closed.
 */
export interface DecodeFailure {
  readonly header: DiameterHeader | null;
  /** Base protocol Result-Code, e.g. 5005. */
  readonly resultCode: number;
  /** A short machine word for metrics, e.g. `missing_avp`. */
  readonly kind: string;
  /** A sentence for Error-Message and the log: what is wrong and where. */
  readonly message: string;
  /** The offending AVPs for Failed-AVP (RFC 6733 7.5), each with the grouped AVPs around it where nested. */
  readonly failedAvps: readonly RawAvp[];
  /**
   * What an error answer must carry over, as far as it could be read: Session-Id, and Proxy-Info in order.
   */
  readonly sessionId?: string;
  readonly proxyInfo: readonly RawAvp[];
  /** The message, for agents that pass on what they do not judge; null where its AVPs cannot be looked at. */
  readonly bytes: Buffer | null;
  /** True when the stream cannot be trusted after this message (framing errors). */
  readonly fatal: boolean;
}

export type DecodeResult<T = unknown> =
  | { readonly ok: true; readonly message: DecodedMessage<T> }
  | { readonly ok: false; readonly failure: DecodeFailure };
