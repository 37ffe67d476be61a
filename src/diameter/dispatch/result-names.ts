/** Names of result codes for logs and metrics: the standards' own. Those of Experimental-Result are an application's. */
import { ResultCode } from '../generated/base';
import type { AnswerResult } from './contract';

export type ResultNames = ReadonlyMap<number, string>;

/** From the names with their codes, as the dictionary has them. */
export const resultNamesOf = (codes: Readonly<Record<string, number>>): ResultNames =>
  new Map(Object.entries(codes).map(([name, code]) => [code, name]));

const baseNames = resultNamesOf(ResultCode);

export const baseResultName = (code: number): string => baseNames.get(code) ?? `base ${code}`;

export const experimentalResultName = (code: number, names: ResultNames): string =>
  names.get(code) ?? `experimental ${code}`;

export const resultName = (result: AnswerResult, names: ResultNames): string =>
  result.kind === 'base' ? baseResultName(result.code) : experimentalResultName(result.code, names);
