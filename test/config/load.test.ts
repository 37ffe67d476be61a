/**
 * Loading and checking the configuration: every kind of mistake, all at once, with path, what was found and
 * what is allowed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, type LoadedConfig } from '../../src/config/load';
import type { ConfigFault } from '../../src/config/config-error';
import { rolesOf } from '../../src/config/sections/peer';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(yaml?: string, env: Record<string, string> = {}): LoadedConfig {
  if (yaml !== undefined) writeFileSync(join(folder, 'hss.yaml'), yaml);
  return loadConfig({ env, cwd: folder });
}

function faultsOf(yaml: string | undefined, env: Record<string, string> = {}): readonly ConfigFault[] {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

function faultAt(path: string, yaml: string | undefined, env: Record<string, string> = {}): ConfigFault {
  const fault = faultsOf(yaml, env).find((entry) => entry.path === path);
  if (fault === undefined) throw new Error(`no fault at ${path}: ${JSON.stringify(faultsOf(yaml, env))}`);
  return fault;
}

describe('where the configuration comes from', () => {
  test('nothing at all gives the defaults', () => {
    const { config, file, environment, warnings } = load();
    expect(file).toBeNull();
    expect(environment).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config.diameter).toMatchObject({
      originHost: 'hss.ims.mnc001.mcc001.3gppnetwork.org',
      originRealm: 'ims.mnc001.mcc001.3gppnetwork.org',
      listen: [{ transport: 'tcp', addresses: ['127.0.0.1'], port: 3868 }],
      unknownPeers: 'accept',
      watchdogIntervalSeconds: 30,
    });
    expect(config.store).toMatchObject({
      dataFolder: join(folder, 'data'),
      secretKeyFile: join(folder, 'data', 'secret.key'),
    });
    expect(config.store.url).toBeUndefined();
    expect(config.cx.features).toEqual({
      sharedIfcSets: true,
      imsRestoration: true,
      pcscfRestoration: false,
    });
    expect(config.demo.load).toBe(true);
  });

  test('hss.yaml in the folder is taken when it is there; relative paths start there', () => {
    const { config, file } = load('store:\n  dataFolder: sub/data\n');
    expect(file).toBe(join(folder, 'hss.yaml'));
    expect(config.store.dataFolder).toBe(join(folder, 'sub', 'data'));
  });

  test('--config goes before HSS_CONFIG, which goes before hss.yaml', () => {
    writeFileSync(join(folder, 'hss.yaml'), 'http: { port: 1001 }');
    writeFileSync(join(folder, 'env.yaml'), 'http: { port: 1002 }');
    writeFileSync(join(folder, 'option.yaml'), 'http: { port: 1003 }');
    const env = { HSS_CONFIG: 'env.yaml' };
    expect(loadConfig({ env: {}, cwd: folder }).config.http.port).toBe(1001);
    expect(loadConfig({ env, cwd: folder }).config.http.port).toBe(1002);
    expect(loadConfig({ env, cwd: folder, file: 'option.yaml' }).config.http.port).toBe(1003);
  });

  test('a file that is named but missing is a mistake', () => {
    const faults = faultsOf(undefined, { HSS_CONFIG: 'missing.yaml' });
    expect(faults).toEqual([
      {
        path: 'the configuration file',
        found: 'no such file',
        allowed: `a readable YAML file at ${join(folder, 'missing.yaml')}`,
      },
    ]);
  });

  test('an empty file, empty sections and empty settings mean the defaults', () => {
    expect(load('').config).toEqual(load('# nothing\n').config);
    const { config } = load('diameter:\npeers:\nhttp:\n  port:\n  token:\n');
    expect(config.http.port).toBe(8080);
    expect(config.diameter.originHost).toBe('hss.ims.mnc001.mcc001.3gppnetwork.org');
    expect(config.peers).toEqual([]);
  });

  test('what a peer is: CSCF, MME and SGSN unless said, one role or several; a relay says for whom it speaks', () => {
    const { config } = load(
      [
        'peers:',
        '  - identity: cscf.example.org',
        '  - { identity: i.example.org, role: icscf }',
        '  - { identity: dra.example.org, role: [relay, scscf], originRealms: [example.net] }',
      ].join('\n'),
    );
    expect(config.peers.map(rolesOf)).toEqual([
      ['icscf', 'scscf', 'mme', 'sgsn'],
      ['icscf'],
      ['relay', 'scscf'],
    ]);
    expect(
      faultAt('peers[0].originHosts', 'peers: [{ identity: a.example.org, originHosts: [b.example.org] }]'),
    ).toMatchObject({
      allowed: 'only with role: relay; every other peer speaks for itself',
    });
    expect(faultAt('peers[0].role', 'peers: [{ identity: a.example.org, role: pcscf }]').allowed).toContain(
      'icscf',
    );
    expect(faultsOf('peers: [{ identity: a.example.org, role: [] }]')).not.toEqual([]);
  });

  test('peers without a realm get ours', () => {
    const { config } = load(
      'peers:\n  - identity: scscf.example.org\n  - { identity: icscf.example.net, realm: example.net }\n',
    );
    expect(config.peers.map((peer) => [peer.identity, peer.realm, peer.connect])).toEqual([
      ['scscf.example.org', 'ims.mnc001.mcc001.3gppnetwork.org', false],
      ['icscf.example.net', 'example.net', false],
    ]);
  });
});

test('[6733-4.3.1] names of one label, which labs have, are taken wherever a Diameter identity stands', () => {
  const { config } = load(
    [
      'role: both',
      'diameter:',
      '  { originHost: hss01, originRealm: localdomain, servedRealms: [lab], listen: [{ role: hss }, { role: slf, port: 3869 }] }',
      'slf: { originHost: slf }',
      'peers: [{ identity: homestead-1, realm: x }]',
      'push: { servers: [{ identity: scscf_1 }] }',
    ].join('\n'),
  );
  expect(config.diameter).toMatchObject({
    originHost: 'hss01',
    originRealm: 'localdomain',
    servedRealms: ['lab'],
  });
  expect(config.peers[0]).toMatchObject({ identity: 'homestead-1', realm: 'x' });
  expect(config.push.servers[0]?.identity).toBe('scscf_1');
  for (const name of ['-a', 'a-', 'a..b', 'a b', '.', '""'])
    expect(faultAt('diameter.originHost', `diameter: { originHost: ${name} }`).path).toBe(
      'diameter.originHost',
    );
});

describe('mistakes', () => {
  test('a number of the wrong type names path, value, range, line and column', () => {
    expect(
      faultAt(
        'diameter.watchdogIntervalSeconds',
        'diameter:\n  originHost: a.example.org\n  watchdogIntervalSeconds: fast\n',
      ),
    ).toEqual({
      path: 'diameter.watchdogIntervalSeconds',
      found: '"fast"',
      allowed: 'a whole number from 6 to 3600',
      source: 'hss.yaml, line 3, column 3',
    });
  });

  test.each([
    [
      'below its range',
      'diameter: { watchdogIntervalSeconds: 5 }',
      'diameter.watchdogIntervalSeconds',
      '5',
      'a whole number from 6 to 3600',
    ],
    ['above its range', 'http: { port: 65536 }', 'http.port', '65536', 'a whole number from 0 to 65535'],
    ['not whole', 'http: { port: 80.5 }', 'http.port', '80.5', 'a whole number from 0 to 65535'],
    [
      'not one of the words',
      'logging: { level: loud }',
      'logging.level',
      '"loud"',
      'one of trace, debug, info, warn, error, silent',
    ],
    ['not a boolean', 'demo: { load: sure }', 'demo.load', '"sure"', 'true or false'],
    [
      'not a domain name',
      'diameter: { originHost: "hss host" }',
      'diameter.originHost',
      '"hss host"',
      'a host or domain name such as hss.example.org or hss01',
    ],
    [
      'not an address',
      'http: { addresses: [localhost] }',
      'http.addresses[0]',
      '"localhost"',
      'an IPv4 or IPv6 address',
    ],
    [
      'an incomplete address',
      'peers: [{ identity: a.example.org, addresses: [10.0.0], connect: true }]',
      'peers[0].addresses[0]',
      '"10.0.0"',
      'an IPv4 or IPv6 address or a host name',
    ],
    [
      'not a list',
      'diameter: { listen: 3868 }',
      'diameter.listen',
      '3868',
      'a list of 0 to 16 entries, each a section with the settings transport, addresses, port, role',
    ],
    [
      'an empty list where one is needed',
      'http: { addresses: [] }',
      'http.addresses',
      '[]',
      'a list of 1 to 16 entries, each an IPv4 or IPv6 address',
    ],
    [
      'not a section',
      'store: here',
      'store',
      '"here"',
      'a section with the settings url, dataFolder, poolConnections, connectTimeoutMs, statementTimeoutMs, maxBatchRequests, cacheSubscriptions, secretKey, secretKeyFile',
    ],
    [
      'a list at the top',
      '- diameter',
      'the configuration',
      '["diameter"]',
      'a section with the settings role, diameter, peers, store, cx, s6a, identities, push, slf, s13, overload, http, metrics, logging, demo',
    ],
    [
      'required and missing',
      'peers: [{ realm: example.org }]',
      'peers[0].identity',
      'nothing',
      'a host or domain name such as hss.example.org or hss01',
    ],
    [
      'inside a list',
      'diameter: { listen: [{ transport: carrier-pigeon }] }',
      'diameter.listen[0].transport',
      '"carrier-pigeon"',
      'one of kernel-sctp, userland-sctp, userland-sctp-udp, tcp, tls and auto, or a list of them in order of preference',
    ],
  ])('a value that is %s', (_, yaml, path, found, allowed) => {
    expect(faultAt(path, yaml)).toMatchObject({ found, allowed });
  });

  test('an unknown setting names what was probably meant, and its line', () => {
    expect(faultAt('diameter.orginHost', 'diameter:\n  orginHost: a.example.org\n')).toMatchObject({
      found: 'no setting of that name',
      hint: 'did you mean originHost?',
      source: 'hss.yaml, line 2, column 3',
    });
    expect(faultAt('http.Port', 'http: { Port: 1 }').hint).toBe('did you mean port?');
    expect(faultAt('peer', 'peer: []').hint).toBe('did you mean peers?');
    expect(faultAt('originHost', 'originHost: a.example.org').hint).toBe(
      'did you mean diameter.originHost or slf.originHost?',
    );
    expect(faultAt('wibble', 'wibble: 1').hint).toBeUndefined();
  });

  test('YAML that cannot be read names the line', () => {
    const [fault] = faultsOf('diameter:\n  originHost: "unfinished\n');
    expect(fault).toMatchObject({ path: 'YAML syntax' });
    expect(fault?.source).toMatch(/^.*hss\.yaml, line \d+, column \d+$/);
    expect(faultsOf('http: { port: 1 }\nhttp: { port: 2 }\n')[0]?.found).toMatch(/unique/i);
  });

  test('a secret is never repeated', () => {
    const faults = faultsOf(
      'store: { url: "mysql://hss:hunter2@db/hss" }\nhttp: { token: hunter2 }\nstroe: { url: hunter2 }\n',
    );
    expect(faults.map((fault) => fault.path)).toEqual(['store.url', 'http.token', 'stroe']);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  test('a database URL of several servers says what is wrong with it, and nothing of what is in it', () => {
    expect(
      load('store: { url: "postgresql://hss:hunter2@db1:5432,db2:5432/hss?target_session_attrs=read-write" }')
        .config.store.url,
    ).toContain('db2:5432');
    const fault = faultAt('store.url', 'store: { url: "postgresql://hss:hunter2@db1,db2:x/hss" }');
    expect(fault.found).toContain('server 2 with something that is no port');
    expect(JSON.stringify(fault)).not.toMatch(/hunter2|db1/);
  });

  test('all mistakes come at once, those between settings and those of the environment included', () => {
    const yaml = [
      'diameter: { watchdogIntervalSeconds: 1, unknown: 2, reconnect: { minMs: 5000, maxMs: 1000 } }',
      'http: { addresses: ["0.0.0.0"] }',
      'logging: { level: loud }',
    ].join('\n');
    expect(
      faultsOf(yaml, { HSS__LOGING__LEVEL: 'info' })
        .map((fault) => fault.path)
        .sort(),
    ).toEqual([
      'HSS__LOGING__LEVEL',
      'diameter.reconnect.minMs',
      'diameter.unknown',
      'diameter.watchdogIntervalSeconds',
      'http.token',
      'logging.level',
    ]);
  });

  test('the message is readable', () => {
    expect(() => load('logging:\n  level: loud\n')).toThrow(
      [
        `The configuration (${join(folder, 'hss.yaml')}) has a mistake:`,
        '  logging.level (hss.yaml, line 2, column 3)',
        '    found:   "loud"',
        '    allowed: one of trace, debug, info, warn, error, silent',
      ].join('\n'),
    );
  });
});

describe('settings that depend on one another', () => {
  test('the API beyond loopback needs a token', () => {
    expect(faultAt('http.token', 'http: { addresses: [127.0.0.1, 192.0.2.1] }')).toMatchObject({
      found: 'none, while the API listens on 192.0.2.1',
      source: 'hss.yaml, line 1, column 9',
    });
    expect(load('http: { addresses: ["0.0.0.0"], token: 0123456789abcdef }').config.http.token).toBe(
      '0123456789abcdef',
    );
    expect(
      load('http: { addresses: [127.0.0.2, "::1", "::ffff:127.0.0.1"] }').config.http.token,
    ).toBeUndefined();
  });

  test('a token can come from a file', () => {
    writeFileSync(join(folder, 'token'), 'from-a-file-0123456789\n');
    expect(load('http: { addresses: ["::"], tokenFile: token }').config.http.token).toBe(
      'from-a-file-0123456789',
    );
    expect(faultAt('http.tokenFile', 'http: { tokenFile: nowhere }').found).toBe('nowhere: no such file');
    writeFileSync(join(folder, 'short'), 'short');
    expect(faultAt('http.tokenFile', 'http: { tokenFile: short }').found).toBe('short: no such token in it');
    expect(faultAt('http.tokenFile', 'http: { tokenFile: token, token: 0123456789abcdef }').found).toBe(
      'token and tokenFile',
    );
  });

  test.each([
    [
      'an identity twice',
      'peers: [{ identity: a.example.org }, { identity: A.example.org }]',
      'peers[1].identity',
    ],
    ['our own identity', 'peers: [{ identity: hss.ims.mnc001.mcc001.3gppnetwork.org }]', 'peers[0].identity'],
    ['nowhere to connect to', 'peers: [{ identity: a.example.org, connect: true }]', 'peers[0].addresses'],
    [
      'a back-off that shrinks',
      'diameter: { reconnect: { minMs: 5000, maxMs: 1000 } }',
      'diameter.reconnect.minMs',
    ],
    [
      'a queue whose mark is above its end',
      'diameter: { writeQueueHighOctets: 5000000 }',
      'diameter.writeQueueHighOctets',
    ],
    ['one port for two', 'http: { port: 9868 }', 'metrics.port'],
    [
      'one port on all addresses and on one',
      'diameter: { listen: [{ addresses: ["0.0.0.0"], port: 8080 }] }',
      'http.port',
    ],
    ['two secret keys', 'store: { secretKey: abc, secretKeyFile: key }', 'store.secretKeyFile'],
  ])('%s', (_, yaml, path) => {
    expect(faultsOf(yaml).map((fault) => fault.path)).toEqual([path]);
  });

  test('port 0 for several listeners is no clash', () => {
    expect(
      load('http: { port: 0 }\nmetrics: { port: 0 }\ndiameter: { listen: [{ port: 0 }] }').config.http.port,
    ).toBe(0);
  });

  test('unknown peers are accepted only while every listener is on loopback', () => {
    expect(
      load('diameter: { listen: [{ addresses: ["127.0.0.1", "::1"] }] }').config.diameter.unknownPeers,
    ).toBe('accept');
    const open = load(
      'diameter: { listen: [{ addresses: ["127.0.0.1"] }, { addresses: ["0.0.0.0"], port: 3869 }] }',
    );
    expect(open.config.diameter.unknownPeers).toBe('refuse');
    expect(open.warnings).toEqual([expect.stringContaining('nobody can connect')]);
    expect(load('diameter: { unknownPeers: refuse }').config.diameter.unknownPeers).toBe('refuse');
    const accepting = load('diameter: { unknownPeers: accept, listen: [{ addresses: ["0.0.0.0"] }] }');
    expect(accepting.config.diameter.unknownPeers).toBe('accept');
    expect(accepting.warnings).toEqual([expect.stringContaining('whoever reaches the port')]);
  });

  test('a peer that only its name binds is worth a warning; an address or a certificate binds it', () => {
    const warn = [
      expect.stringMatching(/^nothing but its name binds a connection to cscf\.example: .*peers\[\]/),
    ];
    const tls = (more: string) =>
      `diameter: { tls: { certificateFile: a.pem, keyFile: b.pem${more} }, listen: [{ transport: tls }] }\n`;
    const bare = 'peers: [{ identity: cscf.example }]';
    expect(load(bare).warnings).toEqual(warn);
    expect(load('peers: [{ identity: cscf.example, addresses: [192.0.2.1] }]').warnings).toEqual([]);
    expect(
      load('peers: [{ identity: cscf.example, addresses: [192.0.2.1], checkAddress: false }]').warnings,
    ).toEqual(warn);
    expect(load(tls('') + bare).warnings).toEqual([]);
    expect(load(tls(', requirePeerCertificate: false') + bare).warnings).toEqual(warn);
    expect(load(tls(', checkPeerIdentity: false') + bare).warnings).toEqual(warn);
    const required = 'peers: [{ identity: cscf.example, requireCertificate: true }]';
    expect(load(tls(', requirePeerCertificate: false') + required).warnings).toEqual([]);
    expect(faultsOf(required).map(({ path }) => path)).toEqual(['peers[0].requireCertificate']);
  });
});

describe('transports', () => {
  const listen = (...entries: string[]) => `diameter: { listen: [${entries.join(', ')}] }`;

  test('one name, a list in order of preference, or auto', () => {
    const { config } = load(
      listen(
        '{ transport: auto, port: 3868 }',
        '{ transport: [kernel-sctp, userland-sctp-udp], port: 3869 }',
        '{ port: 3870 }',
      ),
    );
    expect(config.diameter.listen.map(({ transport }) => transport)).toEqual([
      'auto',
      ['kernel-sctp', 'userland-sctp-udp'],
      'tcp',
    ]);
    expect(
      load(undefined, { HSS__DIAMETER__LISTEN__0__TRANSPORT: 'kernel-sctp,tcp' }).config.diameter.listen[0]
        ?.transport,
    ).toEqual(['kernel-sctp', 'tcp']);
    expect(
      load(undefined, { HSS__DIAMETER__LISTEN__0__TRANSPORT: 'auto' }).config.diameter.listen[0]?.transport,
    ).toBe('auto');
  });

  test('SCTP and TCP have ports of their own; two stacks of SCTP never share one', () => {
    load(listen('{ transport: kernel-sctp }', '{ transport: tcp }'));
    expect(
      faultAt('diameter.listen[1].port', listen('{ transport: auto }', '{ transport: userland-sctp }')).found,
    ).toBe('3868 on 127.0.0.1');
    expect(
      faultAt('diameter.listen[1].port', listen('{ transport: tls }', '{ transport: [kernel-sctp, tcp] }'))
        .found,
    ).toBe('3868 on 127.0.0.1');
    load(`${listen('{ transport: kernel-sctp, port: 8080 }')}\nhttp: { port: 8080 }`);
  });

  test('TLS needs a certificate and its key; where it is one of several it may be passed over', () => {
    expect(faultAt('diameter.listen[0].transport', listen('{ transport: tls }')).found).toBe(
      'tls, without a certificate',
    );
    expect(faultAt('peers[0].transport', 'peers: [{ identity: a.example.org, transport: tls }]').found).toBe(
      'tls, without a certificate',
    );
    load(listen('{ transport: [tls, tcp] }'));
    expect(faultAt('diameter.tls.keyFile', 'diameter: { tls: { certificateFile: a.pem } }').found).toBe(
      'nothing',
    );
    const { config } = load(
      'diameter: { tls: { certificateFile: a.pem, keyFile: /b.pem }, listen: [{ transport: tls }] }',
    );
    expect(config.diameter.tls).toEqual({
      certificateFile: join(folder, 'a.pem'),
      keyFile: '/b.pem',
      requirePeerCertificate: true,
      checkPeerIdentity: true,
    });
  });

  test('retransmission timeouts are in order', () => {
    expect(
      faultAt(
        'diameter.sctp.retransmissionTimeoutInitialMs',
        'diameter: { sctp: { retransmissionTimeoutMaxMs: 500 } }',
      ).allowed,
    ).toBe('from retransmissionTimeoutMinMs, which is 400, to retransmissionTimeoutMaxMs, which is 500');
  });

  test.each(['[]', '[kernel-sctp, pigeon]', '7'])('%s is no transport', (text) => {
    expect(faultsOf(listen(`{ transport: ${text} }`)).map(({ path }) => path)).toContain(
      'diameter.listen[0].transport',
    );
  });
});

test.each([
  ['ims.mnc001.mcc001.3gppnetwork.org', 'epc.mnc001.mcc001.3gppnetwork.org'],
  ['epc.mnc001.mcc001.3gppnetwork.org', 'ims.mnc001.mcc001.3gppnetwork.org'],
])('an HSS of %s serves %s, the other domain of its network, too', (originRealm, sibling) => {
  expect(load(`diameter: { originRealm: ${originRealm} }`).config.diameter.servedRealms).toEqual([sibling]);
});
