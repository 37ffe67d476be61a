/**
 * The log: pino, one JSON object per line, pretty on a terminal. Lines that belong together carry the same
 * names: see `CorrelationFields`. Nothing secret leaves through here, see logging-redaction.ts, and nothing
 * waits for whoever reads it, see logging-output.ts.
 */
import { isatty } from 'node:tty';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LineLevel, LogControl, LogCounts, Logger, LogLevel } from './logger';
import { openOutlet } from './logging-outlet';
import { LogOutput } from './logging-output';
import { withoutPasswords, withoutSecrets } from './logging-redaction';
import { LineSums } from './logging-sums';

export interface LoggingOptions {
  readonly level: LogLevel;
  /** auto: pretty where the log goes to a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Lines of one kind that are written whole in a second, from info on; all of them where absent. */
  readonly linesPerSecondCount?: number;
  /** Octets that wait for an output that does not take them. */
  readonly maxBufferOctets?: number;
  /** Where lines go instead of standard output (tests). */
  readonly destination?: DestinationStream;
}

/**
 * The names by which lines of one request or peer are found. Applications add those of a subscriber
 * (LogFields of src/diameter/dispatch/contract.ts).
 */
export interface CorrelationFields {
  /** Session-Id of the Diameter session. */
  readonly sessionId?: string;
  /** Origin-Host of the peer. */
  readonly peer?: string;
  /** E.g. UAR. */
  readonly command?: string;
  /** E.g. DIAMETER_ERROR_USER_UNKNOWN. */
  readonly result?: string;
  /** E.g. "TS 29.228 6.1.1.1 step 3". */
  readonly clause?: string;
}

/** The root logger, which owns the output. */
export interface RootLogger extends Logger, LogControl {
  /** A text for whoever watches, whatever the level. */
  print(text: string): void;
  /**
   * Hands over what is buffered, within a bound; call it last.
   * @returns whether all of it is written
   */
  flush(): Promise<boolean>;
  /** True while a write is under way that no exit can end. */
  readonly holdsExit: boolean;
}

const defaultBufferOctets = 1_048_576;
const flushMs = 1_000;
const standardOutput = 1;

const ranks: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  silent: 60,
};

export function createLogger(options: LoggingOptions): RootLogger {
  return new RootPinoLogger(options);
}

/** What the root and its children share. */
interface Shared {
  /** Rank of the least level that is written. */
  least: number;
  readonly sums: Readonly<Record<'info' | 'warn' | 'error', LineSums>> | null;
}

/** pino's children do not pass their fields through a formatter, hence this layer. */
class PinoLogger implements Logger {
  constructor(
    protected readonly pino: Pino,
    protected readonly shared: Shared,
  ) {}

  enabled(level: LineLevel): boolean {
    return ranks[level] >= this.shared.least;
  }

  // Lines of these two levels are for who asked for all of them.
  trace(fields: object, message: string): void {
    if (this.shared.least <= ranks.trace) this.pino.trace(fields, cleanText(message));
  }

  debug(fields: object, message: string): void {
    if (this.shared.least <= ranks.debug) this.pino.debug(fields, cleanText(message));
  }

  sumsUp(level: 'info' | 'warn' | 'error', kind: string): boolean {
    return this.shared.sums?.[level].sumsUp(kind) === true;
  }

  info(fields: object, message: string): void {
    const { least, sums } = this.shared;
    if (least <= ranks.info && sums?.info.admit(message) !== false)
      this.pino.info(fields, cleanText(message));
  }

  warn(fields: object, message: string): void {
    const { least, sums } = this.shared;
    if (least <= ranks.warn && sums?.warn.admit(message) !== false)
      this.pino.warn(fields, cleanText(message));
  }

  error(fields: object, message: string): void {
    const { least, sums } = this.shared;
    if (least <= ranks.error && sums?.error.admit(message) !== false)
      this.pino.error(fields, cleanText(message));
  }

  child(fields: object): Logger {
    return new PinoLogger(this.pino.child(withoutSecrets({ ...fields })), this.shared);
  }
}

class RootPinoLogger extends PinoLogger implements RootLogger {
  readonly #output: LogOutput | null;
  #level: LogLevel;

  constructor(options: LoggingOptions) {
    // Lines of the log itself go past the sums.
    const own = { write: (line: string) => this.#write(line) };
    const lines = createPino(options.destination ?? own);
    const sums = (level: 'info' | 'warn' | 'error', linesPerSecondCount: number): LineSums =>
      new LineSums({
        linesPerSecondCount,
        tell: (kind, more) =>
          lines[level]({ kind, more }, `${cleanText(kind)}: and ${more.toLocaleString('en')} more`),
      });
    const { linesPerSecondCount } = options;
    super(lines, {
      least: ranks[options.level],
      sums:
        linesPerSecondCount === undefined
          ? null
          : {
              info: sums('info', linesPerSecondCount),
              warn: sums('warn', linesPerSecondCount),
              error: sums('error', linesPerSecondCount),
            },
    });
    this.#level = options.level;
    this.#output = options.destination === undefined ? createOutput(options, lines) : null;
  }

  get level(): LogLevel {
    return this.#level;
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
    this.shared.least = ranks[level];
  }

  counts(): LogCounts {
    const { sums } = this.shared;
    return {
      droppedLines: this.#output?.droppedLines ?? 0,
      summedLines: sums === null ? 0 : sums.info.summedLines + sums.warn.summedLines + sums.error.summedLines,
      bufferedOctets: this.#output?.bufferedOctets ?? 0,
    };
  }

  print(text: string): void {
    this.#write(text);
  }

  get holdsExit(): boolean {
    return this.#output?.holdsExit ?? false;
  }

  flush(): Promise<boolean> {
    const { sums } = this.shared;
    if (sums !== null) for (const level of ['info', 'warn', 'error'] as const) sums[level].tell();
    return this.#output?.flush(flushMs) ?? Promise.resolve(true);
  }

  #write(line: string): void {
    this.#output?.write(line);
  }
}

function createPino(destination: DestinationStream): Pino {
  return pino(
    {
      // Whether a line is written is decided before pino sees it.
      level: 'trace',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are already plain fields when pino's own serializer would see them.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutSecrets(fields),
      },
    },
    destination,
  );
}

function createOutput({ format, maxBufferOctets }: LoggingOptions, lines: Pino): LogOutput {
  const isTerminal = isatty(standardOutput);
  const pretty =
    format === 'pretty' || (format === 'auto' && isTerminal)
      ? prettyFactory({
          colorize: isTerminal,
          ignore: 'pid',
          translateTime: 'SYS:HH:MM:ss.l',
          singleLine: true,
        })
      : null;
  return new LogOutput(openOutlet(standardOutput), {
    maxBufferOctets: maxBufferOctets ?? defaultBufferOctets,
    // What is printed is no JSON and stays as it is.
    ...(pretty === null ? {} : { render: (line) => (line.startsWith('{') ? pretty(line) : line) }),
    tellDropped: (dropped, cause) =>
      lines.warn({ dropped, cause }, `${dropped.toLocaleString('en')} log lines were dropped: ${cause}`),
  });
}

function cleanText(message: string): string {
  return message.includes('://') ? withoutPasswords(message) : message;
}
