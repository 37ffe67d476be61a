/**
 * What a phone answers a 401 with: SIP Digest (RFC 2617 3.2.2) or Digest AKA (RFC 3310 3), MD5 with qop=auth.
 */
import { createHash, randomBytes } from 'node:crypto';
import { parameter } from './sip-message';
import { Usim } from './usim';

export type Credentials =
  | { scheme: 'digest'; password: string }
  | { scheme: 'aka'; usim: Usim; /** Answers with a RES that is not the right one. */ wrongRes?: boolean };

export interface Authorization {
  value: string;
  resynchronising: boolean;
}

const md5 = (...parts: (string | Buffer)[]): string => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/**
 * The Authorization header of the first REGISTER: who we are, no answer yet; `algorithm` as the UE would say
 * it.
 */
export function initialAuthorization(impi: string, realm: string, uri: string, algorithm?: string): string {
  const base = `Digest username="${impi}", realm="${realm}", nonce="", uri="${uri}", response=""`;
  return algorithm === undefined ? base : `${base}, algorithm=${algorithm}`;
}

/**
 * Answers the challenge in a WWW-Authenticate header. Throws when an AKA challenge does not come from the
 * card's own network.
 */
export function answerChallenge(
  challenge: string,
  impi: string,
  uri: string,
  credentials: Credentials,
): Authorization {
  const realm = parameter(challenge, 'realm') ?? '';
  const nonce = parameter(challenge, 'nonce') ?? '';
  const algorithm = parameter(challenge, 'algorithm') ?? 'MD5';
  const { password, auts } = secret(nonce, credentials);
  const cnonce = randomBytes(8).toString('hex');
  const ha1 = md5(`${impi}:${realm}:`, password);
  const ha2 = md5(`REGISTER:${uri}`);
  const response = md5(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`);
  const value =
    `Digest username="${impi}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="${cnonce}"`;
  if (auts === undefined) return { value, resynchronising: false };
  return { value: `${value}, auts="${auts.toString('base64')}"`, resynchronising: true };
}

function secret(nonce: string, credentials: Credentials): { password: Buffer; auts?: Buffer } {
  if (credentials.scheme === 'digest') return { password: Buffer.from(credentials.password) };
  const vector = Buffer.from(nonce, 'base64');
  const outcome = credentials.usim.challenge(vector.subarray(0, 16), vector.subarray(16, 32));
  if (outcome.kind === 'network not genuine') throw new Error('the MAC in AUTN does not verify');
  // RFC 3310 3.4: with auts the password is empty.
  if (outcome.kind === 'resynchronisation') return { password: Buffer.alloc(0), auts: outcome.auts };
  return { password: credentials.wrongRes === true ? Buffer.alloc(8) : outcome.res };
}
