/** Messages of S6a/S6d and S13 that are as full as TS 29.272 lets them be: encoded, decoded, the same. */
import type { CommandDefinition } from '../../../src/diameter/codec/definitions';
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeMessage, encodeNamed } from '../../../src/diameter/codec/encode';
import { ResultCode } from '../../../src/diameter/generated/base';
import { S13_APPLICATION_ID, EquipmentStatus } from '../../../src/apps/s13/generated/s13';
import { ExperimentalResultCode as S13ResultCode } from '../../../src/apps/s13/generated/s13';
import { ECA, ECR } from '../../../src/apps/s13/generated/s13-tables';
import {
  AlertReason,
  DaylightSavingTime,
  ErrorDiagnostic,
  ExperimentalResultCode,
  RatType,
  S6A_APPLICATION_ID,
  UeSrvccCapability,
  UserState,
} from '../../../src/apps/s6a/generated/s6a';
import { AIA, DSR, IDA, IDR, NOR, ULA } from '../../../src/apps/s6a/generated/s6a-tables';
import { EXPIRES, fill, PLMN, s6aDictionary as dictionary, subscription } from './s6a-support';
import { present, sampleAvps } from './support';

const IDS = { hopByHopId: 1, endToEndId: 2 };

const envelope = {
  sessionId: 'hss.example;1;1',
  authSessionState: 1,
  originHost: 'hss.example',
  originRealm: 'example',
} as const;
const request = {
  ...envelope,
  destinationHost: 'mme.example',
  destinationRealm: 'example',
  userName: '001010000000001',
} as const;

/** What is left of a message after octets. */
function roundTrip<T extends object>(command: CommandDefinition<T>, avps: T): unknown {
  const result = decodeMessage(encodeMessage(command, IDS, avps, dictionary), dictionary);
  if (!result.ok) throw new Error(result.failure.message);
  expect(result.message.abbreviation).toBe(command.abbreviation);
  return present(result.message.avps);
}

test('[29.272-7.2.4] [29.272-7.3.2] ULA with a full Subscription-Data', () => {
  const avps = {
    ...envelope,
    resultCode: ResultCode.DIAMETER_SUCCESS,
    supportedFeatures: [{ vendorId: 10415, featureListId: 2, featureList: 1 << 27 }],
    ulaFlags: 1,
    subscriptionData: subscription,
    resetId: [Buffer.from('r1'), Buffer.from('r2')],
  };
  expect(roundTrip(ULA, avps)).toStrictEqual(avps);
});

test('[29.272-7.2.4] [29.272-7.4.3] a refusal in ULA: 5420 and Error-Diagnostic', () => {
  const avps = {
    ...envelope,
    experimentalResult: {
      vendorId: 10415,
      experimentalResultCode: ExperimentalResultCode.DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION,
    },
    errorDiagnostic: ErrorDiagnostic.GPRS_DATA_SUBSCRIBED,
  };
  expect(roundTrip(ULA, avps)).toStrictEqual(avps);
});

test('[29.272-7.3.17] [29.272-7.3.18] [29.272-7.3.19] [29.272-7.3.20] AIA with vectors of each kind', () => {
  const rand = fill(16, 1);
  const autn = fill(16, 2);
  const avps = {
    ...envelope,
    resultCode: ResultCode.DIAMETER_SUCCESS,
    authenticationInfo: {
      eUtranVector: [1, 2].map((itemNumber) => ({
        itemNumber,
        rand,
        xres: fill(8, 3),
        autn,
        kasme: fill(32, 4),
      })),
      utranVector: [
        {
          itemNumber: 3,
          rand,
          xres: fill(8, 3),
          autn,
          confidentialityKey: fill(16, 5),
          integrityKey: fill(16, 6),
        },
      ],
      geranVector: [{ itemNumber: 4, rand, sres: fill(4, 7), kc: fill(8, 8) }],
    },
    ueUsageType: 128,
  };
  expect(roundTrip(AIA, avps)).toStrictEqual(avps);
});

