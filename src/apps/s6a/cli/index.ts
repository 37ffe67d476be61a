/** What S6a and S6d bring to the command line: orders, the messages of `hss decode`, and a part of `hss show`. */
import type { CliPart } from '../../../cli/contract';
import { s6aTable } from '../generated/s6a-tables';
import { registerCancelLocation, registerReset, registerUpdateSubscriber } from './orders';
import { subscriberState } from './subscriber-state';

export const s6aCli: CliPart = {
  operations: [registerCancelLocation, registerUpdateSubscriber, registerReset],
  provisioning: [],
  records: {},
  tables: [s6aTable],
  subscriberState,
};
