/** What Cx reads of the database beside what a request loads. */
import type { CampaignOrders } from '../../../state/campaigns';
import type { Database } from '../../../state/database';
import type { AssignedServers } from '../outgoing/campaigns';
import { createAssignedServers } from './assigned-servers';
import { createRegistrations, type Registrations } from './registrations';

export interface CxStore {
  readonly registrations: Registrations;
  readonly assignedServers: AssignedServers;
}

export const createCxStore = ({
  database,
  campaigns,
}: {
  readonly database: Database;
  readonly campaigns: CampaignOrders;
}): CxStore => ({
  registrations: createRegistrations(database),
  assignedServers: createAssignedServers(database, campaigns),
});
