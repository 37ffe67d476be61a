/** What the subscription locator brings to the command line [29.228-6.4]. */
import type { CliPart } from '../../../cli/contract';
import { locatorEntry } from '../locator/entry';
import { registerSlf } from './slf';

export const dxCli: CliPart = {
  operations: [],
  provisioning: [registerSlf],
  records: { locator: locatorEntry },
  tables: [],
};
