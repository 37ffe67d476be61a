/**
 * ME-Identity-Check-Request: which list a piece of equipment is on [29.272-6.2.1.3]. The decision needs no
 * subscription: the equipment is looked up by its own number.
 */
import type { DecodedMessage } from '../../diameter/codec/types';
import type { CommandHandler, Decision, DecisionContext, LogFields } from '../../diameter/dispatch/contract';
import { ResultCode } from '../../diameter/generated/base';
import { foundBy, keyedLookup } from '../../state/keyed-module';
import type { LoadRequest } from '../../state/ports';
import { s13Roles } from './config';
import type { EquipmentStatusName } from './equipment/entry';
import { imeiOf, isImsi, isSoftwareVersion, type EquipmentKey } from './equipment/imei';
import type { EquipmentUse } from './equipment/ports';
import { missingImei, wrongImei, wrongSoftwareVersion } from './failed-avps';
import {
  EquipmentStatus,
  ExperimentalResultCode,
  type MeIdentityCheckAnswer,
  type MeIdentityCheckRequest,
} from './generated/s13';
import { equipmentCheck } from './store/check';

export interface S13Settings {
  /** What is said of equipment that no entry is about. */
  readonly unknownEquipment: 'unknown' | EquipmentStatusName;
  /** Whether it is kept who uses which equipment. */
  readonly recordUse: boolean;
}

type Answer = MeIdentityCheckAnswer;

const CLAUSE = 'TS 29.272 6.2.1.3';

const statusCodes: Readonly<Record<EquipmentStatusName, EquipmentStatus>> = {
  permitted: EquipmentStatus.PERMITTEDLISTED,
  prohibited: EquipmentStatus.PROHIBITEDLISTED,
  tracking: EquipmentStatus.TRACKINGLISTED,
};

/** Decision.notable of each outcome, which the metrics count. */
export const checkOutcomes = {
  permitted: 'equipmentPermitted',
  prohibited: 'equipmentProhibited',
  tracking: 'equipmentTracking',
  unknown: 'equipmentUnknown',
  malformed: 'equipmentMalformed',
} as const;

export const createMeIdentityCheckHandler = (settings: S13Settings): CommandHandler => ({
  request: 'ECR',
  answer: 'ECA',
  senders: s13Roles,
  identities: namedIdentities,
  prepare: ({ avps }) => prepareCheck(avps as MeIdentityCheckRequest),
  decide: ({ avps }, context) => decideCheck(avps as MeIdentityCheckRequest, context, settings),
});

/** The equipment that a request names, or the refusal of one that names none. */
export function prepareCheck(request: MeIdentityCheckRequest): LoadRequest | Decision<Answer> {
  const { imei, softwareVersion } = request.terminalInformation;
  if (imei === undefined)
    return refused(ResultCode.DIAMETER_MISSING_AVP, missingImei, 'Terminal-Information has no IMEI', request);
  if (imeiOf(imei) === null)
    return refused(
      ResultCode.DIAMETER_INVALID_AVP_VALUE,
      wrongImei(imei),
      'the IMEI has neither 14 nor 15 digits',
      request,
    );
  if (softwareVersion !== undefined && !isSoftwareVersion(softwareVersion))
    return refused(
      ResultCode.DIAMETER_INVALID_AVP_VALUE,
      wrongSoftwareVersion(softwareVersion),
      'the Software-Version is not of 2 digits',
      request,
    );
  return { impus: [], keyed: [keyedLookup(equipmentCheck, equipmentOf(request))] };
}

export function decideCheck(
  request: MeIdentityCheckRequest,
  { loaded, peer }: Pick<DecisionContext, 'loaded' | 'peer'>,
  { unknownEquipment, recordUse }: S13Settings,
): Decision<Answer> {
  const entry = foundBy(equipmentCheck, loaded);
  const status = entry?.status ?? unknownEquipment;
  const use = recordUse ? useOf(request, peer.originHost) : null;
  const notifications = use === null ? {} : { notifications: [use] };
  if (status === 'unknown')
    return {
      result: { kind: 'experimental', code: ExperimentalResultCode.DIAMETER_ERROR_EQUIPMENT_UNKNOWN },
      avps: {},
      refusal: { check: 'no entry is about this equipment', clause: CLAUSE, ...identitiesOf(request) },
      notable: checkOutcomes.unknown,
      ...notifications,
    };
  return {
    result: { kind: 'base', code: ResultCode.DIAMETER_SUCCESS },
    avps: { equipmentStatus: statusCodes[status] },
    notable: checkOutcomes[status],
    ...notifications,
  };
}

function refused(
  code: ResultCode,
  failedAvp: typeof missingImei,
  check: string,
  request: MeIdentityCheckRequest,
): Decision<Answer> {
  return {
    result: { kind: 'base', code },
    avps: {},
    failedAvps: [failedAvp],
    refusal: { check, clause: 'TS 29.272 6.2.1.1', ...identitiesOf(request) },
    notable: checkOutcomes.malformed,
  };
}

/** Of a request that names one. */
function equipmentOf({ terminalInformation }: MeIdentityCheckRequest): EquipmentKey {
  const { imei = '', softwareVersion } = terminalInformation;
  return { imei: imeiOf(imei) ?? '', softwareVersion };
}

/** Nothing where nobody is named: the IMSI is optional [29.272-6.2.1.1], and the check does not depend on it. */
function useOf(request: MeIdentityCheckRequest, peer: string): EquipmentUse | null {
  const { userName } = request;
  if (userName === undefined || !isImsi(userName)) return null;
  return { ...equipmentOf(request), imsi: userName, peer };
}

/** A text that is no number is not repeated: it may be of any length. */
function identitiesOf({ terminalInformation, userName }: MeIdentityCheckRequest): LogFields {
  const imei = imeiOf(terminalInformation.imei ?? '');
  const { softwareVersion } = terminalInformation;
  return {
    ...(imei === null ? {} : { imei }),
    ...(softwareVersion === undefined || !isSoftwareVersion(softwareVersion) ? {} : { softwareVersion }),
    ...(userName === undefined || !isImsi(userName) ? {} : { imsi: userName }),
  };
}

const namedIdentities = ({ avps }: DecodedMessage): LogFields => identitiesOf(avps as MeIdentityCheckRequest);
