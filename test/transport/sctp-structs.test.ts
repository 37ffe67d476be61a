/**
 * What crosses the border to the kernel, octet by octet: written down from linux/sctp.h as a C compiler lays
 * it out on a little-endian machine.
 */
import { endianness } from 'node:os';
import { decodeNotification } from '../../src/transport/sctp-kernel/notifications';
import {
  decodeAddress,
  decodeAddressList,
  decodePathInfo,
  decodeRetransmissions,
  decodeStatus,
  encodeAddress,
  encodeAddresses,
  encodeAssociationParameters,
  encodeDefaultSend,
  encodeEvents,
  encodeInitMessage,
  encodePathParameters,
  encodePathQuestion,
  encodeRtoInfo,
} from '../../src/transport/sctp-kernel/structs';
import { defaultSctpOptions } from '../../src/transport/sctp-options';
import { message } from './contract';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const onLittleEndian = endianness() === 'LE' ? describe : describe.skip;

onLittleEndian('structures of the kernel', () => {
  test('addresses', () => {
    expect(encodeAddress('192.0.2.17', 3868)).toEqual(hex('0200 0f1c c0000211 0000000000000000'));
    expect(encodeAddress('2001:db8::1:2', 3868)).toEqual(
      hex('0a00 0f1c 00000000 20010db8000000000000000000010002 00000000'),
    );
    expect(encodeAddress('fe80::1%3', 1)).toEqual(
      hex('0a00 0001 00000000 fe800000000000000000000000000001 03000000'),
    );
    expect(encodeAddress('::ffff:192.0.2.1', 1).subarray(8, 24)).toEqual(
      hex('00000000000000000000ffffc0000201'),
    );
    expect(encodeAddress('::', 0).subarray(8, 24)).toEqual(Buffer.alloc(16));
  });

  test.each(['192.0.2.17', '2001:db8::1:2', '::1', '::', 'fe80::a:b'])(
    '%s comes back as it went',
    (address) => {
      expect(decodeAddress(encodeAddress(address, 4001))).toMatchObject({ address, port: 4001 });
    },
  );

  test('an IPv4 address seen through IPv6 is an IPv4 address; a family that is not of IP is none', () => {
    expect(decodeAddress(encodeAddress('::ffff:192.0.2.1', 9))?.address).toBe('192.0.2.1');
    expect(decodeAddress(Buffer.alloc(28))).toBeNull();
  });

  test('lists of addresses, mixed', () => {
    const list = Buffer.concat([
      hex('01000000 03000000'),
      encodeAddresses(['192.0.2.1', '2001:db8::1', '192.0.2.2'], 3868),
      Buffer.alloc(50),
    ]);
    expect(decodeAddressList(list).map(({ address }) => address)).toEqual([
      '192.0.2.1',
      '2001:db8::1',
      '192.0.2.2',
    ]);
    expect(
      decodeAddressList(hex('01000000 02000000 0200 0f1c c0000201 0000000000000000 ffff 0000')),
    ).toHaveLength(1);
  });

  test('options', () => {
    const options = {
      ...defaultSctpOptions,
      streamsCount: 16,
      heartbeatMs: 5_000,
      pathRetransmissionsCount: 3,
      associationRetransmissionsCount: 8,
    };
    expect(encodeInitMessage(options)).toEqual(hex('1000 1000 0000 0000'));
    expect(encodeRtoInfo(options)).toEqual(hex('00000000 e8030000 a00f0000 90010000'));
    expect(encodeAssociationParameters(options)).toEqual(
      hex('00000000 0800 0000 00000000 00000000 00000000'),
    );
    const paths = encodePathParameters(options);
    expect(paths).toHaveLength(156);
    expect(paths.subarray(132)).toEqual(hex('88130000 0300 00000000 00000000 01000000 00000000 0000'));
    expect(encodeDefaultSend(46)).toEqual(
      hex('0000 0000 0000 0000 0000002e 00000000 00000000 00000000 00000000 00000000'),
    );
    expect(encodeEvents()).toEqual(hex('00 01 01 00 00 00 00 00'));
  });

  test('what the kernel answers', () => {
    const status = Buffer.alloc(176);
    status.writeUInt16LE(5, 16);
    status.writeUInt16LE(7, 18);
    expect(decodeStatus(status)).toEqual({ inboundStreamsCount: 5, outboundStreamsCount: 7 });
    const info = encodePathQuestion('192.0.2.1', 3868);
    expect(info.subarray(4, 12)).toEqual(hex('0200 0f1c c0000201'));
    hex('02000000 5c110000 0c000000 90010000 dc050000').copy(info, 132);
    expect(decodePathInfo(info, '192.0.2.1')).toEqual({
      address: '192.0.2.1',
      state: 'active',
      congestionWindowOctets: 4444,
      smoothedRttMs: 12,
      retransmissionTimeoutMs: 400,
    });
    hex('01000000').copy(info, 132);
    expect(decodePathInfo(info, '192.0.2.1').state).toBe('potentially-failed');
    const statistics = Buffer.alloc(256);
    statistics.writeBigUInt64LE(42n, 176);
    expect(decodeRetransmissions(statistics)).toBe(42);
  });
});

