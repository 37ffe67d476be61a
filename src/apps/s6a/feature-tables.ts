/**
 * The features of S6a and S6d [29.272-7.3.10.1]: tables 7.3.10/1 and 7.3.10/2 as data. Which of them this HSS
 * supports is in supportedFeatures.
 */
import type { FeatureTable } from '../../diameter/features/feature-lists';
import { VENDOR_3GPP } from '../../diameter/generated/base';

const feature = <Name extends string>(name: Name, bit: number, commands: string, switches: string) => ({
  name,
  bit,
  commands: commands.split(' '),
  switches,
});

/** Table 7.3.10/1. */
export const s6aFeatureList1 = {
  vendorId: VENDOR_3GPP,
  featureListId: 1,
  features: [
    feature('ODB-all-APN', 0, 'ULR IDR', 'barring of all packet oriented services is sent'),
    feature('ODB-HPLMN-APN', 1, 'ULR IDR', 'barring of access points of the HPLMN while roaming is sent'),
    feature('ODB-VPLMN-APN', 2, 'ULR IDR', 'barring of access points of the VPLMN while roaming is sent'),
    feature('ODB-all-OG', 3, 'ULR IDR', 'barring of all outgoing calls is sent'),
    feature('ODB-all-InternationalOG', 4, 'ULR IDR', 'barring of international calls is sent'),
    feature(
      'ODB-all-InternationalOGNotToHPLMN-Country',
      5,
      'ULR IDR',
      'barring of international calls but to the home country is sent',
    ),
    feature('ODB-all-InterzonalOG', 6, 'ULR IDR', 'barring of inter-zonal calls is sent'),
    feature(
      'ODB-all-InterzonalOGNotToHPLMN-Country',
      7,
      'ULR IDR',
      'barring of inter-zonal calls but to the home country is sent',
    ),
    feature(
      'ODB-all-InterzonalOGAndInternationalOGNotToHPLMN-Country',
      8,
      'ULR IDR',
      'barring of inter-zonal calls and of international calls but to the home country is sent',
    ),
    feature('RegSub', 9, 'ULR IDR DSR', 'zone codes are sent'),
    feature('Trace', 10, 'ULR IDR DSR', 'trace data are sent'),
    feature('LCS-all-PrivExcep', 11, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-Universal', 12, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-CallSessionRelated', 13, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-CallSessionUnrelated', 14, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-PLMNOperator', 15, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-ServiceType', 16, 'ULR IDR', 'data of this location service are sent (Lg)'),
    feature('LCS-all-MOLR-SS', 17, 'ULR IDR', 'data of this location request class are sent'),
    feature('LCS-BasicSelfLocation', 18, 'ULR IDR', 'data of this location request class are sent'),
    feature('LCS-AutonomousSelfLocation', 19, 'ULR IDR', 'data of this location request class are sent'),
    feature('LCS-TransferToThirdParty', 20, 'ULR IDR', 'data of this location request class are sent'),
    feature('SM-MO-PP', 21, 'ULR IDR', 'the teleservice of short messages is sent'),
    feature('Barring-OutgoingCalls', 22, 'ULR IDR', 'call barring for short messages is sent'),
    feature('BAOC', 23, 'ULR IDR', 'call barring of all outgoing calls is sent'),
    feature('BOIC', 24, 'ULR IDR', 'call barring of international calls is sent'),
    feature('BOICExHC', 25, 'ULR IDR', 'call barring of international calls but to the home country is sent'),
    feature(
      'UE-Reachability-Notification',
      26,
      'ULR IDR',
      'the node is asked to tell when the UE is reachable',
    ),
    feature('T-ADS Data Retrieval', 27, 'ULR IDR', 'the node is asked for the support of IMS voice'),
    feature(
      'State/Location-Information-Retrieval',
      28,
      'ULR IDR',
      'the node is asked for the state and the location of the UE',
    ),
    feature('Partial Purge', 29, 'ULR PUR', 'a combined node purges the UE in one of its parts'),
    feature('Local Time Zone Retrieval', 30, 'ULR IDR', 'the node is asked for the local time zone'),
    feature('Additional MSISDN', 31, 'ULR IDR DSR', 'the additional MSISDN is sent'),
  ],
} satisfies FeatureTable;

/** Table 7.3.10/2. */
export const s6aFeatureList2 = {
  vendorId: VENDOR_3GPP,
  featureListId: 2,
  features: [
    feature('SMS in MME', 0, 'ULR IDR DSR NOR', 'the MME can be registered for short messages'),
    feature('SMS in SGSN', 1, 'ULR', 'the SGSN may serve short messages'),
    feature('Dia-LCS-all-PrivExcep', 2, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-Universal', 3, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-CallSessionRelated', 4, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-CallSessionUnrelated', 5, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-PLMNOperator', 6, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-ServiceType', 7, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-all-MOLR-SS', 8, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-BasicSelfLocation', 9, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-AutonomousSelfLocation', 10, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Dia-LCS-TransferToThirdParty', 11, 'ULR IDR', 'data of this location service are sent (Lgd)'),
    feature('Gdd-in-SGSN', 12, 'ULR', 'the SGSN has the Diameter based Gdd interface'),
    feature('Optimized-LCS-Proc-Support', 13, 'ULR', 'the optimised location procedure'),
    feature('SGSN CAMEL Capability', 14, 'ULR', 'subscribers with CAMEL data are refused to the SGSN'),
    feature('ProSe Capability', 15, 'ULR IDR', 'proximity service data are sent'),
    feature('P-CSCF Restoration', 16, 'ULR IDR', 'the node is asked to restore a P-CSCF'),
    feature('Reset-IDs', 17, 'ULR IDR DSR RSR', 'Reset-IDs are sent'),
    feature('Communication-Pattern', 18, 'ULR IDR', 'communication patterns are sent'),
    feature('Monitoring-Event', 19, 'ULR IDR', 'monitoring events are configured'),
    feature('Dedicated Core Networks', 20, 'ULR IDR DSR', 'the UE usage type is sent'),
    feature('Non-IP PDN Type APNs', 21, 'ULR IDR', 'APN configurations without IP are sent'),
    feature('Non-IP PDP Type APNs', 22, 'ULR IDR', 'PDP contexts without IP are sent'),
    feature('Removal of MSISDN', 23, 'ULR DSR', 'an MSISDN is withdrawn'),
    feature('Emergency Service Continuity', 24, 'ULR NOR IDR', 'the P-GW of emergency connections is kept'),
    feature('V2X Capability', 25, 'ULR IDR', 'V2X data are sent'),
    feature('External-Identifier', 26, 'ULR DSR IDR', 'the external identifier is sent'),
    feature('NR as Secondary RAT', 27, 'ULR IDR', 'restrictions of NR as secondary RAT are sent'),
    feature(
      'Unlicensed Spectrum as Secondary RAT',
      28,
      'ULR IDR',
      'restrictions of unlicensed spectrum are sent',
    ),
    feature('Ethernet PDN Type APNs', 29, 'ULR IDR', 'APN configurations with Ethernet are sent'),
    feature('Extended Reference IDs', 30, 'ULR IDR', 'SCEF Reference IDs of 64 bits are sent'),
  ],
} satisfies FeatureTable;

/** Names of both tables. */
export type S6aFeature =
  (typeof s6aFeatureList1.features)[number]['name'] | (typeof s6aFeatureList2.features)[number]['name'];
