/** Repeated lines are summed up per second; the level changes while the log runs. */
import type { LogLevel } from '../../src/shared/logger';
import { createLogger } from '../../src/shared/logging';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function recorder(linesPerSecondCount: number, level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level,
    format: 'json',
    linesPerSecondCount,
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return { logger, lines };
}

test('21,305 refusals while the database is away: five of them whole, one line for the rest', () => {
  const { logger, lines } = recorder(5);
  for (let i = 0; i < 21_305; i += 1) logger.warn({ i }, 'UAR not served: the database cannot be reached');
  expect(lines).toHaveLength(5);
  jest.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(6);
  expect(lines[5]).toMatchObject({
    level: 'warn',
    kind: 'UAR not served',
    more: 21_300,
    msg: 'UAR not served: and 21,300 more',
  });
  expect(logger.counts().summedLines).toBe(21_300);
  jest.advanceTimersByTime(5_000);
  expect(lines).toHaveLength(6);
  logger.warn({}, 'UAR not served: the database cannot be reached');
  expect(lines).toHaveLength(7);
});

test('a line that would only be counted need not be made: asking counts it', () => {
  const { logger, lines } = recorder(5);
  for (let i = 0; i < 20; i += 1)
    if (logger.sumsUp?.('info', 'registered') !== true) logger.info({}, `registered: user ${i}`);
  expect(lines).toHaveLength(5);
  jest.advanceTimersByTime(1_000);
  expect(lines[5]).toMatchObject({ kind: 'registered', more: 15 });
  expect(logger.counts().summedLines).toBe(15);
});

test('kinds, levels and children: each is told apart, and children count with their parent', () => {
  const { logger, lines } = recorder(2);
  const child = logger.child({ peer: 'scscf.example.org' });
  for (let i = 0; i < 10; i += 1) {
    logger.info({}, 'registered: a');
    child.info({}, 'registered: b');
    logger.info({}, 'de-registered: a');
    logger.error({}, 'registered: a');
  }
  expect(lines).toHaveLength(6);
  jest.advanceTimersByTime(1_000);
  expect(lines.slice(6).map(({ level, msg }) => [level, msg])).toEqual([
    ['info', 'registered: and 18 more'],
    ['info', 'de-registered: and 8 more'],
    ['error', 'registered: and 8 more'],
  ]);
});

test('kinds that a peer makes up have a bound as well', () => {
  const { logger, lines } = recorder(5);
  for (let i = 0; i < 10_000; i += 1) logger.warn({}, `peer${i}.example.org connects a second time`);
  // The first of 64 kinds and of all others.
  expect(lines).toHaveLength(65);
  jest.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(66);
  expect(lines[65]).toMatchObject({ kind: 'other lines', more: 9_935 });
});

test('lines that were asked for by level debug are all written', () => {
  const { logger, lines } = recorder(1, 'debug');
  for (let i = 0; i < 100; i += 1) logger.debug({}, 'UAR answered: DIAMETER_SUCCESS');
  expect(lines).toHaveLength(100);
});

test('what was counted is told before the end', async () => {
  const { logger, lines } = recorder(1);
  for (let i = 0; i < 3; i += 1) logger.info({}, 'registered: a');
  expect(await logger.flush()).toBe(true);
  expect(lines.at(-1)).toMatchObject({ msg: 'registered: and 2 more' });
});

test('a level that changes holds for children that were made before', () => {
  const { logger, lines } = recorder(100);
  const child = logger.child({ peer: 'scscf.example.org' });
  child.debug({}, 'one');
  expect(child.enabled?.('debug')).toBe(false);
  logger.setLevel('debug');
  expect(child.enabled?.('debug')).toBe(true);
  child.debug({}, 'two');
  logger.setLevel('silent');
  child.error({}, 'three');
  logger.setLevel('info');
  child.debug({}, 'four');
  child.info({}, 'five');
  expect(lines.map(({ msg }) => msg)).toEqual(['two', 'five']);
});

test('passwords of URLs are hidden in messages and in the lines that stand for them', () => {
  const { logger, lines } = recorder(1);
  for (let i = 0; i < 3; i += 1) logger.warn({}, 'postgres://hss:hunter2@db/hss cannot be reached');
  jest.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});
