/** The credential of IMS-AKA and EPS-AKA, which an ISIM or a USIM has, TS 33.102 clause 6.3. */
import { z } from 'zod';
import { hexOctets, type Report } from './fields';

export const akaAlgorithms = ['milenage', 'gsmMilenage'] as const;
export type AkaAlgorithm = (typeof akaAlgorithms)[number];

/** A SIM has neither AUTN nor sequence numbers: no AKA. */
export const isSim = (aka: { readonly algorithm: AkaAlgorithm } | undefined): boolean =>
  aka?.algorithm === 'gsmMilenage';

export const akaData = z.strictObject({
  algorithm: z
    .enum(akaAlgorithms)
    .default('milenage')
    .describe(
      'milenage: TS 35.206; gsmMilenage: a SIM, whose A3/A8 is that of TS 55.205, for GERAN only and in usims only',
    ),
  k: hexOctets(16)
    .optional()
    .describe('Subscriber key K. Goes in, never comes out; may be left out when it is already stored.'),
  opc: hexOctets(16).optional().describe('OPc of this subscriber. Give opc or op, not both.'),
  op: hexOctets(16)
    .optional()
    .describe("The operator's OP; OPc is derived from it and K, OP itself is not stored."),
  amf: hexOctets(2).default('8000').describe('Authentication Management Field, TS 33.102 6.3.2'),
  indBits: z
    .number()
    .int()
    .min(0)
    .max(16)
    .default(5)
    .describe('Length of IND within SQN in bits, TS 33.102 C.3.4'),
  sqn: z
    .number()
    .int()
    .min(0)
    .max(2 ** 48 - 1)
    .optional()
    .describe(
      'Highest SQN given so far, TS 33.102 C.1.1; taken only when K is new or the value is above the stored one.',
    ),
});

export type AkaData = z.output<typeof akaData>;

/** What one property of the credential alone cannot tell. */
export function checkAka(aka: AkaData | undefined, at: (string | number)[], report: Report): void {
  if (aka?.op !== undefined && aka.opc !== undefined) report([...at, 'op'], 'give op or opc, not both');
  if (aka?.op !== undefined && aka.k === undefined) report([...at, 'k'], 'is needed to derive OPc from op');
}
