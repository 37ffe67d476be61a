/**
 * Child processes of the ring: each in a group of its own, its output in a file, ended by its own process id.
 */
import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { tail } from './files';

export interface StartOptions {
  name: string;
  command: string;
  args: string[];
  logFile: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export class RunningProcess {
  private constructor(
    readonly name: string,
    readonly logFile: string,
    private readonly child: ChildProcess,
  ) {}

  /** The kernel sends it SIGTERM should this test process die without cleaning up. */
  static start(options: StartOptions): RunningProcess {
    const log = openSync(options.logFile, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', options.command, ...options.args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    return new RunningProcess(options.name, options.logFile, child);
  }

  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  tail(lineCount = 40): string {
    return tail(this.logFile, lineCount);
  }

  /** Waits for the end; the exit code, or null when a signal ended it. */
  async finished(): Promise<number | null> {
    if (this.running) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** SIGKILL, as the power cut does it. Its children, if any, are left to themselves. */
  async crash(): Promise<void> {
    if (this.running && this.child.pid !== undefined) process.kill(this.child.pid, 'SIGKILL');
    await this.finished();
  }

  /** SIGTERM, then SIGKILL for the whole group. */
  async stop(patience_ms = 8_000): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined) return;
    if (this.running) {
      process.kill(pid, 'SIGTERM');
      await Promise.race([this.finished(), delay(patience_ms, undefined, { ref: false })]);
    }
    this.killGroup(pid);
    await this.finished();
  }

  private killGroup(pid: number): void {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // ESRCH: nothing of the group is left, which is what we want.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Polls until `ready` holds; fails with `what` and the log of the process that was waited for. */
export async function waitFor(
  what: string,
  timeout_ms: number,
  ready: () => Promise<boolean>,
  waitedFor?: RunningProcess,
): Promise<void> {
  const end = Date.now() + timeout_ms;
  while (!(await ready())) {
    const died = waitedFor !== undefined && !waitedFor.running;
    if (died || Date.now() > end) {
      const why = died ? `${waitedFor.name} ended with ${waitedFor.exitCode}` : `not within ${timeout_ms} ms`;
      throw new Error(`${what}: ${why}\n${waitedFor?.tail() ?? ''}`);
    }
    await delay(100);
  }
}
