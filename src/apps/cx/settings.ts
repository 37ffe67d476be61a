/** What an operator chooses of the Cx application. */
import type { AuthenticationScheme, Capabilities } from '../../subscriber/subscription-document';
import type { CxPriorities } from './priorities';

export interface CxSettings {
  /** IMS Restoration Procedures are supported [29.228-3.1]. */
  readonly imsRestoration: boolean;
  /**
   * "Subject to the operator policy, the HSS may include all the S-CSCF Restoration Information groups"
   * [29.228-6.1.2.1].
   */
  readonly sendAllRestorationInfo: boolean;
  /**
   * The P-CSCF-Restoration-mechanism feature is supported [29.229-7.1.1]; SAR-Flags are not looked at without
   * it.
   */
  readonly pcscfRestoration: boolean;
  /** Keep the S-CSCF name on the STORE_SERVER_NAME types, which 6.1.2.1 leaves to the HSS. */
  readonly keepServerName: boolean;
  /** An authentication that nobody reports back on is no longer pending after this time. */
  readonly authenticationPendingMaxAgeMs: number;
  /** What "Unknown" in a MAR stands for where a private identity that has it provisioned names none. */
  readonly defaultScheme?: AuthenticationScheme | undefined;
  /** Upper bound of what SIP-Number-Auth-Items may ask for. */
  readonly maxAuthenticationVectors: number;
  /** Download the profile even where the S-CSCF says that it has it, which 6.6 allows. */
  readonly alwaysSendUserData: boolean;
  /** Server-Capabilities of subscriptions that ask for none, for I-CSCFs that cannot choose without. */
  readonly defaultCapabilities: Capabilities;
  /** Which requests go first when more come than can be served. */
  readonly priorities: CxPriorities;
}
