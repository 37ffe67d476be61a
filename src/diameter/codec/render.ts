/**
 * Any Diameter message as a readable tree, for `hss decode` and for people reading logs. It shows whatever
 * can be told apart, however broken the message is, says what is wrong, and never throws. Keys and passwords
 * are masked unless asked for.
 */
import type { Dictionary, LinkedAvp } from './dictionary';
import { FAMILY_IPV4, FAMILY_IPV6, formatIPv4, IPV4_OCTETS, IPV6_OCTETS, readAddress } from './address';
import { readUtf8, timeToDate } from './data-formats';
import { AvpCursor, AvpCut } from './avp-cursor';
import { decodeMessage } from './decode';
import { foreignApplication, foreignAvp, foreignCommand } from './foreign-names';
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_FLAGS_RESERVED,
  decodeHeader,
  HEADER_OCTETS,
  readUnsigned24,
} from './header';
import type { DecodeLimits, DiameterHeader } from './types';
import { ResultCode } from '../generated/base';

export interface RenderOptions {
  /** Show keys and password hashes; false where not said. */
  readonly showSecrets?: boolean;
  /** The bounds within which the message is judged. */
  readonly limits?: DecodeLimits;
}

const MAX_DEPTH = 16;
const MAX_SHOWN_OCTETS = 4096;
/** Of what cannot be read: enough to see what it begins with. */
const MAX_SHOWN_INVALID_OCTETS = 64;
const AVP_FLAG_PROTECTED = 0x20;
/** Applications and commands that are not ours say nothing about the message. */
const foreignCodes: ReadonlySet<number> = new Set([
  ResultCode.DIAMETER_APPLICATION_UNSUPPORTED,
  ResultCode.DIAMETER_COMMAND_UNSUPPORTED,
]);
/** Keys, password hashes and what gives the answer to a challenge away. */
const SECRETS = new Set([
  'Confidentiality-Key',
  'Integrity-Key',
  'Digest-HA1',
  'Alternate-Digest-HA1',
  'SIP-Authorization',
  'XRES',
  'KASME',
  'Kc',
  'SRES',
]);
/** What they stand in: hidden as a whole where its parts cannot be told apart. */
const HOLDERS = new Set([
  'SIP-Auth-Data-Item',
  'SIP-Digest-Authenticate',
  'Authentication-Info',
  'E-UTRAN-Vector',
  'UTRAN-Vector',
  'GERAN-Vector',
]);

/** One message of several. */
export interface RenderedMessage {
  /** Lines that end with "\n". */
  readonly tree: string;
  /**
   * What makes it no message of the command that it names; null where nothing does, or where the command is
   * of an application that is not ours.
   */
  readonly fault: string | null;
}

/** The tree of one message, and below it how this HSS would take it. Lines end with "\n". */
export function renderMessage(bytes: Buffer, dictionary: Dictionary, options: RenderOptions = {}): string {
  return readMessage(bytes, dictionary, options).tree;
}

function readMessage(bytes: Buffer, dictionary: Dictionary, options: RenderOptions): RenderedMessage {
  const header = decodeHeader(bytes);
  if (header === null)
    return {
      tree: `${bytes.length} octets, no Diameter header: ${invalidOctets(bytes)}\n`,
      fault: 'no Diameter header',
    };
  const lines = headerLines(header, dictionary);
  const end = Math.min(bytes.length, Math.max(header.length, HEADER_OCTETS));
  avpLines(bytes, HEADER_OCTETS, end, '', 1, dictionary, options, lines);
  if (bytes.length > end) lines.push(`${bytes.length - end} octets after the message`);
  const verdict = decodeMessage(bytes, dictionary, options.limits);
  if (!verdict.ok)
    lines.push(
      `! ${verdict.failure.resultCode} ${resultName(verdict.failure.resultCode, dictionary)}: ${verdict.failure.message}`,
    );
  const isForeign = !verdict.ok && foreignCodes.has(verdict.failure.resultCode);
  const fault = verdict.ok || isForeign ? null : verdict.failure.message;
  return {
    tree: `${lines.join('\n')}\n`,
    fault: fault ?? (bytes.length > end ? `${bytes.length - end} octets after the message` : null),
  };
}

/** The trees of all messages that stand one after the other in `bytes`, with an empty line between them. */
export function renderMessages(bytes: Buffer, dictionary: Dictionary, options: RenderOptions = {}): string {
  return readMessages(bytes, dictionary, options)
    .map(({ tree }) => tree)
    .join('\n');
}

