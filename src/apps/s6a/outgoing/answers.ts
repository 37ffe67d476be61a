/**
 * What came back for a CLR, IDR, DSR or RSR [29.272-7.4]. Transient failures (4xxx) and those of the way (3xxx but
 * COMMAND_UNSUPPORTED) are tried again [6733-7.1].
 */
import {
  baseResultName,
  experimentalResultName,
  resultNamesOf,
} from '../../../diameter/dispatch/result-names';
import { ResultCode, VENDOR_3GPP, type ExperimentalResult } from '../../../diameter/generated/base';
import type { DecodedMessage } from '../../../diameter/codec/types';
import type { SendOutcome } from '../../../diameter/peer/contract';
import type { OutgoingReading } from '../../../outbox/contract';
import { ExperimentalResultCode } from '../generated/s6a';

/** How an answer ended the request, or why there is none. */
export type NodeResult =
  | 'success'
  | 'userUnknown'
  /** The node does not have this command: final, and no fault of the subscriber. */
  | 'commandUnsupported'
  | 'unableToComply'
  | 'refused'
  /** No answer to the last attempt. */
  | 'noAnswer'
  /** No instance had a connection that leads to the node, for as long as is waited. */
  | 'notConnected'
  /** Never sent: longer than the peer takes that leads there. */
  | 'tooLong';

export interface NodeReading extends OutgoingReading {
  readonly result: NodeResult;
  /** The AVPs of an answer, and its octets. */
  readonly answer: { readonly avps: object; readonly bytes: Buffer } | null;
}

interface Results {
  readonly resultCode?: number;
  readonly experimentalResult?: ExperimentalResult;
}

const resultNames = resultNamesOf(ExperimentalResultCode);

const without = (result: NodeResult, detail: string, isTransient = false): NodeReading => ({
  result,
  detail,
  isTransient,
  answer: null,
});

/** Null: no connection led to the node. */
export function readOutcome(outcome: SendOutcome | null): NodeReading {
  if (outcome === null) return without('notConnected', 'no connection led to the node');
  switch (outcome.kind) {
    case 'answer':
      return readAnswer(outcome.message);
    case 'undecodable':
      return without('refused', `the answer is malformed: ${outcome.failure.message}`);
    case 'timeout':
      return without('noAnswer', 'no answer in time', true);
    case 'tooLong':
      return without(
        'tooLong',
        `not sent: ${outcome.octets} octets, the way there takes ${outcome.maxOctets} (peers[].maxMessageOctets)`,
      );
    case 'unroutable':
      return without('noAnswer', outcome.detail, true);
  }
}

/** Where both results are there it is the base protocol's that counts. */
function readAnswer({ avps, bytes }: DecodedMessage): NodeReading {
  const { resultCode, experimentalResult } = avps as Results;
  const answer = { avps: avps as Results, bytes };
  if (resultCode !== undefined)
    return {
      result: baseResult(resultCode),
      detail: baseResultName(resultCode),
      isTransient: isTransientCode(resultCode),
      answer,
    };
  if (experimentalResult === undefined)
    return { ...without('refused', 'an answer without a result'), answer };
  const { vendorId, experimentalResultCode } = experimentalResult;
  if (vendorId !== VENDOR_3GPP)
    return {
      ...without('refused', `an answer with result ${experimentalResultCode} of vendor ${vendorId}`),
      answer,
    };
  return {
    result:
      experimentalResultCode === ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN
        ? 'userUnknown'
        : 'refused',
    detail: experimentalResultName(experimentalResultCode, resultNames),
    isTransient: experimentalResultCode >= 4_000 && experimentalResultCode < 5_000,
    answer,
  };
}

const isTransientCode = (code: number): boolean =>
  (code >= 4_000 && code < 5_000) ||
  code === ResultCode.DIAMETER_UNABLE_TO_DELIVER ||
  code === ResultCode.DIAMETER_TOO_BUSY ||
  code === ResultCode.DIAMETER_LOOP_DETECTED;

function baseResult(code: number): NodeResult {
  if (code >= 2_000 && code < 3_000) return 'success';
  if (code === ResultCode.DIAMETER_COMMAND_UNSUPPORTED) return 'commandUnsupported';
  return code === ResultCode.DIAMETER_UNABLE_TO_COMPLY ? 'unableToComply' : 'refused';
}
