/**
 * RTR and PPR as octets [29.229-6.1.9] [29.229-6.1.11] [29.228-6.1.3] [29.228-6.2.2]. Deviation: none.
 *
 * A repeated RTR keeps Session-Id and End-to-End Identifier and has the T bit, so that an S-CSCF finds the
 * duplicate [6733-5.5.4]; the identifier is therefore derived from the Session-Id. A repeated PPR is a new
 * request: its content may be newer.
 */
import { createHash } from 'node:crypto';
import { encodeAvp, encodeNamed } from '../../../diameter/codec/encode';
import type { Dictionary } from '../../../diameter/codec/dictionary';
import type { RawAvp } from '../../../diameter/codec/types';
import type { DeregistrationReasonCode, TerminationPayload } from './push';
import { AuthSessionState, VENDOR_3GPP } from '../../../diameter/generated/base';
import { CX_APPLICATION_ID, ReasonCode } from '../generated/cx';
import type { ProfileContent, UsedFeatures } from './contract';

const SUPPORTED_FEATURES = 628;

/** [29.229-6.3.17] */
const reasonCodes: Readonly<Record<DeregistrationReasonCode, ReasonCode>> = {
  PERMANENT_TERMINATION: ReasonCode.PERMANENT_TERMINATION,
  NEW_SERVER_ASSIGNED: ReasonCode.NEW_SERVER_ASSIGNED,
  SERVER_CHANGE: ReasonCode.SERVER_CHANGE,
  'REMOVE_S-CSCF': ReasonCode.REMOVE_S_CSCF,
};

export interface OriginNode {
  readonly originHost: string;
  readonly originRealm: string;
}

/** To whom, and in which session. */
export interface Addressing {
  readonly sessionId: string;
  readonly destinationHost: string;
  readonly destinationRealm: string;
  readonly mayDuplicate: boolean;
}

/** DRMP of each command, 0 first to 15 last; none where absent [29.228-J.2.3]. */
export interface RequestPriorities {
  readonly RTR?: number;
  readonly PPR?: number;
}

export class PushMessages {
  constructor(
    private readonly node: OriginNode,
    private readonly dictionary: Dictionary,
    private readonly priorities: RequestPriorities = {},
  ) {}

  /** The hop-by-hop identifier is the peer table's to set. */
  termination(payload: TerminationPayload, to: Addressing, listPublicIdentities: boolean): Buffer {
    const { userName, associatedIdentities, reasonCode, reasonInfo } = payload;
    // They have to be there with NEW_SERVER_ASSIGNED (table 6.1.3.1), and must not be with several private
    // identities [29.228-6.1.3.1].
    const listed =
      reasonCode === 'NEW_SERVER_ASSIGNED' || (listPublicIdentities && associatedIdentities.length === 0)
        ? payload.sets.flatMap((set) => set.publicIdentities)
        : [];
    return this.encode('RTR', to, {
      userName,
      ...(associatedIdentities.length === 0
        ? {}
        : { associatedIdentities: { userName: associatedIdentities } }),
      ...(listed.length === 0 ? {} : { publicIdentity: listed }),
      deregistrationReason: {
        reasonCode: reasonCodes[reasonCode],
        ...(reasonInfo === undefined ? {} : { reasonInfo }),
      },
    });
  }

  profile(userName: string, { avps, features }: ProfileContent, to: Addressing): Buffer {
    return this.encode('PPR', to, {
      userName,
      ...avps,
      ...(features === null ? {} : { additionalAvps: [this.supportedFeatures(features)] }),
    });
  }

  /** With the M bit, as in every request that is made with features [29.229-7.2.1]. */
  private supportedFeatures({ vendorId, featureListId, featureList }: UsedFeatures): RawAvp {
    const data = Buffer.concat([
      encodeAvp('Vendor-Id', vendorId, this.dictionary),
      encodeAvp('Feature-List-ID', featureListId, this.dictionary),
      encodeAvp('Feature-List', featureList, this.dictionary),
    ]);
    return { code: SUPPORTED_FEATURES, vendorId: VENDOR_3GPP, mandatory: true, data };
  }

  private encode(
    command: 'RTR' | 'PPR',
    { sessionId, destinationHost, destinationRealm, mayDuplicate }: Addressing,
    avps: object,
  ): Buffer {
    const drmp = this.priorities[command];
    const endToEndId = createHash('sha256').update(sessionId).digest().readUInt32BE(0);
    return encodeNamed(
      command,
      { hopByHopId: 0, endToEndId, retransmitted: mayDuplicate },
      {
        sessionId,
        ...(drmp === undefined ? {} : { drmp }),
        vendorSpecificApplicationId: { vendorId: VENDOR_3GPP, authApplicationId: CX_APPLICATION_ID },
        authSessionState: AuthSessionState.NO_STATE_MAINTAINED,
        ...this.node,
        destinationHost,
        destinationRealm,
        ...avps,
      },
      this.dictionary,
    );
  }
}
