/** `hss version`: of the product and of what it runs on. */
import { productVersion } from '../../shared/version';
import { fields } from '../table';
import type { RegisterCommand } from '../context';

export const registerVersion: RegisterCommand = (program, context) => {
  program
    .command('version')
    .description('version of the HSS and of Node.js')
    .action(() => {
      const versions = { hss: productVersion, node: process.versions.node };
      context.print(versions, () => fields(Object.entries(versions)));
    });
};
