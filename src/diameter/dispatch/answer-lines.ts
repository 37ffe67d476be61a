/**
 * The lines about requests that were served: one at level info for each change of state, one at
 * level debug for each answer. Both only where the level asks for them, because they are on the hot path.
 */
import type { DecodedMessage } from '../codec/types';
import type { IncomingRequest } from '../peer/contract';
import type { Logger } from '../../shared/logger';
import type { CommandHandler, Decision } from './contract';

function sessionId(message: DecodedMessage): string | undefined {
  return (message.avps as { readonly sessionId?: string }).sessionId;
}

export class AnswerLines {
  constructor(private readonly logger: Logger) {}

  /** Once its commit is known; what is before the colon is the kind by which lines are summed up. */
  changed({ message, peer }: IncomingRequest, handler: CommandHandler, decision: Decision<unknown>): void {
    if (handler.change === undefined || this.logger.enabled?.('info') === false) return;
    const change = handler.change(message, decision);
    if (change === null) return;
    if (this.logger.sumsUp?.('info', change.what) === true) return;
    const { who, fields } = change.describe();
    this.logger.info(
      { command: message.abbreviation, ...fields, peer: peer.originHost, sessionId: sessionId(message) },
      `${change.what}: ${who}`,
    );
  }

  answered({ message, peer }: IncomingRequest, result: string, totalMs: number): void {
    if (this.logger.enabled?.('debug') === false) return;
    this.logger.debug(
      {
        command: message.abbreviation,
        result,
        peer: peer.originHost,
        sessionId: sessionId(message),
        totalMs: Math.round(totalMs * 1000) / 1000,
      },
      `${message.abbreviation} answered: ${result}`,
    );
  }
}
