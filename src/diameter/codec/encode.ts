/**
 * Typed objects to octets [6733-3] [6733-4]. AVPs leave in the order of the Command Code Format, fixed ones
 * first.
 *
 * Encoding trusts its caller's texts but checks what would make a message that no one can decode: a missing
 * required AVP, a number out of range, an array too long. It throws an EncodeError then, which is a fault of
 * this program.
 */
import type { CommandDefinition } from './definitions';
import type { Dictionary } from './dictionary';
import { ValueKind, type LinkedAvp, type LinkedFormat } from './linked-formats';
import { dateToTime } from './data-formats';
import { parseAddress } from './address';
import {
  COMMAND_FLAG_ERROR,
  COMMAND_FLAG_PROXIABLE,
  COMMAND_FLAG_REQUEST,
  COMMAND_FLAG_RETRANSMITTED,
  DIAMETER_VERSION,
  HEADER_OCTETS,
  MAX_LENGTH_OCTETS,
} from './header';
import type { RawAvp } from './types';
import { EncodeError, Writer } from './writer';

export { EncodeError } from './writer';

/** What a message's header says beyond its command. */
export interface HeaderFields {
  readonly hopByHopId: number;
  readonly endToEndId: number;
  /** P bit; that of the Command Code Format where absent. An answer mirrors its request's [6733-6.2]. */
  readonly proxiable?: boolean;
  /** E bit [6733-7.2]. */
  readonly error?: boolean;
  /** T bit [6733-3]. */
  readonly retransmitted?: boolean;
  /** Needed for commands that any application may use, and where several applications abbreviate one so. */
  readonly applicationId?: number;
}

/** Whole AVPs, header and padding included, by the property that they stand for. */
export type PreEncodedAvps = Readonly<Record<string, Buffer>>;

const NOTHING: PreEncodedAvps = Object.freeze({});
/** Encoding is synchronous and never calls out, so that one buffer serves all. */
const writer = new Writer();
/**
 * Values in the places of their rules: of the message and its groups, one list for each level of nesting, and
 * of the envelope.
 */
const taken: unknown[][] = [];
const enveloped: unknown[] = [];
const noOthers: readonly unknown[] = [];

/**
 * Encodes one message. `preEncoded` replaces AVPs that are always the same (Origin-Host, Origin-Realm ...) by
 * octets made once with `encodeAvp`; those properties are left out of `avps`.
 */
export function encodeMessage<T extends object, P extends keyof T = never>(
  command: CommandDefinition<T>,
  header: HeaderFields,
  avps: Omit<T, P>,
  dictionary: Dictionary,
  preEncoded?: Readonly<Record<P, Buffer>>,
): Buffer {
  const applicationId = command.applicationId ?? header.applicationId;
  const fields = applicationId === undefined ? header : { ...header, applicationId };
  return encodeNamed(command.abbreviation, fields, avps, dictionary, preEncoded);
}

/**
 * As `encodeMessage`, for who knows a command by its abbreviation only; `avps` is checked at run time.
 * `envelope` has what `avps` has not: it is the same for every command, so it need not be copied into each.
 */
export function encodeNamed(
  abbreviation: string,
  header: HeaderFields,
  avps: object,
  dictionary: Dictionary,
  preEncoded: PreEncodedAvps = NOTHING,
  envelope: object = NOTHING,
): Buffer {
  const command = dictionary.findCommandByAbbreviation(abbreviation, header.applicationId);
  if (command === undefined) throw new EncodeError(`no dictionary knows the command ${abbreviation}`);
  const { code, request, proxiable, applicationId } = command.definition;
  const application = applicationId ?? header.applicationId;
  if (application === undefined) throw new EncodeError(`${abbreviation}: the application is not given`);
  const flags =
    (request ? COMMAND_FLAG_REQUEST : 0) |
    ((header.proxiable ?? proxiable) ? COMMAND_FLAG_PROXIABLE : 0) |
    (header.error === true ? COMMAND_FLAG_ERROR : 0) |
    (header.retransmitted === true ? COMMAND_FLAG_RETRANSMITTED : 0);
  beginMessage(flags, code, application, header.hopByHopId, header.endToEndId);
  const format = header.error === true ? dictionary.errorAnswer : command.format;
  format.take(envelope, enveloped);
  writeFormat(writer, abbreviation, format, avps, 0, enveloped, preEncoded);
  return endMessage();
}

/** Encodes a message of AVPs already encoded, in the order given. */
export function encodeFromParts(
  flags: number,
  commandCode: number,
  applicationId: number,
  hopByHopId: number,
  endToEndId: number,
  parts: readonly Buffer[],
): Buffer {
  beginMessage(flags, commandCode, applicationId, hopByHopId, endToEndId);
  for (const part of parts) writer.octets(part);
  return endMessage();
}

/**
 * One AVP, or one for each element of an array, with header and padding. `name` as the application's dictionary
 * has it, or the base protocol's where no application is given.
 */
export function encodeAvp(
  name: string,
  value: unknown,
  dictionary: Dictionary,
  applicationId?: number,
): Buffer {
  const avp = dictionary.findAvpByName(name, applicationId);
  if (avp === undefined) throw new EncodeError(`no dictionary knows the AVP ${name}`);
  writer.reset();
  if (Array.isArray(value)) for (const element of value as readonly unknown[]) writeAvp(writer, avp, element);
  else writeAvp(writer, avp, value);
  return writer.copy();
}

/** Raw AVPs one after the other, with headers and padding. */
export function encodeRawAvps(avps: readonly RawAvp[]): Buffer {
  writer.reset();
  for (const avp of avps) writeRawAvp(writer, avp);
  return writer.copy();
}

