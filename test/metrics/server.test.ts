/** /metrics, /livez and /readyz over a real listener, and readiness going through its changes. */
import { cxMetrics } from '../../src/apps/cx/metrics';
import { createMetrics } from '../../src/metrics/metrics';
import { Readiness, type ReadinessCheck, type ReadinessReport } from '../../src/metrics/readiness';
import { startMetricsServer, type MetricsServer } from '../../src/metrics/server';
import { silentLogger } from '../../src/shared/logger';
import { request } from 'node:http';
import { halfOpen } from '../support/half-open';
import { lint } from './exposition';

const counts = () =>
  Promise.resolve({
    registeredSets: 0,
    unregisteredSets: 0,
    registeredIdentities: 0,
    unregisteredIdentities: 0,
    subscriptions: 0,
  });

/** Checks whose outcome a test sets. */
function settable(...names: string[]) {
  const outcomes: Record<string, () => Promise<true | string>> = Object.fromEntries(
    names.map((name) => [name, () => Promise.resolve('not yet')]),
  );
  const checks: ReadinessCheck[] = names.map((name) => ({
    name,
    check: () => outcomes[name]?.() ?? Promise.resolve('gone'),
  }));
  return {
    checks,
    set: (name: string, outcome: () => Promise<true | string>) => {
      outcomes[name] = outcome;
    },
  };
}

describe('the listener', () => {
  const { checks, set } = settable('database', 'migrations', 'diameter');
  const readiness = new Readiness(checks, { timeoutMs: 100, maxAgeMs: 0 });
  let server: MetricsServer;
  let url: string;

  beforeAll(async () => {
    const metrics = createMetrics(
      { peers: () => [] },
      { maxPeerLabels: 4, applications: [cxMetrics({ counts, countsMaxAgeSeconds: 10 })] },
    );
    server = await startMetricsServer(
      { metrics, readiness, logger: silentLogger },
      { addresses: ['127.0.0.1'], port: 0 },
    );
    url = `http://127.0.0.1:${server.endpoints[0]?.port}`;
  });

  afterAll(() => server.close());

  test('half-sent requests keep nobody out, and are cut', async () => {
    const crowd = await halfOpen(url, 200);
    const startedAtMs = performance.now();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    // Without the bounds it is a minute.
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(crowd.openCount()).toBeLessThan(40);
    crowd.end();
  });

  test.each([
    ['rebound.example', undefined, 403],
    ['rebound.example:9868', undefined, 403],
    ['localhost:9868', undefined, 200],
    ['[::1]:9868', undefined, 200],
    ['127.0.0.1', 'http://page.example', 403],
  ])('on the loopback, Host %s and Origin %s: %d', async (host, origin, expected) => {
    const status = await new Promise((resolve, reject) => {
      request(
        `${url}/metrics`,
        { headers: { host, ...(origin === undefined ? {} : { origin }) } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(expected);
  });

  async function ready(): Promise<{ status: number; report: ReadinessReport }> {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, report: (await response.json()) as ReadinessReport };
  }

  test('/livez says that the process turns, whatever is missing', async () => {
    const response = await fetch(`${url}/livez`);
    expect([response.status, await response.json()]).toEqual([200, { alive: true }]);
  });

  test('/metrics is the text format', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(lint(await response.text())).toEqual([]);
  });

  test('/readyz goes from 503 to 200 and back, and says what is missing', async () => {
    expect(await ready()).toEqual({
      status: 503,
      report: {
        ready: false,
        checks: {
          database: { ok: false, detail: 'not yet' },
          migrations: { ok: false, detail: 'not yet' },
          diameter: { ok: false, detail: 'not yet' },
        },
      },
    });
    for (const name of ['database', 'migrations', 'diameter']) set(name, () => Promise.resolve(true));
    expect(await ready()).toEqual({
      status: 200,
      report: {
        ready: true,
        checks: { database: { ok: true }, migrations: { ok: true }, diameter: { ok: true } },
      },
    });
    set('database', () => Promise.reject(new Error('connect ECONNREFUSED')));
    expect(await ready()).toMatchObject({
      status: 503,
      report: {
        ready: false,
        checks: { database: { ok: false, detail: 'connect ECONNREFUSED' }, diameter: { ok: true } },
      },
    });
    set('database', () => new Promise(() => undefined));
    expect(await ready()).toMatchObject({
      status: 503,
      report: { checks: { database: { ok: false, detail: 'no answer within 100 ms' } } },
    });
    set('database', () => Promise.resolve(true));
    expect((await ready()).status).toBe(200);
    readiness.stopping();
    expect(await ready()).toEqual({
      status: 503,
      report: { ready: false, checks: { running: { ok: false, detail: 'the HSS is stopping' } } },
    });
  });

  test('HEAD has no body; other methods and paths are refused', async () => {
    const head = await fetch(`${url}/livez`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${url}/livez?verbose`)).status).toBe(200);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  test('a port that is taken rejects, and nothing stays open', async () => {
    const metrics = createMetrics(
      { peers: () => [] },
      { maxPeerLabels: 4, applications: [cxMetrics({ counts, countsMaxAgeSeconds: 10 })] },
    );
    const taken = server.endpoints[0]?.port ?? 0;
    await expect(
      startMetricsServer(
        { metrics, readiness, logger: silentLogger },
        { addresses: ['127.0.0.2', '127.0.0.1'], port: taken },
      ),
    ).rejects.toThrow('EADDRINUSE');
    await expect(fetch(`http://127.0.0.2:${taken}/livez`)).rejects.toThrow();
  });
});

describe('readiness', () => {
  test('those who ask together, or soon after, share one answer', async () => {
    let nowMs = 0;
    let asked = 0;
    const check = {
      name: 'database',
      check: () => {
        asked += 1;
        return Promise.resolve<true>(true);
      },
    };
    const readiness = new Readiness([check], {
      timeoutMs: 100,
      maxAgeMs: 500,
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    });
    await Promise.all([readiness.report(), readiness.report(), readiness.report()]);
    nowMs = 499;
    await readiness.report();
    expect(asked).toBe(1);
    nowMs = 500;
    await readiness.report();
    expect(asked).toBe(2);
  });

  test('a check that needs to pass only once is not asked again', async () => {
    const outcomes: (true | string)[] = ['2 migrations are pending', true, 'would fail now'];
    let asked = 0;
    const readiness = new Readiness(
      [{ name: 'migrations', once: true, check: () => Promise.resolve(outcomes[asked++] ?? true) }],
      { timeoutMs: 100, maxAgeMs: 0 },
    );
    expect((await readiness.report()).checks['migrations']).toEqual({
      ok: false,
      detail: '2 migrations are pending',
    });
    expect((await readiness.report()).ready).toBe(true);
    expect((await readiness.report()).ready).toBe(true);
    expect(asked).toBe(2);
  });
});
