/**
 * What the parts of Server-Assignment share: the request with all that its first steps established, and how
 * it is refused.
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import type { OutboxEntry, SubscriptionSnapshot } from '../../state/ports';
import type { IdentityPlace } from '../../subscriber/subscription';
import type { ServerAssignmentAnswer, ServerAssignmentRequest } from './generated/cx';
import { refuse } from './handler';
import type { CxSettings } from './settings';

export type Request = ServerAssignmentRequest;
export type Answer = ServerAssignmentAnswer;

const CLAUSE = '6.1.2.1';

/** Where an identity of the request stands in the subscription. */
export interface NamedPlace extends IdentityPlace {
  /**
   * Its canonical form where it is not stored itself but falls in the range of the wildcarded identity at
   * this place.
   */
  readonly nonDistinct?: string;
}

/** One request with everything that its steps established. */
export interface Assignment {
  readonly request: Request;
  readonly context: DecisionContext;
  readonly settings: CxSettings;
  readonly snapshot: SubscriptionSnapshot;
  /** The sets that the request is about, each with the identity that named it; never empty. */
  readonly places: readonly NamedPlace[];
  /** The S-CSCF that asks is the one assigned. */
  readonly sameServer: boolean;
  /**
   * Another S-CSCF is assigned and stays so: P-CSCF restoration may be asked for all the same
   * [29.228-6.1.2.1 step 5].
   */
  readonly keepsServer: boolean;
  /** The request as received. */
  readonly bytes: Buffer;
  /**
   * What passes a P-CSCF-Restoration-Indication on to the serving nodes when the request succeeds; null where it has
   * none.
   */
  readonly nodeRequests: readonly OutboxEntry[] | null;
}

/** A refusal that names both identities; step 0 stands for the tables of 6.1.2. */
export function refused(
  request: Request,
  result: Decision<Answer>['result'],
  step: number,
  check: string,
  avps: Partial<Answer> = {},
): Decision<Answer> {
  const [publicIdentity] = request.publicIdentity ?? [];
  return refuse(
    result,
    {
      check,
      clause: step === 0 ? 'TS 29.228 table 6.1.2.1' : `TS 29.228 ${CLAUSE} step ${step}`,
      ...(request.userName === undefined ? {} : { privateIdentity: request.userName }),
      ...(publicIdentity === undefined ? {} : { publicIdentity }),
    },
    { ...(request.userName === undefined ? {} : { userName: request.userName }), ...avps },
  );
}
