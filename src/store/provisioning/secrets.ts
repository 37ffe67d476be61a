/**
 * From provisioned to stored authentication data: OPc from OP [35.206-4.1], HA1s from the password (RFC 7616
 * 3.4.2), both sealed; secrets that a document leaves out are those already stored for the same private
 * identity. A secret that is given again stays sealed as it is, so that the same document twice is no change.
 */
import { computeHa1, normaliseHa1 } from '../../authentication/digest';
import type { KeyRing } from '../../authentication/key-ring';
import { computeOpc } from '../../authentication/milenage';
import { seal, SealedSecretError, secretOwner, unseal } from '../../authentication/sealed-secret';
import type { ProvisioningFault } from '../../subscriber/provisioning';
import type {
  StoredAka,
  StoredAuthentication,
  StoredPrivateIdentity,
  StoredUsim,
} from '../../subscriber/subscription';
import type { AkaData, SubscriptionDocument, Usim } from '../../subscriber/subscription-document';
import type { RandomSource } from '../../shared/clock';

export type SecretField = 'k' | 'opc' | 'ha1' | 'ha1Sha256';

type DocumentPrivateIdentity = SubscriptionDocument['privateIdentities'][number];

export interface Sealing {
  readonly ring: () => KeyRing;
  readonly random: RandomSource;
}

/** Seals `plain`, or keeps `stored` where it holds the same. */
function sealed(
  plain: Buffer,
  stored: string | undefined,
  identity: string,
  field: SecretField,
  sealing: Sealing,
): string {
  const owner = secretOwner(identity, field);
  const ring = sealing.ring();
  if (stored !== undefined) {
    try {
      if (unseal(stored, owner, ring).equals(plain)) return stored;
    } catch (error) {
      // A key that is no longer in the ring: what is given now takes its place.
      if (!(error instanceof SealedSecretError)) throw error;
    }
  }
  return seal(plain, owner, ring, sealing.random);
}

type Report = (path: string, detail: string) => void;

/** Who has a credential: the name that its secrets are sealed for, and what kind of name that is. */
interface Holder {
  readonly name: string;
  readonly noun: 'private identity' | 'IMSI';
}

function storedAka(
  given: AkaData,
  holder: Holder,
  old: StoredAka | undefined,
  sealing: Sealing,
  report: Report,
): StoredAka | undefined {
  const settings = { algorithm: given.algorithm, amf: given.amf.toLowerCase(), indBits: given.indBits };
  const k = given.k === undefined ? undefined : Buffer.from(given.k, 'hex');
  const opc =
    given.opc !== undefined
      ? Buffer.from(given.opc, 'hex')
      : given.op !== undefined && k !== undefined
        ? computeOpc(k, Buffer.from(given.op, 'hex'))
        : undefined;
  const kSealed = k === undefined ? old?.k : sealed(k, old?.k, holder.name, 'k', sealing);
  // OPc depends on K: another K needs its own.
  const opcSealed =
    opc !== undefined
      ? sealed(opc, old?.opc, holder.name, 'opc', sealing)
      : kSealed === old?.k
        ? old?.opc
        : undefined;
  if (kSealed === undefined) report('/aka/k', `is needed: no K is stored for this ${holder.noun}`);
  if (opcSealed === undefined)
    report(
      '/aka/opc',
      k === undefined || old === undefined
        ? `opc or op is needed: none is stored for this ${holder.noun}`
        : 'opc or op is needed with a new K',
    );
  return kSealed === undefined || opcSealed === undefined
    ? undefined
    : { ...settings, k: kSealed, opc: opcSealed };
}

