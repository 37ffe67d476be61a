/** CPU time and memory of processes, from /proc: of one, and of a PostgreSQL server with all its backends. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux shows to programs as 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Watched {
  readonly name: string;
  readonly pid: number;
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
  /** Of children that ended and were waited for. */
  readonly endedTicks: number;
}

function stat(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return {
    parent: fields[1] ?? 0,
    ticks: (fields[11] ?? 0) + (fields[12] ?? 0),
    endedTicks: (fields[13] ?? 0) + (fields[14] ?? 0),
  };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended, or this is no Linux.
    return null;
  }
}

/** A process and its children. */
function family(pid: number): number[] {
  const all = listed();
  return [pid, ...all.filter((other) => stat(other)?.parent === pid)];
}

function listed(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/**
 * CPU seconds so far, of the process, of its children, and of those that ended. Null where it is gone or
 * /proc is none.
 */
export const cpuSeconds = (pid: number): number | null => familyCpuSeconds(family(pid));

/** As `cpuSeconds`, of a process and those of its children that are named. */
function familyCpuSeconds([pid = 0, ...children]: readonly number[]): number | null {
  const own = stat(pid);
  if (own === null) return null;
  let ticks = own.ticks + own.endedTicks;
  for (const child of children) ticks += stat(child)?.ticks ?? 0;
  return ticks / TICKS_PER_SECOND;
}

/**
 * Octets of memory: resident of a lone process; of a family the proportional share of each, so that shared
 * buffers count once.
 */
export function memoryOctets(pid: number): number | null {
  const members = family(pid);
  if (members.length === 1) return kilobytes(read(`/proc/${pid}/status`), /^VmRSS:\s+(\d+) kB$/m);
  let sum = 0;
  for (const member of members) {
    sum +=
      kilobytes(read(`/proc/${member}/smaps_rollup`), /^Pss:\s+(\d+) kB$/m) ??
      kilobytes(read(`/proc/${member}/status`), /^RssAnon:\s+(\d+) kB$/m) ??
      0;
  }
  return sum;
}

function kilobytes(text: string | null, pattern: RegExp): number | null {
  const [, value] = text === null ? [] : (pattern.exec(text) ?? []);
  return value === undefined ? null : Number(value) * 1_024;
}

/** CPU seconds that all processors were busy, the kernel's own work and what a hypervisor took included. */
function busySeconds(): number | null {
  const [, ...fields] = read('/proc/stat')?.split('\n')[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields.map(Number);
  return fields.length === 0 ? null : (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

export interface Usage {
  readonly cpuSeconds: number | null;
  readonly maxMemoryOctets: number | null;
}

/** What processes use between `begin` and `end`. */
export class UsageMeter {
  private readonly before = new Map<string, number | null>();
  private busyBefore: number | null = null;
  private readonly memory = new Map<string, number>();
  private readonly families: ReadonlyMap<number, readonly number[]>;

  /**
   * Looks for the children now: walking through /proc takes milliseconds, in which a generator under way
   * would be late.
   */
  constructor(private readonly watched: readonly Watched[]) {
    this.families = new Map(watched.map(({ pid }) => [pid, family(pid)]));
  }

  begin(): void {
    this.busyBefore = busySeconds();
    for (const { name, pid } of this.watched)
      this.before.set(name, familyCpuSeconds(this.families.get(pid) ?? [pid]));
    this.memory.clear();
  }

  private hasChildren(pid: number): boolean {
    return (this.families.get(pid)?.length ?? 1) > 1;
  }

  /**
   * Looks at the memory of lone processes; the largest value counts. What a whole family shares takes too
   * long to add up in between.
   */
  look(): void {
    for (const { name, pid } of this.watched) {
      const resident = kilobytes(read(`/proc/${pid}/status`), /^VmRSS:\s+(\d+) kB$/m);
      if (resident !== null && !this.hasChildren(pid))
        this.memory.set(name, Math.max(this.memory.get(name) ?? 0, resident));
    }
  }

  /** Of each by its name, and of "others": whatever else the machine did. */
  end(): Record<string, Usage> {
    this.look();
    for (const { name, pid } of this.watched)
      if (this.hasChildren(pid)) this.memory.set(name, memoryOctets(pid) ?? 0);
    const usages: Record<string, Usage> = {};
    const busy = busySeconds();
    let others = busy === null || this.busyBefore === null ? null : busy - this.busyBefore;
    for (const { name, pid } of this.watched) {
      const [before, after] = [this.before.get(name) ?? null, cpuSeconds(pid)];
      const memory = this.memory.get(name) ?? 0;
      const used = before === null || after === null ? null : after - before;
      if (others !== null) others = Math.max(0, others - (used ?? 0));
      usages[name] = { cpuSeconds: used, maxMemoryOctets: memory === 0 ? null : memory };
    }
    return { ...usages, others: { cpuSeconds: others, maxMemoryOctets: null } };
  }
}