/** All messages that stand one after the other in `bytes`. */
export function readMessages(
  bytes: Buffer,
  dictionary: Dictionary,
  options: RenderOptions = {},
): RenderedMessage[] {
  const messages: RenderedMessage[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const length = bytes.length - offset >= HEADER_OCTETS ? readUnsigned24(bytes, offset + 1) : 0;
    const whole = length >= HEADER_OCTETS && length <= bytes.length - offset ? length : bytes.length - offset;
    messages.push(readMessage(bytes.subarray(offset, offset + whole), dictionary, options));
    offset += whole;
  }
  return messages;
}

/**
 * The octets of a text in hexadecimal: white space, ":", "0x" and "-" between octets are skipped; null when
 * it is none.
 */
export function parseHex(text: string): Buffer | null {
  const digits = text.replace(/0x/gi, '').replace(/[\s:,-]/g, '');
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  return Buffer.from(digits, 'hex');
}

function headerLines(header: DiameterHeader, dictionary: Dictionary): string[] {
  const command = dictionary.findCommand(header.commandCode, header.applicationId, header.request);
  const foreign = foreignCommand(header.commandCode);
  const direction = header.request ? 'Request' : 'Answer';
  const unnamed =
    foreign === undefined ? `Command ${header.commandCode} ${direction}` : `${foreign}-${direction}`;
  const name =
    command === undefined ? unnamed : `${command.definition.name} (${command.definition.abbreviation})`;
  const flags = `${header.request ? 'R' : '-'}${header.proxiable ? 'P' : '-'}${header.error ? 'E' : '-'}${header.retransmitted ? 'T' : '-'}`;
  const application =
    dictionary.applicationName(header.applicationId) ?? foreignApplication(header.applicationId) ?? 'unknown';
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  return [
    name,
    `version ${header.version}, ${header.length} octets, flags ${flags}, command ${header.commandCode}, application ${header.applicationId} (${application})`,
    `hop-by-hop ${hex(header.hopByHopId)}, end-to-end ${hex(header.endToEndId)}`,
  ];
}

function avpLines(
  bytes: Buffer,
  start: number,
  end: number,
  indent: string,
  depth: number,
  dictionary: Dictionary,
  options: RenderOptions,
  lines: string[],
): void {
  const avp = new AvpCursor().reset(bytes, start, end);
  while (avp.next()) {
    const { code, vendorId } = avp;
    const last = avp.after >= end;
    const branch = last ? '└─' : '├─';
    const known = dictionary.findAvp(code, vendorId);
    const title = avpTitle(known, code, vendorId, avp.flags, dictionary);
    const foreign = known === undefined ? foreignAvp(code, vendorId) : undefined;
    const type = known?.type ?? foreign?.type ?? '';
    if (type === 'Grouped' && depth < MAX_DEPTH) {
      lines.push(`${indent}${branch} ${title}`);
      avpLines(
        bytes,
        avp.dataStart,
        avp.dataEnd,
        `${indent}${last ? '   ' : '│  '}`,
        depth + 1,
        dictionary,
        options,
        lines,
      );
    } else {
      const data = avp.data();
      const names = known?.valueNames ?? foreign?.values;
      const masked = options.showSecrets !== true && known !== undefined && SECRETS.has(known.name);
      lines.push(
        `${indent}${branch} ${title}: ${masked ? `(${data.length} octets, hidden)` : valueText(type, data, known, names, dictionary)}`,
      );
    }
  }
  if (avp.cut !== AvpCut.None) lines.push(`${indent}└─ ${cutText(avp, dictionary, options)}`);
}

/** An AVP that cannot be told apart: its octets, unless they may hold a secret. */
function cutText(avp: AvpCursor, dictionary: Dictionary, options: RenderOptions): string {
  const { bytes, cut, start, end, code, vendorId, flags, length } = avp;
  const octets = invalidOctets(bytes.subarray(start, end));
  if (cut === AvpCut.Header) return `! ${end - start} octets are no AVP: ${octets}`;
  const known = dictionary.findAvp(code, vendorId);
  const isSecret = known !== undefined && (SECRETS.has(known.name) || HOLDERS.has(known.name));
  const shown = isSecret && options.showSecrets !== true ? '(hidden)' : octets;
  return `${avpTitle(known, code, vendorId, flags, dictionary)}: ! AVP Length ${length} where ${end - start} octets are left: ${shown}`;
}

