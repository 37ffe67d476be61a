/**
 * Templates patched in place against the codec: the same octets as a request encoded for the occasion, and
 * the product reads them.
 */
import { findAvp, isSuccess, resultOf, resultText } from '../../bench/load/answers';
import { identityPattern, writeDigits } from '../../bench/load/identities';
import { loadCommand } from '../../bench/load/options';
import { scenario, scenarios, stepsPerSequence } from '../../bench/load/scenarios';
import {
  dictionary,
  encodeRequest,
  Template,
  type Identifiers,
  type Parties,
} from '../../bench/load/templates';
import { encodeNamed } from '../../src/diameter/codec/encode';
import { decodeMessage, DEFAULT_DECODE_LIMITS } from '../../src/diameter/codec/decode';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import { AVP } from '../support/cx-messages';

const parties: Parties = {
  originHost: 'cscf01.bench.example',
  originRealm: 'bench.example',
  destinationRealm: 'ims.example',
  destinationHost: 'hss.ims.example',
  imsi: identityPattern('00101%010d'),
  privateIdentity: identityPattern('00101%010d@ims.example'),
  publicIdentity: identityPattern('sip:+1%010d@ims.example'),
  serverName: 'sip:scscf.ims.example',
  visitedNetwork: 'visited.example',
  scheme: 'Digest-AKAv1-MD5',
};
/** @throws Error where the octets are no message that follows its Command Code Format */
function decoded(bytes: Buffer): DecodedMessage<Record<string, unknown>> {
  const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
  if (!result.ok) throw new Error(`${result.failure.message} ${bytes.toString('hex')}`);
  return result.message as DecodedMessage<Record<string, unknown>>;
}

const steps = scenarios.flatMap(({ sequences }) => sequences.flatMap((sequence) => sequence.steps));
const uses: Identifiers[] = [
  { hopByHopId: 0, endToEndId: 0, session: 0, subscriber: 0 },
  { hopByHopId: 0xffff_ffff, endToEndId: 0x8000_0001, session: 9_999_999_999, subscriber: 9_999_999_999 },
  { hopByHopId: 0x0001_0203, endToEndId: 0xdead_beef, session: 1, subscriber: 1_234_567_890 },
];

test('every step of every scenario: the patched template is what the codec encodes, and decodes as that request', () => {
  const buffer = Buffer.alloc(4_096, 0xee);
  for (const step of steps) {
    const template = new Template(step, parties);
    for (const use of uses) {
      const end = template.write(buffer, 100, use.hopByHopId, use.endToEndId, use.session, use.subscriber);
      const bytes = Buffer.from(buffer.subarray(100, end));
      expect(bytes.toString('hex')).toBe(encodeRequest(step, parties, use).toString('hex'));
      const { header, abbreviation, avps } = decoded(bytes);
      expect([abbreviation, header.hopByHopId, header.endToEndId]).toEqual([
        step.command,
        use.hopByHopId,
        use.endToEndId,
      ]);
      const digits = String(use.subscriber).padStart(10, '0');
      if (step.command === 'AIR' || step.command === 'ULR') {
        expect(avps['userName']).toBe(`00101${digits}`);
        continue;
      }
      expect([avps['publicIdentity']].flat()).toEqual([`sip:+1${digits}@ims.example`]);
      if (step.command !== 'LIR') expect(avps['userName']).toBe(`00101${digits}@ims.example`);
      if (step.command === 'SAR') expect(avps['serverAssignmentType']).toBe(step.assignmentType);
    }
  }
  // No octet outside of what was written.
  expect(buffer.subarray(0, 100).equals(Buffer.alloc(100, 0xee))).toBe(true);
});