test('[29.272-7.2.9] [29.272-7.2.10] IDR, and IDA with the location', () => {
  const idr = { ...request, subscriptionData: { msisdn: fill(6, 1) }, idrFlags: 0x1ff, resetId: [PLMN] };
  expect(roundTrip(IDR, idr)).toStrictEqual(idr);
  const ida = {
    ...envelope,
    resultCode: ResultCode.DIAMETER_SUCCESS,
    lastUeActivityTime: EXPIRES,
    ratType: RatType.EUTRAN,
    epsUserState: { mmeUserState: { userState: UserState.CONNECTED_REACHABLE_FOR_PAGING } },
    epsLocationInformation: {
      mmeLocationInformation: {
        eUtranCellGlobalIdentity: Buffer.from('00f1100000010a', 'hex'),
        ageOfLocationInformation: 0,
        userCsgInformation: { csgId: 32, csgAccessMode: 1, csgMembershipIndication: 1 },
      },
    },
    localTimeZone: {
      timeZone: '+8',
      daylightSavingTime: DaylightSavingTime.PLUS_ONE_HOUR_ADJUSTMENT,
    },
    supportedServices: { supportedMonitoringEvents: 0x1ffn },
  } as const;
  expect(roundTrip(IDA, ida)).toStrictEqual(ida);
});

test('[29.272-7.2.11] DSR', () => {
  const avps = {
    ...request,
    dsrFlags: 0xffff_ffff,
    scefId: 'scef.example',
    contextIdentifier: [2, 3],
    traceReference: Buffer.from('00f110000001', 'hex'),
    tsCode: [fill(1, 0x21)],
    ssCode: [fill(1, 0x92)],
    edrxRelatedRat: { ratType: [RatType.EUTRAN, RatType.LTE_M] },
    externalIdentifier: ['meter1@example'],
  };
  expect(roundTrip(DSR, avps)).toStrictEqual(avps);
});

test('[29.272-7.2.17] NOR', () => {
  const avps = {
    ...request,
    terminalInformation: { imei: '35609204079301', softwareVersion: '01' },
    mip6AgentInfo: { mipHomeAgentAddress: ['192.0.2.2'] },
    visitedNetworkIdentifier: Buffer.from('mnc001.mcc001.3gppnetwork.org'),
    contextIdentifier: 1,
    serviceSelection: 'internet',
    alertReason: AlertReason.UE_MEMORY_AVAILABLE,
    ueSrvccCapability: UeSrvccCapability.UE_SRVCC_SUPPORTED,
    norFlags: 0x1c8,
    maximumUeAvailabilityTime: EXPIRES,
    monitoringEventConfigStatus: [
      { scefReferenceId: 7, scefId: 'scef.example', serviceReport: [{ serviceResult: { vendorId: 10415 } }] },
    ],
    emergencyServices: 1,
  };
  expect(roundTrip(NOR, avps)).toStrictEqual(avps);
});

test('[29.272-7.2.19] [29.272-7.2.20] ECR and ECA', () => {
  const ecr = {
    ...request,
    terminalInformation: { imei: '35609204079301', avp3gpp2Meid: fill(8, 1), softwareVersion: '01' },
  };
  expect(roundTrip(ECR, ecr)).toStrictEqual(ecr);
  const known = { ...envelope, resultCode: ResultCode.DIAMETER_SUCCESS };
  const eca = { ...known, equipmentStatus: EquipmentStatus.TRACKINGLISTED };
  expect(roundTrip(ECA, eca)).toStrictEqual(eca);
  const code = S13ResultCode.DIAMETER_ERROR_EQUIPMENT_UNKNOWN;
  const unknown = { ...envelope, experimentalResult: { vendorId: 10415, experimentalResultCode: code } };
  expect(roundTrip(ECA, unknown)).toStrictEqual(unknown);
});

const ours = new Set<number | null>([S6A_APPLICATION_ID, S13_APPLICATION_ID]);
const commands = [...dictionary.commands()].filter(({ definition }) => ours.has(definition.applicationId));

describe.each(commands.map((command) => [command.definition.abbreviation, command] as const))(
  '[29.272-7.2] %s',
  (abbreviation, { definition, format }) => {
    test.each([
      ['every AVP', true],
      ['the required AVPs', false],
    ])('with %s', (_what, complete) => {
      const avps = sampleAvps(format, complete);
      const header = { ...IDS, applicationId: definition.applicationId ?? 0 };
      const bytes = encodeNamed(abbreviation, header, avps, dictionary);
      const limits = { maxMessageOctets: 1 << 24, maxAvpCount: 1 << 20, maxNestingDepth: 10 };
      const result = decodeMessage(bytes, dictionary, limits);
      if (!result.ok) throw new Error(result.failure.message);
      expect(present(result.message.avps)).toStrictEqual(avps);
    });
  },
);