function beginMessage(
  flags: number,
  commandCode: number,
  applicationId: number,
  hopByHopId: number,
  endToEndId: number,
): void {
  writer.reset();
  const { bytes } = writer;
  bytes[0] = DIAMETER_VERSION;
  writer.length = 4;
  writer.unsigned32(commandCode);
  bytes[4] = flags;
  writer.unsigned32(applicationId);
  writer.unsigned32(hopByHopId);
  writer.unsigned32(endToEndId);
}

function endMessage(): Buffer {
  const { length } = writer;
  if (length < HEADER_OCTETS || length > MAX_LENGTH_OCTETS)
    throw new EncodeError(`a message of ${length} octets`);
  writer.bytes[1] = length >>> 16;
  writer.bytes[2] = length >>> 8;
  writer.bytes[3] = length;
  return writer.copy();
}

/**
 * `others`, by the places of the rules, and `preEncoded`, by property, stand in for what `message` has not.
 */
function writeFormat(
  to: Writer,
  where: string,
  format: LinkedFormat,
  message: object,
  depth: number,
  others: readonly unknown[],
  preEncoded: PreEncodedAvps,
): void {
  const { rules } = format;
  const values = taken[depth] ?? (taken[depth] = []);
  format.take(message, values);
  for (let i = 0; i < rules.length; i += 1) {
    const rule = rules[i];
    if (rule === undefined) continue;
    const own = values[i];
    const value = own === undefined ? others[i] : own;
    if (value === undefined) {
      const ready = preEncoded === NOTHING ? undefined : preEncoded[rule.property];
      if (ready !== undefined) to.octets(ready);
      else if (rule.min > 0)
        throw new EncodeError(`${where}: ${rule.avp === null ? 'AVP' : rule.avp.name} is required`);
      continue;
    }
    if (!rule.repeated) {
      if (rule.avp === null) throw new EncodeError(`${where}: an AVP rule without a list`);
      writeAvp(to, rule.avp, value, depth);
      continue;
    }
    if (!Array.isArray(value)) throw new EncodeError(`${where}: ${rule.property} is not a list`);
    const list = value as readonly unknown[];
    if (list.length < rule.min || list.length > rule.max) {
      throw new EncodeError(
        `${where}: ${list.length} times ${rule.property}, allowed ${rule.min} to ${rule.max}`,
      );
    }
    for (const element of list) {
      if (rule.avp === null) writeRawAvp(to, element as RawAvp);
      else writeAvp(to, rule.avp, element, depth);
    }
  }
}

function writeRawAvp(to: Writer, avp: RawAvp): void {
  const start = to.beginAvp(avp.code, avp.vendorId, avp.mandatory);
  to.octets(avp.data);
  to.endAvp(start);
}

function writeAvp(to: Writer, avp: LinkedAvp, value: unknown, depth = 0): void {
  const start = to.beginAvp(avp.code, avp.vendorId, avp.mandatory);
  writeValue(to, avp, value, depth);
  to.endAvp(start);
}

function mismatch(avp: LinkedAvp, value: unknown): EncodeError {
  const found = typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value;
  return new EncodeError(`${avp.name} is ${avp.type}, not ${found}`);
}

function writeValue(to: Writer, avp: LinkedAvp, value: unknown, depth: number): void {
  switch (avp.kind) {
    case ValueKind.UTF8String:
    case ValueKind.DiameterIdentity:
    case ValueKind.DiameterURI:
    case ValueKind.IPFilterRule:
      if (typeof value !== 'string') throw mismatch(avp, value);
      to.text(value);
      return;
    case ValueKind.OctetString:
      if (!(value instanceof Uint8Array)) throw mismatch(avp, value);
      to.octets(value);
      return;
    case ValueKind.Unsigned32:
      if (typeof value !== 'number' || value >>> 0 !== value) throw mismatch(avp, value);
      to.unsigned32(value);
      return;
    case ValueKind.Integer32:
    case ValueKind.Enumerated:
      if (typeof value !== 'number' || (value | 0) !== value) throw mismatch(avp, value);
      to.unsigned32(value);
      return;
    case ValueKind.Grouped:
      if (typeof value !== 'object' || value === null || avp.format === null) throw mismatch(avp, value);
      writeFormat(to, avp.name, avp.format, value, depth + 1, noOthers, NOTHING);
      return;
    default:
      writeRareValue(to, avp, value);
  }
}

function writeRareValue(to: Writer, avp: LinkedAvp, value: unknown): void {
  to.ensure(8);
  switch (avp.kind) {
    case ValueKind.Unsigned64:
      if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) throw mismatch(avp, value);
      to.length = to.bytes.writeBigUInt64BE(value, to.length);
      return;
    case ValueKind.Integer64:
      if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw mismatch(avp, value);
      to.length = to.bytes.writeBigInt64BE(value, to.length);
      return;
    case ValueKind.Float32:
      if (typeof value !== 'number') throw mismatch(avp, value);
      to.length = to.bytes.writeFloatBE(value, to.length);
      return;
    case ValueKind.Float64:
      if (typeof value !== 'number') throw mismatch(avp, value);
      to.length = to.bytes.writeDoubleBE(value, to.length);
      return;
    case ValueKind.Time: {
      const seconds = value instanceof Date ? dateToTime(value) : null;
      if (seconds === null) throw mismatch(avp, value);
      to.unsigned32(seconds);
      return;
    }
    default: {
      const address = typeof value === 'string' ? parseAddress(value) : null;
      if (address === null) throw mismatch(avp, value);
      to.length = to.bytes.writeUInt16BE(address.family, to.length);
      to.octets(address.octets);
    }
  }
}
