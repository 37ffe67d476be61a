/** `hss decode` of capture files and hexdumps, made here by the formats' own documents. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cli } from './run-cli';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hss-decode-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A DWR whose hop-by-hop identifier tells it from the others. */
function watchdog(id: number): Buffer {
  const hex = `0100003880000118${'0'.repeat(8)}${id.toString(16).padStart(8, '0')}12345678`;
  const origin = `0000010840000011${Buffer.from('hss.b.com').toString('hex')}000000`;
  return Buffer.from(`${hex}${origin}000001284000000d${Buffer.from('b.com').toString('hex')}000000`, 'hex');
}
const [first, second, third] = [watchdog(0xa1), watchdog(0xa2), watchdog(0xa3)];

function numbers(...fields: readonly (readonly [octets: number, value: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([octets, value]) => {
      const field = Buffer.alloc(octets);
      field.writeUIntBE(value, 0, octets);
      return field;
    }),
  );
}

const tcp = (sequence: number, data: Buffer, flags = 0x18, [from, to] = [40_000, 3868]): Buffer =>
  Buffer.concat([
    numbers(
      [2, from ?? 0],
      [2, to ?? 0],
      [4, sequence >>> 0],
      [4, 1],
      [1, 0x50],
      [1, flags],
      [2, 65_535],
      [4, 0],
    ),
    data,
  ]);
const ipv4 = (protocol: number, payload: Buffer, fragment = 0): Buffer =>
  Buffer.concat([
    numbers(
      [2, 0x4500],
      [2, 20 + payload.length],
      [2, 1],
      [2, fragment],
      [1, 64],
      [1, protocol],
      [2, 0],
      [4, 0x0a000001],
      [4, 0x0a000002],
    ),
    payload,
  ]);
const ipv6 = (protocol: number, payload: Buffer): Buffer => {
  // A Destination Options header before the payload.
  const options = numbers([1, protocol], [1, 0], [2, 0x0104], [4, 0]);
  const address = (last: number): Buffer => numbers([4, 0x20010db8], [4, 0], [4, 0], [4, last]);
  return Buffer.concat([
    numbers([4, 0x60000000], [2, options.length + payload.length], [1, 60], [1, 64]),
    address(1),
    address(2),
    options,
    payload,
  ]);
};
const chunk = (tsn: number, flags: number, data: Buffer): Buffer =>
  Buffer.concat([
    numbers([1, 0], [1, flags], [2, 16 + data.length], [4, tsn], [2, 1], [2, 0], [4, 46]),
    data,
    Buffer.alloc(-data.length & 3),
  ]);
const sctp = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([numbers([2, 3868], [2, 3868], [4, 0xfeedbeef], [4, 0]), ...chunks]);

const mac = Buffer.alloc(12, 2);
const links: readonly (readonly [string, number, (ip: Buffer) => Buffer])[] = [
  ['Ethernet', 1, (ip) => Buffer.concat([mac, numbers([2, (ip[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800]), ip])],
  ['Ethernet', 1, (ip) => Buffer.concat([mac, numbers([2, 0x8100], [2, 7], [2, 0x0800]), ip])],
  ['Linux cooked', 113, (ip) => Buffer.concat([Buffer.alloc(14), numbers([2, 0x0800]), ip])],
  ['Linux cooked v2', 276, (ip) => Buffer.concat([numbers([2, 0x0800]), Buffer.alloc(18), ip])],
  ['raw IP', 101, (ip) => ip],
  ['loopback', 0, (ip) => Buffer.concat([Buffer.from([2, 0, 0, 0]), ip])],
  ['loopback', 108, (ip) => Buffer.concat([Buffer.from([0, 0, 0, 2]), ip])],
];
const ethernet = links[0]?.[2] ?? ((ip: Buffer) => ip);

function pcap(linkType: number, frames: readonly Buffer[], isLittle = true): Buffer {
  const u32 = (value: number): Buffer => {
    const field = Buffer.alloc(4);
    if (isLittle) field.writeUInt32LE(value);
    else field.writeUInt32BE(value);
    return field;
  };
  const version = isLittle ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]);
  const header = Buffer.concat([u32(0xa1b2c3d4), version, u32(0), u32(0), u32(65_535), u32(linkType)]);
  return Buffer.concat([
    header,
    ...frames.flatMap((frame) => [u32(1), u32(2), u32(frame.length), u32(frame.length), frame]),
  ]);
}

