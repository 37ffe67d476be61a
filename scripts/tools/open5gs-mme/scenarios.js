/**
 * What is tried: each scenario provisions one subscriber, lets its UE attach and says what must be heard. `during`
 * happens while the UE is attached; `mme` is looked for in the log of the MME.
 */
'use strict';

const K = '465b5ce8b199b49faa5f0a2ee238a6bc';
const OPC = 'cd63cb71954a9f4e48a5994e37a02baf';
const PLMN = '00101';

const EPS = {
  networkAccessMode: 'onlyPacket',
  ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: [
      {
        contextIdentifier: 1,
        serviceSelection: 'internet',
        pdnType: 'ipv4v6',
        qosProfile: { qci: 9, priorityLevel: 8 },
      },
      {
        contextIdentifier: 2,
        serviceSelection: 'ims',
        pdnType: 'ipv4v6',
        qosProfile: { qci: 5, priorityLevel: 1 },
      },
    ],
  },
};
/** With `eps` a subscriber of the EPC; with null one of the IMS alone. */
const document = (msin, eps) => ({
  id: `ue-${msin}`,
  ...(eps === null && {
    privateIdentities: [
      {
        identity: `${PLMN}${msin}@ims.example`,
        imsi: `${PLMN}${msin}`,
        authentication: { usim: `${PLMN}${msin}` },
      },
    ],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [{ identity: `sip:${msin}@ims.example`, serviceProfile: 'default' }],
      },
    ],
    serviceProfiles: [{ name: 'default' }],
  }),
  usims: [
    {
      imsi: `${PLMN}${msin}`,
      msisdns: [`1555${msin.slice(-7)}`],
      aka: { k: K, opc: OPC },
      ...(eps && { eps }),
    },
  ],
});

const attached = ['separation bit set', 'Attach Accept', 'EMM Information: attached'];

module.exports = {
  K,
  OPC,
  PLMN,
  scenarios: [
    { name: 'unknown IMSI', msin: '9999999999', expects: ['Attach Reject, EMM cause 8'] },
    { name: 'SIM for IMS alone', msin: '0000000101', eps: null, expects: ['Attach Reject, EMM cause 15'] },
    { name: 'attach', msin: '0000000102', eps: EPS, expects: attached },
    {
      name: 'attach after a synchronisation failure',
      msin: '0000000103',
      eps: EPS,
      resyncSqn: '0x100000020',
      expects: ['EMM cause 21', 'SQN 0001000000', ...attached],
    },
    {
      name: 'forbidden network',
      msin: '0000000104',
      eps: { ...EPS, forbiddenVisitedNetworks: [PLMN] },
      expects: ['Attach Reject, EMM cause 11'],
    },
    {
      name: 'E-UTRAN not allowed',
      msin: '0000000105',
      eps: { ...EPS, accessRestrictions: ['wbEutranNotAllowed'] },
      expects: ['Attach Reject, EMM cause 13'],
    },
    {
      name: 'changed subscription while attached (IDR)',
      msin: '0000000106',
      eps: EPS,
      during: ({ api }) =>
        api('PATCH', '/v1/subscriptions/ue-0000000106', {
          usims: document('0000000106', {
            ...EPS,
            ambr: { uplinkBitsPerSecond: 1_000_000, downlinkBitsPerSecond: 2_000_000 },
          }).usims,
        }),
      expects: attached,
      mme: [/Insert-Subscriber-Data/],
    },
    {
      name: 'deleted subscription while attached (CLR)',
      msin: '0000000107',
      eps: EPS,
      during: ({ api }) => api('DELETE', '/v1/subscriptions/ue-0000000107'),
      expects: [...attached, 'Detach Request from the network'],
    },
  ],
  document,
};
