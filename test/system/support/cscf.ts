/** What CSCFs ask about one subscriber, and what the card in the phone says to it. */
import type { CxAnswer } from '../../support/cx-messages';
import type { CxClient } from '../../support/cx-client';
import { Usim } from '../../ims/support/usim';

export const SERVER_NAME = 'sip:scscf1.ims.example:6060';

export interface User {
  readonly userName: string;
  readonly publicIdentity: string;
}

export interface AkaKeys {
  readonly k: string;
  readonly opc: string;
}

/** TS 29.229 6.3.15. */
export const REGISTRATION = 1;
export const RE_REGISTRATION = 2;
export const USER_DEREGISTRATION = 5;

export const uar = (client: CxClient, user: User): Promise<CxAnswer> =>
  client.request('UAR', { ...user, visitedNetworkIdentifier: Buffer.from('ims.example') });

export const lir = (client: CxClient, publicIdentity: string): Promise<CxAnswer> =>
  client.request('LIR', { publicIdentity });

export const mar = (client: CxClient, user: User, scheme = 'Digest-AKAv1-MD5'): Promise<CxAnswer> =>
  client.request('MAR', {
    ...user,
    serverName: SERVER_NAME,
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: scheme },
  });

export const sar = (client: CxClient, user: User, serverAssignmentType = REGISTRATION): Promise<CxAnswer> =>
  client.request('SAR', {
    userName: user.userName,
    publicIdentity: [user.publicIdentity],
    serverName: SERVER_NAME,
    serverAssignmentType,
    userDataAlreadyAvailable: 0,
  });

export interface AuthItem {
  readonly sipAuthenticate: Buffer;
  readonly sipAuthorization: Buffer;
  readonly confidentialityKey: Buffer;
  readonly integrityKey: Buffer;
}

export function authItems(answer: CxAnswer): AuthItem[] {
  return (answer.avps['sipAuthDataItem'] ?? []) as AuthItem[];
}

/**
 * The SQN of the only vector in an MAA. @throws Error where a card with these keys does not take AUTN or has
 * another RES
 */
export function sequenceNumber(answer: CxAnswer, keys: AkaKeys): number {
  const [item] = authItems(answer);
  if (item === undefined) throw new Error(`no vector in an answer with ${answer.result}`);
  const card = new Usim({ k: Buffer.from(keys.k, 'hex'), opc: Buffer.from(keys.opc, 'hex'), indBits: 5 });
  const outcome = card.challenge(item.sipAuthenticate.subarray(0, 16), item.sipAuthenticate.subarray(16, 32));
  if (outcome.kind !== 'response' || !outcome.res.equals(item.sipAuthorization))
    throw new Error(`the card says: ${outcome.kind}`);
  return card.sqn;
}
