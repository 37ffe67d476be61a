/** An answer with success to any request, from the writer that the dispatcher uses. */
import { AnswerWriter } from '../../../src/diameter/dispatch/answers';
import type { Application, Decision } from '../../../src/diameter/dispatch/contract';
import { cxFeatureTable } from '../../../src/apps/cx/feature-table';
import { ResultCode } from '../../../src/diameter/generated/base';
import { dictionary } from '../../support/cx-messages';
import { hss, type Delivered } from './support';

export const success: Decision<unknown> = {
  result: { kind: 'base', code: ResultCode.DIAMETER_SUCCESS },
  avps: {},
};

/** As much of an application as its answers need. */
export const bareApplication: Application = {
  applicationId: 16_777_216,
  vendorId: 10_415,
  name: 'Cx/Dx',
  offers: [{ table: cxFeatureTable, enabled: new Set() }],
  handlers: new Map(),
};

export const writer = new AnswerWriter(hss, bareApplication, dictionary);

export function answerTo(request: Delivered): Buffer {
  const abbreviation = request.message.abbreviation.replace(/R$/, 'A');
  return writer.decision(request.message, abbreviation, success, []);
}
