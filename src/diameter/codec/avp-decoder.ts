/**
 * AVPs to typed values by the rules of a format: one pass over the octets, nothing allocated but the result
 * [6733-4] [6733-7.1]. How clauses are read: the head of decode.ts.
 */
import type { Dictionary } from './dictionary';
import { ValueKind, type LinkedAvp, type LinkedFormat } from './linked-formats';
import { FAMILY_IPV4, FAMILY_IPV6, IPV4_OCTETS, IPV6_OCTETS, readAddress } from './address';
import { isDiameterUri, isIpFilterRule, readIdentity, readUtf8, timeToDate } from './data-formats';
import { describeAvp, FAULTS, zeroFilled, type Fault, type FaultName } from './failure';
import { encodeRawAvps } from './encode';
import { AvpCursor, AvpCut } from './avp-cursor';
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_FLAGS_RESERVED,
  AVP_VENDOR_HEADER_OCTETS,
  readUnsigned32,
} from './header';
import type { DecodeLimits, RawAvp } from './types';

/**
 * Decodes one message at a time; kept between messages so that nothing has to be allocated for the work
 * itself.
 */
export class AvpDecoder {
  #bytes: Buffer = Buffer.alloc(0);
  #dictionary!: Dictionary;
  #limits: DecodeLimits = { maxMessageOctets: 0, maxAvpCount: 0, maxNestingDepth: 0 };
  /** Grouped AVPs that have another format in the message's command. */
  #ownAvps: ReadonlyMap<number, LinkedAvp> | null = null;
  #avpCount = 0;
  /** Values by rule, one list for each level of nesting. */
  readonly #values: unknown[][] = [];
  /** One for each level of nesting, too. */
  readonly #cursors: AvpCursor[] = [];
  fault: Fault | null = null;

  start(
    bytes: Buffer,
    dictionary: Dictionary,
    limits: DecodeLimits,
    ownAvps: ReadonlyMap<number, LinkedAvp> | null,
  ): void {
    this.#bytes = bytes;
    this.#dictionary = dictionary;
    this.#limits = limits;
    this.#ownAvps = ownAvps;
    this.#avpCount = 0;
    this.fault = null;
  }

  /** The AVPs from `start` to `end` by their format; null with `fault` set when they break it. */
  decodeFormat(format: LinkedFormat, start: number, end: number, depth: number): object | null {
    const bytes = this.#bytes;
    const values = this.#values[depth] ?? (this.#values[depth] = []);
    values.length = 0;
    for (let i = 0; i < format.rules.length; i += 1) values.push(undefined);
    const cursor = (this.#cursors[depth] ??= new AvpCursor()).reset(bytes, start, end);
    while (cursor.next()) {
      const { code, flags, vendorId, dataStart, dataEnd } = cursor;
      const key = this.#dictionary.keyOf(code, vendorId);
      const rule = format.byKey.get(key);
      const avp = rule !== undefined && rule.avp !== null ? rule.avp : this.#dictionary.findAvpByKey(key);
      this.#avpCount += 1;
      if (this.#avpCount > this.#limits.maxAvpCount) {
        return this.#refuse(FAULTS.avpCount, `more than ${this.#limits.maxAvpCount} AVPs`, null);
      }
      if ((flags & AVP_FLAGS_RESERVED) !== 0 || (vendorId === 0 && (flags & AVP_FLAG_VENDOR) !== 0)) {
        const why =
          vendorId === 0 && (flags & AVP_FLAG_VENDOR) !== 0 ? 'V bit with Vendor-Id 0' : 'reserved bits set';
        return this.#refuse(
          FAULTS.avpBits,
          `${describeAvp(avp, code, vendorId)}: ${why}`,
          this.#copy(code, vendorId, flags, dataStart, dataEnd),
        );
      }
      if (rule !== undefined && avp !== undefined) {
        const previous = values[rule.index];
        if (!rule.repeated) {
          if (previous !== undefined) return this.#tooMany(avp, rule.max, flags, dataStart, dataEnd);
          const value = this.#decodeValue(avp, flags, dataStart, dataEnd, depth);
          if (this.fault !== null) return null;
          values[rule.index] = value;
        } else {
          const list = previous === undefined ? [] : (previous as unknown[]);
          if (list.length >= rule.max) return this.#tooMany(avp, rule.max, flags, dataStart, dataEnd);
          const value = this.#decodeValue(avp, flags, dataStart, dataEnd, depth);
          if (this.fault !== null) return null;
          list.push(value);
          values[rule.index] = list;
        }
      } else if (!this.#takeOther(format, values, avp, code, vendorId, flags, dataStart, dataEnd, depth)) {
        return null;
      }
    }
    if (cursor.cut !== AvpCut.None) return this.#cutAvp(cursor, depth);
    for (let i = 0; i < format.required.length; i += 1) {
      const rule = format.required[i];
      if (rule === undefined || rule.avp === null) continue;
      const value = values[rule.index];
      if (value === undefined || (rule.min > 1 && (value as unknown[]).length < rule.min)) {
        return this.#refuse(FAULTS.missingAvp, `${rule.avp.name} is missing`, zeroFilled(rule.avp));
      }
    }
    return format.build(values);
  }