function pcapng(linkType: number, frames: readonly Buffer[]): Buffer {
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(12 + padded.length, 4);
    return Buffer.concat([head, padded, head.subarray(4)]);
  };
  const little = (...values: number[]): Buffer => {
    const field = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => field.writeUInt32LE(value, 4 * i));
    return field;
  };
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([little(0x1a2b3c4d, 1), Buffer.alloc(8, 0xff)])),
    block(1, little(linkType, 65_535)),
    ...frames.map((frame, i) =>
      i === 0
        ? block(3, Buffer.concat([little(frame.length), frame]))
        : block(6, Buffer.concat([little(0, 0, 0, frame.length, frame.length), frame])),
    ),
  ]);
}

/** Hop-by-hop identifiers of what is shown, in order. */
const shown = (stdout: string): string[] =>
  [...stdout.matchAll(/hop-by-hop 0x000000(..)/g)].map(([, id]) => id ?? '');
const decode = (input: Buffer | string) => cli(['decode', '-'], { stdin: input });

test.each(links)('a pcap file of %s frames (%i)', async (name, linkType, frame) => {
  const run = await decode(
    pcap(linkType, [frame(ipv4(6, tcp(100, first))), frame(ipv4(6, tcp(156, second)))]),
  );
  expect([run.status, shown(run.stdout)]).toEqual([0, ['a1', 'a2']]);
  expect(run.stderr).toBe(`taken for pcap file, ${name}, 2 frames: 2 messages\n`);
  expect(run.stdout).toMatch(/^frame 1, TCP 10\.0\.0\.1:40000 -> 10\.0\.0\.2:3868\nDevice-Watchdog-Request/);
});

test('a pcap file of the other byte order, and pcapng with both kinds of packet blocks', async () => {
  const frames = [ethernet(ipv4(6, tcp(100, first))), ethernet(ipv6(6, tcp(1, second)))];
  expect(shown((await decode(pcap(1, frames, false))).stdout)).toEqual(['a1', 'a2']);
  const ng = await decode(pcapng(1, frames));
  expect(shown(ng.stdout)).toEqual(['a1', 'a2']);
  expect(ng.stdout).toContain('frame 2, TCP [2001:db8::1]:40000 -> [2001:db8::2]:3868');
  expect(ng.stderr).toContain('taken for pcapng file, Ethernet, 2 frames');
});

describe('TCP', () => {
  const all = Buffer.concat([first, second, third]);
  const at = (start: number, end: number): Buffer =>
    ethernet(ipv4(6, tcp(0xffff_ffd0 + start, all.subarray(start, end))));
  const syn = ethernet(ipv4(6, tcp(0xffff_ffcf, Buffer.alloc(0), 0x02)));

  test.each<[string, Buffer[]]>([
    ['several in a segment', [at(0, 168)]],
    ['one over several segments, the sequence number wraps', [at(0, 30), at(30, 60), at(60, 168)]],
    ['segments out of order', [at(0, 30), at(100, 168), at(30, 100)]],
    ['the first segment last', [at(56, 168), at(0, 56)]],
    ['retransmissions that overlap', [at(0, 60), at(0, 60), at(40, 120), at(112, 168)]],
  ])('%s', async (_what, frames) => {
    for (const list of [frames, [syn, ...frames]])
      expect(shown((await decode(pcap(1, list))).stdout)).toEqual(['a1', 'a2', 'a3']);
  });

  test('a capture that begins within a message, or lacks a segment, shows the others and says so', async () => {
    const run = await decode(pcap(1, [at(10, 56), at(56, 112), at(112, 168)]));
    expect(shown(run.stdout)).toEqual(['a2', 'a3']);
    expect(run.stderr).toContain('not shown: octets before the first whole message: 46');
    const gap = await decode(pcap(1, [at(0, 56), at(56, 80), at(112, 168)]));
    expect(shown(gap.stdout)).toEqual(['a1', 'a3']);
    expect(gap.stderr).toContain('not shown: octets after the last whole message: 24');
  });

  test('both directions, and the same ports used again', async () => {
    const answer = ethernet(ipv4(6, tcp(5, second, 0x18, [3868, 40_000])));
    const again = [ethernet(ipv4(6, tcp(9, Buffer.alloc(0), 0x02))), ethernet(ipv4(6, tcp(10, third)))];
    expect(shown((await decode(pcap(1, [syn, at(0, 56), answer, ...again]))).stdout)).toEqual([
      'a1',
      'a2',
      'a3',
    ]);
  });
});

