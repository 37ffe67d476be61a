/** The bounded buffer in front of an output that takes parts, nothing, or fails and has room again. */
import type { Outlet, OutletOutcome } from '../../src/shared/logging-outlet';
import { LogOutput } from '../../src/shared/logging-output';

/** Takes what the test says. */
class TestOutlet implements Outlet {
  readonly holdsExit = false;
  taken = '';
  behaviour: (octets: Buffer) => OutletOutcome = (octets) => octets.length;

  write(octets: Buffer, done: (outcome: OutletOutcome) => void): void {
    const outcome = this.behaviour(octets);
    if (typeof outcome === 'number') this.taken += octets.toString('utf8', 0, outcome);
    done(outcome);
  }
}

const noSpace = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
let outlet: TestOutlet;
let output: LogOutput;
beforeEach(() => {
  jest.useFakeTimers();
  outlet = new TestOutlet();
  output = new LogOutput(outlet, {
    maxBufferOctets: 100,
    tellDropped: (count, cause) => output.write(`dropped ${count} ${cause}\n`),
  });
});
afterEach(() => jest.useRealTimers());

const tenOctets = (i: number): string => `line ${String(i).padStart(4, '0')}\n`;

test('a disk that is full for a while: what was kept comes whole, then how many are missing and why', async () => {
  outlet.behaviour = () => noSpace;
  for (let i = 0; i < 25; i += 1) output.write(tenOctets(i));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(output).toMatchObject({ droppedLines: 15, bufferedOctets: 100 });
  // In the middle of a line.
  let room = 33;
  outlet.behaviour = (octets) => {
    const now = Math.min(room, octets.length);
    room -= now;
    return now === 0 ? noSpace : now;
  };
  await jest.advanceTimersByTimeAsync(2_000);
  outlet.behaviour = (octets) => octets.length;
  await jest.advanceTimersByTimeAsync(2_000);
  output.write('after\n');
  await jest.advanceTimersByTimeAsync(10);
  const kept = Array.from({ length: 10 }, (_, i) => tenOctets(i)).join('');
  // Those that were dropped before the first write failed have no other cause than that.
  expect(outlet.taken).toMatch(new RegExp(`^${kept}dropped 15 \\w+\nafter\n$`));
  expect(output.bufferedOctets).toBe(0);
});

test('the cause of what is dropped during a failure is the failure', async () => {
  outlet.behaviour = () => noSpace;
  output.write(tenOctets(0));
  await jest.advanceTimersByTimeAsync(100);
  for (let i = 1; i < 12; i += 1) output.write(tenOctets(i));
  outlet.behaviour = (octets) => octets.length;
  await jest.advanceTimersByTimeAsync(2_000);
  expect(outlet.taken).toContain('dropped 2 ENOSPC\n');
});

test('an output that takes one octet at a time gets everything in order', async () => {
  outlet.behaviour = () => 1;
  output.write('abc\n');
  output.write('déf\n');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(outlet.taken).toHaveLength(9);
  expect(output.bufferedOctets).toBe(0);
});

test('a flush waits for an output that is slow, not longer than its bound, and not for one that fails', async () => {
  outlet.behaviour = () => 0;
  output.write('x\n');
  const slow = output.flush(1_000);
  await jest.advanceTimersByTimeAsync(500);
  outlet.behaviour = (octets) => octets.length;
  await jest.advanceTimersByTimeAsync(500);
  expect(await slow).toBe(true);

  outlet.behaviour = () => 0;
  output.write('y\n');
  const stalled = output.flush(1_000);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await stalled).toBe(false);

  outlet.behaviour = () => noSpace;
  expect(await output.flush(1_000)).toBe(false);
});

test('a line longer than the buffer is dropped', async () => {
  output.write('z'.repeat(101));
  await jest.advanceTimersByTimeAsync(100);
  expect(output.droppedLines).toBe(1);
});
