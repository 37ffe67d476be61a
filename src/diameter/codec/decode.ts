/**
 * Octets to typed objects, with every check of RFC 6733 clause 7 that a dictionary can make [6733-3] [6733-4]
 * [6733-7.1]. The first fault found ends the work [6733-7] and says what to answer.
 *
 * Readings and deviations:
 * - Reserved bits of the command flags are refused with 3008, those of the AVP flags with 3009. Clauses 3 and
 * 4.1 would
 *   rather have them ignored, 7.1.3 and 7.1.5 refused; a set bit is a sign of a stream out of step.
 * - A P bit that the Command Code Format does not have (CER, DWR, DPR) is refused with 3008; one that is
 * missing is not.
 * - A known AVP whose M bit differs from its definition is taken as it is [29.229-6.3.0 NOTE 1a].
 * - A fixed AVP (`< Session-Id >`) is accepted anywhere: clause 8.8 says only that it SHOULD follow the
 * header.
 * - An AVP that a format admits through `*[ AVP ]` only is checked if it has the M bit and is kept as it is
 * otherwise.
 * - An unknown AVP without the M bit passes even where the format has no `*[ AVP ]`; it is then dropped.
 * - What is inside a Failed-AVP is not judged.
 * - An invalid value is refused with 5004 also where the M bit is clear; clause 4.1 would allow to ignore the
 * AVP.
 */
import type { CommandDefinition } from './definitions';
import type { Dictionary } from './dictionary';
import { AvpDecoder } from './avp-decoder';
import { FAULTS, toFailure, type FaultName } from './failure';
import { COMMAND_FLAGS_RESERVED, decodeHeader, DIAMETER_VERSION, HEADER_OCTETS } from './header';
import { limits } from '../../shared/limits';
import type { DecodedMessage, DecodeLimits, DecodeResult } from './types';
import type { AnswerMessage } from '../generated/base';

export { decodeHeader } from './header';

/** Bounds that no configuration has changed. */
export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  maxMessageOctets: limits.messageOctets.default,
  maxAvpCount: limits.avpCount.default,
  maxNestingDepth: limits.avpNestingDepth.default,
};

/** Decoding is synchronous and never calls out, so that one decoder serves all. */
const decoder = new AvpDecoder();

/**
 * Decodes one whole message. Never throws: what is wrong comes back as a DecodeFailure with the answer to
 * give. Octets in the result (OctetString values, raw AVPs) are views into `bytes`.
 */
export function decodeMessage(
  bytes: Buffer,
  dictionary: Dictionary,
  bounds: DecodeLimits = DEFAULT_DECODE_LIMITS,
): DecodeResult {
  const header = decodeHeader(bytes);
  const refuse = (name: FaultName, message: string, readable: boolean, fatal: boolean): DecodeResult => ({
    ok: false,
    failure: toFailure(
      header,
      { resultCode: name.resultCode, kind: name.kind, message, failedAvp: null, fatal },
      readable ? bytes : null,
    ),
  });
  if (header === null)
    return refuse(FAULTS.truncatedHeader, `${bytes.length} octets are no Diameter header`, false, true);
  if (header.version !== DIAMETER_VERSION)
    return refuse(FAULTS.version, `version ${header.version}`, false, true);
  if (header.length < HEADER_OCTETS || header.length % 4 !== 0 || header.length !== bytes.length) {
    return refuse(
      FAULTS.messageLength,
      `Message Length ${header.length} of ${bytes.length} octets`,
      false,
      true,
    );
  }
  if (header.length > bounds.maxMessageOctets) {
    return refuse(
      FAULTS.messageLength,
      `Message Length ${header.length} is above the limit of ${bounds.maxMessageOctets}`,
      false,
      true,
    );
  }
  const reserved = (bytes[4] ?? 0) & COMMAND_FLAGS_RESERVED;
  if (reserved !== 0 || (header.request ? header.error : header.retransmitted)) {
    const why =
      reserved !== 0 ? 'reserved bits set' : header.request ? 'R and E bit together' : 'T bit in an answer';
    return refuse(FAULTS.headerBits, `command flags: ${why}`, true, false);
  }
  if (!dictionary.hasApplication(header.applicationId)) {
    return refuse(FAULTS.application, `application ${header.applicationId} is not supported`, true, false);
  }
  const command = dictionary.findCommand(header.commandCode, header.applicationId, header.request);
  if (command === undefined) {
    return refuse(
      FAULTS.command,
      `command ${header.commandCode} is not supported in application ${header.applicationId}`,
      true,
      false,
    );
  }
  const { abbreviation, proxiable } = command.definition;
  if (header.request && header.proxiable && !proxiable) {
    return refuse(FAULTS.headerBits, `command flags: ${abbreviation} is not proxiable`, true, false);
  }
  const format = header.error ? dictionary.errorAnswer : command.format;
  decoder.start(bytes, dictionary, bounds, header.error ? null : command.ownAvps);
  const avps = decoder.decodeFormat(format, HEADER_OCTETS, bytes.length, 1);
  if (avps !== null) return { ok: true, message: { header, abbreviation, avps, bytes } };
  const { fault } = decoder;
  if (fault === null) throw new Error('decoding ended without result or fault');
  const located = { ...fault, message: `${abbreviation}: ${fault.message}` };
  return { ok: false, failure: toFailure(header, located, bytes) };
}

/** Whether the message is this command, following its own format (not an answer with the E bit). */
export function isCommand<T>(
  message: DecodedMessage,
  command: CommandDefinition<T>,
): message is DecodedMessage<T> {
  return message.abbreviation === command.abbreviation && !message.header.error;
}

/**
 * Whether the message is an answer with the E bit, which follows the format of [6733-7.2] whatever its
 * command.
 */
export function isErrorAnswer(message: DecodedMessage): message is DecodedMessage<AnswerMessage> {
  return message.header.error;
}
