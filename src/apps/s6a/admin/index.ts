/** What S6a and S6d bring to the HTTP API: where subscribers are attached. */
import type { AdminPart } from '../../../admin/contract';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { AttachmentStore } from '../store/attachments';
import {
  attachedNodeListSchema,
  attachedNodeSchema,
  attachmentListSchema,
  attachmentsSchema,
} from './serving-node-views';
import { servingNodeRoutes } from './serving-nodes';

export interface S6aAdminPorts {
  readonly store: Pick<ProvisioningStore, 'getSubscription'>;
  readonly attachments: AttachmentStore;
}

export const s6aAdmin = ({ store, attachments }: S6aAdminPorts): AdminPart => ({
  tags: [],
  schemas: {
    ServingNodes: attachmentsSchema,
    ServingNodesList: attachmentListSchema,
    MobilityNode: attachedNodeSchema,
    MobilityNodeList: attachedNodeListSchema,
  },
  routes: servingNodeRoutes(store, attachments),
  records: [],
});
