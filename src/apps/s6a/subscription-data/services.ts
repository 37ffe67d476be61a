/** Numbers, groups, ProSe, V2X, eDRX, paging, communication patterns and monitoring events. */
import { bitMask, operationModes, ratTypes, v2xPermissionBits, type EpsData } from '../../../subscriber/eps';
import type { UePc5Qos, V2xSubscriptionData } from '../generated/s6a';
import { plmnOctets } from '../plmn';
import { tbcd } from '../tbcd';
import { mip6AgentInfoAvps } from './apn-fields';
import type { Recipient } from './recipient';
import { hex, nonEmpty, type Writer } from './writing';

/**
 * A node without "Additional MSISDN" uses the MSISDN as C-MSISDN; it gets the subscribed MSISDN, which is our policy
 * [29.272-5.2.1.1.3].
 */
export const writeNumbers: Writer = (data, { usim, eps, to }) => {
  const [msisdn] = usim.msisdns;
  if (msisdn !== undefined) data.msisdn = tbcd(msisdn);
  if (eps.aMsisdn !== undefined && to.features.has('Additional MSISDN')) data.aMsisdn = tbcd(eps.aMsisdn);
};

/** The first is the default one [29.272-7.3.2]. */
export const writeExternalIdentifier: Writer = (data, { eps, to }) => {
  const [first] = eps.externalIdentifiers ?? [];
  if (first !== undefined && to.features.has('External-Identifier')) data.externalIdentifier = first;
};

/** "reserved for home operator specific use": not sent outside the HPLMN [29.272-7.3.190]. */
const LARGEST_STANDARD_SERVICE = 1_000;

export const writeGroups: Writer = (data, { eps, to }) => {
  const groups = nonEmpty(
    (eps.imsiGroupIds ?? [])
      .filter(({ groupServiceId }) => !to.isRoaming || groupServiceId <= LARGEST_STANDARD_SERVICE)
      .map(({ groupServiceId, plmn, localGroupId }) => ({
        groupServiceId,
        groupPlmnId: plmnOctets(plmn),
        localGroupId: hex(localGroupId),
      })),
  );
  if (groups !== undefined) data.imsiGroupId = groups;
};

/** "applicable [...] when the MME (or combined MME/SGSN) supports" it [29.272-7.3.10.1]. */
const isMme = ({ kind, isCombined }: Recipient): boolean => kind === 'mme' || isCombined;

export const writeProSe: Writer = (data, { eps: { proSePermission }, to }) => {
  if (proSePermission !== undefined && isMme(to) && to.features.has('ProSe Capability'))
    data.proseSubscriptionData = { prosePermission: proSePermission };
};

const v2xAvps = ({
  permission,
  uePc5AmbrBitsPerSecond,
}: NonNullable<EpsData['v2xSubscriptionData']>): V2xSubscriptionData => ({
  ...(permission === undefined ? {} : { v2xPermission: bitMask(permission, v2xPermissionBits) }),
  ...(uePc5AmbrBitsPerSecond === undefined ? {} : { uePc5Ambr: uePc5AmbrBitsPerSecond }),
});

type Pc5Qos = NonNullable<NonNullable<EpsData['v2xSubscriptionDataNr']>['uePc5Qos']>;

const pc5Qos = ({ flows, linkAmbrBitsPerSecond }: Pc5Qos): UePc5Qos => ({
  pc5QosFlow: flows.map(
    ({ fiveQi, guaranteedBitsPerSecond: least, maximumBitsPerSecond: most, rangeMetres }) => ({
      avp5qi: fiveQi,
      ...(least === undefined && most === undefined
        ? {}
        : {
            pc5FlowBitrates: {
              ...(least === undefined ? {} : { guaranteedFlowBitrates: least }),
              ...(most === undefined ? {} : { maximumFlowBitrates: most }),
            },
          }),
      ...(rangeMetres === undefined ? {} : { pc5Range: rangeMetres }),
    }),
  ),
  ...(linkAmbrBitsPerSecond === undefined ? {} : { pc5LinkAmbr: linkAmbrBitsPerSecond }),
});

