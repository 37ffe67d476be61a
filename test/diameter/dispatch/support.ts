/**
 * What the dispatcher's tests share: requests as the peer layer delivers them, and recorders of what comes
 * back.
 */
import type { HeaderFields } from '../../../src/diameter/codec/encode';
import type { DecodedMessage } from '../../../src/diameter/codec/types';
import type { CxSettings } from '../../../src/apps/cx/settings';
import type { DispatchEvents } from '../../../src/events/hss-events';
import type { IncomingRequest, PeerIdentity } from '../../../src/diameter/peer/contract';
import type { Logger } from '../../../src/shared/logger';
import {
  cxAnswer,
  cxRequest,
  decoded,
  type CxAnswer,
  type CxCommand,
  type Origin,
} from '../../support/cx-messages';

export const icscf: Origin = { originHost: 'icscf.ims.example', originRealm: 'ims.example' };
export const scscf: Origin = { originHost: 'scscf1.ims.example', originRealm: 'ims.example' };
export const hss = {
  originHost: 'hss.ims.example',
  originRealm: 'ims.example',
  servedRealms: ['Roaming.Example'],
  originStateId: 4711,
};

/** The product's defaults, but for what a test says itself. */
export const cxSettings: CxSettings = {
  imsRestoration: true,
  sendAllRestorationInfo: false,
  pcscfRestoration: false,
  keepServerName: true,
  authenticationPendingMaxAgeMs: 300_000,
  maxAuthenticationVectors: 5,
  alwaysSendUserData: false,
  defaultCapabilities: { mandatory: [], optional: [], serverNames: [] },
  priorities: { emergencyPriority: 0, sessionPriorities: [0, 2, 4, 6, 8] },
};

/** A request that an open peer delivered. */
export class Delivered implements IncomingRequest {
  readonly answers: Buffer[] = [];
  maxAnswerOctets = 65_535;
  /** Of answers that were given up. */
  readonly tooLongOctets: number[] = [];
  readonly message: DecodedMessage;
  readonly answered: Promise<void>;
  private wake: () => void = () => undefined;

  constructor(
    bytes: Buffer,
    readonly peer: PeerIdentity = icscf,
    readonly receivedAtMs = performance.now(),
  ) {
    this.message = decoded(bytes);
    this.answered = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  answer(bytes: Buffer): boolean {
    this.answers.push(bytes);
    this.wake();
    return true;
  }

  answerTooLong(octets: number): void {
    this.tooLongOctets.push(octets);
  }

  /** The one answer. */
  get octets(): Buffer {
    if (this.answers.length !== 1) throw new Error(`${this.answers.length} answers`);
    return this.answers[0] as Buffer;
  }

  async result(): Promise<CxAnswer> {
    await this.answered;
    return cxAnswer(this.octets);
  }
}

/** What a peer without a bound says of its answers. */
export const unbounded = { maxAnswerOctets: Infinity, answerTooLong: () => undefined };

export function delivered(
  command: CxCommand,
  avps: object,
  header: Partial<HeaderFields> = {},
  origin: Origin = icscf,
  receivedAtMs?: number,
): Delivered {
  return new Delivered(cxRequest(command, origin, avps, header), origin, receivedAtMs);
}

export interface LogLine {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];
  private readonly at =
    (level: string) =>
    (fields: object, message: string): void => {
      this.lines.push({ level, fields: { ...fields }, message });
    };
  trace = this.at('trace');
  debug = this.at('debug');
  info = this.at('info');
  warn = this.at('warn');
  error = this.at('error');
  child(): Logger {
    return this;
  }
  /** The line for each answer is of no use to most tests. */
  debugging = false;
  enabled(level: string): boolean {
    return level !== 'debug' || this.debugging;
  }
}

export class RecordingEvents implements DispatchEvents {
  readonly lines: string[] = [];
  requestAnswered(command: string, result: string, peer: string): void {
    this.lines.push(`${command} ${result} ${peer}`);
  }
  duplicateAnswered(command: string): void {
    this.lines.push(`duplicate ${command}`);
  }
  decisionRetried(command: string): void {
    this.lines.push(`retried ${command}`);
  }
  decisionNotable(what: string): void {
    this.lines.push(`notable ${what}`);
  }
  requestUnauthorised(reason: string): void {
    this.lines.push(`unauthorised ${reason}`);
  }
  count(line: string): number {
    return this.lines.filter((entry) => entry === line).length;
  }
}
