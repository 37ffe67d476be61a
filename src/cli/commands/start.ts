/** `hss start`: the same as `npm start`, in this process. */
import { join } from 'node:path';
import { CommandError } from '../exit-status';
import type { runServer } from '../../main';
import type { RegisterCommand } from '../context';

export const registerStart: RegisterCommand = (program, context) => {
  program
    .command('start')
    .description('run the HSS until Ctrl-C, as npm start does')
    .action(async () => {
      // Loaded only here, so that the other commands start without the server's code.
      const loaded: unknown = module.require(join(__dirname, '..', '..', 'main'));
      if (!isMain(loaded)) throw new CommandError('this build has no server in it');
      const status = await loaded.runServer({ configFile: context.globals().config });
      // What went wrong is in the log already.
      if (status !== 0) throw new CommandError('', status);
    });
};

function isMain(value: unknown): value is { readonly runServer: typeof runServer } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'runServer' in value &&
    typeof value.runServer === 'function'
  );
}
