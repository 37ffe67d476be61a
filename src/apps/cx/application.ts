/** The Cx application: TS 29.228 and TS 29.229, application 16777216. */
import type { Application } from '../../diameter/dispatch/contract';
import { noServingNodes, type ServingNodePort } from './serving-nodes';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import { CX_APPLICATION_ID, ExperimentalResultCode } from './generated/cx';
import { cxRoles } from './config/roles';
import { cxFeatureTable } from './feature-table';
import { createLocationInfoHandler } from './location-info';
import { createMultimediaAuthHandler } from './multimedia-auth';
import { createServerAssignmentHandler } from './server-assignment';
import type { SecretOpener } from '../../authentication/secret-opener';
import type { CxSettings } from './settings';
import { createUserAuthorizationHandler } from './user-authorization';

export type { CxSettings } from './settings';

/** `features`: names of table 7.1.1 that this HSS supports. */
export function createCxApplication(
  settings: CxSettings,
  features: ReadonlySet<string>,
  secrets: SecretOpener,
  servingNodes: ServingNodePort = noServingNodes,
): Application {
  return {
    applicationId: CX_APPLICATION_ID,
    vendorId: VENDOR_3GPP,
    name: 'Cx/Dx',
    experimentalResults: ExperimentalResultCode,
    usualPeerRoles: cxRoles,
    offers: [{ table: cxFeatureTable, enabled: features }],
    handlers: new Map([
      [300, createUserAuthorizationHandler(settings)],
      [301, createServerAssignmentHandler(settings, servingNodes)],
      [302, createLocationInfoHandler(settings)],
      [303, createMultimediaAuthHandler(settings, secrets)],
    ]),
  };
}
