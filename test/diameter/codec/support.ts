/**
 * What the codec's tests share: the dictionary, a builder of octets that knows nothing of it, and sample
 * values.
 */
import type { AvpType } from '../../../src/diameter/codec/definitions';
import { Dictionary, type LinkedAvp, type LinkedFormat } from '../../../src/diameter/codec/dictionary';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { cxTable } from '../../../src/apps/cx/generated/cx-tables';
import { cxLimits } from '../../../src/apps/cx/limits';

export const dictionary = new Dictionary([baseTable, cxTable], cxLimits.receivedTextOctets);

export const CX = 16777216;
export const TGPP = 10415;
export const MANDATORY = 0x40;
export const VENDOR = 0x80;

/** One AVP from its parts; `length` lies about the AVP Length where given. */
export function rawAvp(
  code: number,
  flags: number,
  data: Buffer | readonly Buffer[],
  options: { vendorId?: number; length?: number } = {},
): Buffer {
  const content = Buffer.isBuffer(data) ? data : Buffer.concat([...data]);
  const vendor = (flags & VENDOR) === 0 ? Buffer.alloc(0) : u32(options.vendorId ?? TGPP);
  const octets = 8 + vendor.length + content.length;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(code, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(options.length ?? octets, 5, 3);
  return Buffer.concat([head, vendor, content, Buffer.alloc((4 - (octets % 4)) % 4)]);
}

export function u32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
}

export const text = (code: number, value: string): Buffer => rawAvp(code, MANDATORY, Buffer.from(value));
export const number = (code: number, value: number): Buffer => rawAvp(code, MANDATORY, u32(value));
export const cxText = (code: number, value: string): Buffer =>
  rawAvp(code, MANDATORY | VENDOR, Buffer.from(value));
export const cxNumber = (code: number, value: number): Buffer => rawAvp(code, MANDATORY | VENDOR, u32(value));

export interface HeaderParts {
  readonly flags?: number;
  readonly code?: number;
  readonly application?: number;
  readonly version?: number;
  readonly length?: number;
}

/** A message from its parts; UAR in Cx where nothing else is said. */
export function rawMessage(avps: readonly Buffer[], header: HeaderParts = {}): Buffer {
  const body = Buffer.concat([...avps]);
  const head = Buffer.alloc(20);
  head.writeUInt8(header.version ?? 1, 0);
  head.writeUIntBE(header.length ?? 20 + body.length, 1, 3);
  head.writeUInt8(header.flags ?? 0xc0, 4);
  head.writeUIntBE(header.code ?? 300, 5, 3);
  head.writeUInt32BE(header.application ?? CX, 8);
  head.writeUInt32BE(0x01010101, 12);
  head.writeUInt32BE(0x02020202, 16);
  return Buffer.concat([head, body]);
}

export const SESSION_ID = 'icscf.ims.example;1;1';

/** The AVPs of a correct UAR, by name, to be changed by a test. */
export function uarAvps(): Record<string, Buffer> {
  return {
    sessionId: text(263, SESSION_ID),
    vendorSpecificApplicationId: rawAvp(260, MANDATORY, [number(266, TGPP), number(258, CX)]),
    authSessionState: number(277, 1),
    originHost: text(264, 'icscf.ims.example'),
    originRealm: text(296, 'ims.example'),
    destinationRealm: text(283, 'ims.example'),
    userName: text(1, 'alice@ims.example'),
    publicIdentity: cxText(601, 'sip:alice@ims.example'),
    visitedNetworkIdentifier: cxText(600, 'ims.example'),
    proxyInfo: rawAvp(284, MANDATORY, [text(280, 'dra.ims.example'), text(33, 'state')]),
  };
}

/** A correct UAR with some AVPs replaced, left out (null) or added. */
export function uarWith(changes: Readonly<Record<string, Buffer | null>>, header: HeaderParts = {}): Buffer {
  const avps: Record<string, Buffer | null> = { ...uarAvps(), ...changes };
  return rawMessage(
    Object.values(avps).filter((avp): avp is Buffer => avp !== null),
    header,
  );
}

const SAMPLES: Readonly<Record<AvpType, unknown>> = {
  OctetString: Buffer.from('00ff41', 'hex'),
  Integer32: -5,
  Integer64: -5n,
  Unsigned32: 4_000_000_000,
  Unsigned64: 2n ** 63n + 1n,
  Float32: 1.5,
  Float64: -2.25,
  Grouped: {},
  Address: '2001:db8::1',
  Time: new Date('2026-11-21T21:00:00Z'),
  UTF8String: 'bób',
  DiameterIdentity: 'host.ims.example',
  DiameterURI: 'aaa://host.ims.example:3868;transport=sctp',
  Enumerated: 0,
  IPFilterRule: 'permit in ip from any to any',
};

function sampleValue(avp: LinkedAvp, complete: boolean): unknown {
  if (avp.format !== null) return sampleAvps(avp.format, complete);
  if (avp.type === 'Enumerated') return [...(avp.valueNames?.keys() ?? [0])][0];
  return SAMPLES[avp.type];
}

/** Values for every rule of a format (arrays with two elements), or for the required ones only. */
export function sampleAvps(format: LinkedFormat, complete: boolean): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const rule of format.rules) {
    if (!complete && rule.min === 0) continue;
    if (rule.avp === null) {
      values[rule.property] = [{ code: 999_999, vendorId: 0, mandatory: false, data: Buffer.from('x') }];
      continue;
    }
    const { avp } = rule;
    values[rule.property] = rule.repeated
      ? [sampleValue(avp, complete), sampleValue(avp, complete)]
      : sampleValue(avp, complete);
  }
  return values;
}

/** The properties that are there; decoded objects hold every property of their format. */
export function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (value === null || typeof value !== 'object' || value instanceof Date || Buffer.isBuffer(value))
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, present(inner)]),
  );
}

/** Pseudo-random numbers below 2^32 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
