/** store.url: which servers it names, and what is said about one that names none. */
import { DatabaseUrlError, parseDatabaseUrl } from '../../src/shared/database-url';
import { Client } from 'pg';

/** What `pg` makes of each server's URL. */
const read = (url: string) =>
  parseDatabaseUrl(url).map((server) => {
    const { host, port, user, password, database } = new Client({ connectionString: server.url });
    return { name: server.name, host, port, user, password, database };
  });

describe('several servers', () => {
  test('hosts with commas, each with its port, in their order', () => {
    expect(
      read('postgresql://hss:a%40b,c@db1:5433,db2,[2001:db8::3]:6432/hss?target_session_attrs=read-write'),
    ).toEqual([
      { name: 'db1:5433', host: 'db1', port: 5433, user: 'hss', password: 'a@b,c', database: 'hss' },
      { name: 'db2:5432', host: 'db2', port: 5432, user: 'hss', password: 'a@b,c', database: 'hss' },
      {
        name: '[2001:db8::3]:6432',
        host: '2001:db8::3',
        port: 6432,
        user: 'hss',
        password: 'a@b,c',
        database: 'hss',
      },
    ]);
  });

  test('as parameters, socket folders included, with one port or one for each', () => {
    expect(read('postgres://hss@/hss?host=/run/a,%2Frun%2Fb&port=5433')).toMatchObject([
      { name: '/run/a', host: '/run/a', port: 5433 },
      { name: '/run/b', host: '/run/b', port: 5433, database: 'hss', user: 'hss' },
    ]);
    expect(read('postgres:///hss?host=a,b&port=1,2')).toMatchObject([
      { name: 'a:1', host: 'a', port: 1 },
      { name: 'b:2', host: 'b', port: 2 },
    ]);
    expect(read('postgres://%2Frun%2Fa,%2Frun%2Fb/hss')).toMatchObject([
      { host: '/run/a' },
      { host: '/run/b' },
    ]);
  });

  test('every other parameter goes to each of them', () => {
    for (const { url } of parseDatabaseUrl(
      'postgres://a,b/hss?sslmode=disable&target_session_attrs=primary',
    )) {
      expect(url).toContain('sslmode=disable');
      expect(url).not.toContain('target_session_attrs');
    }
  });
});

describe('one server', () => {
  test.each([
    'postgresql://hss:secret@127.0.0.1:5432/hss',
    'postgres://db/hss?sslmode=disable',
    'postgres://hss:secret@/hss?host=%2Frun%2Fpg&port=5432',
    'postgres://[::1]/hss',
    'postgres://hss:a@b@db/hss',
    'postgres://%2Frun%2Fpg/hss',
    'postgresql:///hss',
  ])('%s goes to pg as it is', (url) => {
    expect(parseDatabaseUrl(url).map((server) => server.url)).toEqual([url]);
  });

  test('has a name for the log without user or password', () => {
    expect(parseDatabaseUrl('postgres://hss:secret@db.example/hss').map(({ name }) => name)).toEqual([
      'db.example:5432',
    ]);
    expect(parseDatabaseUrl('postgres://hss:secret@[::1]:77/hss').map(({ name }) => name)).toEqual([
      '[::1]:77',
    ]);
    expect(parseDatabaseUrl('postgres://hss:secret@/hss?host=%2Frun%2Fpg').map(({ name }) => name)).toEqual([
      '/run/pg',
    ]);
  });

  test('pg does not get the parameter that it does not know', () => {
    expect(
      parseDatabaseUrl('postgres://db/hss?target_session_attrs=read-write&sslmode=disable')[0]?.url,
    ).toBe('postgres://db/hss?sslmode=disable');
  });
});

test.each([
  ['mysql://hss:hunter2@db/hss', /no database URL/],
  ['postgres://hss:hunter2@a,,b/hss', /server 2 without a host/],
  ['postgres://hss:hunter2@a,b:70000/hss', /server 2 with something that is no port/],
  ['postgres://hss:hunter2@a:x,b/hss', /server 1 with something that is no port/],
  ['postgres://hss:hunter2@a:,b/hss', /no port/],
  ['postgres://hss:hunter2@a:5432,b,a/hss', /server 3 a second time/],
  [
    'postgres://hss:hunter2@a,b/hss?target_session_attrs=any',
    /another target_session_attrs.*read-write or primary/,
  ],
  ['postgres://hss:hunter2@a/hss?target_session_attrs=standby', /another target_session_attrs/],
  [
    'postgres://hss:hunter2@a,b/hss?target_session_attrs=read-write&target_session_attrs=primary',
    /more than once/,
  ],
  ['postgres://hss:hunter2@a/hss?host=b,c', /one of both/],
  ['postgres://hss:hunter2@a,b/hss?port=1,2', /ports without a list of hosts/],
  ['postgres:///hss?host=a,b,c&port=1,2', /3 hosts and 2 ports/],
  ['postgres:///hss?host=a,,c', /server 2 without a host/],
  ['postgres://hss:hunter2@a,b/hss?hostaddr=1.2.3.4', /hostaddr/],
  ['postgres://hss:hunter2@a,b/hss?load_balance_hosts=random', /load_balance_hosts/],
  [
    `postgres://hss:hunter2@${Array.from({ length: 17 }, (_, i) => `h${i}`).join(',')}/hss`,
    /17 servers; allowed: at most 16/,
  ],
  ['postgres://hss:hunter2@a%zz,b/hss', /server 1 without a host/],
  ['postgres://hss:hun/ter2@a,b/hss', /server 1 with something that is no port/],
])('%s is refused', (url, message) => {
  const parse = (): unknown => parseDatabaseUrl(url);
  expect(parse).toThrow(DatabaseUrlError);
  expect(parse).toThrow(message);
  expect(parse).not.toThrow(/hun/);
});
