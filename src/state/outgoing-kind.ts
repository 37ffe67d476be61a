/**
 * Kinds of outgoing requests: the name of the application, a dot, and the command, e.g. `cx.RTR`. The outbox
 * stores the kind; operators see the command.
 */

/** The command as operators know it: what follows the dot. */
export const commandOf = (kind: string): string => kind.slice(kind.indexOf('.') + 1);
