/** A logger for commands: warnings and errors of what they call, as plain lines on standard error. */
import type { CommandContext } from './context';
import type { Logger } from '../shared/logger';
import { withoutSecrets } from '../shared/logging-redaction';

export function loggerFor(context: CommandContext): Logger {
  const line = (level: string) => (fields: object, message: string) => {
    const details = JSON.stringify(withoutSecrets({ ...fields }));
    context.stderr.write(`${level}: ${message}${details === '{}' ? '' : ` ${details}`}\n`);
  };
  const nothing = () => undefined;
  const logger: Logger = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: line('warning'),
    error: line('error'),
    child: () => logger,
  };
  return logger;
}
