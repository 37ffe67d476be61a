/** GPRS subscription data: the PDP contexts of an SGSN [29.272-7.3.72]. */
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { apnPermissions, checkNonIp } from './apn-configuration';
import { contextIdentifier, hexText, ipAddress, serviceSelection } from './fields';

/** ipv4v6 is PDP-Type IPv4 with Ext-PDP-Type IPv4v6 [29.272-7.3.75] [29.272-7.3.75A]. */
export const pdpTypes = ['ipv4', 'ipv6', 'ipv4v6', 'nonIp'] as const;

const pdpContext = z.strictObject({
  contextIdentifier: contextIdentifier.describe('Unique among the PDP contexts [29.272-7.3.27]'),
  pdpType: z.enum(pdpTypes).describe('PDP-Type, Ext-PDP-Type [29.272-7.3.75] [29.272-7.3.75A]'),
  pdpAddress: ipAddress.optional().describe('Static address [29.272-7.3.74]'),
  extPdpAddress: ipAddress.optional().describe('That of the other family, for ipv4v6 [29.272-7.3.129]'),
  qosSubscribed: hexText(3, 22).describe('Octets of TS 29.002, extensions appended [29.272-7.3.77]'),
  serviceSelection: serviceSelection.describe('May occur in several PDP contexts [29.272-7.3.74]'),
  ...apnPermissions,
});
export type PdpContext = z.output<typeof pdpContext>;

const fits = (type: PdpContext['pdpType'], address: string): boolean =>
  type === 'ipv4v6' || (type === 'ipv4' && isIPv4(address)) || (type === 'ipv6' && isIPv6(address));

export const gprsSubscriptionData = z
  .array(pdpContext)
  .max(epsLimits.pdpContextsCount)
  .superRefine((contexts, context) => {
    const seen = new Set<number>();
    contexts.forEach((entry, i) => {
      const report = (path: (string | number)[], message: string): void =>
        context.addIssue({ code: 'custom', path: [i, ...path], message });
      if (seen.has(entry.contextIdentifier)) report(['contextIdentifier'], 'occurs twice in this list');
      seen.add(entry.contextIdentifier);
      checkNonIp(entry, entry.pdpType === 'nonIp', report);
      for (const name of ['pdpAddress', 'extPdpAddress'] as const) {
        const address = entry[name];
        if (address !== undefined && !fits(entry.pdpType, address))
          report([name], `does not fit the PDP type ${entry.pdpType} [29.272-7.3.74]`);
      }
      const { pdpAddress: first, extPdpAddress: second } = entry;
      if (second === undefined) return;
      if (first === undefined) report(['extPdpAddress'], 'needs pdpAddress [29.272-7.3.74]');
      else if (isIPv4(first) === isIPv4(second))
        report(['extPdpAddress'], 'is of the same family as pdpAddress [29.272-7.3.74]');
    });
  });
