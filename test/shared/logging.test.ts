/** The log: JSON lines, correlation fields, and nothing secret whatever is passed. */
import type { LogLevel } from '../../src/shared/logger';
import { createLogger, type CorrelationFields } from '../../src/shared/logging';
import { withoutSecrets } from '../../src/shared/logging-redaction';

function recorder(level: LogLevel = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({
    level,
    format: 'json',
    destination: {
      write: (line) => {
        lines.push(line);
      },
    },
  });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('one JSON object per line, with level name, time and the correlation fields', () => {
  const { logger, lines, last } = recorder();
  const fields: CorrelationFields = {
    sessionId: 'scscf;1;2',
    peer: 'scscf.example.org',
  };
  logger.warn(fields, 'request refused');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('\n')).toBe(true);
  expect(last()).toMatchObject({ level: 'warn', msg: 'request refused', ...fields });
  expect(String(last()['time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a child carries its fields; the level is obeyed', () => {
  const { logger, lines, last } = recorder('warn');
  logger.child({ peer: 'icscf.example.org' }).warn({ command: 'UAR' }, 'slow');
  expect(last()).toMatchObject({ peer: 'icscf.example.org', command: 'UAR' });
  logger.info({}, 'not shown');
  expect(lines).toHaveLength(1);
  const silent = recorder('silent');
  silent.logger.error({}, 'nothing');
  expect(silent.lines).toEqual([]);
});

test('secrets are hidden at any depth, in children and in errors', () => {
  const { logger, lines } = recorder();
  const secret = 'hunter2';
  logger.child({ token: secret }).info(
    {
      k: secret,
      opc: secret,
      nested: [
        { HA1: secret, 'digest-ha1': secret, deeper: { Confidentiality_Key: secret, fine: 'visible' } },
      ],
    },
    'one',
  );
  logger.error(
    {
      err: Object.assign(new Error(`connect postgres://hss:${secret}@db/hss failed`), {
        password: secret,
        code: 'ECONNREFUSED',
      }),
    },
    'two',
  );
  logger.info({ url: `postgres://hss:${secret}@db/hss`, bytes: Buffer.from(secret) }, 'three');
  expect(lines.join('')).not.toContain(secret);
  expect(lines.join('')).not.toContain(Buffer.from(secret).toString('hex'));
  expect(lines[0]).toContain('visible');
  expect(lines[1]).toContain('ECONNREFUSED');
  expect(lines[2]).toContain('postgres://hss:[hidden]@db/hss');
  expect(lines[2]).toContain('[7 octets]');
});

test('an error keeps its message, code, stack and cause', () => {
  const { logger, last } = recorder();
  logger.error({ err: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
  expect(last()['err']).toMatchObject({
    type: 'Error',
    message: 'outer',
    stack: expect.stringContaining('logging.test'),
    cause: { type: 'TypeError', message: 'inner' },
  });
});

test('fields without secrets are passed on as they are: no copy', () => {
  const fields = { sessionId: 'a;1;2', count: 3, key: 17, nested: { name: 'x' } };
  expect(withoutSecrets(fields)).toBe(fields);
  expect(withoutSecrets({ sequence: 5n })).toEqual({ sequence: '5' });
});

test('what has no end is cut', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  expect(JSON.stringify(withoutSecrets(loop))).toContain('too deep');
  expect(
    JSON.stringify(withoutSecrets({ list: Array.from({ length: 1_000 }, (_, index) => index) })),
  ).toContain('744 more');
});