onLittleEndian('notifications', () => {
  const change = (state: number, error = 0, info: Buffer = Buffer.alloc(0)): Buffer => {
    const record = Buffer.concat([hex('0180 0000 14000000 0000 0000 1000 0a00 05000000'), info]);
    record.writeUInt32LE(record.length, 4);
    record.writeUInt16LE(state, 8);
    record.writeUInt16BE(error, 10);
    return record;
  };

  test('of associations', () => {
    expect(decodeNotification(change(0))).toEqual({ kind: 'up', outboundStreamsCount: 16 });
    expect(decodeNotification(change(1))).toEqual({
      kind: 'lost',
      aborted: false,
      detail: 'the peer does not answer any more',
    });
    expect(decodeNotification(change(1, 12, hex('06000004')))).toEqual({
      kind: 'lost',
      aborted: true,
      detail: 'aborted by the peer (user-initiated abort)',
    });
    expect(decodeNotification(change(1, 99))).toMatchObject({ detail: 'aborted by the peer (cause 99)' });
    expect(decodeNotification(change(2))).toEqual({ kind: 'restarted' });
    expect(decodeNotification(change(3))).toEqual({ kind: 'shutdown' });
    expect(decodeNotification(change(4))).toMatchObject({ kind: 'refused' });
    expect(decodeNotification(change(77))).toEqual({ kind: 'other' });
  });

  test('of paths, and those that we do not know', () => {
    const record = Buffer.alloc(148);
    hex('0280 0000 94000000').copy(record);
    encodeAddress('192.0.2.9', 3868).copy(record, 8);
    record.writeUInt32LE(1, 136);
    expect(decodeNotification(record)).toEqual({ kind: 'path', address: '192.0.2.9', change: 'unreachable' });
    record.writeUInt32LE(0xffff, 136);
    expect(decodeNotification(record)).toEqual({ kind: 'other' });
    expect(decodeNotification(hex('0980 0000 08000000'))).toEqual({ kind: 'other' });
  });

  test('nothing that begins like a Diameter message is one, whatever its length', () => {
    for (const octets of [20, 24, 128, 2_048, 65_532]) expect(decodeNotification(message(octets))).toBeNull();
    expect(decodeNotification(hex('01000014'))).toBeNull();
    expect(decodeNotification(Buffer.alloc(0))).toBeNull();
    // Its own length is not that of the record.
    expect(decodeNotification(Buffer.concat([change(2), Buffer.alloc(4)]))).toBeNull();
    expect(decodeNotification(change(2).subarray(0, 16))).toBeNull();
  });
});
