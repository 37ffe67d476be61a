/** What the handlers of S6a and S6d share: results, refusals, the IMSI, and typed wiring. */
import type { DecodedMessage, RawAvp } from '../../diameter/codec/types';
import type {
  AnswerResult,
  CommandHandler,
  Decision,
  DecisionContext,
  LogFields,
  Refusal,
  StateChange,
} from '../../diameter/dispatch/contract';
import { ResultCode } from '../../diameter/generated/base';
import type { LoadRequest } from '../../state/ports';
import { ErrorDiagnostic, ExperimentalResultCode } from './generated/s6a';

export const success: AnswerResult = { kind: 'base', code: ResultCode.DIAMETER_SUCCESS };
export const base = (code: ResultCode): AnswerResult => ({ kind: 'base', code });
export const experimental = (code: ExperimentalResultCode): AnswerResult => ({ kind: 'experimental', code });

/** Base protocol AVP code of User-Name, which has the IMSI. */
const USER_NAME = 1;

/** What every request of S6a and S6d has. */
export interface S6aRequest {
  readonly userName: string;
  readonly originHost: string;
  readonly originRealm: string;
}

/** Ties the typed functions of one command pair to the untyped contract; the dictionary guarantees the shape. */
export function defineHandler<Request extends S6aRequest, Answer>(handler: {
  request: string;
  answer: string;
  senders: CommandHandler['senders'];
  prepare(request: Request): Omit<LoadRequest, 'impus' | 'imsi'> | Decision<Answer>;
  /** `bytes`: the message as received, for what is kept as it came. */
  decide(request: Request, context: DecisionContext, bytes: Buffer): Decision<Answer>;
  usuallyCommits?: boolean;
  change?(request: Request, decision: Decision<Answer>): StateChange | null;
}): CommandHandler {
  const change = handler.change?.bind(handler);
  return {
    request: handler.request,
    answer: handler.answer,
    senders: handler.senders,
    usuallyCommits: handler.usuallyCommits === true,
    identities: ({ avps }): LogFields => ({ imsi: (avps as Request).userName }),
    prepare: ({ avps }) => {
      const request = avps as Request;
      const malformed = checkImsi(request);
      if (malformed !== null) return malformed;
      const prepared = handler.prepare(request);
      return 'result' in prepared ? prepared : { ...prepared, impus: [], imsi: request.userName };
    },
    decide: ({ avps, bytes }, context) => handler.decide(avps as Request, context, bytes),
    ...(change === undefined
      ? {}
      : {
          change: (message: DecodedMessage, decision: Decision<unknown>) =>
            change(message.avps as Request, decision),
        }),
  };
}

/** "This information element shall contain the user IMSI": digits only (TS 23.003 2.2). */
function checkImsi({ userName }: S6aRequest): Decision<unknown> | null {
  if (/^\d{6,15}$/.test(userName)) return null;
  const failed: RawAvp = { code: USER_NAME, vendorId: 0, mandatory: true, data: Buffer.from(userName) };
  return {
    result: base(ResultCode.DIAMETER_INVALID_AVP_VALUE),
    avps: {},
    failedAvps: [failed],
    refusal: { check: 'User-Name is no IMSI (6 to 15 digits)', clause: 'TS 23.003 2.2', imsi: userName },
  };
}

export const refuse = <Answer>(
  result: AnswerResult,
  refusal: Refusal,
  avps: Partial<Answer> = {},
): Decision<Answer> => ({ result, refusal, avps });

/** DIAMETER_ERROR_USER_UNKNOWN, the first check of every procedure. */
export const unknownUser = (imsi: string, clause: string): Decision<never> =>
  refuse(experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN), {
    check: 'no subscription has this IMSI',
    clause: `TS 29.272 ${clause}`,
    imsi,
  });

/** DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION with its Error-Diagnostic [29.272-7.3.128]. */
export const unknownEpsSubscription = (
  refusal: Refusal,
  eps: { readonly gprsSubscriptionData?: unknown } | undefined,
): Decision<{ readonly errorDiagnostic?: ErrorDiagnostic }> =>
  refuse(experimental(ExperimentalResultCode.DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION), refusal, {
    errorDiagnostic:
      eps?.gprsSubscriptionData === undefined
        ? ErrorDiagnostic.NO_GPRS_DATA_SUBSCRIBED
        : ErrorDiagnostic.GPRS_DATA_SUBSCRIBED,
  });
