/**
 * Parameters of a statement in PostgreSQL's binary form: arrays of one dimension and integers, written
 * straight into the Bind message. As text they would be quoted and escaped one by one here, and parsed one by
 * one there. Format of arrays: array_recv in the server's source; lower bound 1.
 */

/** Object identifiers of element types, the server's pg_type. */
const OID = {
  boolean: 16,
  bigint: 20,
  smallint: 21,
  integer: 23,
  text: 25,
  json: 114,
  uuid: 2950,
  jsonb: 3802,
} as const;
const UUID_OCTETS = 16;

const NULL_LENGTH = -1;
const JSONB_VERSION = 1;
const INITIAL_OCTETS = 16 * 1024;
/** A buffer grown beyond this is given back. */
const KEPT_OCTETS = 4 * 1024 * 1024;
const TWO_TO_32 = 0x1_0000_0000;
const MAX_UTF8_OCTETS_PER_CHARACTER = 3;
/** Up to here a loop over the characters is cheaper than a call into the runtime. */
const SHORT_STRING_CHARACTERS = 64;

export type Parameter =
  | { readonly kind: 'booleans'; readonly values: readonly boolean[] }
  | { readonly kind: 'bigints'; readonly values: readonly (number | null)[] }
  | { readonly kind: 'smallints'; readonly values: readonly number[] }
  | { readonly kind: 'integers'; readonly values: readonly (number | null)[] }
  /** Hexadecimal digits, with or without hyphens. */
  | { readonly kind: 'uuids'; readonly values: readonly string[] }
  | { readonly kind: 'texts'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'jsons' | 'jsonbs'; readonly values: readonly string[] }
  | { readonly kind: 'bigint'; readonly value: number };

/** Octets of messages to the server, written from left to right. */
export class MessageBuffer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_OCTETS);
  #length = 0;

  reset(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_OCTETS) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_OCTETS);
  }

  /** What was written, in a buffer of its own. */
  copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  octet(value: number): void {
    this.#ensure(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  int16(value: number): void {
    this.#ensure(2);
    this.#bytes[this.#length] = value >>> 8;
    this.#bytes[this.#length + 1] = value;
    this.#length += 2;
  }

  int32(value: number): void {
    this.#ensure(4);
    this.#put32(this.#length, value);
    this.#length += 4;
  }

  /** A whole number within 2^53. */
  int64(value: number): void {
    this.int32(Math.floor(value / TWO_TO_32));
    this.int32(value % TWO_TO_32);
  }

  octets(value: Buffer): void {
    this.#ensure(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  /** Ends with a zero octet. */
  cString(value: string): void {
    this.characters(value);
    this.octet(0);
  }

  /** UTF-8 with its length in front. */
  text(value: string): void {
    const at = this.begin();
    this.characters(value);
    this.end(at);
  }

  /** Leaves room for a length that `end` fills in. */
  begin(): number {
    const at = this.#length;
    this.int32(0);
    return at;
  }

  /** `own`: octets before the content that the length counts as well, which is itself in messages. */
  end(at: number, own = 0): void {
    this.#put32(at, this.#length - at - 4 + own);
  }

  #put32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }

  /** UTF-8 without length or end. */
  characters(value: string): void {
    this.#ensure(value.length * MAX_UTF8_OCTETS_PER_CHARACTER);
    if (value.length <= SHORT_STRING_CHARACTERS) {
      let at = 0;
      for (; at < value.length; at += 1) {
        const character = value.charCodeAt(at);
        if (character > 0x7f) break;
        this.#bytes[this.#length + at] = character;
      }
      if (at === value.length) {
        this.#length += at;
        return;
      }
    }
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
  }

  #ensure(octets: number): void {
    const needed = this.#length + octets;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Writes a parameter with its length in front. */
export function writeParameter(to: MessageBuffer, parameter: Parameter): void {
  const at = to.begin();
  switch (parameter.kind) {
    case 'bigint':
      to.int64(parameter.value);
      break;
    case 'booleans':
      arrayHeader(to, OID.boolean, parameter.values.length, false);
      for (const value of parameter.values) {
        to.int32(1);
        to.octet(value ? 1 : 0);
      }
      break;
    case 'bigints':
      arrayHeader(to, OID.bigint, parameter.values.length, true);
      for (const value of parameter.values) {
        if (value === null) to.int32(NULL_LENGTH);
        else {
          to.int32(8);
          to.int64(value);
        }
      }
      break;
    case 'smallints':
      arrayHeader(to, OID.smallint, parameter.values.length, false);
      for (const value of parameter.values) {
        to.int32(2);
        to.int16(value);
      }
      break;
    case 'integers':
      arrayHeader(to, OID.integer, parameter.values.length, true);
      for (const value of parameter.values) {
        if (value === null) to.int32(NULL_LENGTH);
        else {
          to.int32(4);
          to.int32(value);
        }
      }
      break;
    case 'uuids':
      arrayHeader(to, OID.uuid, parameter.values.length, false);
      for (const value of parameter.values) {
        to.int32(UUID_OCTETS);
        to.octets(Buffer.from(value.replaceAll('-', ''), 'hex'));
      }
      break;
    case 'texts':
      arrayHeader(to, OID.text, parameter.values.length, true);
      for (const value of parameter.values) {
        if (value === null) to.int32(NULL_LENGTH);
        else to.text(value);
      }
      break;
    case 'jsons':
    case 'jsonbs':
      arrayHeader(to, parameter.kind === 'jsons' ? OID.json : OID.jsonb, parameter.values.length, false);
      for (const value of parameter.values) {
        const start = to.begin();
        if (parameter.kind === 'jsonbs') to.octet(JSONB_VERSION);
        to.characters(value);
        to.end(start);
      }
      break;
  }
  to.end(at);
}

function arrayHeader(to: MessageBuffer, elementType: number, count: number, mayHaveNulls: boolean): void {
  to.int32(count === 0 ? 0 : 1);
  to.int32(mayHaveNulls ? 1 : 0);
  to.int32(elementType);
  if (count === 0) return;
  to.int32(count);
  to.int32(1);
}
