/** Location services and short messages: each code needs a feature [29.272-7.3.10.1]. Codes: TS 29.002 17.7.5. */
import { gmlcRestrictions, notificationsToUeUser, plmnClients, type EpsData } from '../../../subscriber/eps';
import type { S6aFeature } from '../feature-tables';
import type { GmlcRestriction, LcsInfo, NotificationToUeUser, PlmnClient } from '../generated/s6a';
import { tbcd } from '../tbcd';
import type { Recipient } from './recipient';
import { hex, hexes, nonEmpty, type Writable, type Writer } from './writing';

type Lcs = NonNullable<EpsData['lcsInfo']>;
type PrivacyException = NonNullable<Lcs['privacyExceptions']>[number];

/** The feature of the MAP based Lg interface; that of the Diameter based Lgd interface has "Dia-" before it. */
type LcsFeature = Extract<S6aFeature, `LCS-${string}`>;

const privacyFeatures: Readonly<Record<string, LcsFeature>> = {
  b0: 'LCS-all-PrivExcep',
  b1: 'LCS-Universal',
  b2: 'LCS-CallSessionRelated',
  b3: 'LCS-CallSessionUnrelated',
  b4: 'LCS-PLMNOperator',
  b5: 'LCS-ServiceType',
};
const moLrFeatures: Readonly<Record<string, LcsFeature>> = {
  c0: 'LCS-all-MOLR-SS',
  c1: 'LCS-BasicSelfLocation',
  c2: 'LCS-AutonomousSelfLocation',
  c3: 'LCS-TransferToThirdParty',
};
const lcsFeatures = [...Object.values(privacyFeatures), ...Object.values(moLrFeatures)];

/** One of the two interfaces is enough [29.272-7.3.10.1 note 1]; Lgd counts for SGSNs. */
const hasLcs = ({ features, kind, isCombined }: Recipient, name: LcsFeature): boolean =>
  features.has(name) || ((kind === 'sgsn' || isCombined) && features.has(`Dia-${name}`));

/** The class itself, or all classes of its kind. */
const hasClass = (
  to: Recipient,
  byCode: Readonly<Record<string, LcsFeature>>,
  all: LcsFeature,
  ssCode: string,
): boolean => {
  const feature = byCode[ssCode.toLowerCase()];
  return feature !== undefined && (hasLcs(to, feature) || hasLcs(to, all));
};

interface Restricted {
  readonly gmlcRestriction?: (typeof gmlcRestrictions)[number] | undefined;
  readonly notificationToUeUser?: (typeof notificationsToUeUser)[number] | undefined;
}

const restrictionAvps = ({
  gmlcRestriction,
  notificationToUeUser,
}: Restricted): { gmlcRestriction?: GmlcRestriction; notificationToUeUser?: NotificationToUeUser } => ({
  ...(gmlcRestriction === undefined
    ? {}
    : { gmlcRestriction: gmlcRestrictions.indexOf(gmlcRestriction) as GmlcRestriction }),
  ...(notificationToUeUser === undefined
    ? {}
    : { notificationToUeUser: notificationsToUeUser.indexOf(notificationToUeUser) as NotificationToUeUser }),
});

const serviceAvps = ({ ssCode, ssStatus }: { readonly ssCode: string; readonly ssStatus: string }) => ({
  ssCode: hex(ssCode),
  ssStatus: hex(ssStatus),
});

const privacyException = (entry: PrivacyException): NonNullable<LcsInfo['lcsPrivacyexception']>[number] => ({
  ...serviceAvps(entry),
  ...restrictionAvps({ notificationToUeUser: entry.notificationToUeUser }),
  ...(entry.externalClients === undefined
    ? {}
    : {
        externalClient: entry.externalClients.map((client) => ({
          clientIdentity: tbcd(client.clientIdentity),
          ...restrictionAvps(client),
        })),
      }),
  ...(entry.plmnClients === undefined
    ? {}
    : { plmnClient: entry.plmnClients.map((client) => plmnClients.indexOf(client) as PlmnClient) }),
  ...(entry.serviceTypes === undefined
    ? {}
    : {
        serviceType: entry.serviceTypes.map((type) => ({
          servicetypeidentity: type.serviceTypeIdentity,
          ...restrictionAvps(type),
        })),
      }),
});

/** The privacy exceptions are "applicable only over the S6d interface" [29.272-7.3.84]. */
export const writeLcs: Writer = (data, { eps: { lcsInfo }, to }) => {
  if (lcsInfo === undefined || !lcsFeatures.some((name) => hasLcs(to, name))) return;
  const { gmlcNumbers = [], privacyExceptions = [], moLr = [] } = lcsInfo;
  const info: Writable<LcsInfo> = {};
  if (gmlcNumbers.length > 0) info.gmlcNumber = gmlcNumbers.map(tbcd);
  if (to.kind === 'sgsn' || to.isCombined) {
    const exceptions = nonEmpty(
      privacyExceptions
        .filter(({ ssCode }) => hasClass(to, privacyFeatures, 'LCS-all-PrivExcep', ssCode))
        .map(privacyException),
    );
    if (exceptions !== undefined) info.lcsPrivacyexception = exceptions;
  }
  const requests = nonEmpty(
    moLr.filter(({ ssCode }) => hasClass(to, moLrFeatures, 'LCS-all-MOLR-SS', ssCode)).map(serviceAvps),
  );
  if (requests !== undefined) info.moLr = requests;
  if (Object.keys(info).length > 0) data.lcsInfo = info;
};

/** "Short Message MO-PP" needs a feature; with it goes the group of all short message services (TS 29.002 17.7.9). */
const originatedTeleservices: ReadonlySet<string> = new Set(['20', '22']);

/** For a node that serves short messages: an SGSN, or an MME that is registered for SMS [29.272-7.3.7 note 2]. */
export const writeTeleservices: Writer = (data, { eps: { teleserviceList }, to }) => {
  if (teleserviceList === undefined || !to.servesSms) return;
  const tsCode = hexes(
    teleserviceList.filter((code) => !originatedTeleservices.has(code) || to.features.has('SM-MO-PP')),
  );
  if (tsCode !== undefined && tsCode.length > 0) data.teleserviceList = { tsCode };
};

const callBarringFeatures: Readonly<Record<string, S6aFeature>> = {
  '91': 'Barring-OutgoingCalls',
  '92': 'BAOC',
  '93': 'BOIC',
  '94': 'BOICExHC',
};

/** Of short messages, with the features of the node [29.272-7.3.101]. */
export const writeCallBarring: Writer = (data, { eps: { callBarringInfo }, to }) => {
  if (callBarringInfo === undefined || !to.servesSms) return;
  const info = nonEmpty(
    callBarringInfo
      .filter(({ ssCode }) => {
        const feature = callBarringFeatures[ssCode];
        return feature !== undefined && to.features.has(feature);
      })
      .map(serviceAvps),
  );
  if (info !== undefined) data.callBarringInfo = info;
};
