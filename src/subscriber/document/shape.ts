/** The sections of the subscription document put together, and what is checked across them. */
import { z } from 'zod';
import { privateIdentityKey } from '../private-identity';
import { limits } from '../../shared/limits';
import { subscriberLimits } from '../limits';
import { isSim } from './aka';
import { setName, type Report } from './fields';
import { checkAuthentication, privateIdentity } from './private-identity';
import { checkAliasGroups, checkIdentities, implicitRegistrationSet } from './registration-set';
import { capabilities, chargingInformation, serviceProfile } from './shared-sets';
import { checkUsims, usim } from './usim';

export const shape = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._~-]*$/, 'must be letters, digits, ".", "_", "~" or "-"')
    .max(limits.nameCharacters)
    .describe('Name of the subscription, chosen by who provisions it'),
  privateIdentities: z
    .array(privateIdentity)
    .max(limits.privateIdentitiesPerSubscriptionCount)
    .default([])
    .describe('None, without implicitRegistrationSets, where the subscription has EPS only'),
  usims: z
    .array(usim)
    .max(limits.usimsPerSubscriptionCount)
    .optional()
    .describe('USIMs of the subscriber, whose credentials private identities may use (TS 23.008 2.1)'),
  implicitRegistrationSets: z
    .array(implicitRegistrationSet)
    .max(limits.registrationSetsPerSubscriptionCount)
    .default([]),
  serviceProfiles: z.array(serviceProfile).max(limits.serviceProfilesPerSubscriptionCount).default([]),
  registrationAllowed: z.boolean().default(true).describe('"Authorized to register" [29.228-6.1.1.1 step 5]'),
  permittedVisitedNetworks: z
    .array(z.string().min(1).max(limits.textCharacters))
    .max(subscriberLimits.visitedNetworksCount)
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
        .max(subscriberLimits.wafWwsfNamesCount)
        .default([]),
      wwsfNames: z
        .array(z.string().min(1).max(limits.textCharacters))
        .max(subscriberLimits.wafWwsfNamesCount)
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

export type Shape = z.output<typeof shape>;

/** Also of what is no text, in a document whose shape is faulty. */
const keyOf = (identity: string): string =>
  typeof identity === 'string' ? privateIdentityKey(identity) : identity;

/** A subscription is for the IMS, for EPS, or for both. */
function checkServices(
  { privateIdentities, implicitRegistrationSets: sets, usims = [] }: Shape,
  report: Report,
): void {
  const hasEps = usims.some(({ eps }) => eps !== undefined);
  if (privateIdentities.length === 0 && (sets.length > 0 || !hasEps))
    report(['privateIdentities'], `must have at least 1 entries${hasEps ? '' : ', unless a USIM has eps'}`);
  if (sets.length === 0 && (privateIdentities.length > 0 || !hasEps))
    report(
      ['implicitRegistrationSets'],
      privateIdentities.length > 0
        ? 'must have at least 1 entries: there are privateIdentities'
        : 'must have at least 1 entries, unless a USIM has eps',
    );
}

/** What one property alone cannot tell. Every fault is reported, none hides another. */
export function checkWhole(document: Shape, report: Report): void {
  checkServices(document, report);
  const usims = checkUsims(document.usims ?? [], report);
  const impis = new Set<string>();
  document.privateIdentities.forEach((entry, i) => {
    const key = keyOf(entry.identity);
    if (impis.has(key))
      report(
        ['privateIdentities', i, 'identity'],
        'occurs twice in this subscription (the case of a realm says nothing)',
      );
    impis.add(key);
    const at = ['privateIdentities', i, 'authentication'];
    checkAuthentication(entry, at, report);
    const used = entry.authentication.usim;
    if (used !== undefined && !usims.has(used)) report([...at, 'usim'], 'is the IMSI of none of usims');
    if (used !== undefined && isSim(usims.get(used)?.aka))
      report([...at, 'usim'], 'is a SIM (gsmMilenage), which cannot do IMS-AKA (TS 33.203 6.1)');
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
  checkAliasGroups(document.implicitRegistrationSets, report);
}
