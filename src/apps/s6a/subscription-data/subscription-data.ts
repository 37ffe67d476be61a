/**
 * Subscription-Data for ULA and IDR [29.272-7.3.2]: a pure function of document and node. "Features that are not
 * indicated in the Supported-Features AVPs [...] shall not be used to construct that message" [29.272-7.3.10.1].
 *
 * No AVP comes of the properties that only the HSS decides on: roamingBarring, allowedVisitedNetworks,
 * forbiddenVisitedNetworks, equivalentPlmns, smsInMmeAllowed and resetIds, which ULA has outside.
 */
import type { EpsData } from '../../../subscriber/eps';
import type { StoredUsim } from '../../../subscriber/subscription';
import type { SubscriptionData } from '../generated/s6a';
import type { EpsPart } from '../outgoing/payloads';
import { writeApnProfile } from './apn-profile';
import { writeGprs } from './gprs';
import { plainWriters } from './plain';
import type { Recipient } from './recipient';
import { writeAccessRestrictions, writeBarring, writeCsgs, writeZoneCodes } from './restrictions';
import * as services from './services';
import { writeCallBarring, writeLcs, writeTeleservices } from './supplementary';
import { writeTrace } from './trace';
import type { Data, Writer } from './writing';

/** Numbers of the USIM. */
export type Numbers = Pick<StoredUsim, 'msisdns'>;

/** With the parts of the document that each reads. */
const writers: readonly (readonly [parts: readonly EpsPart[], write: Writer])[] = [
  [['operatorDeterminedBarring', 'hplmnOdb'], writeBarring],
  [['msisdns', 'aMsisdn'], services.writeNumbers],
  ...plainWriters,
  [['regionalSubscriptionZoneCodes'], writeZoneCodes],
  [['accessRestrictions', 'accessRestrictionsByPlmn'], writeAccessRestrictions],
  [['csgSubscriptionData'], writeCsgs],
  [['lcsInfo'], writeLcs],
  [['teleserviceList'], writeTeleservices],
  [['callBarringInfo'], writeCallBarring],
  [['apnConfigurationProfile', 'allowedVisitedNetworks'], writeApnProfile],
  [['gprsSubscriptionData'], writeGprs],
  [['traceData'], writeTrace],
  [['externalIdentifiers'], services.writeExternalIdentifier],
  [['imsiGroupIds'], services.writeGroups],
  [['proSePermission'], services.writeProSe],
  [['v2xSubscriptionData', 'v2xSubscriptionDataNr'], services.writeV2x],
  [['emergencyInfo'], services.writeEmergency],
  [['edrxCycleLengths'], services.writeEdrx],
  [['pagingTimeWindows'], services.writePagingTimeWindows],
  [['aeseCommunicationPatterns'], services.writeCommunicationPatterns],
  [['monitoringEventConfigurations'], services.writeMonitoringEvents],
];

/** All of it, as ULA has it [29.272-5.2.1.1.3]. */
export function subscriptionData(usim: Numbers, eps: EpsData, recipient: Recipient): SubscriptionData {
  const data: Data = {};
  const source = { usim, eps, to: recipient, isPartial: false, contexts: undefined };
  for (const [, write] of writers) write(data, source);
  return data;
}

/**
 * Only these parts, as IDR has them [29.272-5.2.2.1.3]; of the APN configurations those of `contexts`, all where
 * it is absent. Parts that are gone give nothing, as DSR withdraws them, but masks without a bit set are sent.
 */
export function changedSubscriptionData(
  usim: Numbers,
  eps: EpsData,
  recipient: Recipient,
  changed: readonly EpsPart[],
  contexts?: readonly number[],
): SubscriptionData {
  const data: Data = {};
  const source = {
    usim,
    eps,
    to: recipient,
    isPartial: true,
    contexts: contexts === undefined ? undefined : new Set(contexts),
  };
  for (const [parts, write] of writers) if (parts.some((part) => changed.includes(part))) write(data, source);
  return data;
}
