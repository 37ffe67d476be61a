/** The files of one run: hss.yaml, mme.conf, mme.yaml and the certificate that freeDiameter wants to see. */
'use strict';
const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const HSS_ADDRESS = '127.0.0.8';
const MME_ADDRESS = '127.0.0.2';
const SGW_ADDRESS = '127.0.0.3';
const NETWORK = 'mnc001.mcc001.3gppnetwork.org';
const hssHost = `hss.ims.${NETWORK}`;
const mmeHost = `mme.epc.${NETWORK}`;
const token = 'token-of-the-open5gs-trial';
const API = `http://${HSS_ADDRESS}:8080`;
const extensions = [
  'dbg_msg_dumps.fdx" : "0x8888',
  'dict_rfc5777.fdx',
  'dict_mip6i.fdx',
  'dict_nasreq.fdx',
  'dict_nas_mipv6.fdx',
  'dict_dcca.fdx',
  'dict_dcca_3gpp/dict_dcca_3gpp.fdx',
];

// PostgreSQL runs as another user, whom user-mode Linux lets write in memory alone.
const hssYaml = (transport, peer) => `
diameter:
  originHost: ${hssHost}
  originRealm: ims.${NETWORK}
  unknownPeers: accept
  listen:
    - { transport: [${transport === 'sctp' ? 'kernel-sctp' : 'tcp'}], addresses: [${HSS_ADDRESS}] }
peers:
  - ${JSON.stringify({ identity: mmeHost, realm: `epc.${NETWORK}`, role: 'mme', ...peer })}
store: { dataFolder: ${mkdtempSync(path.join(tmpdir(), 'hss-data-'))} }
http: { addresses: [${HSS_ADDRESS}], token: ${token} }
metrics: { addresses: [${HSS_ADDRESS}] }
logging: { level: debug }
demo: { load: false }
`;

const mmeConf = (folder, build, transport) => `
Identity = "${mmeHost}";
Realm = "epc.${NETWORK}";
ListenOn = "${MME_ADDRESS}";
TLS_Cred = "${folder}/mme.crt", "${folder}/mme.key";
TLS_CA = "${folder}/mme.crt";
NoRelay;
${transport === 'tcp' ? 'No_SCTP;' : ''}
${extensions.map((name) => `LoadExtension = "${build}/subprojects/freeDiameter/extensions/${name}";`).join('\n')}
ConnectPeer = "${hssHost}" { ConnectTo = "${HSS_ADDRESS}"; No_TLS; };
`;

const mmeYaml = (folder) => `
logger: { level: debug }
test:
  serving:
    - plmn_id: { mcc: "001", mnc: "01" }
global:
  max: { ue: 64 }
mme:
  freeDiameter: ${folder}/mme.conf
  s1ap:
    server:
      - address: ${MME_ADDRESS}
  gtpc:
    server:
      - address: ${MME_ADDRESS}
    client:
      sgwc:
        - address: ${SGW_ADDRESS}
      smf:
        - address: 127.0.0.4
  metrics:
    server:
      - address: ${MME_ADDRESS}
        port: 9090
  gummei:
    - plmn_id: { mcc: "001", mnc: "01" }
      mme_gid: 2
      mme_code: 1
  tai:
    - plmn_id: { mcc: "001", mnc: "01" }
      tac: 1
  # freeDiameter routes by realm: without this it finds no way from epc... to a peer in ims...
  hss_map:
    - plmn_id: { mcc: "001", mnc: "01", realm: ims.${NETWORK} }
  security:
    integrity_order: [EIA2, EIA1, EIA0]
    ciphering_order: [EEA0, EEA1, EEA2]
  network_name: { full: Trial }
  time:
    t3412: { value: 540 }
`;

/** `peer`: further settings of the MME's entry in `peers`. */
function writeSettings({ folder, build, transport, peer }) {
  mkdirSync(folder, { recursive: true });
  const certificate = [
    '-keyout',
    `${folder}/mme.key`,
    '-out',
    `${folder}/mme.crt`,
    '-subj',
    `/CN=${mmeHost}`,
  ];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...certificate], {
    stdio: 'ignore',
  });
  writeFileSync(`${folder}/hss.yaml`, hssYaml(transport, peer));
  writeFileSync(`${folder}/mme.conf`, mmeConf(folder, build, transport));
  writeFileSync(`${folder}/mme.yaml`, mmeYaml(folder));
}

module.exports = { API, SGW_ADDRESS, hssHost, mmeHost, token, writeSettings };
