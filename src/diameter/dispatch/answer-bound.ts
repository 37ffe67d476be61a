/**
 * An answer that is longer than its peer takes is not given: what was decided is dropped before anything of it
 * is committed, and the request gets DIAMETER_UNABLE_TO_COMPLY: "The HSS shall not modify any registration
 * state nor download any [...] information" [29.228-6.1.2.1] [29.228-6.6].
 */
import type { LoadOutcome } from '../../state/ports';
import { ResultCode } from '../generated/base';
import type { IncomingRequest } from '../peer/contract';
import type { CommandHandler, Decision, Refusal } from './contract';

/** More than an answer has beside what it repeats of its request and what its procedure gives. */
const ANSWER_OVERHEAD_OCTETS = 2_048;

/** Whether an answer that has at most so many octets of its own fits, as can be told without encoding it. */
export const isSurelyShort = ({ message, maxAnswerOctets }: IncomingRequest, ownOctets: number): boolean =>
  message.header.length + ANSWER_OVERHEAD_OCTETS + ownOctets <= maxAnswerOctets;

/** The decision in place of one whose answer has so many octets; `loaded` where it is known. */
export function tooLongAnswer(
  { message, peer, maxAnswerOctets }: IncomingRequest,
  handler: CommandHandler,
  octets: number,
  loaded: LoadOutcome | null,
): Decision<unknown> {
  const subscription = loaded?.snapshot?.subscription.id;
  const remedy =
    'let the profile hold less, or raise peers[].maxMessageOctets where the peer takes longer messages';
  const refusal: Refusal = {
    check: `the ${handler.answer} would have ${octets} octets, ${peer.originHost} takes ${maxAnswerOctets}; nothing is changed; ${remedy}`,
    clause: 'TS 29.228 6.1.2.1',
    level: 'warn',
    ...(subscription === undefined ? {} : { subscription }),
    ...handler.identities?.(message),
  };
  return {
    result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY },
    avps: handler.errorAvps?.(message) ?? {},
    refusal,
    tooLongOctets: octets,
  };
}
