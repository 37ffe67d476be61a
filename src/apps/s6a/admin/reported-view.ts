/** What a node reported of a UE, decoded as far as the dictionary knows it [29.272-7.3.111] [29.272-7.3.110]. */
import { decodeMessage } from '../../../diameter/codec/decode';
import { Dictionary } from '../../../diameter/codec/dictionary';
import { encodeNamed } from '../../../diameter/codec/encode';
import { baseTable } from '../../../diameter/generated/base-tables';
import { cxTable } from '../../cx/generated/cx-tables';
import {
  S6A_APPLICATION_ID,
  UserState,
  type InsertSubscriberDataAnswer,
  type MmeLocationInformation,
  type SgsnLocationInformation,
} from '../generated/s6a';
import { s6aTable } from '../generated/s6a-tables';
import { plmnOf } from '../plmn';
import { ratTypeName } from '../rat-types';
import type { ReportedData } from '../state/serving-nodes';
import type { LocationView, ReportedView } from './serving-node-views';

let dictionary: Dictionary | undefined;

/** The AVPs are those of an IDA, so one is made around them. */
function decoded(reported: ReportedData): Partial<InsertSubscriberDataAnswer> {
  const kept = {
    epsLocationInformation: reported.epsLocationInformation,
    epsUserState: reported.epsUserState,
    localTimeZone: reported.localTimeZone,
  };
  const encoded: Record<string, Buffer> = {};
  for (const [name, avp] of Object.entries(kept))
    if (avp !== undefined) encoded[name] = Buffer.from(avp, 'base64');
  const envelope = { sessionId: 'kept', authSessionState: 1, originHost: 'kept', originRealm: 'kept' };
  const header = { applicationId: S6A_APPLICATION_ID, hopByHopId: 0, endToEndId: 0 };
  // Made once, and only where somebody looks.
  dictionary ??= new Dictionary([baseTable, cxTable, s6aTable]);
  const message = encodeNamed('IDA', header, envelope, dictionary, encoded);
  const result = decodeMessage(message, dictionary);
  return result.ok ? (result.message.avps as InsertSubscriberDataAnswer) : {};
}

const PLMN_OCTETS = 3;

/** PLMN and then groups of four hexadecimal digits: "00101-0001"; whole digits where it begins with no PLMN. */
function area(octets: Buffer): string {
  const plmn = plmnOf(octets.subarray(0, PLMN_OCTETS));
  if (plmn === null) return octets.toString('hex');
  const groups =
    octets
      .subarray(PLMN_OCTETS)
      .toString('hex')
      .match(/.{1,4}/g) ?? [];
  return [plmn, ...groups].join('-');
}

type Location = MmeLocationInformation & SgsnLocationInformation;

function locationView(location: Location | undefined): LocationView | null {
  if (location === undefined) return null;
  const cell = location.eUtranCellGlobalIdentity ?? location.cellGlobalIdentity;
  const enodeb = location.enodebId ?? location.extendedEnodebId;
  const texts = {
    cell: cell === undefined ? undefined : area(cell),
    serviceArea: location.serviceAreaIdentity === undefined ? undefined : area(location.serviceAreaIdentity),
    trackingArea:
      location.trackingAreaIdentity === undefined ? undefined : area(location.trackingAreaIdentity),
    locationArea:
      location.locationAreaIdentity === undefined ? undefined : area(location.locationAreaIdentity),
    routingArea: location.routingAreaIdentity === undefined ? undefined : area(location.routingAreaIdentity),
    enodeb: enodeb?.toString('hex'),
    geographical: location.geographicalInformation?.toString('hex'),
    geodetic: location.geodeticInformation?.toString('hex'),
  };
  const known = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
  const ageMinutes = location.ageOfLocationInformation;
  return { ...known, ...(ageMinutes === undefined ? {} : { ageMinutes }) };
}

const stateNames = new Map<number, string>(Object.entries(UserState).map(([name, value]) => [value, name]));
const stateName = (state: number | undefined): string | null =>
  state === undefined ? null : (stateNames.get(state) ?? String(state));

const instant = (ms: number): string => new Date(ms).toISOString();

export function reportedView(reported: ReportedData): ReportedView {
  const { epsLocationInformation: location, epsUserState: state, localTimeZone } = decoded(reported);
  const { ratType, imsVoiceOverPsSessionsSupported: imsVoice, lastUeActivityMs } = reported;
  return {
    at: instant(reported.atMs),
    mmeLocation: locationView(location?.mmeLocationInformation),
    sgsnLocation: locationView(location?.sgsnLocationInformation),
    mmeState: stateName(state?.mmeUserState?.userState),
    sgsnState: stateName(state?.sgsnUserState?.userState),
    timeZone: localTimeZone?.timeZone ?? null,
    ratType: ratType === undefined ? null : ratTypeName(ratType),
    imsVoice: imsVoice === undefined ? null : imsVoice === 1,
    lastActivityAt: lastUeActivityMs === undefined ? null : instant(lastUeActivityMs),
  };
}
