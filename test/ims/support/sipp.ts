/** SIPp as the phones: a scenario of test/ims/scenarios, a list of users, and how many calls came through. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RunningProcess } from './processes';

const scenarios = resolve(__dirname, '../scenarios');

export interface SippOptions {
  /** File in test/ims/scenarios without .xml. */
  scenario: string;
  /** One line per user: fields 0, 1, ... of the scenario. */
  users?: string[][];
  targetPort?: number;
  localPort: number;
  callsCount: number;
  callsPerSecond?: number;
  folder: string;
  /** Where its log goes. */
  logFolder: string;
}

export interface SippResult {
  exitCode: number | null;
  successfulCount: number;
  failedCount: number;
  /** What it complained about. */
  errors: string;
}

export class Sipp {
  private constructor(
    private readonly process: RunningProcess,
    private readonly statistics: string,
    private readonly errors: string,
  ) {}

  static start(options: SippOptions): Sipp {
    const name = `sipp-${options.scenario}-${Date.now()}`;
    const statistics = join(options.folder, `${name}.csv`);
    const errors = join(options.logFolder, `${name}.errors.log`);
    const args = ['-sf', join(scenarios, `${options.scenario}.xml`)];
    if (options.users !== undefined) {
      const file = join(options.folder, `${name}.users`);
      writeFileSync(file, ['SEQUENTIAL', ...options.users.map((fields) => fields.join(';')), ''].join('\n'));
      args.push('-inf', file);
    }
    args.push(
      '-i',
      '127.0.0.1',
      '-p',
      String(options.localPort),
      '-m',
      String(options.callsCount),
      '-l',
      '200',
      '-nostdin',
      '-r',
      String(options.callsPerSecond ?? 50),
      '-timeout',
      '60s',
      '-trace_err',
      '-error_file',
      errors,
      '-trace_stat',
      '-stf',
      statistics,
      '-fd',
      '1',
    );
    if (options.targetPort !== undefined) args.push(`127.0.0.1:${options.targetPort}`);
    const process = RunningProcess.start({
      name: 'sipp',
      command: 'sipp',
      args,
      logFile: join(options.logFolder, 'sipp.log'),
      cwd: options.folder,
      env: { TERM: 'dumb' },
    });
    return new Sipp(process, statistics, errors);
  }

  /** Waits for the last call and reads the totals. */
  async result(): Promise<SippResult> {
    const exitCode = await this.process.finished();
    const lines = readFileSync(this.statistics, 'utf8').trim().split('\n');
    const names = (lines[0] ?? '').split(';');
    const last = (lines[lines.length - 1] ?? '').split(';');
    const total = (name: string): number => Number(last[names.indexOf(name)] ?? Number.NaN);
    return {
      exitCode,
      successfulCount: total('SuccessfulCall(C)'),
      failedCount: total('FailedCall(C)'),
      errors: this.complaints(),
    };
  }

  async stop(): Promise<void> {
    await this.process.stop(1_000);
  }

  private complaints(): string {
    try {
      return readFileSync(this.errors, 'utf8').slice(0, 1_500);
    } catch (error) {
      // SIPp creates the file with the first error.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}
