/** USIMs: an IMSI with its numbers and its credential, TS 23.008 clause 2.1. */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { akaData, checkAka } from './aka';
import { usimEps } from './eps/eps-data';
import { imsi, msisdn, type Report } from './fields';

export const usim = z.strictObject({
  imsi: imsi.describe('TS 23.003 2.2; belongs to one subscription only'),
  msisdns: z
    .array(msisdn)
    .max(limits.msisdnsPerUsimCount)
    .default([])
    .describe('E.164 numbers without "+", TS 23.003 3.3; each belongs to one subscription only'),
  aka: akaData.describe('The credential of this USIM'),
  eps: usimEps.optional().describe('EPS subscription of this IMSI; without it there is none [29.272-7.3.2]'),
});

export type Usim = z.output<typeof usim>;

/** Finds what is twice; gives what private identities can refer to, by IMSI. */
export function checkUsims(usims: readonly Usim[], report: Report): ReadonlyMap<string, Usim> {
  const byImsi = new Map<string, Usim>();
  const numbers = new Set<string>();
  usims.forEach((entry, i) => {
    if (byImsi.has(entry.imsi)) report(['usims', i, 'imsi'], 'occurs twice in this subscription');
    byImsi.set(entry.imsi, entry);
    entry.msisdns.forEach((number, n) => {
      if (numbers.has(number)) report(['usims', i, 'msisdns', n], 'occurs twice in this subscription');
      numbers.add(number);
    });
    checkAka(entry.aka, ['usims', i, 'aka'], report);
    const additional = entry.eps?.aMsisdn;
    if (additional !== undefined && !entry.msisdns.slice(1).includes(additional))
      report(['usims', i, 'eps', 'aMsisdn'], 'is none of msisdns after the first [29.272-7.3.157]');
  });
  return byImsi;
}