test('a pattern without a number is one identity; patterns that cannot be patched are refused with what is wrong', () => {
  const fixed = new Template(
    { command: 'LIR' },
    {
      ...parties,
      publicIdentity: identityPattern('sip:psi@ims.example'),
      privateIdentity: identityPattern('x@y'),
      imsi: identityPattern('001010000000001'),
    },
  );
  const bytes = Buffer.alloc(fixed.octets);
  fixed.write(bytes, 0, 1, 2, 3, 4);
  expect(decoded(bytes).avps['publicIdentity']).toBe('sip:psi@ims.example');
  expect(() => identityPattern('sip:%d@x')).toThrow('%010d');
  expect(() => identityPattern('sip:%03d%03d@x')).toThrow('one number');
  expect(() => identityPattern('sip:%099d@x')).toThrow('1 to 15 digits');
  expect(
    () => new Template({ command: 'UAR' }, { ...parties, privateIdentity: identityPattern('%05d@y') }),
  ).toThrow('same width');
});

test('digits are written with leading zeros and nothing beside them', () => {
  const bytes = Buffer.from('xxxxxxxxxxxx');
  writeDigits(bytes, 2, 8, 120_034);
  expect(bytes.toString()).toBe('xx00120034xx');
});

test('results are read of answers without decoding them', () => {
  const common = {
    sessionId: 'a;1;2',
    vendorSpecificApplicationId: { vendorId: 10_415, authApplicationId: 16_777_216 },
    authSessionState: 1,
    originHost: 'hss.ims.example',
    originRealm: 'ims.example',
  };
  const padding = Buffer.alloc(64, 0xff);
  const result = (avps: object): number => {
    const bytes = encodeNamed('LIA', { hopByHopId: 1, endToEndId: 1 }, { ...common, ...avps }, dictionary);
    // As it lies in a chunk, between others.
    return resultOf(Buffer.concat([padding, bytes, padding]), padding.length, padding.length + bytes.length);
  };
  expect(result({ resultCode: 3004 })).toBe(3004);
  expect(result({ experimentalResult: { vendorId: 10_415, experimentalResultCode: 5003 } })).toBe(105_003);
  expect(result({})).toBe(0);
  expect([2001, 102_001, 102_002, 3004, 105_003, 0].map(isSuccess)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect([2001, 102_001, 0].map(resultText)).toEqual(['2001', 'experimental 2001', 'none']);
  const broken = encodeNamed(
    'LIA',
    { hopByHopId: 1, endToEndId: 1 },
    { ...common, resultCode: 2001 },
    dictionary,
  );
  broken.writeUIntBE(0xffffff, 20 + 5, 3);
  expect(findAvp(broken, AVP.resultCode, 20, broken.length)).toBeNull();
});

test('scenarios by name or as commands in a row; what an average sequence has', () => {
  expect(scenario('uar,LIR').sequences).toEqual([
    { weight: 1, steps: [{ command: 'UAR' }, { command: 'LIR' }] },
  ]);
  expect(scenario('MIX').sequences[0]?.steps.map(({ command }) => command)).toEqual([
    'UAR',
    'MAR',
    'UAR',
    'SAR',
  ]);
  expect(stepsPerSequence(scenario('mix'))).toBe(4);
  expect(stepsPerSequence(scenario('busy'))).toBeCloseTo((45 * 2 + 10 * 4 + 40 + 5 * 6) / 100, 9);
  expect(() => scenario('PPR')).toThrow('"PPR" is no scenario: UAR, LIR');
});

test('options that make no sense are refused by name', () => {
  const refusals: [string[], string][] = [
    [['--port', '0'], '--port'],
    [['--window', '1.5'], '--window'],
    [['--rate', 'x'], '--rate'],
    [['--rate', '5', '--sequences', '5'], 'do not go together'],
    [['--connections', '2', '--origin-host', 'one.example'], '--origin-host'],
    [['--subscribers', '1000', '--impi', 'u%02d@x', '--impu', 'sip:u%02d@x'], '2 digits'],
    [['--watch', 'hss'], '--watch'],
    [['--nonsense'], 'nonsense'],
  ];
  for (const [args, text] of refusals) expect(() => loadCommand(args)).toThrow(text);
  expect(loadCommand(['--help'])).toBeNull();
});
