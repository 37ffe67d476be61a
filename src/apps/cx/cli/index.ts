/** What Cx brings to the command line. */
import type { CliPart } from '../../../cli/contract';
import { cxTable } from '../generated/cx-tables';
import { cxLimits } from '../limits';
import { registerDeregister, registerPush } from './push-orders';
import { registerPushes } from './pushes';
import { registerRegistrations } from './registrations';
import { registerScscf } from './scscf';
import { subscriberState } from './subscriber-state';

export const cxCli: CliPart = {
  operations: [registerRegistrations, registerDeregister, registerPush, registerPushes, registerScscf],
  provisioning: [],
  records: {},
  tables: [cxTable],
  textBounds: cxLimits.receivedTextOctets,
  subscriberState,
};
