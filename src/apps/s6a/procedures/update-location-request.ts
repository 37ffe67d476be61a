/** What an Update-Location-Request alone tells [29.272-5.2.1.1.1]: AVPs that are not what they have to be. */
import type { RawAvp } from '../../../diameter/codec/types';
import type { UpdateLocationRequest } from '../generated/s6a';
import { failedAvp, failedMember } from '../failed-avps';
import { plmnOf } from '../plmn';
import { tbcdDigits } from '../tbcd';

const TERMINAL_INFORMATION = 1401;
const IMEI = 1402;
const SOFTWARE_VERSION = 1403;
const VISITED_PLMN_ID = 1407;
const SGSN_NUMBER = 1489;
const EQUIVALENT_PLMN_LIST = 1637;
const MME_NUMBER_FOR_MT_SMS = 1645;
const ADJACENT_PLMNS = 1672;

export interface Malformed {
  readonly failed: RawAvp;
  readonly check: string;
}

const malformed = (failed: RawAvp, check: string): Malformed => ({ failed, check });

/** The first AVP that is wrong; null where there is none. */
export function malformedAvp(request: UpdateLocationRequest): Malformed | null {
  const { visitedPlmnId, terminalInformation, sgsnNumber, mmeNumberForMtSms } = request;
  if (plmnOf(visitedPlmnId) === null)
    return malformed(
      failedAvp(VISITED_PLMN_ID, visitedPlmnId),
      'Visited-PLMN-Id is no PLMN identity [29.272-7.3.9]',
    );
  const { imei, softwareVersion } = terminalInformation ?? {};
  if (imei !== undefined && !/^\d{14,15}$/.test(imei))
    return malformed(
      failedMember(TERMINAL_INFORMATION, IMEI, Buffer.from(imei)),
      'IMEI has neither 14 nor 15 digits [29.272-7.3.4]',
    );
  if (softwareVersion !== undefined && !/^\d{2}$/.test(softwareVersion))
    return malformed(
      failedMember(TERMINAL_INFORMATION, SOFTWARE_VERSION, Buffer.from(softwareVersion)),
      'Software-Version does not have 2 digits [29.272-7.3.5]',
    );
  if (sgsnNumber !== undefined && tbcdDigits(sgsnNumber) === null)
    return malformed(failedAvp(SGSN_NUMBER, sgsnNumber), 'SGSN-Number is no number [29.272-7.3.102]');
  if (mmeNumberForMtSms !== undefined && tbcdDigits(mmeNumberForMtSms) === null)
    return malformed(
      failedAvp(MME_NUMBER_FOR_MT_SMS, mmeNumberForMtSms),
      'MME-Number-for-MT-SMS is no number [29.272-7.3.159]',
    );
  return (
    malformedPlmn(EQUIVALENT_PLMN_LIST, request.equivalentPlmnList?.visitedPlmnId) ??
    malformedPlmn(ADJACENT_PLMNS, request.adjacentPlmns?.visitedPlmnId)
  );
}

function malformedPlmn(group: number, plmns: readonly Buffer[] = []): Malformed | null {
  const wrong = plmns.find((plmn) => plmnOf(plmn) === null);
  return wrong === undefined
    ? null
    : malformed(
        failedMember(group, VISITED_PLMN_ID, wrong),
        'a Visited-PLMN-Id in a list is no PLMN identity [29.272-7.3.9]',
      );
}
