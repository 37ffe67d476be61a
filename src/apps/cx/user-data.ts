/**
 * The user profile in XML, TS 29.228 clause 7.7, Annex B (meaning) and Annex E (form: tables E.1 and E.2)
 * [29.228-6.5.1.4] [29.228-B] [29.228-E]. Element order and the nesting of Extension follow table E.2 to the
 * letter. Enumerations are numbers, booleans 0 or 1.
 *
 * Order: identities stand in provisioned order within their ServiceProfile; ServiceProfiles in the order of
 * their first identity, but the one with the default Public User Identity (the first that is not barred)
 * comes first, so that an S-CSCF reading from the top finds it first [29.228-6.5.1.1]. Without AliasInd a
 * ServiceProfile holds only identities that are aliases [29.229-7.1.1]; with it, every Public User Identity
 * has an AliasIdentityGroupID [29.228-B.2.1]. Without a provisioned alias group, the identities of a set that
 * share their service profile are each other's aliases, in either form.
 */
import {
  registrationTypes,
  sessionCases,
  type InitialFilterCriterion,
  type ServicePointTrigger,
} from '../../subscriber/filter-criteria';
import {
  findPrivateIdentity,
  isServiceType,
  serviceProfileOf,
  type SharedData,
  type Subscription,
} from '../../subscriber/subscription';
import {
  publicIdentityTypes,
  type ImplicitRegistrationSet,
  type PublicIdentity,
  type ServiceProfile,
  type SharedIfcSet,
} from '../../subscriber/subscription-document';

export interface UserDataOptions {
  /** Identifiers of shared iFC sets instead of their content (SiFC). */
  readonly sharedIfcSets: boolean;
  /** AliasInd. */
  readonly aliases: boolean;
  /**
   * An identity of the set that is not stored itself, beside the wildcarded Public User Identity whose range
   * it is in.
   */
  readonly nonDistinct?: { readonly identity: string; readonly wildcard: PublicIdentity };
}

/** What one document is rendered with. */
interface Rendering extends UserDataOptions {
  readonly setName: string;
}

/** A carriage return would be read as a line feed (XML 1.0 2.11). */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};
/**
 * XML 1.0 has no way to write control characters (category Cc, but tab and line ends) and the two
 * non-characters.
 */
const unwritable = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

