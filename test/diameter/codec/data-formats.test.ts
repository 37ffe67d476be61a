/** The derived data formats of RFC 6733 clause 4.3.1. */
import { formatIPv6, parseAddress, readAddress } from '../../../src/diameter/codec/address';
import {
  dateToTime,
  isDiameterUri,
  isIpFilterRule,
  readIdentity,
  readUtf8,
  timeToDate,
} from '../../../src/diameter/codec/data-formats';
import { encodeAvp, EncodeError } from '../../../src/diameter/codec/encode';
import { dictionary } from './support';

describe('[6733-4.3.1] Address', () => {
  test.each([
    ['192.0.2.1', '0001c0000201'],
    ['2001:db8::1', '000220010db8000000000000000000000001'],
    ['::', `0002${'00'.repeat(16)}`],
    ['::1', `0002${'00'.repeat(15)}01`],
    ['1::', `00020001${'00'.repeat(14)}`],
    ['hex:15:0a0b', '000f0a0b'],
    ['hex:8:', '0008'],
  ])('%s', (text, hex) => {
    expect(encodeAvp('Host-IP-Address', text, dictionary).toString('hex', 8).slice(0, hex.length)).toBe(hex);
    const bytes = Buffer.from(hex, 'hex');
    expect(readAddress(bytes, 0, bytes.length)).toBe(text);
  });

  test('[5952-4] the longest run of zero groups is shortened, the first of equals, never a single one', () => {
    const groups = (...values: number[]): Buffer =>
      Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));
    expect(formatIPv6(groups(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), 0)).toBe('2001:db8:0:1:1:1:1:1');
    expect(formatIPv6(groups(0x2001, 0, 0, 1, 0, 0, 0, 1), 0)).toBe('2001:0:0:1::1');
    expect(formatIPv6(groups(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), 0)).toBe('2001:db8::1:0:0:1');
  });

  test('other spellings are understood', () => {
    expect(parseAddress('::ffff:192.0.2.1')?.octets.toString('hex')).toBe('00000000000000000000ffffc0000201');
    expect(parseAddress('FE80::1%eth0')?.octets.toString('hex')).toBe('fe800000000000000000000000000001');
    expect([
      parseAddress('192.0.2'),
      parseAddress('host'),
      parseAddress('hex:70000:00'),
      parseAddress('hex:1:0'),
    ]).toEqual([null, null, null, null]);
  });
});

describe('[6733-4.3.1] Time', () => {
  test.each([
    ['1968-01-20T03:14:08.000Z', 0x80000000],
    ['1970-01-01T00:00:00.000Z', 2208988800],
    ['2036-02-07T06:28:15.000Z', 0xffffffff],
    ['2036-02-07T06:28:16.000Z', 0],
    ['2104-02-26T09:42:23.000Z', 0x7fffffff],
  ])('%s is %i', (date, seconds) => {
    expect(timeToDate(seconds).toISOString()).toBe(date);
    expect(dateToTime(new Date(date))).toBe(seconds);
  });

  test('dates beyond both eras cannot be sent', () => {
    expect([
      dateToTime(new Date('1960-01-01')),
      dateToTime(new Date('2105-01-01')),
      dateToTime(new Date(Number.NaN)),
    ]).toEqual([null, null, null]);
  });
});

test('[6733-4.3.1] DiameterURI', () => {
  const valid = [
    'aaa://host.example.com',
    'aaa://host.example.com:6666',
    'aaas://host.example.com;transport=tcp',
    'aaa://host.example.com;transport=tcp;protocol=diameter',
    'aaa://host.example.com:1813;transport=udp;protocol=radius',
  ];
  const invalid = [
    '',
    'host',
    'http://host',
    'aaa://',
    'aaa://host;protocol=diameter;transport=tcp',
    'aaa://host:0x1',
    'aaa://host;transport=udp;protocol=diameter',
    `aaa://${'a'.repeat(256)}`,
  ];
  expect(valid.filter((uri) => !isDiameterUri(uri))).toEqual([]);
  expect(invalid.filter(isDiameterUri)).toEqual([]);
});

test('[6733-4.3.1] DiameterIdentity, UTF8String and IPFilterRule', () => {
  const identity = (text: string): string | null =>
    readIdentity(Buffer.from(text), 0, Buffer.byteLength(text));
  expect([identity('hss-1.ims_a.example'), identity('localhost'), identity('a.example.')]).toEqual([
    'hss-1.ims_a.example',
    'localhost',
    'a.example.',
  ]);
  expect([identity('.a'), identity('a@b'), identity('ü.example'), identity('a/b')]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  const long = 'ä€😀'.repeat(40);
  expect(readUtf8(Buffer.from(`x${long}`), 1, 1 + Buffer.byteLength(long))).toBe(long);
  expect(readUtf8(Buffer.from('eda080', 'hex'), 0, 3)).toBeNull();
  expect([isIpFilterRule('permit in ip from any to any'), isIpFilterRule('allow all')]).toEqual([
    true,
    false,
  ]);
});

test.each([
  ['Result-Code', -1],
  ['Result-Code', 2 ** 32],
  ['Result-Code', 1.5],
  ['Result-Code', '2001'],
  ['Auth-Session-State', 2 ** 31],
  ['OC-Feature-Vector', -1n],
  ['OC-Feature-Vector', 2n ** 64n],
  ['OC-Feature-Vector', 1],
  ['Session-Id', Buffer.from('x')],
  ['Proxy-State', 'x'],
  ['Host-IP-Address', 'nowhere'],
  ['Event-Timestamp', 0],
  ['Event-Timestamp', new Date('1900-01-01')],
  ['Proxy-Info', null],
  ['Proxy-Info', { proxyHost: 'a.example' }],
  ['No-Such-AVP', 1],
])('a value that is none of its type cannot be encoded: %s', (name, value) => {
  expect(() => encodeAvp(name, value, dictionary)).toThrow(EncodeError);
});

test('[6733-4] padding is zero and not counted', () => {
  expect(encodeAvp('User-Name', 'abcde', dictionary).toString('hex')).toBe(
    '000000014000000d6162636465000000',
  );
  expect(encodeAvp('Supported-Vendor-Id', [10415, 13019], dictionary).toString('hex')).toBe(
    '000001094000000c000028af000001094000000c000032db',
  );
});

test('[6733-4.3.1] DiameterIdentities that came before are told from those that differ in one octet, length or case', () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `host${i}.ims.example`).flatMap((name) => [
    name,
    name.toUpperCase(),
    `${name}.`,
    name.slice(1),
    'x'.repeat(i200(name)),
  ]);
  for (let round = 0; round < 2; round += 1) {
    for (const name of names) expect(readIdentity(Buffer.from(`!${name}!`), 1, 1 + name.length)).toBe(name);
  }
});

const i200 = (name: string): number => 90 + (name.length % 20);
