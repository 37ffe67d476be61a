/** The S6a/S6d application as the dispatcher takes it [29.272-5]: handlers and features. */
import type { SecretOpener } from '../../authentication/secret-opener';
import type { Application } from '../../diameter/dispatch/contract';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import { s6aRoles } from './config';
import { s6aFeatureList1, s6aFeatureList2 } from './feature-tables';
import { ExperimentalResultCode, S6A_APPLICATION_ID } from './generated/s6a';
import { createAuthenticationInformationHandler } from './procedures/authentication-information';
import { createNotifyHandler } from './procedures/notify';
import { createPurgeUeHandler } from './procedures/purge-ue';
import { createUpdateLocationHandler } from './procedures/update-location';
import type { S6aSettings } from './settings';
import { supportedFeatures } from './supported-features';

const UPDATE_LOCATION = 316;
const AUTHENTICATION_INFORMATION = 318;
const PURGE_UE = 321;
const NOTIFY = 323;

export const createS6aApplication = (settings: S6aSettings, secrets: SecretOpener): Application => ({
  applicationId: S6A_APPLICATION_ID,
  vendorId: VENDOR_3GPP,
  name: 'S6a/S6d',
  omitsVendorSpecificApplicationId: true,
  experimentalResults: ExperimentalResultCode,
  usualPeerRoles: s6aRoles,
  offers: [
    { table: s6aFeatureList1, enabled: supportedFeatures },
    { table: s6aFeatureList2, enabled: supportedFeatures },
  ],
  handlers: new Map([
    [UPDATE_LOCATION, createUpdateLocationHandler(settings)],
    [AUTHENTICATION_INFORMATION, createAuthenticationInformationHandler(settings, secrets)],
    [PURGE_UE, createPurgeUeHandler()],
    [NOTIFY, createNotifyHandler()],
  ]),
});
