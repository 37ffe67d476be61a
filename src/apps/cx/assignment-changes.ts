/** What a Server-Assignment-Request changed, for the one line that an operator reads [29.228-6.1.2.1]. */
import type { Decision, StateChange } from '../../diameter/dispatch/contract';
import { ServerAssignmentType as Type } from './generated/cx';
import type { Answer, Request } from './assignment-context';
import { deRegistrationTypes } from './assignment-identities';

type ChangeName =
  'registered' | 're-registered' | 'served unregistered' | 'authentication ended' | 'de-registered';

const notIdentified: readonly string[] = [];

/** Null where the request was refused or leaves everything as it was. */
export function assignmentChange(request: Request, decision: Decision<Answer>): StateChange | null {
  if (decision.refusal !== undefined) return null;
  const what = changeOf(request.serverAssignmentType, decision.changes !== undefined);
  if (what === null) return null;
  return { what, describe: () => describe(request, decision) };
}

function describe(request: Request, decision: Decision<Answer>): ReturnType<StateChange['describe']> {
  const privateIdentity = request.userName ?? decision.avps.userName;
  const identities = request.publicIdentity ?? notIdentified;
  const publicIdentity = identities.length > 1 ? identities : identities[0];
  const server = request.serverName;
  return {
    who: `${identities[0] ?? 'every identity'} of ${privateIdentity ?? 'unknown'} by ${server}`,
    fields: { privateIdentity, publicIdentity, server },
  };
}

function changeOf(type: number, changed: boolean): ChangeName | null {
  switch (type) {
    case Type.REGISTRATION:
      return 'registered';
    // The S-CSCF has served the user for another period, also where nothing has to be stored for it.
    case Type.RE_REGISTRATION:
      return 're-registered';
    case Type.UNREGISTERED_USER:
      return 'served unregistered';
    case Type.AUTHENTICATION_FAILURE:
    case Type.AUTHENTICATION_TIMEOUT:
      return changed ? 'authentication ended' : null;
    default:
      return changed && deRegistrationTypes.has(type) ? 'de-registered' : null;
  }
}
