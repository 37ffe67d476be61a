/** Serving nodes as tests put them into a store. */
import type { NodeKind, ServingNode, ServingNodes } from '../../../../src/apps/s6a/state/serving-nodes';
import { NOW_MS } from '../../cx/support/test-hss';
import { MME1, SGSN1 } from './s6a-hss';
import { IMSI } from './subscribers';

/** A node that registered a minute ago. */
export const servingNode = (
  { originHost: host, originRealm: realm }: typeof MME1,
  more: Partial<ServingNode> = {},
): ServingNode => ({
  host,
  realm,
  visitedPlmnId: '00f110',
  sinceMs: NOW_MS - 60_000,
  ulrFlags: 34,
  ratType: 1004,
  features: null,
  isPurged: false,
  ...more,
});

/** IMSI at MME1, with what the test adds. */
export const atMme = (more: Partial<ServingNode> = {}): ServingNodes => ({
  imsi: IMSI,
  mme: servingNode(MME1, more),
});

export const atSgsn = (more: Partial<ServingNode> = {}): ServingNodes => ({
  imsi: IMSI,
  sgsn: servingNode(SGSN1, { ulrFlags: 0, ratType: 1000, ...more }),
});

/** At MME1 and SGSN1. */
export const atBoth = (more: Partial<Record<NodeKind, Partial<ServingNode>>> = {}): ServingNodes => ({
  ...atMme(more.mme),
  ...atSgsn(more.sgsn),
});

/** MME1 is SGSN, too, with one Origin-Host. */
export const atCombined = (more: Partial<Record<NodeKind, Partial<ServingNode>>> = {}): ServingNodes => ({
  ...atMme(more.mme),
  sgsn: servingNode(MME1, { ulrFlags: 0, ratType: 1000, ...more.sgsn }),
});
