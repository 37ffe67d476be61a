/**
 * Named messages, octet by octet, used four ways: decoded, encoded, both in turn, and cut out of a stream.
 * Written down from the clauses, not by this codec; Wireshark finds none of them malformed (its dictionary
 * lacks 661 to 666).
 */
export interface Vector {
  readonly name: string;
  readonly clause: string;
  readonly abbreviation: string;
  readonly applicationId: number;
  readonly hopByHopId: number;
  readonly endToEndId: number;
  readonly proxiable: boolean;
  readonly error: boolean;
  readonly retransmitted: boolean;
  readonly bytes: Buffer;
  readonly avps: object;
}

const hex = (runs: readonly string[]): Buffer => Buffer.from(runs.join(''), 'hex');

export const vectors: readonly Vector[] = [
  {
    name: 'CER of a CSCF',
    clause: '6733-5.3.1',
    abbreviation: 'CER',
    applicationId: 0,
    hopByHopId: 0x11223344,
    endToEndId: 0x55667788,
    proxiable: false,
    error: false,
    retransmitted: false,
    bytes: hex([
      '010000e4', // version 1, length 228
      '80000101', // flags 0x80, command 257
      '00000000', // application 0
      '1122334455667788', // hop-by-hop, end-to-end
      '0000010840000019', // Origin-Host
      '73637363662e696d732e6578616d706c65000000', //   scscf.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '000001014000000e', // Host-IP-Address
      '0001c00002070000', //   family 1, 192.0.2.7, padded
      '000001014000001a', // Host-IP-Address
      '000220010db80000000000000000000000070000', //   family 2, 2001:db8::7, padded
      '0000010a4000000c', // Vendor-Id
      '000028af', //   10415
      '0000010d00000015', // Product-Name
      '434469616d6574657250656572000000', //   CDiameterPeer, padded
      '000001164000000c', // Origin-State-Id
      '6920d2d0', //   1763758800
      '000001094000000c', // Supported-Vendor-Id
      '000028af', //   10415
      '000001094000000c', // Supported-Vendor-Id
      '000032db', //   13019
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '0000010b0000000c', // Firmware-Revision
      '00000001', //   1
    ]),
    avps: {
      originHost: 'scscf.ims.example',
      originRealm: 'ims.example',
      hostIpAddress: ['192.0.2.7', '2001:db8::7'],
      vendorId: 10415,
      productName: 'CDiameterPeer',
      originStateId: 1763758800,
      supportedVendorId: [10415, 13019],
      vendorSpecificApplicationId: [{ vendorId: 10415, authApplicationId: 16777216 }],
      firmwareRevision: 1,
    },
  },
  {
    name: 'DWR',
    clause: '6733-5.5.1',
    abbreviation: 'DWR',
    applicationId: 0,
    hopByHopId: 0x1,
    endToEndId: 0xffffffff,
    proxiable: false,
    error: false,
    retransmitted: false,
    bytes: hex([
      '0100004c', // version 1, length 76
      '80000118', // flags 0x80, command 280
      '00000000', // application 0
      '00000001ffffffff', // hop-by-hop, end-to-end
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '000001164000000c', // Origin-State-Id
      '00000007', //   7
    ]),
    avps: { originHost: 'hss.ims.example', originRealm: 'ims.example', originStateId: 7 },
  },
  {
    name: 'DWA',
    clause: '6733-5.5.2',
    abbreviation: 'DWA',
    applicationId: 0,
    hopByHopId: 0x1,
    endToEndId: 0xffffffff,
    proxiable: false,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000050', // version 1, length 80
      '00000118', // flags 0x00, command 280
      '00000000', // application 0
      '00000001ffffffff', // hop-by-hop, end-to-end
      '0000010c4000000c', // Result-Code
      '000007d1', //   2001
      '0000010840000019', // Origin-Host
      '73637363662e696d732e6578616d706c65000000', //   scscf.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
    ]),
    avps: { resultCode: 2001, originHost: 'scscf.ims.example', originRealm: 'ims.example' },
  },
  {
    name: 'DPR',
    clause: '6733-5.4.1',
    abbreviation: 'DPR',
    applicationId: 0,
    hopByHopId: 0x2,
    endToEndId: 0x3,
    proxiable: false,
    error: false,
    retransmitted: false,
    bytes: hex([
      '0100004c', // version 1, length 76
      '8000011a', // flags 0x80, command 282
      '00000000', // application 0
      '0000000200000003', // hop-by-hop, end-to-end
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '000001114000000c', // Disconnect-Cause
      '00000000', //   0
    ]),
    avps: { originHost: 'hss.ims.example', originRealm: 'ims.example', disconnectCause: 0 },
  },
  {
    name: 'UAR of a registration',
    clause: '29.229-6.1.1',
    abbreviation: 'UAR',
    applicationId: 16777216,
    hopByHopId: 0xa0b0c0d,
    endToEndId: 0x1020304,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '0100018c', // version 1, length 396
      'c000012c', // flags 0xc0, command 300
      '01000000', // application 16777216
      '0a0b0c0d01020304', // hop-by-hop, end-to-end
      '000001074000001d', // Session-Id
      '69637363662e696d732e6578616d706c653b313b31000000', //   icscf.ims.example;1;1, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000019', // Origin-Host
      '69637363662e696d732e6578616d706c65000000', //   icscf.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000011b40000013', // Destination-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000000140000019', // User-Name
      '616c69636540696d732e6578616d706c65000000', //   alice@ims.example, padded
      '0000027480000038000028af', // Supported-Features
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '0000027580000010000028af', //   Feature-List-ID
      '00000001', //     1
      '0000027680000010000028af', //   Feature-List
      '00000003', //     3
      '00000259c0000021000028af', // Public-Identity
      '7369703a616c69636540696d732e6578616d706c65000000', //   sip:alice@ims.example, padded
      '00000258c0000017000028af', // Visited-Network-Identifier
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000026fc0000010000028af', // User-Authorization-Type
      '00000000', //   0
      '0000011c4000002c', // Proxy-Info
      '0000011840000017', //   Proxy-Host
      '6472612e696d732e6578616d706c6500', //     dra.ims.example, padded
      '000000214000000b', //   Proxy-State
      '00ff1000', //     3 octets, padded
      '0000011a40000019', // Route-Record
      '69637363662e696d732e6578616d706c65000000', //   icscf.ims.example, padded
    ]),
    avps: {
      sessionId: 'icscf.ims.example;1;1',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: 'icscf.ims.example',
      originRealm: 'ims.example',
      destinationRealm: 'ims.example',
      userName: 'alice@ims.example',
      supportedFeatures: [{ vendorId: 10415, featureListId: 1, featureList: 3 }],
      publicIdentity: 'sip:alice@ims.example',
      visitedNetworkIdentifier: Buffer.from('ims.example'),
      userAuthorizationType: 0,
      proxyInfo: [{ proxyHost: 'dra.ims.example', proxyState: Buffer.from('00ff10', 'hex') }],
      routeRecord: ['icscf.ims.example'],
    },
  },
  {
    name: 'UAA with capabilities',
    clause: '29.229-6.1.2',
    abbreviation: 'UAA',
    applicationId: 16777216,
    hopByHopId: 0xa0b0c0d,
    endToEndId: 0x1020304,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000110', // version 1, length 272
      '4000012c', // flags 0x40, command 300
      '01000000', // application 16777216
      '0a0b0c0d01020304', // hop-by-hop, end-to-end
      '000001074000001d', // Session-Id
      '69637363662e696d732e6578616d706c653b313b31000000', //   icscf.ims.example;1;1, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '0000012940000020', // Experimental-Result
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '0000012a4000000c', //   Experimental-Result-Code
      '000007d1', //     2001
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000025bc0000064000028af', // Server-Capabilities
      '0000025cc0000010000028af', //   Mandatory-Capability
      '00000001', //     1
      '0000025dc0000010000028af', //   Optional-Capability
      '00000002', //     2
      '0000025dc0000010000028af', //   Optional-Capability
      '00000003', //     3
      '0000025ac0000026000028af', //   Server-Name
      '7369703a73637363662e696d732e6578616d706c653a363036300000', //     sip:scscf.ims.example:6060, padded
    ]),
    avps: {
      sessionId: 'icscf.ims.example;1;1',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      experimentalResult: { vendorId: 10415, experimentalResultCode: 2001 },
      authSessionState: 1,
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      serverCapabilities: {
        mandatoryCapability: [1],
        optionalCapability: [2, 3],
        serverName: ['sip:scscf.ims.example:6060'],
      },
    },
  },
  {
    name: 'MAR of a resynchronisation',
    clause: '29.229-6.1.7',
    abbreviation: 'MAR',
    applicationId: 16777216,
    hopByHopId: 0x5,
    endToEndId: 0x6,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000190', // version 1, length 400
      'c000012f', // flags 0xc0, command 303
      '01000000', // application 16777216
      '0000000500000006', // hop-by-hop, end-to-end
      '0000010740000026', // Session-Id
      '73637363662e696d732e6578616d706c653b313736333735383830303b310000', //   scscf.ims.example;1763758800;1, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000019', // Origin-Host
      '73637363662e696d732e6578616d706c65000000', //   scscf.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000011b40000013', // Destination-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000012540000017', // Destination-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000000140000019', // User-Name
      '616c69636540696d732e6578616d706c65000000', //   alice@ims.example, padded
      '00000259c0000021000028af', // Public-Identity
      '7369703a616c69636540696d732e6578616d706c65000000', //   sip:alice@ims.example, padded
      '00000264c0000054000028af', // SIP-Auth-Data-Item
      '00000260c000001c000028af', //   SIP-Authentication-Scheme
      '4469676573742d414b4176312d4d4435', //     Digest-AKAv1-MD5
      '00000262c000002a000028af', //   SIP-Authorization
      '000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaabacad0000', //     RAND and AUTS, padded
      '0000025fc0000010000028af', // SIP-Number-Auth-Items
      '00000001', //   1
      '0000025ac0000026000028af', // Server-Name
      '7369703a73637363662e696d732e6578616d706c653a363036300000', //   sip:scscf.ims.example:6060, padded
    ]),
    avps: {
      sessionId: 'scscf.ims.example;1763758800;1',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: 'scscf.ims.example',
      originRealm: 'ims.example',
      destinationRealm: 'ims.example',
      destinationHost: 'hss.ims.example',
      userName: 'alice@ims.example',
      publicIdentity: 'sip:alice@ims.example',
      sipAuthDataItem: {
        sipAuthenticationScheme: 'Digest-AKAv1-MD5',
        sipAuthorization: Buffer.from('000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaabacad', 'hex'),
      },
      sipNumberAuthItems: 1,
      serverName: 'sip:scscf.ims.example:6060',
    },
  },
  {
    name: 'MAA of SIP Digest and NASS',
    clause: '29.229-6.1.8',
    abbreviation: 'MAA',
    applicationId: 16777216,
    hopByHopId: 0x5,
    endToEndId: 0x6,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000280', // version 1, length 640
      '4000012f', // flags 0x40, command 303
      '01000000', // application 16777216
      '0000000500000006', // hop-by-hop, end-to-end
      '0000010740000026', // Session-Id
      '73637363662e696d732e6578616d706c653b313736333735383830303b310000', //   scscf.ims.example;1763758800;1, padded
      '0000012d0000000c', // DRMP
      '00000005', //   5
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '0000010c4000000c', // Result-Code
      '000007d1', //   2001
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000000140000017', // User-Name
      '626f6240696d732e6578616d706c6500', //   bob@ims.example, padded
      '0000026d00000018', // OC-Supported-Features
      '0000026e00000010', //   OC-Feature-Vector
      '0000000000000001', //     1
      '0000028a0000003c', // Load
      '0000028b0000000c', //   Load-Type
      '00000000', //     0
      '0000028c00000010', //   Load-Value
      '000000000000ea60', //     60000
      '0000028900000017', //   SourceID
      '6873732e696d732e6578616d706c6500', //     hss.ims.example, padded
      '00000259c0000020000028af', // Public-Identity
      '7369703a62c3b36240696d732e6578616d706c65', //   sip:bób@ims.example
      '0000025fc0000010000028af', // SIP-Number-Auth-Items
      '00000001', //   1
      '00000264c0000138000028af', // SIP-Auth-Data-Item
      '00000265c0000010000028af', //   SIP-Item-Number
      '00000001', //     1
      '00000260c0000016000028af', //   SIP-Authentication-Scheme
      '534950204469676573740000', //     SIP Digest, padded
      '0000027b800000c0000028af', //   SIP-Digest-Authenticate
      '0000006840000013', //     Digest-Realm
      '696d732e6578616d706c6500', //       ims.example, padded
      '0000006f4000000b', //     Digest-Algorithm
      '4d443500', //       MD5, padded
      '0000006e4000000c', //     Digest-QoP
      '61757468', //       auth
      '0000007940000028', //     Digest-HA1
      '3933396537353738656439653363353138613435326163656537363362636539', //       939e7578ed9e3c518a452acee763bce9
      '0000029680000013000028af', //     Alternate-Digest-Algorithm
      '5348412d32353600', //       SHA-256, padded
      '000002978000004c000028af', //     Alternate-Digest-HA1
      '303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030', //       000000000000000000000000000000000000000000000000000000000...
      '30303030303030303030303030303030',
      '000000084000000c', //   Framed-IP-Address
      'c0000209', //     4 octets
      '0000006140000012', //   Framed-IPv6-Prefix
      '004020010db8000000000000', //     10 octets, padded
      '0000006040000010', //   Framed-Interface-Id
      '020000fffe000001', //     0x020000fffe000001
      '000001f480000011000032db', //   Line-Identifier
      '64736c2d31000000', //     dsl-1, padded
    ]),
    avps: {
      sessionId: 'scscf.ims.example;1763758800;1',
      drmp: 5,
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      resultCode: 2001,
      authSessionState: 1,
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      userName: 'bob@ims.example',
      ocSupportedFeatures: { ocFeatureVector: 1n },
      load: [{ loadType: 0, loadValue: 60000n, sourceid: 'hss.ims.example' }],
      publicIdentity: 'sip:b\u00f3b@ims.example',
      sipNumberAuthItems: 1,
      sipAuthDataItem: [
        {
          sipItemNumber: 1,
          sipAuthenticationScheme: 'SIP Digest',
          sipDigestAuthenticate: {
            digestRealm: 'ims.example',
            digestAlgorithm: 'MD5',
            digestQop: 'auth',
            digestHa1: '939e7578ed9e3c518a452acee763bce9',
            alternateDigestAlgorithm: 'SHA-256',
            alternateDigestHa1: '00'.repeat(32),
          },
          framedIpAddress: Buffer.from([192, 0, 2, 9]),
          framedIpv6Prefix: Buffer.from('004020010db800000000', 'hex'),
          framedInterfaceId: 0x020000fffe000001n,
          lineIdentifier: [Buffer.from('dsl-1')],
        },
      ],
    },
  },
  {
    name: 'SAR with restoration and a private AVP',
    clause: '29.229-6.1.3',
    abbreviation: 'SAR',
    applicationId: 16777216,
    hopByHopId: 0x7,
    endToEndId: 0x8,
    proxiable: true,
    error: false,
    retransmitted: true,
    bytes: hex([
      '0100024c', // version 1, length 588
      'd000012d', // flags 0xd0, command 301
      '01000000', // application 16777216
      '0000000700000008', // hop-by-hop, end-to-end
      '0000010740000026', // Session-Id
      '73637363662e696d732e6578616d706c653b313736333735383830303b310000', //   scscf.ims.example;1763758800;1, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000019', // Origin-Host
      '73637363662e696d732e6578616d706c65000000', //   scscf.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000011b40000013', // Destination-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000000140000019', // User-Name
      '616c69636540696d732e6578616d706c65000000', //   alice@ims.example, padded
      '00000259c0000021000028af', // Public-Identity
      '7369703a616c69636540696d732e6578616d706c65000000', //   sip:alice@ims.example, padded
      '00000259c0000017000028af', // Public-Identity
      '74656c3a2b34393137303100', //   tel:+491701, padded
      '0000025ac0000026000028af', // Server-Name
      '7369703a73637363662e696d732e6578616d706c653a363036300000', //   sip:scscf.ims.example:6060, padded
      '00000266c0000010000028af', // Server-Assignment-Type
      '00000001', //   1
      '00000270c0000010000028af', // User-Data-Already-Available
      '00000000', //   0
      '0000027f800000a0000028af', // SCSCF-Restoration-Info
      '0000000140000019', //   User-Name
      '616c69636540696d732e6578616d706c65000000', //     alice@ims.example, padded
      '0000028980000068000028af', //   Restoration-Info
      '0000028080000026000028af', //     Path
      '3c7369703a70637363662e696d732e6578616d706c653b6c723e0000', //       26 octets, padded
      '0000028180000024000028af', //     Contact
      '3c7369703a616c696365403139382e35312e3130302e313e', //       24 octets
      '0000028e80000010000028af', //     Initial-CSeq-Sequence-Number
      '00000004', //       4
      '0000029580000010000028af', //   Registration-Time-Out
      'eccaf760', //     2025-11-21T14:36:16Z
      '0000028880000010000028af', // Multiple-Registration-Indication
      '00000000', //   0
      '0000029880000040000028af', // Failed-PCSCF
      '000002998000001d000028af', //   PCSCF-FQDN
      '70637363662e696d732e6578616d706c65000000', //     pcscf.ims.example, padded
      '0000029a80000012000028af', //   PCSCF-IP-Address
      '0001c63364020000', //     family 1, 198.51.100.2, padded
      '000001ee8000000f00000032', // 494 of vendor 50, as Kamailio sends it
      '783d3100', //   x=1, padded
    ]),
    avps: {
      sessionId: 'scscf.ims.example;1763758800;1',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: 'scscf.ims.example',
      originRealm: 'ims.example',
      destinationRealm: 'ims.example',
      userName: 'alice@ims.example',
      publicIdentity: ['sip:alice@ims.example', 'tel:+491701'],
      serverName: 'sip:scscf.ims.example:6060',
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
      scscfRestorationInfo: {
        userName: 'alice@ims.example',
        restorationInfo: [
          {
            path: Buffer.from('<sip:pcscf.ims.example;lr>'),
            contact: Buffer.from('<sip:alice@198.51.100.1>'),
            initialCseqSequenceNumber: 4,
          },
        ],
        registrationTimeOut: new Date('2025-11-21T14:36:16Z'),
      },
      multipleRegistrationIndication: 0,
      failedPcscf: { pcscfFqdn: 'pcscf.ims.example', pcscfIpAddress: ['198.51.100.2'] },
      additionalAvps: [{ code: 494, vendorId: 50, mandatory: false, data: Buffer.from('x=1') }],
    },
  },
  {
    name: 'SAA with charging information',
    clause: '29.229-6.1.4',
    abbreviation: 'SAA',
    applicationId: 16777216,
    hopByHopId: 0x7,
    endToEndId: 0x8,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000198', // version 1, length 408
      '4000012d', // flags 0x40, command 301
      '01000000', // application 16777216
      '0000000700000008', // hop-by-hop, end-to-end
      '0000010740000026', // Session-Id
      '73637363662e696d732e6578616d706c653b313736333735383830303b310000', //   scscf.ims.example;1763758800;1, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '0000010c4000000c', // Result-Code
      '000007d1', //   2001
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000000140000019', // User-Name
      '616c69636540696d732e6578616d706c65000000', //   alice@ims.example, padded
      '0000025ec000001e000028af', // User-Data
      '3c494d53537562736372697074696f6e2f3e0000', //   <IMSSubscription/>, padded
      '0000026ac0000068000028af', // Charging-Information
      '0000026bc0000035000028af', //   Primary-Event-Charging-Function-Name
      '6161613a2f2f656366312e696d732e6578616d706c653a333836383b7472616e73706f72743d746370000000', //     aaa://ecf1.ims.example:3868;transport=tcp, padded
      '0000026dc0000022000028af', //   Primary-Charging-Collection-Function-Name
      '6161613a2f2f636366312e696d732e6578616d706c650000', //     aaa://ccf1.ims.example, padded
      '0000027880000044000028af', // Associated-Identities
      '0000000140000019', //   User-Name
      '616c69636540696d732e6578616d706c65000000', //     alice@ims.example, padded
      '000000014000001a', //   User-Name
      '616c6963653240696d732e6578616d706c650000', //     alice2@ims.example, padded
      '0000027e80000010000028af', // Loose-Route-Indication
      '00000001', //   1
    ]),
    avps: {
      sessionId: 'scscf.ims.example;1763758800;1',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      resultCode: 2001,
      authSessionState: 1,
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      userName: 'alice@ims.example',
      userData: Buffer.from('<IMSSubscription/>'),
      chargingInformation: {
        primaryEventChargingFunctionName: 'aaa://ecf1.ims.example:3868;transport=tcp',
        primaryChargingCollectionFunctionName: 'aaa://ccf1.ims.example',
      },
      associatedIdentities: { userName: ['alice@ims.example', 'alice2@ims.example'] },
      looseRouteIndication: 1,
    },
  },
  {
    name: 'RTR',
    clause: '29.229-6.1.9',
    abbreviation: 'RTR',
    applicationId: 16777216,
    hopByHopId: 0x9,
    endToEndId: 0xa,
    proxiable: true,
    error: false,
    retransmitted: false,
    bytes: hex([
      '01000124', // version 1, length 292
      'c0000130', // flags 0xc0, command 304
      '01000000', // application 16777216
      '000000090000000a', // hop-by-hop, end-to-end
      '000001074000001b', // Session-Id
      '6873732e696d732e6578616d706c653b313b3200', //   hss.ims.example;1;2, padded
      '0000010440000020', // Vendor-Specific-Application-Id
      '0000010a4000000c', //   Vendor-Id
      '000028af', //     10415
      '000001024000000c', //   Auth-Application-Id
      '01000000', //     16777216
      '000001154000000c', // Auth-Session-State
      '00000001', //   1
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000012540000019', // Destination-Host
      '73637363662e696d732e6578616d706c65000000', //   scscf.ims.example, padded
      '0000011b40000013', // Destination-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000000140000019', // User-Name
      '616c69636540696d732e6578616d706c65000000', //   alice@ims.example, padded
      '00000259c0000021000028af', // Public-Identity
      '7369703a616c69636540696d732e6578616d706c65000000', //   sip:alice@ims.example, padded
      '00000267c000002c000028af', // Deregistration-Reason
      '00000268c0000010000028af', //   Reason-Code
      '00000000', //     0
      '00000269c0000010000028af', //   Reason-Info
      '676f6e65', //     gone
    ]),
    avps: {
      sessionId: 'hss.ims.example;1;2',
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      destinationHost: 'scscf.ims.example',
      destinationRealm: 'ims.example',
      userName: 'alice@ims.example',
      publicIdentity: ['sip:alice@ims.example'],
      deregistrationReason: { reasonCode: 0, reasonInfo: 'gone' },
    },
  },
  {
    name: 'UAA refused with the E bit',
    clause: '6733-7.2',
    abbreviation: 'UAA',
    applicationId: 16777216,
    hopByHopId: 0xb,
    endToEndId: 0xc,
    proxiable: true,
    error: true,
    retransmitted: false,
    bytes: hex([
      '010000b0', // version 1, length 176
      '6000012c', // flags 0x60, command 300
      '01000000', // application 16777216
      '0000000b0000000c', // hop-by-hop, end-to-end
      '000001074000001d', // Session-Id
      '69637363662e696d732e6578616d706c653b313b31000000', //   icscf.ims.example;1;1, padded
      '0000010840000017', // Origin-Host
      '6873732e696d732e6578616d706c6500', //   hss.ims.example, padded
      '0000012840000013', // Origin-Realm
      '696d732e6578616d706c6500', //   ims.example, padded
      '0000010c4000000c', // Result-Code
      '00000bbb', //   3003
      '0000011900000018', // Error-Message
      '7265616c6d206e6f7420736572766564', //   realm not served
      '0000011c4000002c', // Proxy-Info
      '0000011840000017', //   Proxy-Host
      '6472612e696d732e6578616d706c6500', //     dra.ims.example, padded
      '0000002140000009', //   Proxy-State
      '01000000', //     1 octets, padded
    ]),
    avps: {
      sessionId: 'icscf.ims.example;1;1',
      originHost: 'hss.ims.example',
      originRealm: 'ims.example',
      resultCode: 3003,
      errorMessage: 'realm not served',
      proxyInfo: [{ proxyHost: 'dra.ims.example', proxyState: Buffer.from([1]) }],
    },
  },
];
