/** From the sections of the configuration to what the Cx procedures and the outbox take. Pure. */
import type { z } from 'zod';
import { limits } from '../../../shared/limits';
import type { CxPushSettings, PeerPushPolicy } from '../outgoing/contract';
import type { CxPriorities } from '../priorities';
import type { CxSettings } from '../settings';
import type { cx } from './procedures';
import type { push } from './push';

type CxSection = z.output<typeof cx>;
type PushSection = z.output<typeof push>;

export const cxSettings = (
  section: CxSection,
  { emergencyPriority, sessionPriorities }: CxPriorities,
): CxSettings => ({
  imsRestoration: section.features.imsRestoration,
  sendAllRestorationInfo: section.sendAllRestorationInfo,
  pcscfRestoration: section.features.pcscfRestoration,
  keepServerName: section.keepServerName,
  authenticationPendingMaxAgeMs: section.authenticationPendingMaxAgeSeconds * 1_000,
  defaultScheme: section.defaultScheme,
  maxAuthenticationVectors: section.maxAuthenticationVectors,
  alwaysSendUserData: section.alwaysSendUserData,
  defaultCapabilities: section.defaultCapabilities,
  priorities: { emergencyPriority, sessionPriorities },
});

/** Names of TS 29.229 table 7.1.1 that the configuration switches on. */
export const cxFeatures = ({ features }: CxSection): ReadonlySet<string> =>
  new Set([
    'AliasInd',
    ...(features.sharedIfcSets ? ['SiFC'] : []),
    ...(features.imsRestoration ? ['IMSRestorationInd'] : []),
    ...(features.pcscfRestoration ? ['P-CSCF-Restoration-mechanism'] : []),
  ]);

/** What holds for an S-CSCF: its own settings, else those for all. */
export function pushPolicies({
  profileUpdates,
  afterNoAnswer,
  listPublicIdentities,
  combinePrivateIdentities,
  servers,
}: PushSection): (host: string) => PeerPushPolicy {
  const common: PeerPushPolicy = {
    profileUpdates,
    afterNoAnswer,
    listPublicIdentities,
    combinePrivateIdentities,
  };
  const own = new Map(
    servers.map((server): [string, PeerPushPolicy] => [
      server.identity.toLowerCase(),
      {
        profileUpdates: server.profileUpdates ?? profileUpdates,
        afterNoAnswer: server.afterNoAnswer ?? afterNoAnswer,
        listPublicIdentities: server.listPublicIdentities ?? listPublicIdentities,
        combinePrivateIdentities: server.combinePrivateIdentities ?? combinePrivateIdentities,
      },
    ]),
  );
  return (host) => own.get(host.toLowerCase()) ?? common;
}

/** The setting that requests by hand need already when they are written. */
export function combinesPrivateIdentities(push: PushSection): (host: string) => boolean {
  const policyOf = pushPolicies(push);
  return (host) => policyOf(host).combinePrivateIdentities;
}

/** What holds for the requests that Cx sends. */
export const cxPushSettings = ({
  push,
  cx,
}: {
  readonly push: PushSection;
  readonly cx: CxSection;
}): CxPushSettings => ({
  imsRestoration: cx.features.imsRestoration,
  authenticationPendingMaxAgeMs: cx.authenticationPendingMaxAgeSeconds * 1_000,
  policyOf: pushPolicies(push),
  priorities: {
    ...(push.terminationPriority === limits.drmpLevel.default ? {} : { RTR: push.terminationPriority }),
    ...(push.profilePriority === limits.drmpLevel.default ? {} : { PPR: push.profilePriority }),
  },
});
