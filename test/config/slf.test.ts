/** What has to fit together for each role [29.228-6.4]. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ConfigError, loadConfig } from '../../src/config/load';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-slf-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function faults(settings: object): string[] {
  const file = join(folder, 'hss.yaml');
  writeFileSync(file, stringify(settings));
  try {
    loadConfig({ env: {}, cwd: folder, file });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ path, found }) => `${path}: ${found}`);
  }
}

const listen = (...roles: (string | undefined)[]): object => ({
  listen: roles.map((role, i) => ({ port: 4_000 + i, ...(role === undefined ? {} : { role }) })),
});
const peer = (more: object): object => ({
  identity: 'hss2.ims.example',
  addresses: ['127.0.0.1'],
  connect: true,
  ...more,
});

test.each<[string, object]>([
  ['nothing said', {}],
  ['hss', { role: 'hss', diameter: listen('hss', undefined) }],
  ['slf', { role: 'slf', diameter: listen('slf', undefined), peers: [peer({ connectAs: 'slf' })] }],
  [
    'both',
    {
      role: 'both',
      slf: { originHost: 'slf.ims.example' },
      diameter: listen('hss', 'slf', undefined),
      peers: [peer({ connectAs: 'slf' })],
    },
  ],
  [
    'both, the SLF only connects',
    { role: 'both', slf: { originHost: 'slf.ims.example' }, peers: [peer({ connectAs: 'slf' })] },
  ],
])('%s is fine', (_name, settings) => expect(faults(settings)).toEqual([]));

test.each<[string, object, string[]]>([
  [
    'an SLF listener of an HSS',
    { diameter: listen('slf'), peers: [peer({ connectAs: 'slf' })] },
    ['diameter.listen[0].role: slf with role: hss', 'peers[0].connectAs: slf with role: hss'],
  ],
  [
    'an HSS listener of an SLF',
    { role: 'slf', diameter: listen('hss') },
    ['diameter.listen[0].role: hss with role: slf'],
  ],
  [
    'a second identity without a second role',
    { role: 'slf', slf: { originHost: 'slf.ims.example' } },
    ['slf.originHost: "slf.ims.example" with role: slf'],
  ],
  [
    'both without an identity and a listener',
    { role: 'both' },
    ['slf.originHost: none, with role: both', 'diameter.listen: no listener with role: slf, with role: both'],
  ],
  [
    'both with one identity',
    {
      role: 'both',
      slf: { originHost: 'HSS.ims.example' },
      diameter: { originHost: 'hss.ims.example', originRealm: 'ims.example', ...listen('slf') },
    },
    ['slf.originHost: "HSS.ims.example", which is diameter.originHost'],
  ],
  [
    'a peer that is the SLF',
    { role: 'both', slf: { originHost: 'hss2.ims.example' }, diameter: listen('slf'), peers: [peer({})] },
    ['peers[0].identity: "hss2.ims.example", which is slf.originHost'],
  ],
  [
    'values that are none',
    {
      role: 'proxy',
      slf: {
        mode: 'relay',
        unknownIdentity: '5001',
        usage: 'NEVER',
        maxCacheSeconds: -1,
        answerTimeoutMs: 1,
      },
    },
    [
      'role: "proxy"',
      'slf.mode: "relay"',
      'slf.unknownIdentity: "5001"',
      'slf.usage: "NEVER"',
      'slf.maxCacheSeconds: -1',
      'slf.answerTimeoutMs: 1',
    ],
  ],
])('%s is refused', (_name, settings, expected) => expect(faults(settings)).toEqual(expected));
