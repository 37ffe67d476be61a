/**
 * What every command of `hss` gets: output, global options, the configuration and the client of the HTTP API.
 */
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { ApiClient } from './api-client';
import { CommandError, exitStatus } from './exit-status';
import { loadConfig, type LoadedConfig } from '../config/load';
import type { HssConfig } from '../config/schema';

export interface Output {
  write(text: string): void;
  /** Whether a person watches: progress bars and colours only then. */
  readonly isTerminal: boolean;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly api?: string;
  readonly token?: string;
}

export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface CommandContext extends CommandIo {
  globals(): GlobalOptions;
  /** The configuration that `--config`, the environment and the file make. @throws ConfigError */
  config(): LoadedConfig;
  /**
   * A client of the running HSS: `--api` and `--token`, else HSS_API and HSS_TOKEN, else what the
   * configuration says.
   */
  api(): ApiClient;
  /** One result: as JSON with `--json`, else as `readable` writes it. */
  print(result: unknown, readable: () => string): void;
  /** Lines about doubts, to standard error, in yellow on a terminal. */
  warn(lines: readonly string[]): void;
}

/** One file per command below commands/ exports a function of this type. */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

const YELLOW = '\u001b[33m';
const PLAIN = '\u001b[39m';
const API_TIMEOUT_MS = 30_000;

export function createContext(io: CommandIo, globals: () => GlobalOptions): CommandContext {
  const config = () => loadConfig({ env: io.env, cwd: io.cwd, file: globals().config });
  return {
    ...io,
    globals,
    config,
    api: () => {
      const explicit = globals().api ?? io.env['HSS_API'];
      const token = globals().token ?? io.env['HSS_TOKEN'];
      // The configured token belongs to the configured address: it is never sent to another one.
      const configured = explicit === undefined || explicit === '' ? config().config : undefined;
      const baseUrl = configured === undefined ? (explicit ?? '') : configuredApiUrl(configured);
      if (!/^https?:\/\/[^/]/.test(baseUrl))
        throw new CommandError(
          `--api must be an http:// or https:// address, not "${baseUrl}"`,
          exitStatus.usage,
        );
      return new ApiClient({ baseUrl, token: token ?? configured?.http.token, timeoutMs: API_TIMEOUT_MS });
    },
    warn: (lines) => {
      const paint = io.stderr.isTerminal && !io.env['NO_COLOR'];
      for (const line of lines) io.stderr.write(paint ? `${YELLOW}${line}${PLAIN}\n` : `${line}\n`);
    },
    print: (result, readable) => {
      const text = globals().json === true ? JSON.stringify(result, null, 2) : readable();
      io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
  };
}

/** Where a client on this machine reaches the API. */
export function configuredApiUrl(config: HssConfig): string {
  const address = config.http.addresses[0] ?? '127.0.0.1';
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${config.http.port}`;
}
