/** `hss start`: the same as `npm start`, in this process. */
import { join } from 'node:path';
import { CommandError } from '../exit-status';
import type { RegisterCommand } from '../context';

/** What src/main.ts exports; it is loaded only here, so that other commands start without the server's code. */
interface MainModule {
  /** Runs until a signal ends it; resolves with the exit status. */
  runServer(options: { readonly configFile?: string | undefined }): Promise<number>;
}

export const registerStart: RegisterCommand = (program, context) => {
  program.command('start').description('run the HSS until Ctrl-C, as npm start does').action(async () => {
    const loaded: unknown = await import(require.resolve(join(__dirname, '..', '..', 'main')));
    if (!isMainModule(loaded)) throw new CommandError('this build has no server in it');
    const status = await loaded.runServer({ configFile: context.globals().config });
    if (status !== 0) throw new CommandError('the HSS ended with an error, see its log', status);
  });
};

function isMainModule(value: unknown): value is MainModule {
  return typeof value === 'object' && value !== null && 'runServer' in value && typeof value.runServer === 'function';
}
