/**
 * Settings of the subscription locator (SLF), TS 29.228 clause 6.4, and what has to fit together for each
 * role.
 */
import { z } from 'zod';
import { redirectUsages } from './locator/entry';
import type { CrossFault } from '../../config/config-error';
import type { ConfigPart } from '../../config/contract';
import { diameterIdentity, integer, section } from '../../config/fields';
import type { role } from '../../config/sections/role';

export const slf = section(
  {
    originHost: diameterIdentity({
      description: 'Origin-Host of the SLF where role is both; in role slf it is diameter.originHost',
    }).optional(),
    mode: z.enum(['redirect', 'proxy']).default('redirect').meta({
      description:
        'redirect answers with the HSSs to ask [6733-6.1.8]; proxy sends requests to the first of them that is connected [29.229-5.5]',
    }),
    unknownIdentity: z.enum(['userUnknown', 'unableToDeliver']).default('userUnknown').meta({
      description:
        'Answer for an identity that no entry is about: DIAMETER_ERROR_USER_UNKNOWN (5001) or DIAMETER_UNABLE_TO_DELIVER (3002)',
    }),
    usage: z
      .enum(redirectUsages)
      .default('ALL_USER')
      .meta({ description: 'Redirect-Host-Usage of entries that say none [6733-6.13]' }),
    maxCacheSeconds: integer(
      { min: 0, max: 4_294_967_295, default: 300 },
      'Redirect-Max-Cache-Time of entries that say none [6733-6.14]; so long a moved subscriber may still be asked for at the old HSS',
    ),
    answerTimeoutMs: integer(
      { min: 50, max: 60_000, default: 2_500 },
      'Wait for the answer of one HSS before the next one is asked, in proxy mode',
    ),
  },
  'The subscription locator, where role is slf or both',
);

/** What is looked at of the whole configuration. */
export interface RoleSettings {
  readonly role: z.output<typeof role>;
  readonly slf: z.output<typeof slf>;
  readonly diameter: {
    readonly originHost: string;
    readonly listen: readonly { readonly role?: 'hss' | 'slf' | undefined }[];
  };
  readonly peers: readonly { readonly identity: string; readonly connectAs?: 'hss' | 'slf' | undefined }[];
}

export const dxConfig: ConfigPart<RoleSettings> = {
  // Whose RTR and PPR come through an SLF.
  peerRoles: ['hss'],
  faults: (config) => (config.role === 'both' ? checkBoth(config) : checkOne(config)),
};

function checkOne({ role: only, slf: locator, diameter, peers }: RoleSettings): CrossFault[] {
  const faults: CrossFault[] = [];
  if (locator.originHost !== undefined) {
    faults.push({
      at: ['slf', 'originHost'],
      path: 'slf.originHost',
      found: `"${locator.originHost}" with role: ${only}`,
      allowed: 'only with role: both; else diameter.originHost names the node',
    });
  }
  const places = [
    ...diameter.listen.map((entry, i) => ({
      at: ['diameter', 'listen', i, 'role'],
      path: `diameter.listen[${i}].role`,
      given: entry.role,
    })),
    ...peers.map((entry, i) => ({
      at: ['peers', i, 'connectAs'],
      path: `peers[${i}].connectAs`,
      given: entry.connectAs,
    })),
  ];
  for (const { at, path, given } of places) {
    if (given !== undefined && given !== only)
      faults.push({ at, path, found: `${given} with role: ${only}`, allowed: `${only}, or role: both` });
  }
  return faults;
}

function checkBoth({ slf: { originHost }, diameter, peers }: RoleSettings): CrossFault[] {
  const faults: CrossFault[] = [];
  const at = ['slf', 'originHost'];
  if (originHost === undefined) {
    faults.push({
      at,
      path: 'slf.originHost',
      found: 'none, with role: both',
      allowed: 'a Diameter identity other than diameter.originHost: a CSCF keeps one connection with each',
    });
  } else if (originHost.toLowerCase() === diameter.originHost.toLowerCase()) {
    faults.push({
      at,
      path: 'slf.originHost',
      found: `"${originHost}", which is diameter.originHost`,
      allowed: 'an identity of its own',
    });
  }
  peers.forEach((peer, i) => {
    if (peer.identity.toLowerCase() !== originHost?.toLowerCase()) return;
    faults.push({
      at: ['peers', i, 'identity'],
      path: `peers[${i}].identity`,
      found: `"${peer.identity}", which is slf.originHost`,
      allowed: 'the identity of another node',
    });
  });
  const reachable =
    diameter.listen.some((entry) => entry.role === 'slf') || peers.some((peer) => peer.connectAs === 'slf');
  if (!reachable)
    faults.push({
      at: ['diameter', 'listen'],
      path: 'diameter.listen',
      found: 'no listener with role: slf, with role: both',
      allowed: 'at least one listener with role: slf',
    });
  return faults;
}
