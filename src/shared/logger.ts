/** The logging port: pino's call style (fields first, then a message), so tests can pass a recorder. */
export interface Logger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
  /** Whether a line of this level would be written; for lines that cost something to make. Absent: yes. */
  enabled?(level: LineLevel): boolean;
  /**
   * Whether a line of this kind (what a message says before its first colon) is only counted now, because there
   * are too many in this second. It is counted by this call, so nobody need make the line. Absent: no.
   */
  sumsUp?(level: 'info' | 'warn' | 'error', kind: string): boolean;
}

export const lineLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LineLevel = (typeof lineLevels)[number];

export const logLevels = [...lineLevels, 'silent'] as const;
/** The least level that is written. */
export type LogLevel = (typeof logLevels)[number];

/** What became of lines. Counts rise from the start of the process. */
export interface LogCounts {
  /** Lines that the buffer had no room for. */
  readonly droppedLines: number;
  /** Lines that only a count stands for, because there were too many of their kind in that second. */
  readonly summedLines: number;
  /** Octets that wait for the output now. */
  readonly bufferedOctets: number;
}

/** What can be looked at and changed while the log runs. */
export interface LogControl {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
  counts(): LogCounts;
}

/** Says nothing; the default where no logger is given. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
  enabled: () => false,
};
