/** What is kept of an IMSI, as it is shown. */
import { plmnOf } from '../plmn';
import { ratTypeName } from '../rat-types';
import type { ServingNode, ServingNodes } from '../state/serving-nodes';
import { announcedFeatures } from '../supported-features';
import { tbcdDigits } from '../tbcd';
import { reportedView } from './reported-view';
import type { AttachmentView, ServingNodeView } from './serving-node-views';

const instant = (ms: number): string => new Date(ms).toISOString();
const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');

const servingNodeView = (node: ServingNode): ServingNodeView => ({
  host: node.host,
  realm: node.realm,
  visitedPlmn: plmnOf(octets(node.visitedPlmnId)) ?? node.visitedPlmnId,
  since: instant(node.sinceMs),
  ratType: ratTypeName(node.ratType),
  features: node.features === null ? null : [...announcedFeatures(node)],
  purged: node.isPurged,
  registeredForSms: node.isRegisteredForSms === true,
  number: node.number === undefined ? null : (tbcdDigits(octets(node.number)) ?? node.number),
  reachabilityAwaited: node.isReachabilityAwaited === true,
  areaRestricted: node.isAreaRestricted === true,
  homogeneousImsVoice: node.homogeneousImsVoice ?? null,
  srvcc: node.ueSrvccCapability === undefined ? null : node.ueSrvccCapability === 1,
  reported: node.reported === undefined ? null : reportedView(node.reported),
});

export const attachmentView = ({ imsi, mme, sgsn, terminal, pdnGws = [] }: ServingNodes): AttachmentView => ({
  imsi,
  mme: mme === undefined ? null : servingNodeView(mme),
  sgsn: sgsn === undefined ? null : servingNodeView(sgsn),
  terminal:
    terminal === undefined
      ? null
      : {
          imei: terminal.imei,
          softwareVersion: terminal.softwareVersion ?? null,
          since: instant(terminal.atMs),
        },
  pdnGws: pdnGws.map(({ apn, host, realm, addresses = [] }) => ({
    apn,
    host: host ?? null,
    realm: realm ?? null,
    addresses: [...addresses],
  })),
});