  /** An AVP that the format does not name. False with `fault` set when it may not be there. */
  #takeOther(
    format: LinkedFormat,
    values: unknown[],
    avp: LinkedAvp | undefined,
    code: number,
    vendorId: number,
    flags: number,
    dataStart: number,
    dataEnd: number,
    depth: number,
  ): boolean {
    const mandatory = (flags & AVP_FLAG_MANDATORY) !== 0;
    if (avp === undefined) {
      if (mandatory) {
        this.#refuse(
          FAULTS.unknownAvp,
          `${describeAvp(avp, code, vendorId)} is unknown and has the M bit`,
          this.#copy(code, vendorId, flags, dataStart, dataEnd),
        );
        return false;
      }
      if (format.anyIndex < 0) return true;
    } else {
      if (format.anyIndex < 0) {
        this.#refuse(
          FAULTS.notAllowed,
          `${avp.name} is not allowed here`,
          this.#copy(code, vendorId, flags, dataStart, dataEnd),
        );
        return false;
      }
      if (mandatory) {
        const own = this.#ownAvps?.get(this.#dictionary.keyOf(code, vendorId)) ?? avp;
        this.#decodeValue(own, flags, dataStart, dataEnd, depth);
        if (this.fault !== null) return false;
      }
    }
    const list = (values[format.anyIndex] ?? (values[format.anyIndex] = [])) as RawAvp[];
    list.push(this.#copy(code, vendorId, flags, dataStart, dataEnd));
    return true;
  }

  #decodeValue(avp: LinkedAvp, flags: number, start: number, end: number, depth: number): unknown {
    const bytes = this.#bytes;
    const octets = end - start;
    switch (avp.kind) {
      case ValueKind.UTF8String: {
        if (octets > avp.maxDataOctets)
          return this.#badValue(avp, flags, start, end, `longer than ${avp.maxDataOctets} octets`);
        const text = readUtf8(bytes, start, end);
        return text ?? this.#badValue(avp, flags, start, end, 'not UTF-8');
      }
      case ValueKind.DiameterIdentity: {
        const identity = readIdentity(bytes, start, end);
        return identity ?? this.#badValue(avp, flags, start, end, 'not a host or realm name');
      }
      case ValueKind.OctetString:
        return bytes.subarray(start, end);
      case ValueKind.Unsigned32:
        return octets === 4 ? readUnsigned32(bytes, start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Enumerated: {
        if (octets !== 4) return this.#badSize(avp, flags, start, end);
        const value = readUnsigned32(bytes, start) | 0;
        if (avp.valueNames !== null && !avp.valueNames.has(value)) {
          return this.#badValue(avp, flags, start, end, `${value} is not defined`);
        }
        return value;
      }
      case ValueKind.Grouped:
        return this.#decodeGroup(avp, flags, start, end, depth);
      default:
        return this.#decodeRareValue(avp, flags, start, end);
    }
  }

  #decodeRareValue(avp: LinkedAvp, flags: number, start: number, end: number): unknown {
    const bytes = this.#bytes;
    const octets = end - start;
    switch (avp.kind) {
      case ValueKind.Integer32:
        return octets === 4 ? bytes.readInt32BE(start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Float32:
        return octets === 4 ? bytes.readFloatBE(start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Time:
        return octets === 4
          ? timeToDate(readUnsigned32(bytes, start))
          : this.#badSize(avp, flags, start, end);
      case ValueKind.Unsigned64:
        return octets === 8 ? bytes.readBigUInt64BE(start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Integer64:
        return octets === 8 ? bytes.readBigInt64BE(start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Float64:
        return octets === 8 ? bytes.readDoubleBE(start) : this.#badSize(avp, flags, start, end);
      case ValueKind.Address: {
        if (octets < 2) return this.#badSize(avp, flags, start, end);
        const family = bytes.readUInt16BE(start);
        if (family === 0 || family === 0xffff)
          return this.#badValue(avp, flags, start, end, `address family ${family} is reserved`);
        const wanted =
          family === FAMILY_IPV4 ? IPV4_OCTETS : family === FAMILY_IPV6 ? IPV6_OCTETS : octets - 2;
        return octets - 2 === wanted ? readAddress(bytes, start, end) : this.#badSize(avp, flags, start, end);
      }
      default: {
        const text = readUtf8(bytes, start, end);
        const valid =
          text !== null && (avp.kind === ValueKind.DiameterURI ? isDiameterUri(text) : isIpFilterRule(text));
        return valid ? text : this.#badValue(avp, flags, start, end, `not of the form of ${avp.type}`);
      }
    }
  }

  #decodeGroup(avp: LinkedAvp, flags: number, start: number, end: number, depth: number): object | null {
    if (avp.format === null) return this.#badValue(avp, flags, start, end, 'no format is defined');
    if (avp.format.opaque) return this.#decodeOpaque(avp.format, start, end);
    if (depth >= this.#limits.maxNestingDepth) {
      return this.#refuse(
        FAULTS.nesting,
        `${avp.name} is nested deeper than ${this.#limits.maxNestingDepth}`,
        null,
      );
    }
    if ((end - start) % 4 !== 0) return this.#badSize(avp, flags, start, end);
    const group = this.decodeFormat(avp.format, start, end, depth + 1);
    if (group !== null || this.fault === null) return group;
    const inner = this.fault.failedAvp;
    const data = inner === null ? null : encodeRawAvps([inner]);
    this.fault = {
      ...this.fault,
      message: `${this.fault.message}, in ${avp.name}`,
      failedAvp:
        data === null
          ? null
          : { code: avp.code, vendorId: avp.vendorId, mandatory: (flags & AVP_FLAG_MANDATORY) !== 0, data },
    };
    return null;
  }

  /** The AVPs of a Failed-AVP, as far as they can be told apart. */
  #decodeOpaque(format: LinkedFormat, start: number, end: number): object {
    const avps: RawAvp[] = [];
    const cursor = new AvpCursor().reset(this.#bytes, start, end);
    while (cursor.next()) {
      this.#avpCount += 1;
      if (this.#avpCount > this.#limits.maxAvpCount) break;
      avps.push(cursor.raw());
    }
    const values: unknown[] = [];
    values[format.anyIndex] = avps;
    return format.build(values);
  }

  #copy(code: number, vendorId: number, flags: number, start: number, end: number): RawAvp {
    return {
      code,
      vendorId,
      mandatory: (flags & AVP_FLAG_MANDATORY) !== 0,
      data: this.#bytes.subarray(start, end),
    };
  }

  #refuse(name: FaultName, message: string, failedAvp: RawAvp | null, fatal = false): null {
    this.fault = { resultCode: name.resultCode, kind: name.kind, message, failedAvp, fatal };
    return null;
  }

  #badValue(avp: LinkedAvp, flags: number, start: number, end: number, why: string): null {
    return this.#refuse(
      FAULTS.avpValue,
      `${avp.name}: ${why}`,
      this.#copy(avp.code, avp.vendorId, flags, start, end),
    );
  }

  #badSize(avp: LinkedAvp, flags: number, start: number, end: number): null {
    const message = `${avp.name}: ${end - start} octets are no ${avp.type}`;
    return this.#refuse(FAULTS.avpLength, message, this.#copy(avp.code, avp.vendorId, flags, start, end));
  }

  #tooMany(avp: LinkedAvp, max: number, flags: number, start: number, end: number): null {
    return this.#refuse(
      FAULTS.tooMany,
      `${avp.name} more than ${max} time(s)`,
      this.#copy(avp.code, avp.vendorId, flags, start, end),
    );
  }

  /** What the cursor could not read of an AVP, as a fault [6733-7.1.5]. */
  #cutAvp(cursor: AvpCursor, depth: number): null {
    if (cursor.cut !== AvpCut.Length) return this.#cutHeader(cursor.start, cursor.end);
    const { code, vendorId, length } = cursor;
    const avp = this.#dictionary.findAvpByKey(this.#dictionary.keyOf(code, vendorId));
    const remaining = cursor.end - cursor.start;
    const data = Buffer.alloc(avp?.minDataOctets ?? 0);
    const failed = { code, vendorId, mandatory: cursor.mandatory, data };
    const message = `${describeAvp(avp, code, vendorId)}: AVP Length ${length} where ${remaining} octets are left`;
    // Beyond the end of the message nothing tells where the next message starts.
    return this.#refuse(FAULTS.avpLength, message, failed, depth === 1 && length > remaining);
  }

  /** An AVP header that the message or group cuts off, padded with zeros to the least header [6733-7.1.5]. */
  #cutHeader(offset: number, end: number): null {
    const header = Buffer.alloc(AVP_VENDOR_HEADER_OCTETS);
    this.#bytes.copy(header, 0, offset, end);
    const mandatory = ((header[4] ?? 0) & AVP_FLAG_MANDATORY) !== 0;
    const vendorId = ((header[4] ?? 0) & AVP_FLAG_VENDOR) === 0 ? 0 : readUnsigned32(header, 8);
    const failed = { code: readUnsigned32(header, 0), vendorId, mandatory, data: Buffer.alloc(0) };
    return this.#refuse(FAULTS.avpLength, `${end - offset} octets are no AVP header`, failed);
  }
}
