/**
 * What an error message takes from the log of the embedded server: its last lines, and nothing of the
 * statements, which hold sealed secrets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTail } from '../../src/store/embedded/server-log';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tail = (): Promise<string> => logTail(folder);

test('the last six lines, without those of a statement', async () => {
  writeFileSync(
    join(folder, 'server.log'),
    [
      ...Array.from({ length: 20 }, (_, i) => `LOG:  line ${i}`),
      'ERROR:  duplicate key value',
      'STATEMENT:  insert into private_identity',
      "\t  values ($1, 'v1.key.c2VhbGVk')",
      '  from x',
      'FATAL:  lock file exists',
      '',
    ].join('\n'),
  );
  expect(await tail()).toBe(
    [
      'LOG:  line 17',
      'LOG:  line 18',
      'LOG:  line 19',
      'ERROR:  duplicate key value',
      'STATEMENT:  insert into private_identity',
      'FATAL:  lock file exists',
    ].join('\n'),
  );
});

test('no log: nothing', async () => {
  expect(await tail()).toBe('');
});
