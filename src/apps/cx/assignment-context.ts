/** What the parts of Server-Assignment share: the request with all that its first steps established, and how it is refused. */
import type { Decision, DecisionContext } from '../../dispatch/contract';
import type { SubscriptionSnapshot } from '../../domain/ports';
import type { IdentityPlace } from '../../domain/subscription';
import type { ServerAssignmentAnswer, ServerAssignmentRequest } from '../../generated/cx';
import { refuse } from './handler';
import type { CxSettings } from './settings';

export type Request = ServerAssignmentRequest;
export type Answer = ServerAssignmentAnswer;

const CLAUSE = '6.1.2.1';

/** One request with everything that its steps established. */
export interface Assignment {
  readonly request: Request;
  readonly context: DecisionContext;
  readonly settings: CxSettings;
  readonly snapshot: SubscriptionSnapshot;
  /** The sets that the request is about, each with the identity that named it; never empty. */
  readonly places: readonly IdentityPlace[];
  readonly sameServer: boolean;
}

/** A refusal that names both identities; step 0 stands for the tables of 6.1.2. */
export function refused(request: Request, result: Decision<Answer>['result'], step: number, check: string, avps: Partial<Answer> = {}): Decision<Answer> {
  const [publicIdentity] = request.publicIdentity ?? [];
  return refuse(result, {
    check, clause: step === 0 ? 'TS 29.228 table 6.1.2.1' : `TS 29.228 ${CLAUSE} step ${step}`,
    ...(request.userName === undefined ? {} : { privateIdentity: request.userName }), ...(publicIdentity === undefined ? {} : { publicIdentity }),
  }, { ...(request.userName === undefined ? {} : { userName: request.userName }), ...avps });
}

