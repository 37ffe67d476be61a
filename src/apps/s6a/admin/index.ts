/** What S6a and S6d bring to the HTTP API. */
import type { AdminPart } from '../../../admin/contract';
import { listOf } from '../../../admin/openapi/views';
import { nodeRequestRoutes } from './node-requests';
import { orderRoutes, type OrderPorts } from './orders';
import { cancellationSchema, nodeRequestSchema, resetSchema, subscriberUpdateSchema } from './views';

export const s6aAdmin = (ports: OrderPorts): AdminPart => ({
  tags: [
    {
      name: 'Node requests',
      description: 'Requests of the HSS to MMEs and SGSNs: CLR, IDR, DSR and RSR (TS 29.272 clause 5.2)',
    },
  ],
  schemas: {
    NodeRequest: nodeRequestSchema,
    NodeRequestList: listOf(nodeRequestSchema),
    Cancellation: cancellationSchema,
    SubscriberUpdate: subscriberUpdateSchema,
    Reset: resetSchema,
  },
  routes: [...orderRoutes(ports), ...nodeRequestRoutes(ports.outbox)],
  records: [],
});
