/** Implicit registration sets with their public identities, TS 23.008 clause 3.1. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { subscriberLimits } from '../limits';
import { canonicalPublicIdentity } from '../public-identity';
import { publicIdentityTypes } from '../public-identity-type';
import { privateIdentityName, setName, sipUri, type Report } from './fields';

const publicIdentity = z.strictObject({
  identity: z
    .string()
    .min(5)
    .max(subscriberLimits.impuOctets)
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
    .max(subscriberLimits.extendedPrioritiesCount)
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

export const implicitRegistrationSet = z.strictObject({
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
    .max(limits.impusPerSetCount)
    .describe(
      'In the order of User-Data; the first that is not barred is the default Public User Identity [29.228-6.5.1.1]',
    ),
});

export type ImplicitRegistrationSet = z.output<typeof implicitRegistrationSet>;
export type PublicIdentity = ImplicitRegistrationSet['publicIdentities'][number];

/** Aliases share their implicit registration set and their service profile [29.228-B.2.1]. */
export function checkAliasGroups(sets: readonly ImplicitRegistrationSet[], report: Report): void {
  const groups = new Map<string, string>();
  sets.forEach((set, s) =>
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

/** What one public identity alone cannot tell; `impus` gathers those of the whole subscription. */
export function checkIdentities(
  set: ImplicitRegistrationSet,
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
