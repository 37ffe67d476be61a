/**
 * The provisioned IMS subscription as one document: what the API, the import and the command line take in. TS
 * 23.008 names the data, TS 29.228 says what each is for; the clause stands beside each property. Types
 * follow from the schema, with defaults applied; what is stored differs only in the secrets (see
 * subscription.ts).
 */
import { z } from 'zod';
import { limits } from '../shared/limits';
import { privateIdentityKey } from './private-identity';
import { canonicalPublicIdentity } from './public-identity';
import { publicIdentityTypes } from './public-identity-type';
import { initialFilterCriteriaList } from './filter-criteria';
import { isIpv6Prefix } from './ipv6-prefix';

const hexOctets = (octets: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[0-9A-Fa-f]{${octets * 2}}$`),
      `must be ${octets * 2} hexadecimal digits (${octets} octets)`,
    );

export const setName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, ".", "_" or "-"')
  .max(limits.nameCharacters);

const sipUri = z
  .string()
  .max(limits.publicIdentityOctets)
  .regex(/^sips?:[^\s]+$/i, 'must be a SIP URI (sip:...)');
const diameterUri = z
  .string()
  .max(limits.textCharacters)
  .regex(
    /^aaas?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(;[a-z]+=[a-z0-9]+)*$/i,
    'must be a DiameterURI (aaa://host[:port][;transport=..][;protocol=..])',
  );
const unsigned32 = z.number().int().min(0).max(0xffff_ffff);

/** A Private User Identity is a NAI, TS 23.003 13.3. */
export const privateIdentityName = z
  .string()
  .min(3)
  .max(limits.privateIdentityOctets)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be a Network Access Identifier (user@realm)');

/** Authentication-Scheme names as on the wire, [29.229-6.3.9]. */
export const authenticationSchemes = [
  'Digest-AKAv1-MD5',
  'SIP Digest',
  'NASS-Bundled',
  'Early IMS Security',
] as const;
export type AuthenticationScheme = (typeof authenticationSchemes)[number];

const aka = z.strictObject({
  algorithm: z.literal('milenage').default('milenage').describe('TS 35.206'),
  k: hexOctets(16)
    .optional()
    .describe('Subscriber key K. Goes in, never comes out; may be left out when it is already stored.'),
  opc: hexOctets(16).optional().describe('OPc of this subscriber. Give opc or op, not both.'),
  op: hexOctets(16)
    .optional()
    .describe("The operator's OP; OPc is derived from it and K, OP itself is not stored."),
  amf: hexOctets(2).default('8000').describe('Authentication Management Field, TS 33.102 6.3.2'),
  indBits: z
    .number()
    .int()
    .min(0)
    .max(16)
    .default(5)
    .describe('Length of IND within SQN in bits, TS 33.102 C.3.4'),
  sqn: z
    .number()
    .int()
    .min(0)
    .max(2 ** 48 - 1)
    .optional()
    .describe(
      'Highest SQN given so far, TS 33.102 C.1.1; taken only when the identity is new or the value is above the stored one.',
    ),
});

const sipDigest = z.strictObject({
  realm: z.string().min(1).max(limits.nameCharacters).describe('Digest-Realm [29.229-6.3.37]'),
  password: z
    .string()
    .min(1)
    .max(limits.nameCharacters)
    .optional()
    .describe(
      'HA1s for MD5 and SHA-256 are made of it (user name: the Private User Identity); it is not stored.',
    ),
  ha1: hexOctets(16).optional().describe('H(A1) for MD5, RFC 7616 3.4.2 [29.229-6.3.41]'),
  ha1Sha256: hexOctets(32)
    .optional()
    .describe('H(A1) for SHA-256, sent as Alternate-Digest-HA1 [29.229-6.3.73]'),
});

const giba = z
  .strictObject({
    ipv4Address: z.ipv4().optional().describe('Framed-IP-Address [29.229-6.3.53]'),
    ipv6Prefix: z
      .string()
      .max(limits.nameCharacters)
      .refine(isIpv6Prefix, 'must be an IPv6 prefix (2001:db8::/64)')
      .optional()
      .describe('Framed-IPv6-Prefix [29.229-6.3.54]'),
    interfaceId: hexOctets(8).optional().describe('Framed-Interface-Id [29.229-6.3.55]'),
  })
  .refine(
    (v) => v.ipv4Address !== undefined || v.ipv6Prefix !== undefined,
    'needs ipv4Address or ipv6Prefix',
  );

export const privateIdentity = z.strictObject({
  identity: privateIdentityName.describe('Private User Identity or Private Service Identity [29.228-7.3]'),
  type: z.enum(['privateUserIdentity', 'privateServiceIdentity']).default('privateUserIdentity'),
  imsi: z
    .string()
    .regex(/^\d{6,15}$/, 'must be 6 to 15 digits')
    .optional()
    .describe('TS 23.003 2.2; sent in User-Data [29.228-E]'),
  privilegedSender: z.boolean().default(false).describe('Priviledged-Sender-Indication [29.229-6.3.58]'),
  authentication: z
    .strictObject({
      defaultScheme: z
        .enum(authenticationSchemes)
        .optional()
        .describe(
          'What "Unknown" in a MAR stands for [29.228-6.3.1 step 4]; when absent the setting cx.defaultScheme, else SIP Digest, else NASS-Bundled, whichever is provisioned.',
        ),
      aka: aka.optional(),
      sipDigest: sipDigest.optional(),
      nassBundled: z
        .strictObject({
          lineIdentifiers: z
            .array(z.string().min(1).max(limits.nameCharacters))
            .min(1)
            .max(limits.lineIdentifiersCount)
            .describe('Line-Identifier [29.229-6.3.42]'),
        })
        .optional(),
      giba: giba.optional().describe('GPRS-IMS-Bundled Authentication, TS 33.203 T'),
    })
    .prefault({}),
});

const publicIdentity = z.strictObject({
  identity: z
    .string()
    .min(5)
    .max(limits.publicIdentityOctets)
    .describe(
      'SIP or tel URI; a wildcarded identity has an extended regular expression between "!" in its user part, sip:chat-!.*!@example.com [29.228-7.2] [29.228-7.2b]',
    ),
  type: z.enum(publicIdentityTypes).default('distinctPublicUserIdentity').describe('IdentityType [29.228-E]'),
  barred: z.boolean().default(false).describe('BarringIndication [29.228-B.2.1]'),
  serviceProfile: setName.describe('One of serviceProfiles, else a shared one of that name [29.228-B.2]'),
  displayName: z.string().max(limits.textCharacters).optional().describe('[29.228-B.2.1]'),
  aliasGroup: z
    .string()
    .max(limits.nameCharacters)
    .optional()
    .describe('AliasIdentityGroupID [29.228-B.2.1]'),
  serviceLevelTraceInfo: z
    .string()
    .max(limits.serviceInfoCharacters)
    .optional()
    .describe('TS 24.323 [29.228-B.2.1]'),
  servicePriorityLevel: z.number().int().min(0).max(4).optional().describe('[29.228-B.2.1]'),
  extendedPriorities: z
    .array(
      z.strictObject({
        namespace: z.string().min(1).max(limits.nameCharacters),
        level: z.string().min(1).max(limits.nameCharacters),
      }),
    )
    .max(limits.extendedPrioritiesCount)
    .default([])
    .describe('RFC 4412 [29.228-B.2.1]'),
  maxSimultaneousRegistrations: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('MaxNumOfAllowedSimultRegistrations [29.228-B.2.1]'),
  psi: z
    .strictObject({
      active: z.boolean().default(true).describe('PSI Activation State [29.228-6.1.4.1 step 2]'),
      asName: sipUri.optional().describe('AS hosting the PSI, for direct routing [29.228-7.4a]'),
    })
    .optional(),
});

const implicitRegistrationSet = z.strictObject({
  name: setName.describe('Unique within the subscription'),
  privateIdentities: z
    .array(privateIdentityName)
    .min(1)
    .max(limits.privateIdentitiesPerSubscriptionCount)
    .optional()
    .describe(
      'The private identities that its public identities are associated with; all when absent (TS 23.228 5.2.1a)',
    ),
  looseRoute: z.boolean().default(false).describe('Loose-Route-Indication [29.228-7.20]'),
  publicIdentities: z
    .array(publicIdentity)
    .min(1)
    .max(limits.publicIdentitiesPerSetCount)
    .describe(
      'In the order of User-Data; the first that is not barred is the default Public User Identity [29.228-6.5.1.1]',
    ),
});

export const capabilities = z.strictObject({
  mandatory: z
    .array(unsigned32)
    .max(limits.capabilitiesPerSetCount)
    .default([])
    .describe('Mandatory-Capability [29.228-6.7]'),
  optional: z
    .array(unsigned32)
    .max(limits.capabilitiesPerSetCount)
    .default([])
    .describe('Optional-Capability [29.228-6.7]'),
  serverNames: z
    .array(sipUri)
    .max(limits.capabilitiesPerSetCount)
    .default([])
    .describe('Preferred S-CSCF names, in order; capabilities are then left out [29.228-6.7]'),
});

export const chargingInformation = z
  .strictObject({
    primaryEventChargingFunctionName: diameterUri.optional(),
    secondaryEventChargingFunctionName: diameterUri.optional(),
    primaryChargingCollectionFunctionName: diameterUri.optional(),
    secondaryChargingCollectionFunctionName: diameterUri.optional(),
  })
  .refine(
    (v) =>
      v.primaryChargingCollectionFunctionName !== undefined ||
      v.primaryEventChargingFunctionName !== undefined,
    'needs primaryChargingCollectionFunctionName or primaryEventChargingFunctionName [29.228-6.1.2]',
  );

export const serviceProfile = z.strictObject({
  name: setName,
  coreNetworkServiceAuthorization: z
    .strictObject({
      subscribedMediaProfileId: unsigned32.optional(),
      serviceIds: z
        .array(z.string().min(1).max(limits.textCharacters))
        .max(limits.serviceIdsCount)
        .optional(),
    })
    .optional()
    .describe('[29.228-B.2.1A]'),
  initialFilterCriteria: initialFilterCriteriaList.default([]).describe('[29.228-B.2.2]'),
  sharedIfcSets: z
    .array(setName)
    .max(limits.initialFilterCriteriaPerProfileCount)
    .default([])
    .describe('Names of shared iFC sets [29.229-7.1.1]'),
  capabilitySet: setName.optional().describe('S-CSCF capabilities that this profile needs [29.228-6.1.1.1]'),
});

export const sharedIfcSet = z.strictObject({
  name: setName,
  id: z.number().int().min(0).max(0x7fff_ffff).describe('SharedIFCSetID [29.228-B.2]'),
  initialFilterCriteria: initialFilterCriteriaList,
});

export const capabilitySet = z.strictObject({ name: setName, ...capabilities.shape });
export const chargingSet = z.strictObject({ name: setName, ...chargingInformation.shape });

const shape = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._~-]*$/, 'must be letters, digits, ".", "_", "~" or "-"')
    .max(limits.nameCharacters)
    .describe('Name of the IMS subscription, chosen by who provisions it'),
  privateIdentities: z.array(privateIdentity).min(1).max(limits.privateIdentitiesPerSubscriptionCount),
  implicitRegistrationSets: z
    .array(implicitRegistrationSet)
    .min(1)
    .max(limits.registrationSetsPerSubscriptionCount),
  serviceProfiles: z.array(serviceProfile).max(limits.serviceProfilesPerSubscriptionCount).default([]),
  registrationAllowed: z.boolean().default(true).describe('"Authorized to register" [29.228-6.1.1.1 step 5]'),
  permittedVisitedNetworks: z
    .array(z.string().min(1).max(limits.textCharacters))
    .max(limits.visitedNetworksCount)
    .nullable()
    .default(null)
    .describe('Visited-Network-Identifiers; null permits every network [29.228-6.1.1.1 step 5]'),
  capabilitySet: setName.optional().describe('Shared capability set by name [29.228-6.7]'),
  capabilities: capabilities.optional(),
  chargingSet: setName.optional().describe('Shared charging set by name [29.228-7.12]'),
  chargingInformation: chargingInformation.optional(),
  allowedWafWwsfIdentities: z
    .strictObject({
      wafNames: z
        .array(z.string().min(1).max(limits.textCharacters))
        .max(limits.wafWwsfNamesCount)
        .default([]),
      wwsfNames: z
        .array(z.string().min(1).max(limits.textCharacters))
        .max(limits.wafWwsfNamesCount)
        .default([]),
    })
    .optional()
    .describe('[29.228-7.29]'),
  referenceLocation: z
    .strictObject({
      accessType: z.string().max(limits.textCharacters).optional(),
      accessInfo: z.string().max(limits.textCharacters).optional(),
      accessValue: z.string().max(limits.textCharacters).optional(),
    })
    .optional()
    .describe('ReferenceLocationInformation [29.228-B.1]'),
});

type Shape = z.output<typeof shape>;
/** Also of what is no text, in a document whose shape is faulty. */
const keyOf = (identity: string): string =>
  typeof identity === 'string' ? privateIdentityKey(identity) : identity;
type Report = (path: (string | number)[], message: string) => void;

/** What one property alone cannot tell. Every fault is reported, none hides another. */
function checkWhole(document: Shape, report: Report): void {
  const impis = new Set<string>();
  document.privateIdentities.forEach((entry, i) => {
    const key = keyOf(entry.identity);
    if (impis.has(key))
      report(
        ['privateIdentities', i, 'identity'],
        'occurs twice in this subscription (the case of a realm says nothing)',
      );
    impis.add(key);
    checkAuthentication(entry, ['privateIdentities', i, 'authentication'], report);
  });
  const profiles = new Set<string>();
  document.serviceProfiles.forEach((profile, i) => {
    if (profiles.has(profile.name))
      report(['serviceProfiles', i, 'name'], 'occurs twice in this subscription');
    profiles.add(profile.name);
  });
  if (document.capabilitySet !== undefined && document.capabilities !== undefined)
    report(['capabilities'], 'give capabilitySet or capabilities, not both');
  if (document.chargingSet !== undefined && document.chargingInformation !== undefined)
    report(['chargingInformation'], 'give chargingSet or chargingInformation, not both');
  const setNames = new Set<string>();
  const impus = new Set<string>();
  document.implicitRegistrationSets.forEach((set, s) => {
    const at = ['implicitRegistrationSets', s];
    if (setNames.has(set.name)) report([...at, 'name'], 'occurs twice in this subscription');
    setNames.add(set.name);
    set.privateIdentities?.forEach((name, i) => {
      if (!impis.has(keyOf(name))) report([...at, 'privateIdentities', i], 'is not one of privateIdentities');
      if (set.privateIdentities?.findIndex((other) => keyOf(other) === keyOf(name)) !== i)
        report([...at, 'privateIdentities', i], 'occurs twice in this set');
    });
    checkIdentities(set, at, impus, report);
  });
  checkAliasGroups(document, report);
}

/** Aliases share their implicit registration set and their service profile [29.228-B.2.1]. */
function checkAliasGroups(document: Shape, report: Report): void {
  const groups = new Map<string, string>();
  document.implicitRegistrationSets.forEach((set, s) =>
    set.publicIdentities.forEach((entry, i) => {
      if (entry.aliasGroup === undefined) return;
      const place = `${set.name} ${entry.serviceProfile}`;
      if ((groups.get(entry.aliasGroup) ?? place) !== place) {
        report(
          ['implicitRegistrationSets', s, 'publicIdentities', i, 'aliasGroup'],
          'is the group of an identity in another set or with another service profile, too [29.228-B.2.1]',
        );
      }
      groups.set(entry.aliasGroup, groups.get(entry.aliasGroup) ?? place);
    }),
  );
}

function checkIdentities(
  set: Shape['implicitRegistrationSets'][number],
  at: (string | number)[],
  impus: Set<string>,
  report: Report,
): void {
  const kinds = new Set(
    set.publicIdentities.map((p) =>
      p.type === 'distinctPsi' || p.type === 'wildcardedPsi' ? 'service' : 'user',
    ),
  );
  if (kinds.size > 1)
    report([...at, 'publicIdentities'], 'mixes Public User Identities and Public Service Identities');
  if (kinds.has('service') && set.publicIdentities.length > 1)
    report(
      [...at, 'publicIdentities'],
      'a Public Service Identity is never registered implicitly with another; give it a set of its own',
    );
  set.publicIdentities.forEach((entry, i) => {
    const path = [...at, 'publicIdentities', i];
    const canonical = canonicalPublicIdentity(entry.identity, entry.type);
    if (!canonical.ok) report([...path, 'identity'], canonical.reason);
    else if (impus.has(canonical.value))
      report([...path, 'identity'], `occurs twice in this subscription (canonical form ${canonical.value})`);
    else impus.add(canonical.value);
    const service = entry.type === 'distinctPsi' || entry.type === 'wildcardedPsi';
    if (entry.psi !== undefined && !service)
      report([...path, 'psi'], 'is for Public Service Identities only');
  });
  const first = set.publicIdentities.find((p) => !p.barred);
  if (first !== undefined && first.type === 'wildcardedPublicUserIdentity') {
    report(
      [...at, 'publicIdentities'],
      'the first identity that is not barred is the default one and has to be distinct [29.228-6.5.1.1]',
    );
  }
}

function checkAuthentication(
  entry: Shape['privateIdentities'][number],
  at: (string | number)[],
  report: Report,
): void {
  const {
    aka: akaData,
    sipDigest: digest,
    nassBundled,
    giba: gibaData,
    defaultScheme,
  } = entry.authentication;
  if (akaData?.op !== undefined && akaData.opc !== undefined)
    report([...at, 'aka', 'op'], 'give op or opc, not both');
  if (akaData?.op !== undefined && akaData.k === undefined)
    report([...at, 'aka', 'k'], 'is needed to derive OPc from op');
  if (digest?.password !== undefined && (digest.ha1 !== undefined || digest.ha1Sha256 !== undefined)) {
    report([...at, 'sipDigest', 'password'], 'give password or ready-made ha1/ha1Sha256, not both');
  }
  if (digest?.ha1Sha256 !== undefined && digest.ha1 === undefined) {
    report([...at, 'sipDigest', 'ha1'], 'is needed beside ha1Sha256 [29.228-6.3 table 6.3.7 note 2]');
  }
  const present: Record<AuthenticationScheme, boolean> = {
    'Digest-AKAv1-MD5': akaData !== undefined,
    'SIP Digest': digest !== undefined,
    'NASS-Bundled': nassBundled !== undefined,
    'Early IMS Security': gibaData !== undefined,
  };
  if (defaultScheme !== undefined && !present[defaultScheme])
    report([...at, 'defaultScheme'], 'names a scheme that has no data here');
}

type Path = readonly PropertyKey[];
const isWithin = (path: Path, other: Path): boolean => other.every((name, i) => path[i] === name);

/**
 * The same for a document whose shape is faulty: what can be checked is, without faults that only follow from
 * those of the shape (beside it, or in a list of private identities where one of these is faulty).
 */
function checkRest(document: Shape, faulty: readonly Path[], report: Report): void {
  const privateIdentitiesAreFaulty = faulty.some(([first]) => first === 'privateIdentities');
  const sound: Report = (path, message) => {
    const dependsOnNeighbours = path.includes('authentication') || path.at(-1) === 'aliasGroup';
    const besideIt = (fault: Path): boolean =>
      fault.length > 1 &&
      fault.length === path.length &&
      isWithin(path, fault.slice(0, -1)) &&
      (dependsOnNeighbours || fault.at(-1) === 'type');
    const follows = faulty.some((fault) => isWithin(path, fault) || isWithin(fault, path) || besideIt(fault));
    if (!follows && !(privateIdentitiesAreFaulty && path[2] === 'privateIdentities')) report(path, message);
  };
  const lists: Shape = {
    ...document,
    serviceProfiles: listOf(document.serviceProfiles),
    privateIdentities: listOf(document.privateIdentities).map((entry) => ({
      ...entry,
      authentication: listOf([entry.authentication])[0] ?? {},
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
export type SubscriptionDocumentInput = z.input<typeof subscriptionDocument>;
export type ServiceProfile = z.output<typeof serviceProfile>;
export type SharedIfcSet = z.output<typeof sharedIfcSet>;
export type Capabilities = z.output<typeof capabilities>;
export type CapabilitySet = z.output<typeof capabilitySet>;
export type ChargingInformation = z.output<typeof chargingInformation>;
export type ChargingSet = z.output<typeof chargingSet>;
export type PublicIdentity =
  SubscriptionDocument['implicitRegistrationSets'][number]['publicIdentities'][number];
export type ImplicitRegistrationSet = SubscriptionDocument['implicitRegistrationSets'][number];
export { publicIdentityTypes, type PublicIdentityType } from './public-identity-type';
