/**
 * A program that logs a hundred lines every ten milliseconds and tells through its channel how it does; ends
 * when told to, as the product does.
 */
import { createLogger } from '../../../src/shared/logging';

export interface WriterReport {
  readonly sent: number;
  readonly dropped: number;
  readonly bufferedOctets: number;
  /** The longest time that the event loop stood still. */
  readonly worstMs: number;
}

export interface WriterEnd extends WriterReport {
  readonly written: boolean;
  readonly flushMs: number;
}

const tickMs = 10;
const linesPerTick = 100;
const logger = createLogger({
  level: 'info',
  format: process.argv[2] === 'pretty' ? 'pretty' : 'json',
  maxBufferOctets: 262_144,
});
logger.print('begins\n');
let sent = 0;
let worstMs = 0;
let last = performance.now();
const report = (): WriterReport => {
  const { droppedLines, bufferedOctets } = logger.counts();
  return { sent, dropped: droppedLines, bufferedOctets, worstMs };
};
const ticks = setInterval(() => {
  const now = performance.now();
  worstMs = Math.max(worstMs, now - last - tickMs);
  last = now;
  for (let i = 0; i < linesPerTick; i += 1) {
    sent += 1;
    logger.info({ line: sent, text: 'x'.repeat(100) }, 'a line');
  }
}, tickMs);

process.on('message', (what) => {
  if (what !== 'report') clearInterval(ticks);
  if (what !== 'end') {
    process.send?.(report());
    return;
  }
  const beganMs = performance.now();
  void logger.flush().then((written) => {
    const end: WriterEnd = { ...report(), written, flushMs: performance.now() - beganMs };
    process.send?.(end, () => process.exit(written ? 0 : 3));
  });
});
