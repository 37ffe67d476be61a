/** The block that is printed once everything is up. */
import { banner, type BannerData } from '../../src/wiring/banner';

const data: BannerData = {
  version: '1.2.3',
  originHost: 'hss.example.org',
  originRealm: 'example.org',
  diameter: ['tcp 127.0.0.1:3868', 'tcp [::1]:3868'],
  unknownPeers: 'accept',
  configuredPeersCount: 0,
  http: ['http://127.0.0.1:8080'],
  tokenRequired: false,
  documentationPath: '/docs',
  metrics: ['http://127.0.0.1:9868'],
  database: { kind: 'embedded', folder: '/srv/hss/data' },
  configurationFile: null,
  demoUsers: [
    {
      privateIdentity: 'alice@example.org',
      identities: ['sip:alice@example.org'],
      scheme: 'Digest-AKAv1-MD5',
    },
    {
      privateIdentity: 'carol@example.org',
      identities: ['sip:c1@example.org', 'sip:c2@example.org', 'tel:+1', 'sip:c4@example.org'],
      scheme: 'SIP Digest',
      note: 'implicit registration set',
    },
  ],
  demoCredentialsFile: 'docs/demo-users.md',
};

test('says where everything listens, who the users are and what to try', () => {
  expect(banner(data)).toBe(`------------------------------------------------------------------------------
HSS 1.2.3 is up

Diameter    tcp 127.0.0.1:3868
            tcp [::1]:3868
            0 configured peers; any other CSCF, MME or SGSN is accepted
Identity    hss.example.org in example.org
HTTP API    http://127.0.0.1:8080/docs
Metrics     http://127.0.0.1:9868/metrics (and /readyz, /livez)
Database    embedded PostgreSQL in /srv/hss/data
Settings    all defaults (hss.example.yaml lists them)
Demo users  alice@example.org: sip:alice@example.org (Digest-AKAv1-MD5)
            carol@example.org: sip:c1@example.org, sip:c2@example.org, tel:+1 and 1 more (SIP Digest; implicit registration set)
            keys and passwords: docs/demo-users.md
Try         ./bin/hss show alice@example.org
            ./bin/hss peers
            curl http://127.0.0.1:8080/v1/subscriptions
            README.md says how to point a Kamailio at it

Ctrl-C stops it.
------------------------------------------------------------------------------
`);
});

test('without demo users, without a listener, with a token and an outside database', () => {
  const text = banner({
    ...data,
    diameter: [],
    unknownPeers: 'refuse',
    configuredPeersCount: 1,
    tokenRequired: true,
    metrics: [],
    demoUsers: [],
    command: 'hss',
    database: { kind: 'outside', maskedUrl: 'postgres://hss:********@db/hss' },
    configurationFile: '/etc/hss.yaml',
  });
  expect(text).toContain(
    'Diameter    does not listen; connects to the configured peers\n            1 configured peer; any other CSCF, MME or SGSN is refused\n',
  );
  expect(text).toContain('with a bearer token');
  expect(text).toContain('curl -H "Authorization: Bearer $HSS_TOKEN" http://127.0.0.1:8080/v1/subscriptions');
  expect(text).toContain('Metrics     off');
  expect(text).toContain('Database    postgres://hss:********@db/hss');
  expect(text).toContain('Settings    /etc/hss.yaml');
  expect(text).toContain('Try         hss show <impi|impu|imsi>');
  expect(text).not.toContain('Demo users');
});
