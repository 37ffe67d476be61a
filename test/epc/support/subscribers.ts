/** Subscribers with two APNs, and the USIM in their phones. */
import { createHmac } from 'node:crypto';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { Usim, type Challenge } from '../../ims/support/usim';
import type { Avps } from './avps';
import { imsDomain } from './names';

type UsimInput = NonNullable<SubscriptionDocumentInput['usims']>[number];
type Eps = NonNullable<UsimInput['eps']>;

/** TS 35.208 clause 4.3, test set 1. */
const key = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };

/** 001/01 and 262/01 as TS 29.272 clause 7.3.9 has them. */
export const homePlmn = '00f110';
export const foreignPlmn = '62f210';

export const internet = {
  contextIdentifier: 1,
  serviceSelection: 'internet',
  pdnType: 'ipv4v6',
  qosProfile: { qci: 9, priorityLevel: 8 },
  ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
} as const;

export const ims = {
  contextIdentifier: 2,
  serviceSelection: 'ims',
  pdnType: 'ipv4v6',
  qosProfile: { qci: 5, priorityLevel: 1 },
  ambr: { uplinkBitsPerSecond: 1_000_000, downlinkBitsPerSecond: 1_000_000 },
} as const;

export const twoApns: Eps = {
  networkAccessMode: 'packetAndCircuit',
  ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
  apnConfigurationProfile: { defaultContextIdentifier: 1, apnConfigurations: [internet, ims] },
};

let count = 0;

export interface Subscriber {
  readonly id: string;
  readonly imsi: string;
  readonly msisdn: string;
  /** MSISDN as the AVP has it: TBCD. */
  readonly msisdnTbcd: string;
  readonly impi: string;
  readonly impu: string;
  readonly usim: Usim;
  /** What is provisioned for an MME, with other EPS data where they are given. */
  eps(change?: Partial<Eps>): SubscriptionDocumentInput;
  /** For an S-CSCF; for an MME too where there are EPS data. */
  ims(eps?: Eps): SubscriptionDocumentInput;
}

export function newSubscriber(id: string): Subscriber {
  count += 1;
  const imsi = `00101${String(count).padStart(10, '0')}`;
  const msisdn = String(491_710_000_000 + count);
  const impi = `${imsi}@${imsDomain}`;
  const impu = `sip:${id}@${imsDomain}`;
  const usim = { imsi, msisdns: [msisdn], aka: key };
  return {
    id,
    imsi,
    msisdn,
    msisdnTbcd: msisdn.replace(/(.)(.)/g, '$2$1'),
    impi,
    impu,
    usim: newUsim(),
    eps: (change = {}) => ({
      id,
      privateIdentities: [],
      implicitRegistrationSets: [],
      usims: [{ ...usim, eps: { ...twoApns, ...change } }],
    }),
    ims: (eps) => ({
      id,
      privateIdentities: [{ identity: impi, authentication: { usim: imsi } }],
      implicitRegistrationSets: [
        { name: 'default', publicIdentities: [{ identity: impu, serviceProfile: 'plain' }] },
      ],
      serviceProfiles: [{ name: 'plain' }],
      usims: [{ ...usim, ...(eps === undefined ? {} : { eps }) }],
    }),
  };
}

export const newUsim = (): Usim =>
  new Usim({ k: Buffer.from(key.k, 'hex'), opc: Buffer.from(key.opc, 'hex'), indBits: 5 });

/** A vector that an answer has, put to the USIM: its answer. */
export function challenge(usim: Usim, vector: Avps): Challenge {
  return usim.challenge(octets(vector, 'RAND'), octets(vector, 'AUTN'));
}

export function octets(avps: Avps, name: string): Buffer {
  const digits = avps[name];
  if (typeof digits !== 'string') throw new Error(`no octets: ${name}`);
  return Buffer.from(digits, 'hex');
}

/** KASME as the UE derives it: TS 33.401 annex A.2 with the key derivation function of TS 33.220 annex B.2. */
export function kasme({ ck, ik }: { ck: Buffer; ik: Buffer }, plmn: string, autn: Buffer): string {
  const input = Buffer.concat([
    Buffer.from('10', 'hex'),
    Buffer.from(`${plmn}0003`, 'hex'),
    autn.subarray(0, 6),
    Buffer.from('0006', 'hex'),
  ]);
  return createHmac('sha256', Buffer.concat([ck, ik]))
    .update(input)
    .digest('hex');
}
