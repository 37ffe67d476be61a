/** Examples of what S6a and S6d show, made of the demo subscribers so that they are always valid. */
import { subscriptionExample } from '../../../admin/openapi/examples';
import type { AttachedNodeView, AttachmentsView } from './serving-node-views';

const mme = 'mme1.epc.mnc001.mcc001.3gppnetwork.org';
const realm = 'epc.mnc001.mcc001.3gppnetwork.org';

export const attachmentsExample: AttachmentsView = {
  id: subscriptionExample.id,
  imsis: [
    {
      imsi: '001010000000001',
      mme: {
        host: mme,
        realm,
        visitedPlmn: '00101',
        since: '2026-01-01T12:00:00.000Z',
        ratType: 'eutran',
        features: ['UE-Reachability-Notification', 'State/Location-Information-Retrieval'],
        purged: false,
        registeredForSms: false,
        number: null,
        reachabilityAwaited: false,
        areaRestricted: false,
        homogeneousImsVoice: 'supported',
        srvcc: true,
        reported: {
          at: '2026-01-01T12:30:00.000Z',
          mmeLocation: { cell: '00101-0000-0101', trackingArea: '00101-0001', ageMinutes: 3 },
          sgsnLocation: null,
          mmeState: 'CONNECTED_REACHABLE_FOR_PAGING',
          sgsnState: null,
          timeZone: null,
          ratType: 'eutran',
          imsVoice: true,
          lastActivityAt: null,
        },
      },
      sgsn: null,
      terminal: { imei: '35209900176148', softwareVersion: '01', since: '2026-01-01T12:00:00.000Z' },
      pdnGws: [{ apn: 'ims', host: 'pgw1.node.epc.mnc001.mcc001.3gppnetwork.org', realm, addresses: [] }],
    },
  ],
};

export const attachedNodeExample: AttachedNodeView = {
  kind: 'mme',
  host: mme,
  realm,
  imsis: 12_000,
  purged: 150,
};
