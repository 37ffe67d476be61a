/** What Cx brings to the configuration: the sections `cx` and `push`. */
import type { z } from 'zod';
import type { ConfigPart } from '../../../config/contract';
import { cxLimits } from '../limits';
import type { cx } from './procedures';
import { cxRoles } from './roles';
import { derivedUserDataOctets, type MessageBounds } from './user-data-bound';

export { combinesPrivateIdentities, cxFeatures, cxPushSettings, cxSettings, pushPolicies } from './settings';
export { cxPriorities } from './priorities';
export { cx } from './procedures';
export { cxRoles } from './roles';
export { push } from './push';

interface CxSections extends MessageBounds {
  readonly cx: z.output<typeof cx>;
}

export const cxConfig: ConfigPart<CxSections> = {
  peerRoles: cxRoles,
  warnings: (config) =>
    config.cx.maxUserDataOctets > derivedUserDataOctets(config)
      ? [
          `cx.maxUserDataOctets leaves less than ${cxLimits.answerRoomOctets} octets to the shortest message that a peer takes: some profiles can be provisioned and not be sent (DIAMETER_UNABLE_TO_COMPLY)`,
        ]
      : [],
  settled: (config) => ({
    ...config,
    cx: { ...config.cx, maxUserDataOctets: config.cx.maxUserDataOctets || derivedUserDataOctets(config) },
  }),
};
