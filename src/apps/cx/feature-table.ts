/** The features of the Cx application, TS 29.229 table 7.1.1 [29.229-7.1.1]. */
import type { FeatureTable } from '../../diameter/features/feature-lists';
import { VENDOR_3GPP } from '../../diameter/generated/base';

export const SIFC = 'SiFC';
export const ALIAS_IND = 'AliasInd';
export const IMS_RESTORATION_IND = 'IMSRestorationInd';
export const P_CSCF_RESTORATION = 'P-CSCF-Restoration-mechanism';

export const cxFeatureTable: FeatureTable = {
  vendorId: VENDOR_3GPP,
  featureListId: 1,
  features: [
    {
      name: SIFC,
      bit: 0,
      commands: ['SAR', 'PPR'],
      switches: 'shared iFC sets are named by their identifier instead of being sent in full',
    },
    {
      name: ALIAS_IND,
      bit: 1,
      commands: ['SAR', 'PPR'],
      switches:
        'identities that are no aliases of each other may share a ServiceProfile, told apart by AliasIdentityGroupID',
    },
    {
      name: IMS_RESTORATION_IND,
      bit: 2,
      commands: ['UAR', 'LIR', 'SAR'],
      switches: 'S-CSCF restoration information is kept and returned',
    },
    {
      name: P_CSCF_RESTORATION,
      bit: 3,
      commands: ['SAR'],
      switches: 'the P-CSCF restoration indication is passed to the serving nodes',
    },
  ],
};
