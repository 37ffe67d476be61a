/**
 * The provisioned subscription as one document: what the API, the import and the command line take in. TS
 * 23.008 names the data, TS 29.228 says what each is for; the clause stands beside each property. Types
 * follow from the schema, with defaults applied; what is stored differs only in the secrets (see
 * subscription.ts).
 */
import type { z } from 'zod';
import type { ImplicitRegistrationSet, PublicIdentity } from './document/registration-set';
import type { Report } from './document/fields';
import { checkWhole, shape, type Shape } from './document/shape';

type Path = readonly PropertyKey[];
const isWithin = (path: Path, other: Path): boolean => other.every((name, i) => path[i] === name);

/**
 * The same for a document whose shape is faulty: what can be checked is, without faults that only follow from
 * those of the shape (beside it, or in what refers to private identities or USIMs where one of these is faulty).
 */
function checkRest(document: Shape, faulty: readonly Path[], report: Report): void {
  const privateIdentitiesAreFaulty = faulty.some(([first]) => first === 'privateIdentities');
  const usimsAreFaulty = faulty.some(([first]) => first === 'usims');
  const sound: Report = (path, message) => {
    const dependsOnNeighbours = path.includes('authentication') || path.at(-1) === 'aliasGroup';
    const besideIt = (fault: Path): boolean =>
      fault.length > 1 &&
      fault.length === path.length &&
      isWithin(path, fault.slice(0, -1)) &&
      (dependsOnNeighbours || fault.at(-1) === 'type');
    const follows = faulty.some((fault) => isWithin(path, fault) || isWithin(fault, path) || besideIt(fault));
    const refersToFaulty =
      (privateIdentitiesAreFaulty && path[2] === 'privateIdentities') ||
      (usimsAreFaulty && path.at(-1) === 'usim');
    if (!follows && !refersToFaulty) report(path, message);
  };
  const lists: Shape = {
    ...document,
    serviceProfiles: listOf(document.serviceProfiles),
    privateIdentities: listOf(document.privateIdentities).map((entry) => ({
      ...entry,
      authentication: listOf([entry.authentication])[0] ?? {},
    })),
    usims: listOf(document.usims ?? []).map((entry) => ({
      ...entry,
      msisdns: Array.isArray(entry.msisdns) ? entry.msisdns : [],
    })),
    implicitRegistrationSets: listOf(document.implicitRegistrationSets).map((set) => ({
      ...set,
      privateIdentities: Array.isArray(set.privateIdentities) ? set.privateIdentities : undefined,
      // A text that is no identity: what is no text has its own fault.
      publicIdentities: listOf(set.publicIdentities).map((entry) => ({
        ...entry,
        identity: typeof entry.identity === 'string' ? entry.identity : '',
      })),
    })),
  };
  try {
    checkWhole(lists, sound);
  } catch (error) {
    // What is not of its type cannot be looked into; its own fault is reported.
    if (!(error instanceof TypeError)) throw error;
  }
}

const listOf = <T extends object>(value: readonly T[]): T[] =>
  (Array.isArray(value) ? (value as T[]) : []).map((entry) =>
    typeof entry === 'object' && (entry as unknown) !== null ? entry : ({} as T),
  );

/** Parses, applies defaults, reports every fault with its path. */
export const subscriptionDocument = shape.superRefine(
  (document, context) => {
    const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
    // A property too many says nothing of the others.
    const faulty = context.issues
      .filter(({ code }) => code !== 'unrecognized_keys')
      .map((issue) => issue.path ?? []);
    if (context.issues.length === 0) checkWhole(document, report);
    else if (typeof document === 'object' && (document as unknown) !== null)
      checkRest(document, faulty, report);
  },
  { when: () => true },
);

export type SubscriptionDocument = z.output<typeof subscriptionDocument>;
type DocumentInput = z.input<typeof subscriptionDocument>;
/** As code writes one: with both lists of the IMS, which may be empty. */
export type SubscriptionDocumentInput = DocumentInput &
  Required<Pick<DocumentInput, 'privateIdentities' | 'implicitRegistrationSets'>>;

export { imsi, msisdn, privateIdentityName, setName } from './document/fields';
export {
  authenticationSchemes,
  privateIdentity,
  type AuthenticationScheme,
} from './document/private-identity';
export { isSim, type AkaData } from './document/aka';
export type { Usim } from './document/usim';
export { epsProfile, type EpsProfile, type UsimEps } from './document/eps/eps-data';
export type { ImplicitRegistrationSet, PublicIdentity } from './document/registration-set';
export * from './document/shared-sets';
export { publicIdentityTypes, type PublicIdentityType } from './public-identity-type';

/** The public identities of a set, with what is provisioned of each. */
export const impusOfSet = (set: ImplicitRegistrationSet): readonly PublicIdentity[] => set.publicIdentities;

/** The public identities of all sets, in their order. */
export const impusOf = ({
  implicitRegistrationSets,
}: Pick<SubscriptionDocument, 'implicitRegistrationSets'>): readonly PublicIdentity[] =>
  implicitRegistrationSets.flatMap(impusOfSet);