test('SCTP: several chunks, fragments in any order, a retransmission, and SCTP over UDP', async () => {
  const frames = [
    sctp(chunk(1, 3, first), chunk(2, 3, second)),
    sctp(chunk(1, 3, first)),
    sctp(chunk(0, 1, third.subarray(40))),
    sctp(chunk(0xffff_ffff, 2, third.subarray(0, 40))),
  ].map((packet) => ethernet(ipv4(132, packet)));
  const run = await decode(pcap(1, frames));
  expect(shown(run.stdout)).toEqual(['a1', 'a2', 'a3']);
  expect(run.stdout).toContain('frame 4, SCTP 10.0.0.1:3868 -> 10.0.0.2:3868, stream 1');
  const packet = sctp(chunk(1, 3, first));
  const udp = Buffer.concat([numbers([2, 9899], [2, 9899], [2, 8 + packet.length], [2, 0]), packet]);
  expect(shown((await decode(pcap(1, [ethernet(ipv4(17, udp))]))).stdout)).toEqual(['a1']);
});

test('what holds no message says so in one line, and what was left out', async () => {
  const frames = [
    ethernet(ipv4(6, tcp(1, Buffer.from('GET / HTTP/1.1\r\n\r\n')))),
    ethernet(ipv4(6, tcp(1, Buffer.from('16030100050100000100', 'hex'), 0x18, [40_001, 5658]))),
    ethernet(ipv4(6, first, 0x2000)),
  ];
  expect(await decode(pcap(1, frames))).toMatchObject({
    status: 1,
    stdout: '\n',
    stderr: expect.stringMatching(
      /fragments of IP packets: 1\nnot shown: TCP streams without a Diameter message: 1\nnot shown: TCP streams with TLS: 1\nhss: there is no Diameter message in the pcap file/,
    ) as unknown,
  });
  expect((await decode(pcap(147, [first]))).stderr).toContain(
    'frames of link type 147, which is not known here: 1',
  );
});

test('a file that was cut off, and any octets behind the magic number, end in order', async () => {
  const whole = pcap(1, [ethernet(ipv4(6, tcp(1, first))), ethernet(ipv4(6, tcp(57, second)))]);
  const cut = await decode(whole.subarray(0, -10));
  expect([shown(cut.stdout), cut.stderr]).toEqual([
    ['a1'],
    expect.stringContaining('frames that the file does not have whole: 1'),
  ]);
  let seed = 1;
  for (const file of [
    whole,
    pcapng(1, [ethernet(ipv4(132, sctp(chunk(1, 3, first)))), ethernet(ipv6(6, tcp(1, first)))]),
  ]) {
    for (let round = 0; round < 200; round += 1) {
      const spoilt = Buffer.from(file);
      for (let n = 0; n < 5; n += 1) {
        seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
        spoilt[4 + (seed % (spoilt.length - 4))] = (seed >> 8) & 0xff;
      }
      expect((await decode(spoilt)).stderr).not.toMatch(/Error|at .*\.ts/);
    }
  }
});

