/** The readable tree of `hss decode`. */
import { cxTable } from '../../../src/apps/cx/generated/cx-tables';
import { s6aTable } from '../../../src/apps/s6a/generated/s6a-tables';
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import { encodeNamed } from '../../../src/diameter/codec/encode';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { parseHex, renderMessage, renderMessages } from '../../../src/diameter/codec/render';
import { cxNumber, dictionary, MANDATORY, rawAvp, rawMessage, text, u32, uarWith, VENDOR } from './support';
import { vectors } from './vectors';

const vector = (name: string): Buffer => vectors.find((one) => one.name === name)?.bytes ?? Buffer.alloc(0);

test('a UAA as a tree, with the names of values, vendors and applications', () => {
  expect(renderMessage(vector('UAA with capabilities'), dictionary)).toBe(
    [
      'User-Authorization-Answer (UAA)',
      'version 1, 272 octets, flags -P--, command 300, application 16777216 (3GPP Cx/Dx)',
      'hop-by-hop 0x0a0b0c0d, end-to-end 0x01020304',
      '├─ Session-Id (263) -M-: "icscf.ims.example;1;1"',
      '├─ Vendor-Specific-Application-Id (260) -M-',
      '│  ├─ Vendor-Id (266) -M-: 10415 3GPP',
      '│  └─ Auth-Application-Id (258) -M-: 16777216 3GPP Cx/Dx',
      '├─ Experimental-Result (297) -M-',
      '│  ├─ Vendor-Id (266) -M-: 10415 3GPP',
      '│  └─ Experimental-Result-Code (298) -M-: 2001 DIAMETER_FIRST_REGISTRATION',
      '├─ Auth-Session-State (277) -M-: 1 NO_STATE_MAINTAINED',
      '├─ Origin-Host (264) -M-: "hss.ims.example"',
      '├─ Origin-Realm (296) -M-: "ims.example"',
      '└─ Server-Capabilities (603, 3GPP) VM-',
      '   ├─ Mandatory-Capability (604, 3GPP) VM-: 1',
      '   ├─ Optional-Capability (605, 3GPP) VM-: 2',
      '   ├─ Optional-Capability (605, 3GPP) VM-: 3',
      '   └─ Server-Name (602, 3GPP) VM-: "sip:scscf.ims.example:6060"',
      '',
    ].join('\n'),
  );
});

test('keys and password hashes are hidden unless asked for', () => {
  const maa = vector('MAA of SIP Digest and NASS');
  expect(renderMessage(maa, dictionary)).not.toContain('939e7578');
  expect(renderMessage(maa, dictionary)).toContain('Digest-HA1 (121) -M-: (32 octets, hidden)');
  expect(renderMessage(maa, dictionary, { showSecrets: true })).toContain(
    '"939e7578ed9e3c518a452acee763bce9"',
  );
});

test('keys of an E-UTRAN vector are hidden, what goes over the air is not', () => {
  const whole = new Dictionary([baseTable, cxTable, s6aTable]);
  const octets = (byte: number, length: number): Buffer => Buffer.alloc(length, byte);
  const aia = encodeNamed(
    'AIA',
    { hopByHopId: 1, endToEndId: 1 },
    {
      sessionId: 'hss;1;1',
      authSessionState: 1,
      originHost: 'hss.epc.example',
      originRealm: 'epc.example',
      resultCode: 2001,
      authenticationInfo: {
        eUtranVector: [
          { rand: octets(0xa1, 16), xres: octets(0xb2, 8), autn: octets(0xc3, 16), kasme: octets(0xd4, 32) },
        ],
      },
    },
    whole,
  );
  const tree = renderMessage(aia, whole);
  expect(tree).toContain('a1a1a1a1');
  expect(tree).toContain('KASME (1450, 3GPP) VM-: (32 octets, hidden)');
  for (const secret of ['b2b2b2b2', 'd4d4d4d4']) {
    expect(tree).not.toContain(secret);
    expect(renderMessage(aia, whole, { showSecrets: true })).toContain(secret);
  }
});

test('diameter-dictionary names what our own files do not define', () => {
  const ulr = rawMessage(
    [
      text(263, 's;1;1'),
      rawAvp(1405, MANDATORY | VENDOR, u32(3)),
      rawAvp(1407, MANDATORY | VENDOR, Buffer.from('21f354', 'hex')),
    ],
    { code: 316, application: 16777251 },
  );
  const tree = renderMessage(ulr, dictionary);
  expect(tree).toContain('3GPP-Update-Location-Request\n');
  expect(tree).toContain('ULR-Flags (1405, 3GPP) VM-: 3');
  expect(tree).toContain('Visited-PLMN-Id (1407, 3GPP) VM-: 0x21f354');
  expect(tree).toContain('! 3007 DIAMETER_APPLICATION_UNSUPPORTED');
});

test('a broken message is shown as far as it goes, with the verdict', () => {
  const tree = renderMessage(
    uarWith({ type: cxNumber(623, 9), cut: rawAvp(1, MANDATORY, Buffer.from('abc'), { length: 400 }) }),
    dictionary,
  );
  expect(tree).toContain('User-Authorization-Type (623, 3GPP) VM-: 9\n');
  expect(tree).toMatch(/└─ User-Name \(1\) -M-: ! AVP Length 400 where 12 octets are left/);
  expect(tree).toContain('! 5004 DIAMETER_INVALID_AVP_VALUE: UAR: User-Authorization-Type: 9 is not defined');
  expect(renderMessage(Buffer.from([1, 2]), dictionary)).toBe('2 octets, no Diameter header: 0102\n');
});

test('nothing in a message can steer the terminal', () => {
  const tree = renderMessage(uarWith({ userName: text(1, '\u001b[2Jalice\n\u009b') }), dictionary);
  expect(tree).toContain(`User-Name (1) -M-: 0x${Buffer.from('\u001b[2Jalice\n\u009b').toString('hex')}`);
  expect(tree).not.toContain('\u001b');
});

test('several messages in a row, and the forms of hexadecimal', () => {
  const two = Buffer.concat([vector('DWR'), vector('DWA')]);
  expect(
    renderMessages(two, dictionary)
      .split('\n\n')
      .map((tree) => tree.split('\n')[0]),
  ).toEqual(['Device-Watchdog-Request (DWR)', 'Device-Watchdog-Answer (DWA)']);
  expect(parseHex('0x01 0x00:00-14\n80,00')?.toString('hex')).toBe('010000148000');
  expect([parseHex(''), parseHex('abc'), parseHex('hello!')]).toEqual([null, null, null]);
});