function avpTitle(
  known: LinkedAvp | undefined,
  code: number,
  vendorId: number,
  flags: number,
  dictionary: Dictionary,
): string {
  const name = known?.name ?? foreignAvp(code, vendorId)?.name ?? 'Unknown';
  const vendor = vendorId === 0 ? '' : `, ${dictionary.vendorName(vendorId) ?? `vendor ${vendorId}`}`;
  const letters = `${(flags & AVP_FLAG_VENDOR) === 0 ? '-' : 'V'}${(flags & AVP_FLAG_MANDATORY) === 0 ? '-' : 'M'}${(flags & AVP_FLAG_PROTECTED) === 0 ? '-' : 'P'}`;
  const reserved =
    (flags & AVP_FLAGS_RESERVED) === 0 ? '' : `+0x${(flags & AVP_FLAGS_RESERVED).toString(16)}`;
  return `${name} (${code}${vendor}) ${letters}${reserved}`;
}

function valueText(
  type: string,
  data: Buffer,
  known: LinkedAvp | undefined,
  names: ReadonlyMap<number, string> | null | undefined,
  dictionary: Dictionary,
): string {
  const wrong = `! ${data.length} octets are no ${type}: ${invalidOctets(data)}`;
  switch (type) {
    case 'Unsigned32':
    case 'Enumerated':
    case 'Integer32':
    case 'AppId':
    case 'VendorId': {
      if (data.length !== 4) return wrong;
      const value = type === 'Integer32' ? data.readInt32BE(0) : data.readUInt32BE(0);
      const meaning = names?.get(value) ?? numberMeaning(type, known, value, dictionary);
      return meaning === undefined || meaning === '' ? String(value) : `${value} ${meaning}`;
    }
    case 'Unsigned64':
      return data.length === 8 ? String(data.readBigUInt64BE(0)) : wrong;
    case 'Integer64':
      return data.length === 8 ? String(data.readBigInt64BE(0)) : wrong;
    case 'Float32':
      return data.length === 4 ? String(data.readFloatBE(0)) : wrong;
    case 'Float64':
      return data.length === 8 ? String(data.readDoubleBE(0)) : wrong;
    case 'Time':
      return data.length === 4 ? timeToDate(data.readUInt32BE(0)).toISOString() : wrong;
    case 'Address':
    case 'IPAddress':
      return addressText(data) ?? wrong;
    case 'OctetString':
      return known?.name === 'Framed-IP-Address' && data.length === IPV4_OCTETS
        ? formatIPv4(data, 0)
        : octetsText(data);
    default:
      return octetsText(data);
  }
}

function numberMeaning(
  type: string,
  known: LinkedAvp | undefined,
  value: number,
  dictionary: Dictionary,
): string | undefined {
  const name = known?.name ?? '';
  if (type === 'VendorId' || name === 'Vendor-Id' || name === 'Supported-Vendor-Id')
    return dictionary.vendorName(value);
  if (type === 'AppId' || name.endsWith('-Application-Id'))
    return dictionary.applicationName(value) ?? foreignApplication(value);
  return undefined;
}

function addressText(data: Buffer): string | null {
  if (data.length === IPV4_OCTETS) return formatIPv4(data, 0);
  if (data.length < 2) return null;
  const family = data.readUInt16BE(0);
  const wanted =
    family === FAMILY_IPV4 ? IPV4_OCTETS : family === FAMILY_IPV6 ? IPV6_OCTETS : data.length - 2;
  return data.length - 2 === wanted ? readAddress(data, 0, data.length) : null;
}

/** The first of them in hexadecimal, and how many there are where that is not all. */
function invalidOctets(data: Buffer): string {
  const rest = data.length > MAX_SHOWN_INVALID_OCTETS ? ` ... ${data.length} octets` : '';
  return `${data.toString('hex', 0, MAX_SHOWN_INVALID_OCTETS)}${rest}`;
}

/** Text where the octets are readable, with every control character escaped; hexadecimal otherwise. */
function octetsText(data: Buffer): string {
  const shown = data.subarray(0, MAX_SHOWN_OCTETS);
  const rest = data.length > shown.length ? ` ... ${data.length} octets` : '';
  const text = readUtf8(shown, 0, shown.length);
  const readable = text !== null && ![...text].some((character) => isControl(character.codePointAt(0) ?? 0));
  if (!readable) return `0x${shown.toString('hex')}${rest}`;
  return `${JSON.stringify(text)}${rest}`;
}

/** Control characters but tab, CR and LF, which JSON escapes; and what hides or turns text around. */
function isControl(codePoint: number): boolean {
  if (codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d) return false;
  return (
    codePoint < 0x20 ||
    (codePoint >= 0x7f && codePoint < 0xa0) ||
    (codePoint >= 0x200b && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x2069)
  );
}

function resultName(code: number, dictionary: Dictionary): string {
  return dictionary.findAvpByName('Result-Code')?.valueNames?.get(code) ?? '';
}