/** Nearly every text: nothing of it has to be written otherwise. */
const plain = /^[\t\n !#-%(-;=?-~]*$/;

const text = (value: string): string =>
  plain.test(value)
    ? value
    : value.replace(unwritable, '').replace(/[&<>"'\r]/g, (character) => escapes[character] ?? character);
const element = (name: string, value: string | number): string =>
  `<${name}>${typeof value === 'number' ? value : text(value)}</${name}>`;
const optional = (name: string, value: string | number | undefined): string =>
  value === undefined ? '' : element(name, value);
const flag = (name: string, value: boolean): string => `<${name}>${value ? 1 : 0}</${name}>`;
const wrap = (name: string, content: string): string =>
  content === '' ? '' : `<${name}>${content}</${name}>`;

/** The IMSSubscription document of one implicit registration set, for one private identity. */
export function renderUserData(
  subscription: Subscription,
  shared: SharedData,
  set: ImplicitRegistrationSet,
  privateIdentity: string,
  features: UserDataOptions,
): string {
  const options: Rendering = { ...features, setName: set.name };
  const imsi = findPrivateIdentity(subscription, privateIdentity)?.imsi;
  return `<?xml version="1.0" encoding="UTF-8"?><IMSSubscription>${element('PrivateID', privateIdentity)}${identityGroups(
    set,
    options.aliases,
  )
    .map((identities) => serviceProfile(identities, subscription, shared, options))
    .join(
      '',
    )}${wrap('Extension', optional('IMSI', imsi) + referenceLocation(subscription))}</IMSSubscription>`;
}

export function referenceLocation({ referenceLocation: location }: Subscription): string {
  if (location === undefined) return '';
  const { accessType, accessInfo, accessValue } = location;
  return wrap(
    'Extension',
    `<ReferenceLocationInformation>${optional('AccessType', accessType)}${optional('AccessInfo', accessInfo)}${optional(
      'AccessValue',
      accessValue,
    )}</ReferenceLocationInformation>`,
  );
}

/**
 * Identities that share a ServiceProfile element, in the order explained above; `aliases`: with AliasInd.
 */
export function identityGroups(set: ImplicitRegistrationSet, aliases: boolean): PublicIdentity[][] {
  const byProfile = new Map<string, PublicIdentity[]>();
  for (const identity of set.publicIdentities) {
    const key = JSON.stringify(
      aliases ? [identity.serviceProfile] : [identity.serviceProfile, identity.aliasGroup ?? null],
    );
    const group = byProfile.get(key);
    if (group === undefined) byProfile.set(key, [identity]);
    else group.push(identity);
  }
  const ordered = [...byProfile.values()];
  const first = set.publicIdentities.find((identity) => !identity.barred);
  const leading = ordered.findIndex((group) => first !== undefined && group.includes(first));
  if (leading > 0) ordered.unshift(...ordered.splice(leading, 1));
  return ordered;
}

export const sharedIfcSetIdentifier = ({ id }: SharedIfcSet): string => element('SharedIFCSetID', id);

function serviceProfile(
  identities: readonly PublicIdentity[],
  subscription: Subscription,
  shared: SharedData,
  options: Rendering,
): string {
  const profile = serviceProfileOf(subscription, shared, identities[0]?.serviceProfile ?? '');
  const sets = (profile?.sharedIfcSets ?? []).flatMap((name) => shared.ifcSets.get(name) ?? []);
  const criteria = [
    ...(profile?.initialFilterCriteria ?? []),
    ...(options.sharedIfcSets ? [] : sets.flatMap((set) => set.initialFilterCriteria)),
  ].sort((a, b) => a.priority - b.priority);
  const identifiers = options.sharedIfcSets ? sets.map(sharedIfcSetIdentifier).join('') : '';
  const { nonDistinct } = options;
  const elements = identities.map(
    (identity) =>
      publicIdentity(identity, options) +
      (nonDistinct !== undefined && nonDistinct.wildcard === identity
        ? publicIdentity(identity, options, nonDistinct.identity)
        : ''),
  );
  return `<ServiceProfile>${elements.join('')}${authorization(
    profile,
  )}${criteria.map(filterCriterion).join('')}${wrap('Extension', identifiers)}</ServiceProfile>`;
}

/**
 * tPublicIdentity and its five nested extensions. With `nonDistinct` the same for an identity in the range of
 * this wildcarded one, which is then named in WildcardedIMPU [29.228-B.2.1].
 */
export function publicIdentity(identity: PublicIdentity, options: Rendering, nonDistinct?: string): string {
  const type = publicIdentityTypes.indexOf(identity.type);
  // The values of tIdentityType: 0 distinct IMPU, 1 distinct PSI, 2 wildcarded PSI, 3 non-distinct IMPU, 4
  // wildcarded IMPU.
  const identityType = nonDistinct !== undefined ? 3 : type === 3 ? 4 : type;
  const simultaneous = wrap(
    'Extension',
    optional('MaxNumOfAllowedSimultRegistrations', identity.maxSimultaneousRegistrations),
  );
  const priorities = identity.extendedPriorities
    .map(
      (priority) =>
        `<ExtendedPriority>${element('PriorityNamespace', priority.namespace)}${element('PriorityLevel', priority.level)}</ExtendedPriority>`,
    )
    .join('');
  const extension4 = wrap('Extension', priorities + simultaneous);
  const extension3 = wrap(
    'Extension',
    `${nonDistinct === undefined ? '' : element('WildcardedIMPU', identity.identity)}${optional(
      'ServiceLevelTraceInfo',
      identity.serviceLevelTraceInfo,
    )}${optional('ServicePriorityLevel', identity.servicePriorityLevel)}${extension4}`,
  );
  const extension2 = wrap(
    'Extension',
    `${optional('DisplayName', identity.displayName)}${
      options.aliases ? optional('AliasIdentityGroupID', aliasGroup(identity, options.setName)) : ''
    }${extension3}`,
  );
  const extension = wrap(
    'Extension',
    `${identityType === 0 && extension2 === '' ? '' : element('IdentityType', identityType)}${extension2}`,
  );
  return `<PublicIdentity>${identity.barred ? flag('BarringIndication', true) : ''}${element('Identity', nonDistinct ?? identity.identity)}${extension}</PublicIdentity>`;
}

/** Set names hold no slash, so what is made up here is no other group's name unless somebody chose it so. */
function aliasGroup(identity: PublicIdentity, setName: string): string | undefined {
  return (
    identity.aliasGroup ??
    (isServiceType(identity.type) ? undefined : `${setName}/${identity.serviceProfile}`)
  );
}

export function authorization(profile: ServiceProfile | undefined): string {
  const data = profile?.coreNetworkServiceAuthorization;
  if (data === undefined) return '';
  const services =
    data.serviceIds === undefined
      ? ''
      : `<Extension><ListOfServiceIds>${data.serviceIds.map((id) => element('ServiceId', id)).join('')}</ListOfServiceIds></Extension>`;
  return `<CoreNetworkServicesAuthorization>${optional('SubscribedMediaProfileId', data.subscribedMediaProfileId)}${services}</CoreNetworkServicesAuthorization>`;
}

export function filterCriterion(criterion: InitialFilterCriterion): string {
  const { triggerPoint: point, applicationServer: server } = criterion;
  const trigger =
    point === undefined
      ? ''
      : `<TriggerPoint>${flag('ConditionTypeCNF', point.conditionTypeCnf)}${point.servicePointTriggers.map(servicePointTrigger).join('')}</TriggerPoint>`;
  const extension = wrap(
    'Extension',
    (server.includeRegisterRequest ? '<IncludeRegisterRequest/>' : '') +
      (server.includeRegisterResponse ? '<IncludeRegisterResponse/>' : ''),
  );
  const handling =
    server.defaultHandling === undefined
      ? ''
      : flag('DefaultHandling', server.defaultHandling === 'SESSION_TERMINATED');
  const part =
    criterion.profilePartIndicator === undefined
      ? ''
      : flag('ProfilePartIndicator', criterion.profilePartIndicator === 'UNREGISTERED');
  return `<InitialFilterCriteria>${element('Priority', criterion.priority)}${trigger}<ApplicationServer>${element('ServerName', server.serverName)}${
    handling
  }${optional('ServiceInfo', server.serviceInfo)}${extension}</ApplicationServer>${part}</InitialFilterCriteria>`;
}

function servicePointTrigger(trigger: ServicePointTrigger): string {
  const types = (trigger.registrationTypes ?? [])
    .map((type) => element('RegistrationType', registrationTypes.indexOf(type)))
    .join('');
  return `<SPT>${flag('ConditionNegated', trigger.conditionNegated)}${trigger.groups.map((group) => element('Group', group)).join('')}${condition(
    trigger,
  )}${wrap('Extension', types)}</SPT>`;
}

/** The choice of table E.2's tSePoTri; provisioning made sure that there is exactly one. */
function condition(trigger: ServicePointTrigger): string {
  if (trigger.requestUri !== undefined) return element('RequestURI', trigger.requestUri);
  if (trigger.method !== undefined) return element('Method', trigger.method);
  if (trigger.sipHeader !== undefined)
    return `<SIPHeader>${element('Header', trigger.sipHeader.header)}${optional('Content', trigger.sipHeader.content)}</SIPHeader>`;
  if (trigger.sessionCase !== undefined)
    return element('SessionCase', sessionCases.indexOf(trigger.sessionCase));
  const description = trigger.sessionDescription;
  return description === undefined
    ? ''
    : `<SessionDescription>${element('Line', description.line)}${optional('Content', description.content)}</SessionDescription>`;
}