export const writeV2x: Writer = (
  data,
  { eps: { v2xSubscriptionData: v2x, v2xSubscriptionDataNr: nr }, to },
) => {
  if (!isMme(to) || !to.features.has('V2X Capability')) return;
  if (v2x !== undefined) data.v2xSubscriptionData = v2xAvps(v2x);
  if (nr !== undefined)
    data.v2xSubscriptionDataNr = {
      ...v2xAvps(nr),
      ...(nr.uePc5Qos === undefined ? {} : { uePc5Qos: pc5Qos(nr.uePc5Qos) }),
    };
};

/** What a node chose counts before what is provisioned: the connection is there [29.272-5.2.1.1.3]. */
export const writeEmergency: Writer = (data, { eps, to }) => {
  if (!isMme(to) || !to.features.has('Emergency Service Continuity')) return;
  const gateway = to.pdnGws.find(({ apn }) => apn === null) ?? eps.emergencyInfo;
  if (gateway !== undefined) data.emergencyInfo = { mip6AgentInfo: mip6AgentInfoAvps(gateway) };
};

/** Low half of the octet [29.272-7.3.216]. */
export const writeEdrx: Writer = (data, { eps: { edrxCycleLengths } }) => {
  if (edrxCycleLengths !== undefined && edrxCycleLengths.length > 0)
    data.edrxCycleLength = edrxCycleLengths.map(({ ratType, value }) => ({
      ratType: ratTypes[ratType],
      edrxCycleLengthValue: Buffer.from([value]),
    }));
};

/** High half of the octet [29.272-7.3.228]. */
export const writePagingTimeWindows: Writer = (data, { eps: { pagingTimeWindows } }) => {
  if (pagingTimeWindows !== undefined && pagingTimeWindows.length > 0)
    data.pagingTimeWindow = pagingTimeWindows.map(({ operationMode, length }) => ({
      operationMode: operationModes[operationMode],
      pagingTimeWindowLength: Buffer.from([length << 4]),
    }));
};

const asFlag = (value: boolean): number => (value ? 1 : 0);

export const writeCommunicationPatterns: Writer = (data, { eps: { aeseCommunicationPatterns }, to }) => {
  if (aeseCommunicationPatterns === undefined || !to.features.has('Communication-Pattern')) return;
  const patterns = nonEmpty(
    aeseCommunicationPatterns.map(({ scefReferenceId, scefId, ...set }) => ({
      scefReferenceId,
      scefId,
      communicationPatternSet: [
        {
          ...(set.periodic === undefined ? {} : { periodicCommunicationIndicator: asFlag(!set.periodic) }),
          ...(set.communicationDurationSeconds === undefined
            ? {}
            : { communicationDurationTime: set.communicationDurationSeconds }),
          ...(set.periodicTimeSeconds === undefined ? {} : { periodicTime: set.periodicTimeSeconds }),
          ...(set.stationary === undefined ? {} : { stationaryIndication: asFlag(!set.stationary) }),
          ...(set.validUntil === undefined ? {} : { referenceIdValidityTime: new Date(set.validUntil) }),
        },
      ],
    })),
  );
  if (patterns !== undefined) data.aeseCommunicationPattern = patterns;
};

export const writeMonitoringEvents: Writer = (data, { eps: { monitoringEventConfigurations }, to }) => {
  if (monitoringEventConfigurations === undefined || !to.features.has('Monitoring-Event')) return;
  const events = nonEmpty(
    monitoringEventConfigurations.map(
      ({ monitoringUntil, maximumNumberOfReports, chargedParty, ...event }) => ({
        ...event,
        ...(maximumNumberOfReports === undefined ? {} : { maximumNumberOfReports }),
        ...(monitoringUntil === undefined ? {} : { monitoringDuration: new Date(monitoringUntil) }),
        ...(chargedParty === undefined ? {} : { chargedParty }),
      }),
    ),
  );
  if (events !== undefined) data.monitoringEventConfiguration = events;
};
