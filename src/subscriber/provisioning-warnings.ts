/**
 * Doubts about what is provisioned: taken as it is, but perhaps not what was meant. What is wrong for sure is a
 * fault and refused by the schema or the store; what only looks wrong is told beside the success.
 */
import type { InitialFilterCriterion, ServicePointTrigger } from './filter-criteria';
import { bareLocalNumberDoubt, isBareLocalNumber } from './local-numbers';
import { canonicalPublicIdentity } from './public-identity';
import { isServiceType } from './subscription';
import type { ServiceProfile, SharedIfcSet, SubscriptionDocument } from './subscription-document';
import { checkExtendedRegularExpression } from './wildcards/extended-regular-expression';

/** One doubt, with an RFC 6901 pointer into the document. */
export interface ProvisioningWarning {
  readonly pointer: string;
  readonly detail: string;
}

export interface WarningSettings {
  /** Domains that this HSS serves by its configuration. */
  readonly domains: readonly string[];
}

type Report = (pointer: string, detail: string) => void;

/** Methods that a request to an S-CSCF can have: RFC 3261 and those that the IMS takes from its extensions. */
const knownMethods: ReadonlySet<string> = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
]);

function checkMethod(method: string, pointer: string, report: Report): void {
  if (knownMethods.has(method)) return;
  const upper = method.toUpperCase();
  if (knownMethods.has(upper))
    report(pointer, `never matches: SIP methods are case-sensitive, ${upper} is one`);
  else if (method !== upper)
    report(pointer, 'is in lower case; SIP methods are case-sensitive (RFC 3261 7.1)');
  else report(pointer, 'is none of the SIP methods that are known here');
}

/** The expressions of a service point trigger by their place, [29.228-F]. */
function checkExpressions(trigger: ServicePointTrigger, at: string, report: Report): void {
  const { requestUri, sipHeader, sessionDescription } = trigger;
  if (requestUri !== undefined && /^\^?(sips?|tel):/i.test(requestUri))
    report(
      `${at}/requestUri`,
      'is matched against host and port or the number only, without the scheme [29.228-F]',
    );
  const expressions = {
    requestUri,
    'sipHeader/header': sipHeader?.header,
    'sipHeader/content': sipHeader?.content,
    'sessionDescription/line': sessionDescription?.line,
    'sessionDescription/content': sessionDescription?.content,
  };
  for (const [name, source] of Object.entries(expressions)) {
    const [doubt] = source === undefined ? [] : checkExtendedRegularExpression(source).doubts;
    if (doubt !== undefined)
      report(
        `${at}/${name}`,
        `has no defined meaning as an extended regular expression: ${doubt} [29.228-F]`,
      );
  }
}

function checkCriteria(criteria: readonly InitialFilterCriterion[], at: string, report: Report): void {
  criteria.forEach((criterion, c) =>
    criterion.triggerPoint?.servicePointTriggers.forEach((trigger, t) => {
      const pointer = `${at}/initialFilterCriteria/${c}/triggerPoint/servicePointTriggers/${t}`;
      if (trigger.method !== undefined) checkMethod(trigger.method, `${pointer}/method`, report);
      checkExpressions(trigger, pointer, report);
    }),
  );
}

/** The host of a SIP URI or the realm of a private identity, in lower case; empty where there is none. */
const domainOf = (identity: string): string =>
  (identity.slice(identity.lastIndexOf('@') + 1).split(/[;:?]/, 1)[0] ?? '').toLowerCase();

function checkIdentities(document: SubscriptionDocument, report: Report): void {
  document.implicitRegistrationSets.forEach((set, s) =>
    set.publicIdentities.forEach(({ identity, type }, i) => {
      const canonical = canonicalPublicIdentity(identity, type);
      if (canonical.ok && isBareLocalNumber(canonical.value))
        report(`/implicitRegistrationSets/${s}/publicIdentities/${i}/identity`, bareLocalNumberDoubt);
      const isDistinct = type === 'distinctPublicUserIdentity' || type === 'distinctPsi';
      if (!isDistinct || !/!.*!/.test(identity)) return;
      const wildcarded = isServiceType(type) ? 'wildcardedPsi' : 'wildcardedPublicUserIdentity';
      report(
        `/implicitRegistrationSets/${s}/publicIdentities/${i}/identity`,
        `has "!...!" but its type is ${type}: it matches itself only; a wildcarded one has type ${wildcarded}`,
      );
    }),
  );
}

/** Served by configuration, or the domain of one of the subscription's own identities. */
function ownDomains(document: SubscriptionDocument, settings: WarningSettings): ReadonlySet<string> {
  return new Set([
    ...settings.domains.map((domain) => domain.toLowerCase()),
    ...document.privateIdentities.map(({ identity }) => domainOf(identity)),
    ...document.implicitRegistrationSets.flatMap((set) =>
      set.publicIdentities
        .filter(({ identity }) => /^sips?:.*@/i.test(identity))
        .map((e) => domainOf(e.identity)),
    ),
  ]);
}

function checkAuthentication(
  document: SubscriptionDocument,
  settings: WarningSettings,
  report: Report,
): void {
  const domains = ownDomains(document, settings);
  document.privateIdentities.forEach(({ type, authentication }, i) => {
    const at = `/privateIdentities/${i}/authentication`;
    const { aka, usim, sipDigest, nassBundled, giba } = authentication;
    // A Private Service Identity stands for an application server, which does not register.
    if (
      type === 'privateUserIdentity' &&
      [aka, usim, sipDigest, nassBundled, giba].every((data) => data === undefined)
    )
      report(at, 'is empty: every MAR for this private identity is refused [29.228-6.3.1]');
    if (sipDigest !== undefined && !domains.has(sipDigest.realm.toLowerCase()))
      report(
        `${at}/sipDigest/realm`,
        'is neither a realm that this HSS serves nor the domain of an identity here',
      );
  });
}

function collect(check: (report: Report) => void): ProvisioningWarning[] {
  const warnings: ProvisioningWarning[] = [];
  check((pointer, detail) => warnings.push({ pointer, detail }));
  return warnings;
}

/** Doubts about a subscription whose shape has no fault. */
export function subscriptionWarnings(
  document: SubscriptionDocument,
  settings: WarningSettings,
): readonly ProvisioningWarning[] {
  return collect((report) => {
    checkAuthentication(document, settings, report);
    checkIdentities(document, report);
    document.serviceProfiles.forEach((profile, i) =>
      checkCriteria(profile.initialFilterCriteria, `/serviceProfiles/${i}`, report),
    );
  });
}

/** Doubts about a shared service profile or iFC set; the other shared sets leave none. */
export function sharedSetWarnings(document: object): readonly ProvisioningWarning[] {
  return collect((report) => {
    if ('initialFilterCriteria' in document)
      checkCriteria((document as ServiceProfile | SharedIfcSet).initialFilterCriteria, '', report);
  });
}
