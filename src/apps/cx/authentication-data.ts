/**
 * SIP-Auth-Data-Items of each authentication scheme, TS 29.228 tables 6.3.5 and 6.3.7 [29.228-6.3], TS 29.229
 * clauses 6.3.10 to 6.3.13 [29.229-6.3.13].
 */
import type { HeldCounter } from '../../authentication/credentials';
import type { AuthenticationVector } from '../../authentication/milenage';
import { openCredential } from '../../authentication/opened-credential';
import { secretOwner } from '../../authentication/sealed-secret';
import type { SequenceNumberDraw } from '../../authentication/sequence-number';
import { planDraw } from '../../authentication/vector-draw';
import { imsVectors } from '../../authentication/vectors';
import { akaOf, type StoredPrivateIdentity, type Subscription } from '../../subscriber/subscription';
import type { AuthenticationScheme } from '../../subscriber/subscription-document';
import type { SipAuthDataItem } from './generated/cx';
import type { RandomSource } from '../../shared/clock';
import { ipv6PrefixOctets } from '../../subscriber/ipv6-prefix';
import type { SecretOpener } from '../../authentication/secret-opener';

export interface AuthenticationDataInput {
  /** The subscription that `identity` is of: it has the USIMs. */
  readonly subscription: Subscription;
  readonly identity: StoredPrivateIdentity;
  readonly scheme: AuthenticationScheme;
  /** RAND and AUTS of a synchronisation failure. */
  readonly resynchronisation: Buffer | undefined;
  readonly secrets: SecretOpener;
  readonly random: RandomSource;
  /** Vectors asked for and allowed. */
  readonly count: number;
  /** Of the K; undefined where it has none, and for schemes without SQN. */
  readonly counter: HeldCounter | undefined;
}

export type AuthenticationDataOutcome =
  | { readonly ok: true; readonly items: readonly SipAuthDataItem[] }
  /** Vectors of the sequence numbers that the commit draws; none leaves before it. */
  | {
      readonly ok: true;
      readonly draw: SequenceNumberDraw;
      itemsOf(sequenceNumbers: readonly number[]): readonly SipAuthDataItem[];
    }
  /** `check`: why none can be given, in words, for the log. */
  | { readonly ok: false; readonly check: string };

const unavailable = (scheme: string): AuthenticationDataOutcome => ({
  ok: false,
  check: `no data for scheme ${scheme}`,
});

export function authenticationData(input: AuthenticationDataInput): AuthenticationDataOutcome {
  switch (input.scheme) {
    case 'Digest-AKAv1-MD5':
      return akaVectors(input);
    case 'SIP Digest':
      return sipDigest(input);
    case 'NASS-Bundled':
      return nassBundled(input);
    case 'Early IMS Security':
      return giba(input);
  }
}

/** Vectors with consecutive SQNs. */
function akaVectors(input: AuthenticationDataInput): AuthenticationDataOutcome {
  const { counter, count, resynchronisation } = input;
  const credential = akaOf(input.subscription, input.identity);
  if (credential === undefined) return unavailable(input.scheme);
  if (counter === undefined)
    return {
      ok: false,
      check: 'the K has no sequence counter: it could not be opened when this HSS started',
    };
  const { holder, aka } = credential;
  const opened = openCredential(holder, aka, input.secrets);
  const { indBits } = aka;
  const planned = planDraw({
    milenage: opened.milenage,
    counter,
    requester: 'ims',
    indBits,
    count,
    resynchronisation,
  });
  if (!planned.ok) return planned;
  if (planned.draw === null) return { ok: true, items: [] };
  return {
    ok: true,
    draw: planned.draw,
    itemsOf: (sequenceNumbers) => imsVectors(opened, sequenceNumbers, input.random).map(akaItem),
  };
}

const akaItem = ({ rand, autn, xres, ck, ik }: AuthenticationVector, index: number): SipAuthDataItem => ({
  sipItemNumber: index + 1,
  sipAuthenticationScheme: 'Digest-AKAv1-MD5',
  sipAuthenticate: Buffer.concat([rand, autn]),
  sipAuthorization: xres,
  confidentialityKey: ck,
  integrityKey: ik,
});

/** Table 6.3.7; the alternate digest is that of Release 17. QoP is always "auth". */
function sipDigest(input: AuthenticationDataInput): AuthenticationDataOutcome {
  const digest = input.identity.authentication.sipDigest;
  if (digest === undefined) return unavailable(input.scheme);
  const open = (sealed: string, field: string) =>
    input.secrets.open(sealed, secretOwner(input.identity.identity, field)).toString('latin1');
  return one(input, {
    sipAuthenticationScheme: 'SIP Digest',
    sipDigestAuthenticate: {
      digestRealm: digest.realm,
      digestAlgorithm: 'MD5',
      digestQop: 'auth',
      digestHa1: open(digest.ha1, 'ha1'),
      ...(digest.ha1Sha256 === undefined
        ? {}
        : { alternateDigestAlgorithm: 'SHA-256', alternateDigestHa1: open(digest.ha1Sha256, 'ha1Sha256') }),
    },
  });
}

function nassBundled(input: AuthenticationDataInput): AuthenticationDataOutcome {
  const bundled = input.identity.authentication.nassBundled;
  if (bundled === undefined) return unavailable(input.scheme);
  return one(input, {
    sipAuthenticationScheme: 'NASS-Bundled',
    lineIdentifier: bundled.lineIdentifiers.map((line) => Buffer.from(line, 'utf8')),
  });
}

/**
 * Framed-IPv6-Prefix as RFC 3162 2.3 encodes it: reserved, prefix length, prefix. The interface identifier
 * belongs to a prefix that is not unique for the user, so it never goes without one (table 6.3.5).
 */
function giba(input: AuthenticationDataInput): AuthenticationDataOutcome {
  const binding = input.identity.authentication.giba;
  if (binding === undefined) return unavailable(input.scheme);
  return one(input, {
    sipAuthenticationScheme: 'Early IMS Security',
    ...(binding.ipv4Address === undefined
      ? {}
      : { framedIpAddress: Buffer.from(binding.ipv4Address.split('.').map(Number)) }),
    ...(binding.ipv6Prefix === undefined ? {} : { framedIpv6Prefix: ipv6PrefixOctets(binding.ipv6Prefix) }),
    ...(binding.interfaceId === undefined || binding.ipv6Prefix === undefined
      ? {}
      : { framedInterfaceId: BigInt(`0x${binding.interfaceId}`) }),
  });
}

/** These schemes support a single item (table 6.3.4). */
function one(input: AuthenticationDataInput, item: SipAuthDataItem): AuthenticationDataOutcome {
  return { ok: true, items: input.count === 0 ? [] : [item] };
}
