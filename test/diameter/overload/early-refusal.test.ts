/**
 * Requests refused from their octets: the same is read as the decoder reads, the same is answered as for a
 * decoded one, and what is odd is left to the decoder.
 */
import { AnswerWriter } from '../../../src/diameter/dispatch/answers';
import type { Application } from '../../../src/diameter/dispatch/contract';
import { encodeAvp } from '../../../src/diameter/codec/encode';
import { RequestPriority } from '../../../src/diameter/overload/priority';
import { scanRequest, type ScannedRequest } from '../../../src/diameter/overload/request-scan';
import { hss, icscf } from '../dispatch/support';
import { cxRequest, decoded, dictionary, wireAvps, withoutAvp, AVP } from '../../support/cx-messages';

const proxies = [
  { proxyHost: 'one.example', proxyState: Buffer.from('a') },
  { proxyHost: 'two.example', proxyState: Buffer.from('bcde') },
];
const uar = {
  userName: 'alice@ims.example',
  publicIdentity: 'sip:alice@ims.example',
  visitedNetworkIdentifier: Buffer.from('ims.example'),
};
const plain = cxRequest('UAR', icscf, uar);

/** Null: left to the decoder. */
function scan(bytes: Buffer): ScannedRequest | null {
  const scanned = scanRequest(bytes);
  return scanned?.read(RequestPriority.ordinary) === true ? scanned : null;
}

describe('what is read', () => {
  const cases: readonly [string, 'UAR' | 'LIR', object][] = [
    ['nothing special', 'UAR', uar],
    ['DRMP', 'UAR', { ...uar, drmp: 0 }],
    ['an emergency registration', 'UAR', { ...uar, uarFlags: 1 }],
    [
      'Session-Priority and DRMP',
      'LIR',
      { publicIdentity: uar.publicIdentity, sessionPriority: 2, drmp: 15 },
    ],
    [
      'OC-Supported-Features with a vector',
      'LIR',
      {
        publicIdentity: uar.publicIdentity,
        ocSupportedFeatures: { ocFeatureVector: 5n },
        destinationHost: hss.originHost,
      },
    ],
    ['OC-Supported-Features without', 'LIR', { publicIdentity: uar.publicIdentity, ocSupportedFeatures: {} }],
    ['Proxy-Info', 'UAR', { ...uar, proxyInfo: proxies }],
  ];

  test.each(cases)('%s', (_, command, avps) => {
    const bytes = cxRequest(command, icscf, avps);
    const { header, avps: full } = decoded(bytes);
    const scanned = scan(bytes);
    expect(scanned).toMatchObject({ commandCode: header.commandCode, applicationId: header.applicationId });
    for (const name of ['drmp', 'destinationHost'] as const) expect(scanned?.[name]).toEqual(full[name]);
    expect(scanned?.ocSupportedFeatures?.ocFeatureVector).toEqual(
      (full['ocSupportedFeatures'] as { ocFeatureVector?: bigint } | undefined)?.ocFeatureVector,
    );
    expect(scanned?.ocSupportedFeatures === undefined).toBe(full['ocSupportedFeatures'] === undefined);
    expect(scanned?.sessionId).toEqual(encodeAvp('Session-Id', full['sessionId'], dictionary));
    expect(scanned?.proxyInfo).toHaveLength((full['proxyInfo'] as unknown[] | undefined)?.length ?? 0);
  });
});

describe('what is left to the decoder', () => {
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(plain);
    change(copy);
    return copy;
  };
  const cases: readonly [string, Buffer][] = [
    [
      'a retransmission, which may have its answer already',
      changed((bytes) => {
        bytes[4] = (bytes[4] ?? 0) | 0x10;
      }),
    ],
    [
      'an answer',
      changed((bytes) => {
        bytes[4] = (bytes[4] ?? 0) & 0x7f;
      }),
    ],
    [
      'another version',
      changed((bytes) => {
        bytes[0] = 2;
      }),
    ],
    [
      'a wrong message length',
      changed((bytes) => {
        bytes[3] = (bytes[3] ?? 0) - 4;
      }),
    ],
    [
      'an AVP longer than the message',
      changed((bytes) => {
        bytes.writeUIntBE(bytes.length, 25, 3);
      }),
    ],
    [
      'an AVP shorter than its header',
      changed((bytes) => {
        bytes.writeUIntBE(7, 25, 3);
      }),
    ],
    ['no Session-Id', withoutAvp(plain, AVP.sessionId)],
    ['a header alone', changed(() => undefined).subarray(0, 20)],
    ['less than a header', plain.subarray(0, 10)],
    ['nothing', Buffer.alloc(0)],
  ];

  test.each(cases)('%s', (_, bytes) => {
    expect(scan(bytes)).toBeNull();
  });

  test('a DRMP that is none', () => {
    const bytes = cxRequest('UAR', icscf, { ...uar, drmp: 15 });
    const at = bytes.indexOf(encodeAvp('DRMP', 15, dictionary)) + 8;
    bytes.writeUInt32BE(16, at);
    expect(scan(bytes)).toBeNull();
  });

  test('no octets make it throw', () => {
    let seed = 11;
    for (let i = 0; i < 20_000; i += 1) {
      const bytes = Buffer.from(plain);
      for (let changes = 0; changes < 3; changes += 1) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        bytes[20 + ((seed >>> 8) % (bytes.length - 20))] = seed >>> 24;
      }
      const scanned = scan(bytes);
      if (scanned !== null) expect(scanned.sessionId.length % 4).toBe(0);
    }
  });
});

test('[6733-6.2] [6733-7.2] the answer is the one that a decoded request gets, octet for octet', () => {
  const application = { applicationId: 16_777_216, vendorId: 10_415, name: 'Cx' } as Application;
  const writer = new AnswerWriter(hss, application, dictionary);
  const reported = {
    ocSupportedFeatures: encodeAvp('OC-Supported-Features', { ocFeatureVector: 1n }, dictionary),
  };
  for (const avps of [uar, { ...uar, proxyInfo: proxies }]) {
    for (const proxiable of [true, false]) {
      const bytes = cxRequest('UAR', icscf, avps, { proxiable });
      const scanned = scan(bytes);
      if (scanned === null) throw new Error('not read');
      const early = writer.tooBusy(bytes, scanned.sessionId, scanned.proxyInfo, 'busy', reported);
      expect(early.equals(writer.plain(decoded(bytes), 3004, 'busy', reported))).toBe(true);
      expect(early.readUInt8(4)).toBe(proxiable ? 0x60 : 0x20);
      expect(wireAvps(early)[0]?.code).toBe(AVP.sessionId);
    }
  }
});
