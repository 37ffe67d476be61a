/** What S6a and S6d bring to the HTTP API: where subscribers are attached, and requests to their nodes. */
import type { AdminPart } from '../../../admin/contract';
import { listOf } from '../../../admin/openapi/views';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { AttachmentStore } from '../store/attachments';
import { nodeRequestRoutes } from './node-requests';
import { orderRoutes, type OrderPorts } from './orders';
import {
  attachedNodeListSchema,
  attachedNodeSchema,
  attachmentListSchema,
  attachmentsSchema,
} from './serving-node-views';
import { servingNodeRoutes } from './serving-nodes';
import { cancellationSchema, nodeRequestSchema, resetSchema, subscriberUpdateSchema } from './views';

export interface S6aAdminPorts extends OrderPorts {
  readonly store: OrderPorts['store'] & Pick<ProvisioningStore, 'getSubscription'>;
  readonly attachments: AttachmentStore;
}

export const s6aAdmin = (ports: S6aAdminPorts): AdminPart => ({
  tags: [
    {
      name: 'Node requests',
      description: 'Requests of the HSS to MMEs and SGSNs: CLR, IDR, DSR and RSR (TS 29.272 clause 5.2)',
    },
  ],
  schemas: {
    ServingNodes: attachmentsSchema,
    ServingNodesList: attachmentListSchema,
    MobilityNode: attachedNodeSchema,
    MobilityNodeList: attachedNodeListSchema,
    NodeRequest: nodeRequestSchema,
    NodeRequestList: listOf(nodeRequestSchema),
    Cancellation: cancellationSchema,
    SubscriberUpdate: subscriberUpdateSchema,
    Reset: resetSchema,
  },
  routes: [
    ...servingNodeRoutes(ports.store, ports.attachments),
    ...orderRoutes(ports),
    ...nodeRequestRoutes(ports.outbox),
  ],
  records: [],
});
