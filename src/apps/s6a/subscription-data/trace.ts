/** Trace-Data with MDT-Configuration [29.272-7.3.63] [29.272-7.3.136]. */
import { traceDepths, type EpsData } from '../../../subscriber/eps';
import type { AreaScope, MdtConfiguration, TraceDepth } from '../generated/s6a';
import { plmnOctets } from '../plmn';
import { hex, hexes, optionalHex, type Writer } from './writing';

type Mdt = NonNullable<NonNullable<EpsData['traceData']>['mdtConfiguration']>;

/** An object without the properties that are undefined. */
function defined<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

const areaScope = (area: NonNullable<Mdt['areaScope']>): AreaScope =>
  defined({
    cellGlobalIdentity: hexes(area.cellGlobalIdentities),
    eUtranCellGlobalIdentity: hexes(area.eutranCellGlobalIdentities),
    routingAreaIdentity: hexes(area.routingAreaIdentities),
    locationAreaIdentity: hexes(area.locationAreaIdentities),
    trackingAreaIdentity: hexes(area.trackingAreaIdentities),
  });

/** The values of enumerations are those of TS 32.422, as provisioned. */
const mdtConfiguration = (mdt: Mdt): MdtConfiguration =>
  defined({
    jobType: mdt.jobType as MdtConfiguration['jobType'],
    areaScope: mdt.areaScope === undefined ? undefined : areaScope(mdt.areaScope),
    listOfMeasurements: mdt.listOfMeasurements,
    reportingTrigger: mdt.reportingTrigger,
    reportInterval: mdt.reportInterval as MdtConfiguration['reportInterval'],
    reportAmount: mdt.reportAmount as MdtConfiguration['reportAmount'],
    eventThresholdRsrp: mdt.eventThresholdRsrp,
    eventThresholdRsrq: mdt.eventThresholdRsrq,
    loggingInterval: mdt.loggingInterval as MdtConfiguration['loggingInterval'],
    loggingDuration: mdt.loggingDuration as MdtConfiguration['loggingDuration'],
    measurementPeriodLte: mdt.measurementPeriodLte as MdtConfiguration['measurementPeriodLte'],
    measurementPeriodUmts: mdt.measurementPeriodUmts as MdtConfiguration['measurementPeriodUmts'],
    collectionPeriodRrmLte: mdt.collectionPeriodRrmLte as MdtConfiguration['collectionPeriodRrmLte'],
    collectionPeriodRrmUmts: mdt.collectionPeriodRrmUmts as MdtConfiguration['collectionPeriodRrmUmts'],
    positioningMethod: optionalHex(mdt.positioningMethod),
    measurementQuantity: optionalHex(mdt.measurementQuantity),
    eventThresholdEvent1f: mdt.eventThresholdEvent1F,
    eventThresholdEvent1i: mdt.eventThresholdEvent1I,
    mdtAllowedPlmnId: mdt.mdtAllowedPlmns?.map(plmnOctets),
    mbsfnArea: mdt.mbsfnAreas?.map((area) => defined(area)),
  });

export const writeTrace: Writer = (data, { eps: { traceData }, to }) => {
  if (traceData === undefined || !to.features.has('Trace')) return;
  const { traceReference, traceInterfaceList, omcId, mdtConfiguration: mdt } = traceData;
  data.traceData = {
    traceReference: Buffer.concat([plmnOctets(traceReference.plmn), hex(traceReference.traceId)]),
    traceDepth: traceDepths.indexOf(traceData.traceDepth) as TraceDepth,
    traceNeTypeList: hex(traceData.traceNeTypeList),
    ...(traceInterfaceList === undefined ? {} : { traceInterfaceList: hex(traceInterfaceList) }),
    traceEventList: hex(traceData.traceEventList),
    ...(omcId === undefined ? {} : { omcId: hex(omcId) }),
    traceCollectionEntity: traceData.traceCollectionEntity,
    ...(mdt === undefined ? {} : { mdtConfiguration: mdtConfiguration(mdt) }),
  };
};
