/** Arguments and options that several commands take. */
import { CommandError, exitStatus } from './exit-status';

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new CommandError(`"${text}" is not a whole number above 0`, exitStatus.usage);
  return value;
}
