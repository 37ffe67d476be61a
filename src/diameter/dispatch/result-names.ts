/** Names of result codes for logs and metrics: the standards' own. */
import { ResultCode } from '../generated/base';
import { ExperimentalResultCode } from '../../apps/cx/generated/cx';
import type { AnswerResult } from './contract';

const names = (codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(codes).map(([name, code]) => [code, name]));
const baseNames = names(ResultCode);
const experimentalNames = names(ExperimentalResultCode);

export function resultName(result: AnswerResult): string {
  return (
    (result.kind === 'base' ? baseNames : experimentalNames).get(result.code) ??
    `${result.kind} ${result.code}`
  );
}