function storedDigest(
  entry: DocumentPrivateIdentity,
  old: StoredAuthentication['sipDigest'],
  sealing: Sealing,
  report: Report,
): StoredAuthentication['sipDigest'] {
  const given = entry.authentication.sipDigest;
  if (given === undefined) return undefined;
  let { ha1, ha1Sha256 } = given;
  if (given.password !== undefined) {
    try {
      ha1 = computeHa1('MD5', entry.identity, given.realm, given.password);
      ha1Sha256 = computeHa1('SHA-256', entry.identity, given.realm, given.password);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report('/sipDigest/realm', error.message);
      return undefined;
    }
  }
  if (ha1 === undefined) {
    if (old === undefined)
      report('/sipDigest/password', 'password or ha1 is needed: none is stored for this private identity');
    else if (old.realm !== given.realm)
      report('/sipDigest/password', 'password or ha1 is needed with another realm');
    else return old;
    return undefined;
  }
  const sealHa1 = (
    text: string,
    algorithm: 'MD5' | 'SHA-256',
    stored: string | undefined,
    field: SecretField,
  ) => sealed(Buffer.from(normaliseHa1(algorithm, text), 'latin1'), stored, entry.identity, field, sealing);
  return {
    realm: given.realm,
    ha1: sealHa1(ha1, 'MD5', old?.ha1, 'ha1'),
    ...(ha1Sha256 === undefined
      ? {}
      : { ha1Sha256: sealHa1(ha1Sha256, 'SHA-256', old?.ha1Sha256, 'ha1Sha256') }),
  };
}

/**
 * Secrets are bound to the identity as it is spelled (src/authentication/sealed-secret.ts): where the case of its realm
 * changes they are sealed anew. Undefined where their key is not in the ring: they have to be given then.
 */
function akaOfRespelled(
  old: StoredPrivateIdentity,
  identity: string,
  { ring, random }: Sealing,
): StoredAka | undefined {
  const { aka } = old.authentication;
  if (aka === undefined) return undefined;
  const resealed = (stored: string, field: SecretField): string =>
    seal(
      unseal(stored, secretOwner(old.identity, field), ring()),
      secretOwner(identity, field),
      ring(),
      random,
    );
  try {
    return { ...aka, k: resealed(aka.k, 'k'), opc: resealed(aka.opc, 'opc') };
  } catch (error) {
    if (!(error instanceof SealedSecretError)) throw error;
    return undefined;
  }
}

/** The private identity as stored; faults go to `faults` with pointers below `pointer`. */
export function storedPrivateIdentity(
  entry: DocumentPrivateIdentity,
  old: StoredPrivateIdentity | undefined,
  sealing: Sealing,
  pointer: string,
  faults: ProvisioningFault[],
): StoredPrivateIdentity {
  const report: Report = (path, detail) =>
    faults.push({ pointer: `${pointer}/authentication${path}`, detail });
  const respelled = old !== undefined && old.identity !== entry.identity;
  const oldAka = respelled ? akaOfRespelled(old, entry.identity, sealing) : old?.authentication.aka;
  const given = entry.authentication.aka;
  const holder: Holder = { name: entry.identity, noun: 'private identity' };
  const aka = given === undefined ? undefined : storedAka(given, holder, oldAka, sealing, report);
  // H(A1) is made of the identity as it is spelled: it says nothing about another spelling.
  const oldDigest = respelled ? undefined : old?.authentication.sipDigest;
  const sipDigest = storedDigest(entry, oldDigest, sealing, report);
  const { defaultScheme, usim, nassBundled, giba } = entry.authentication;
  return {
    ...entry,
    authentication: {
      ...(defaultScheme === undefined ? {} : { defaultScheme }),
      ...(aka === undefined ? {} : { aka }),
      ...(usim === undefined ? {} : { usim }),
      ...(sipDigest === undefined ? {} : { sipDigest }),
      ...(nassBundled === undefined ? {} : { nassBundled }),
      ...(giba === undefined ? {} : { giba }),
    },
  };
}

/** The USIM as stored; faults go to `faults` with pointers below `pointer`. */
export function storedUsim(
  { imsi, msisdns, aka, eps }: Usim,
  old: StoredUsim | undefined,
  sealing: Sealing,
  pointer: string,
  faults: ProvisioningFault[],
): StoredUsim {
  const report: Report = (path, detail) => faults.push({ pointer: `${pointer}${path}`, detail });
  const stored = storedAka(aka, { name: imsi, noun: 'IMSI' }, old?.aka, sealing, report);
  // Without secrets the document is refused, and nothing of this is stored.
  return {
    imsi,
    msisdns,
    aka: stored ?? { ...aka, k: '', opc: '' },
    ...(eps === undefined ? {} : { eps }),
  };
}
