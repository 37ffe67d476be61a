/** How Cx and Dx are advertised in CER and CEA [29.229-5.6]: under 3GPP, and under ETSI for NASS-Bundled use. */
import { VENDOR_3GPP, VENDOR_ETSI } from '../../diameter/generated/base';
import { CX_APPLICATION_ID } from './generated/cx';

/** The application identifier and the vendors that Vendor-Specific-Application-Id names with it. */
export const CX_APPLICATION = {
  applicationId: CX_APPLICATION_ID,
  vendorIds: [VENDOR_3GPP, VENDOR_ETSI],
} as const;
