/**
 * Every command of both dictionaries, with all its AVPs and with the required ones only: encoded, decoded,
 * the same.
 */
import { decodeMessage, isCommand, isErrorAnswer } from '../../../src/diameter/codec/decode';
import { encodeAvp, encodeNamed, EncodeError } from '../../../src/diameter/codec/encode';
import { UAA, UAR } from '../../../src/apps/cx/generated/cx-tables';
import { dictionary, present, sampleAvps } from './support';

const commands = [...dictionary.commands()];

/** RFC 6733 clause 3.1 and TS 29.229 table 6.1.1, written down from there. */
const COMMAND_CODES: Readonly<Record<string, readonly [number, number | null]>> = {
  CER: [257, 0],
  CEA: [257, 0],
  DWR: [280, 0],
  DWA: [280, 0],
  DPR: [282, 0],
  DPA: [282, 0],
  RAR: [258, null],
  RAA: [258, null],
  STR: [275, null],
  STA: [275, null],
  ASR: [274, null],
  ASA: [274, null],
  ACR: [271, null],
  ACA: [271, null],
  UAR: [300, 16777216],
  UAA: [300, 16777216],
  SAR: [301, 16777216],
  SAA: [301, 16777216],
  LIR: [302, 16777216],
  LIA: [302, 16777216],
  MAR: [303, 16777216],
  MAA: [303, 16777216],
  RTR: [304, 16777216],
  RTA: [304, 16777216],
  PPR: [305, 16777216],
  PPA: [305, 16777216],
};

test('[6733-3.1] [29.229-6.1] every command is there, with its code, application and header bits', () => {
  const found = Object.fromEntries(
    commands.map(({ definition }) => [definition.abbreviation, [definition.code, definition.applicationId]]),
  );
  expect(found).toEqual(COMMAND_CODES);
  for (const { definition } of commands) {
    expect(definition.request).toBe(definition.abbreviation.endsWith('R'));
    expect(definition.proxiable).toBe(![257, 280, 282].includes(definition.code));
  }
});

describe.each(commands.map((command) => [command.definition.abbreviation, command] as const))(
  '%s',
  (abbreviation, command) => {
    const header = {
      hopByHopId: 0xfffffffe,
      endToEndId: 0x80000001,
      applicationId: command.definition.applicationId ?? 16777216,
    };

    test.each([
      ['every AVP', true],
      ['the required AVPs', false],
    ])('[6733-3.2] round trip with %s', (_what, complete) => {
      const avps = sampleAvps(command.format, complete);
      const bytes = encodeNamed(abbreviation, header, avps, dictionary);
      const result = decodeMessage(bytes, dictionary);
      if (!result.ok) throw new Error(result.failure.message);
      expect(result.message.abbreviation).toBe(abbreviation);
      expect(result.message.header).toMatchObject({
        ...header,
        request: command.definition.request,
        proxiable: command.definition.proxiable,
      });
      expect(present(result.message.avps)).toStrictEqual(avps);
      expect(bytes.length % 4).toBe(0);
    });

    test('[6733-8.8] Session-Id, where there is one, comes first', () => {
      const bytes = encodeNamed(abbreviation, header, sampleAvps(command.format, true), dictionary);
      const hasSession = command.format.rules.some((rule) => rule.avp?.name === 'Session-Id');
      expect(bytes.readUInt32BE(20) === 263).toBe(hasSession);
    });

    test('[6733-3.2] what a required rule asks for cannot be left out', () => {
      const avps = sampleAvps(command.format, false);
      for (const rule of command.format.rules.filter(({ min }) => min > 0)) {
        expect(() =>
          encodeNamed(abbreviation, header, { ...avps, [rule.property]: undefined }, dictionary),
        ).toThrow(EncodeError);
      }
    });

    test('[6733-3.2] an AVP that may occur once cannot be given or received twice', () => {
      for (const rule of command.format.rules) {
        if (rule.avp === null || rule.max !== 1) continue;
        const one = sampleAvps({ ...command.format, rules: [rule] }, true);
        const once = encodeNamed(
          abbreviation,
          header,
          { ...sampleAvps(command.format, false), ...one },
          dictionary,
        );
        const again = encodeAvp(rule.avp.name, one[rule.property], dictionary);
        const bytes = Buffer.concat([once, again]);
        bytes.writeUIntBE(bytes.length, 1, 3);
        expect(decodeMessage(bytes, dictionary)).toMatchObject({
          ok: false,
          failure: { resultCode: 5009, failedAvps: [{ code: rule.avp.code }] },
        });
      }
    });
  },
);

test('[6733-7.2] an answer with the E bit follows the format of error answers', () => {
  const avps = { sessionId: 's;1;1', originHost: 'a.example', originRealm: 'example', resultCode: 3002 };
  const bytes = encodeNamed('UAA', { hopByHopId: 1, endToEndId: 2, error: true }, avps, dictionary);
  const result = decodeMessage(bytes, dictionary);
  if (!result.ok) throw new Error(result.failure.message);
  expect(isErrorAnswer(result.message)).toBe(true);
  expect(isCommand(result.message, UAA)).toBe(false);
  expect(isCommand(result.message, UAR)).toBe(false);
  expect(present(result.message.avps)).toEqual(avps);
});
