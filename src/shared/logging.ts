/**
 * The log: pino, one JSON object per line, pretty on a terminal. Lines that belong together carry the same
 * names: see `CorrelationFields`. Nothing secret leaves through here, see logging-redaction.ts.
 */
import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Logger } from './logger';
import { withoutSecrets } from './logging-redaction';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggingOptions {
  readonly level: LogLevel;
  /** auto: pretty where the log goes to a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Where lines go instead of standard output (tests). */
  readonly destination?: DestinationStream;
}

/** The names by which lines of one request, peer or subscriber are found. */
export interface CorrelationFields {
  /** Session-Id of the Diameter session. */
  readonly sessionId?: string;
  /** Origin-Host of the peer. */
  readonly peer?: string;
  readonly privateIdentity?: string;
  readonly publicIdentity?: string;
  /** E.g. UAR. */
  readonly command?: string;
  /** E.g. DIAMETER_ERROR_USER_UNKNOWN. */
  readonly result?: string;
  /** E.g. "TS 29.228 6.1.1.1 step 3". */
  readonly clause?: string;
}

/** The root logger, which owns the output. */
export interface RootLogger extends Logger {
  /** Hands over what is buffered; call it last. */
  flush(): Promise<void>;
}

export function createLogger(options: LoggingOptions): RootLogger {
  return new PinoLogger(
    pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        // Errors are already plain fields when pino's own serializer would see them.
        serializers: { err: (value: unknown) => value },
        formatters: {
          level: (label) => ({ level: label }),
          log: (fields) => withoutSecrets(fields),
        },
      },
      options.destination ?? outputStream(options.format),
    ),
  );
}

/** pino's children do not pass their fields through a formatter, hence this layer. */
class PinoLogger implements RootLogger {
  constructor(private readonly pino: Pino) {}

  trace(fields: object, message: string): void {
    this.pino.trace(fields, message);
  }

  debug(fields: object, message: string): void {
    this.pino.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.pino.info(fields, message);
  }

  warn(fields: object, message: string): void {
    this.pino.warn(fields, message);
  }

  error(fields: object, message: string): void {
    this.pino.error(fields, message);
  }

  child(fields: object): Logger {
    return new PinoLogger(this.pino.child(withoutSecrets({ ...fields })));
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.pino.flush(() => resolve());
    });
  }
}

function outputStream(format: LoggingOptions['format']): DestinationStream {
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  if (pretty)
    return PinoPretty({
      destination: 1,
      colorize: process.stdout.isTTY,
      ignore: 'pid',
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
      sync: true,
    });
  // Not synchronous: a reader that stalls must not stall the signalling; what is buffered is written at exit.
  return pino.destination({ fd: 1, sync: false });
}