describe('hexdumps', () => {
  const octets = Buffer.concat([first, second]);
  const rows = Array.from({ length: Math.ceil(octets.length / 16) }, (_, i) =>
    octets.subarray(i * 16, i * 16 + 16),
  );
  const hex = (row: Buffer, size = 1): string =>
    row
      .toString('hex')
      .match(new RegExp(`.{1,${size * 2}}`, 'g'))
      ?.join(' ') ?? '';
  const characters = (row: Buffer): string => row.toString('latin1').replace(/[^ -~]/g, '.');
  const offset = (i: number, width: number, radix = 16): string =>
    (i * 16).toString(radix).padStart(width, '0');

  test.each<[string, string]>([
    [
      'xxd',
      rows.map((row, i) => `${offset(i, 8)}: ${hex(row, 2).padEnd(39)}  ${characters(row)}`).join('\n'),
    ],
    [
      'hexdump -C',
      `${rows.map((row, i) => `${offset(i, 8)}  ${`${hex(row.subarray(0, 8))}  ${hex(row.subarray(8))}`.padEnd(48)}  |${characters(row)}|`).join('\n')}\n00000070\n`,
    ],
    ['hexdump with offsets', rows.map((row, i) => `${offset(i, 4)}   ${hex(row)}`).join('\n')],
    [
      'hexdump with offsets',
      rows.map((row, i) => `${offset(i, 6)} ${hex(row)} ab cd`).join('\n') + '\n000070\n',
    ],
    [
      'hexdump with offsets',
      `${rows.map((row, i) => `${offset(i, 7, 8)} ${hex(row)}`).join('\n')}\n0000160\n`,
    ],
    [
      'hexdump (words of two octets)',
      `${rows.map((row, i) => `${offset(i, 7)} ${hex(Buffer.from(row).swap16(), 2)}`).join('\n')}\n0000070\n`,
    ],
  ])('%s', async (name, text) => {
    const run = await decode(text);
    expect(run.stderr).toBe(`taken for ${name}: octets of messages: 2 messages\n`);
    expect(shown(run.stdout)).toEqual(['a1', 'a2']);
  });

  test('lines that are left out because they repeat', async () => {
    const zeros = Buffer.alloc(20 + 64);
    Buffer.from('010000548000011800000000000000b1', 'hex').copy(zeros);
    const text = `00000000  ${hex(zeros.subarray(0, 16))}\n00000010  ${hex(zeros.subarray(16, 32))}\n*\n00000050  ${hex(zeros.subarray(80))}\n00000054\n`;
    expect(shown((await decode(text)).stdout)).toEqual(['b1']);
  });

  test('of frames as Wireshark copies them, of IP packets, and of a whole capture file', async () => {
    const dump = (frame: Buffer): string =>
      Array.from(
        { length: Math.ceil(frame.length / 16) },
        (_, i) => `${offset(i, 4)}  ${hex(frame.subarray(i * 16, i * 16 + 16))}`,
      ).join('\n');
    const frames = [ethernet(ipv4(6, tcp(100, first))), ethernet(ipv4(6, tcp(156, second)))];
    const copied = await decode(frames.map(dump).join('\n\n'));
    expect([shown(copied.stdout), copied.stderr]).toEqual([
      ['a1', 'a2'],
      'taken for hexdump with offsets: Ethernet frames, 2: 2 messages\n',
    ]);
    expect((await decode(dump(ipv4(6, tcp(1, first))))).stderr).toContain('IP packets, 1: 1 message');
    expect((await decode(dump(pcap(1, frames)))).stderr).toContain(
      'hexdump with offsets: pcap file, Ethernet, 2 frames',
    );
  });
});

test('a file is said to be packed, a folder, or no Diameter; JSON says what it was taken for', async () => {
  writeFileSync(path.join(folder, 'one.pcap.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));
  const run = (...args: string[]) => cli(['decode', ...args], { cwd: folder });
  expect(await run('one.pcap.gz')).toMatchObject({
    status: 2,
    stderr: 'hss: one.pcap.gz is packed with gzip: gunzip -c one.pcap.gz | hss decode -\n',
  });
  expect((await run('.')).stderr).toBe('hss: . is a folder\n');
  writeFileSync(path.join(folder, 'one.pcap'), pcap(1, [ethernet(ipv4(6, tcp(1, first)))]));
  expect(JSON.parse((await run('one.pcap', '--json')).stdout)).toMatchObject({
    input: 'pcap file, Ethernet, 1 frame',
    messages: 1,
  });
});
