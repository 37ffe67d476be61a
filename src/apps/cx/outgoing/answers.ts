/**
 * What came back for an RTR or PPR: TS 29.228 tables 6.1.3.2 and 6.2.2.2, result codes of TS 29.229 clause
 * 6.2 [29.229-6.2]. Transient failures (4xxx) and those of the way (3xxx but COMMAND_UNSUPPORTED) are tried
 * again [6733-7.1].
 */
import {
  baseResultName,
  experimentalResultName,
  resultNamesOf,
} from '../../../diameter/dispatch/result-names';
import type { EmergencyRegistration, PushAnswer, PushResult } from './push-outcome';
import { ResultCode, VENDOR_3GPP } from '../../../diameter/generated/base';
import {
  ExperimentalResultCode,
  type PushProfileAnswer,
  type RegistrationTerminationAnswer,
} from '../generated/cx';
import type { SendOutcome } from '../../../diameter/peer/contract';
import type { OutgoingReading } from '../../../outbox/contract';

const resultNames = resultNamesOf(ExperimentalResultCode);

export interface ReadAnswer extends OutgoingReading {
  readonly answer: PushAnswer;
}

type Answer = Partial<RegistrationTerminationAnswer & PushProfileAnswer>;

const without = (result: PushResult): PushAnswer => ({
  result,
  associatedIdentities: [],
  emergencyRegistrations: [],
});

/** An answer, or what is said where none will come; null where no connection led to the S-CSCF. */
export function readOutcome(outcome: SendOutcome | null): ReadAnswer {
  if (outcome === null) return neverConnected;
  switch (outcome.kind) {
    case 'answer':
      return readAnswer(outcome.message.avps as Answer);
    case 'undecodable':
      return {
        answer: without('refused'),
        detail: `the answer is malformed: ${outcome.failure.message}`,
        isTransient: false,
      };
    case 'timeout':
      return { answer: without('noAnswer'), detail: 'no answer in time', isTransient: true };
    case 'tooLong':
      return {
        answer: without('tooLong'),
        detail: `not sent: ${outcome.octets} octets, the way there takes ${outcome.maxOctets} (peers[].maxMessageOctets)`,
        isTransient: false,
      };
    case 'unroutable':
      return { answer: without('noAnswer'), detail: outcome.detail, isTransient: true };
  }
}

const neverConnected: ReadAnswer = {
  answer: without('notConnected'),
  detail: 'no connection led to the S-CSCF',
  isTransient: false,
};

function readAnswer(avps: Answer): ReadAnswer {
  const { resultCode } = avps;
  const { result, detail } = resultOf(avps);
  return {
    answer: {
      result,
      associatedIdentities: avps.associatedIdentities?.userName ?? [],
      emergencyRegistrations: (avps.identityWithEmergencyRegistration ?? []).map(
        ({ userName, publicIdentity }): EmergencyRegistration => ({
          privateIdentity: userName,
          publicIdentity,
        }),
      ),
    },
    detail,
    isTransient: resultCode !== undefined && isTransientCode(resultCode),
  };
}

/** Exactly one of the two AVPs counts; where both are there it is the base protocol's [29.229-6.2]. */
function resultOf({ resultCode, experimentalResult }: Answer): {
  readonly result: PushResult;
  readonly detail: string;
} {
  if (resultCode !== undefined) return { result: baseResult(resultCode), detail: baseResultName(resultCode) };
  if (experimentalResult === undefined) return { result: 'refused', detail: 'an answer without a result' };
  const { vendorId, experimentalResultCode } = experimentalResult;
  if (vendorId !== VENDOR_3GPP)
    return {
      result: 'refused',
      detail: `an answer with result ${experimentalResultCode} of vendor ${vendorId}`,
    };
  return {
    result: experimental(experimentalResultCode),
    detail: experimentalResultName(experimentalResultCode, resultNames),
  };
}

const isTransientCode = (code: number): boolean =>
  (code >= 4_000 && code < 5_000) ||
  code === ResultCode.DIAMETER_UNABLE_TO_DELIVER ||
  code === ResultCode.DIAMETER_TOO_BUSY ||
  code === ResultCode.DIAMETER_LOOP_DETECTED;

function baseResult(code: number): PushResult {
  if (code === ResultCode.DIAMETER_LIMITED_SUCCESS) return 'limitedSuccess';
  if (code >= 2_000 && code < 3_000) return 'success';
  if (code === ResultCode.DIAMETER_UNABLE_TO_COMPLY) return 'unableToComply';
  // A node that does not know Supported-Features at all [29.229-7.2.1].
  return code === ResultCode.DIAMETER_AVP_UNSUPPORTED ? 'featureUnsupported' : 'refused';
}

function experimental(code: number): PushResult {
  switch (code) {
    case ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN:
      return 'userUnknown';
    case ExperimentalResultCode.DIAMETER_ERROR_TOO_MUCH_DATA:
      return 'tooMuchData';
    case ExperimentalResultCode.DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA:
      return 'notSupportedUserData';
    case ExperimentalResultCode.DIAMETER_ERROR_FEATURE_UNSUPPORTED:
      return 'featureUnsupported';
    default:
      return 'refused';
  }
}
