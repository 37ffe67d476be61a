/** GPRS-Subscription-Data: PDP contexts [29.272-7.3.72]. */
import type { PdpContext as Provisioned } from '../../../subscriber/eps';
import { CompleteDataListIncludedIndicator, type PdpContext } from '../generated/s6a';
import { ambrAvps, commonAvps } from './apn-fields';
import type { Recipient } from './recipient';
import { hex, type Writer } from './writing';

/** [29.272-7.3.75] */
const IPV4 = Buffer.from([0x21]);
const IPV6 = Buffer.from([0x57]);
const NON_IP = Buffer.from([0x02]);
/** IPv4v6, TS 29.060 7.7.27 [29.272-7.3.75A]. */
const IPV4V6 = Buffer.from([0x8d]);

const typeAvps = { ipv4: IPV4, ipv6: IPV6, ipv4v6: IPV4, nonIp: NON_IP };

const pdpContext = (entry: Provisioned, { features }: Recipient): PdpContext => ({
  contextIdentifier: entry.contextIdentifier,
  pdpType: typeAvps[entry.pdpType],
  ...(entry.pdpType === 'ipv4v6' ? { extPdpType: IPV4V6 } : {}),
  ...(entry.pdpAddress === undefined ? {} : { pdpAddress: entry.pdpAddress }),
  ...(entry.extPdpAddress === undefined ? {} : { extPdpAddress: entry.extPdpAddress }),
  qosSubscribed: hex(entry.qosSubscribed),
  serviceSelection: entry.serviceSelection,
  ...(entry.ambr === undefined ? {} : { ambr: ambrAvps(entry.ambr, features) }),
  ...commonAvps(entry),
});

/**
 * "shall only be present in the ULA command if it was indicated by the serving node in the ULR-Flags AVP [...] or when
 * the Update Location Request is received over the S6d interface and there is no APN configuration profile"
 * [29.272-5.2.1.1.3]
 */
export const writeGprs: Writer = (data, { eps, to }) => {
  if (eps.gprsSubscriptionData === undefined) return;
  if (!to.wantsGprs && (to.kind !== 'sgsn' || eps.apnConfigurationProfile !== undefined)) return;
  const contexts = eps.gprsSubscriptionData.filter(
    ({ pdpType }) => pdpType !== 'nonIp' || to.features.has('Non-IP PDP Type APNs'),
  );
  if (contexts.length === 0) return;
  data.gprsSubscriptionData = {
    completeDataListIncludedIndicator: CompleteDataListIncludedIndicator.ALL_PDP_CONTEXTS_INCLUDED,
    pdpContext: contexts.map((entry) => pdpContext(entry, to)),
  };
};
