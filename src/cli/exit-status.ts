/** How `hss` ends. */
export const exitStatus = {
  success: 0,
  failure: 1,
  /** Unknown command, option or argument. */
  usage: 2,
  /** sysexits.h EX_CONFIG. */
  configuration: 78,
} as const;

/**
 * Ends the command with one readable message (none if it is empty) and an exit status; no stack trace is
 * shown.
 */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';

  constructor(
    message: string,
    readonly exitStatus: number = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
