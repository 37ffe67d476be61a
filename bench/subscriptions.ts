/**
 * The subscriptions that a run works on, as the NDJSON that `POST /v1/import` takes; identities as the load
 * generator asks for them.
 */
import { naming } from './load/options';
import { identityPattern } from './load/identities';

/** small: one identity, no filter criterion. realistic: three identities in a set, five filter criteria. */
export type ProfileKind = 'small' | 'realistic';
export const profileKinds: readonly ProfileKind[] = ['small', 'realistic'];

const PROFILE = 'bench';
/** TS 35.208 clause 4.3, test set 1: public, for measuring only. */
const key = { k: '465b5ce8b199b49faa5f0a2ee238a6bc', opc: 'cd63cb71954a9f4e48a5994e37a02baf' };

const methods = ['INVITE', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'REGISTER'];

function serviceProfile(kind: ProfileKind): object {
  if (kind === 'small') return { name: PROFILE };
  return {
    name: PROFILE,
    initialFilterCriteria: methods.map((method, i) => ({
      priority: i + 1,
      triggerPoint: {
        conditionTypeCnf: true,
        servicePointTriggers:
          method === 'REGISTER'
            ? [{ groups: [0], method }]
            : [
                { groups: [0], method },
                {
                  groups: [1],
                  sessionCase: i % 2 === 0 ? 'ORIGINATING_REGISTERED' : 'TERMINATING_REGISTERED',
                },
              ],
      },
      applicationServer: {
        serverName: `sip:as${i + 1}.${naming.realm}:5060`,
        defaultHandling: 'SESSION_CONTINUED',
      },
    })),
  };
}

const ambr = { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 };

/** Two APNs, as a phone with VoLTE has them. */
const epsProfile = {
  name: PROFILE,
  networkAccessMode: 'onlyPacket',
  ambr,
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: [
      { contextIdentifier: 1, serviceSelection: 'internet', qosProfile: { qci: 9, priorityLevel: 8 } },
      { contextIdentifier: 2, serviceSelection: 'ims', qosProfile: { qci: 5, priorityLevel: 1 } },
    ].map((apn) => ({ ...apn, pdnType: 'ipv4v6', ambr })),
  },
};

function subscription(
  kind: ProfileKind,
  n: number,
  names: { impi: (n: number) => string; impu: (n: number) => string },
): object {
  const digits = String(n).padStart(10, '0');
  const imsi = `00101${digits}`;
  const publicIdentities: object[] = [{ identity: names.impu(n), serviceProfile: PROFILE }];
  if (kind === 'realistic') {
    publicIdentities.push(
      { identity: `sip:user${digits}@${naming.realm}`, displayName: `User ${n}`, serviceProfile: PROFILE },
      { identity: `tel:+1999${digits}`, serviceProfile: PROFILE },
    );
  }
  return {
    id: `bench-${digits}`,
    usims: [{ imsi, msisdns: [`1999${digits}`], aka: key, eps: { profile: PROFILE } }],
    privateIdentities: [{ identity: names.impi(n), imsi, authentication: { usim: imsi } }],
    implicitRegistrationSets: [{ name: 'default', publicIdentities }],
  };
}

const CHUNK_OCTETS = 65_536;

/** The profiles, then subscriptions 1 to `count`. */
export async function* records(kind: ProfileKind, count: number): AsyncGenerator<Buffer, void, undefined> {
  const names = {
    impi: identityPattern(naming.privateIdentity).text,
    impu: identityPattern(naming.publicIdentity).text,
  };
  let text = `${JSON.stringify({ serviceProfile: serviceProfile(kind) })}\n${JSON.stringify({ epsProfile })}\n`;
  for (let n = 1; n <= count; n += 1) {
    text += `${JSON.stringify(subscription(kind, n, names))}\n`;
    if (text.length < CHUNK_OCTETS) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
