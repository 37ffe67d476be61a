/** Names of the networks and of the nodes. */
export const realm = 'epc.mnc001.mcc001.3gppnetwork.org';
/** The names that the tests have for the nodes, which are the first labels of their Origin-Hosts. */
export const nodeNames = ['mme1', 'mme2', 'sgsn1'] as const;
export const hostOf = (node: string): string => `${node}.${realm}`;
export const imsDomain = 'ims.mnc001.mcc001.3gppnetwork.org';
