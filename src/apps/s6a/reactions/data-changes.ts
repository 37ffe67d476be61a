/**
 * What a node has to hear of a change of the subscription: the difference of the Subscription-Data that it would get
 * before and after. So what its features, its place and its kind keep from it makes no message. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { EpsData } from '../../../subscriber/eps';
import { DSR_FLAGS } from '../flags';
import type { LcsInfo, SubscriptionData } from '../generated/s6a';
import type { EpsPart } from '../outgoing/payloads';
import type { Recipient } from '../subscription-data/recipient';
import { subscriptionData, type Numbers } from '../subscription-data/subscription-data';
import { avpTable } from './avp-table';

/** What Subscription-Data is made of. */
export interface Subscribed {
  readonly usim: Numbers;
  readonly eps: EpsData;
}

/** Of one node, since one state of the subscription or since several. */
export interface DataChanges {
  /** Added or changed, or gone where a value stands for none. */
  readonly changed: Set<EpsPart>;
  /** APN configurations that were added or changed. */
  readonly changedContexts: Set<number>;
  readonly dsrFlags: Set<number>;
  /** APN configurations and PDP contexts that are gone. */
  readonly goneContexts: Set<number>;
  readonly gonePdpContexts: Set<number>;
  /** The default APN configuration of before is gone, so the node gets all of them anew. */
  isDefaultGone: boolean;
  /** Hexadecimal digits. */
  readonly traceReferences: Set<string>;
  readonly tsCodes: Set<string>;
  readonly ssCodes: Set<string>;
  needsReattach: boolean;
}

type Avps = Readonly<Record<keyof typeof avpTable, unknown>>;

/** One bit withdraws both. */
const v2xAvps: ReadonlySet<string> = new Set(['v2xSubscriptionData', 'v2xSubscriptionDataNr']);
/** A bit of DSR-Flags withdraws this one from an SGSN, too [29.272-7.3.25]. */
const USER_PLANE_INTEGRITY_PROTECTION = 1 << 2;

/** `befores`: what the node may have; more than one where it is not known which. */
export function dataChanges(befores: readonly Subscribed[], after: Subscribed, to: Recipient): DataChanges {
  const changes: DataChanges = {
    changed: new Set(),
    changedContexts: new Set(),
    dsrFlags: new Set(),
    goneContexts: new Set(),
    gonePdpContexts: new Set(),
    isDefaultGone: false,
    traceReferences: new Set(),
    tsCodes: new Set(),
    ssCodes: new Set(),
    needsReattach: false,
  };
  const now = subscriptionData(after.usim, after.eps, to);
  for (const before of befores) {
    const old = subscriptionData(before.usim, before.eps, to);
    compareAvps(changes, old, now, to);
    compareApns(changes, old.apnConfigurationProfile, now.apnConfigurationProfile);
    comparePdpContexts(changes, old.gprsSubscriptionData, now.gprsSubscriptionData);
    compareTrace(changes, old.traceData, now.traceData);
    compareLcs(changes, old.lcsInfo, now.lcsInfo);
    compareShortMessages(changes, old, now);
    compareEdrx(changes, old.edrxCycleLength, now.edrxCycleLength);
    if (to.features.has('Reset-IDs')) compareResetIds(changes, before.eps, after.eps);
  }
  return changes;
}

function compareAvps(
  changes: DataChanges,
  old: Partial<Avps>,
  now: Partial<Avps>,
  { features }: Recipient,
): void {
  for (const name of Object.keys(avpTable) as (keyof Avps)[]) {
    const { part, withdrawal } = avpTable[name];
    if (isDeepStrictEqual(old[name], now[name])) continue;
    if (now[name] !== undefined) changes.changed.add(part);
    else if (withdrawal === 'value') changes.changed.add(part);
    else if (withdrawal === 'reattach') changes.needsReattach = true;
    else if (withdrawal !== 'waits' && (withdrawal.feature === undefined || features.has(withdrawal.feature)))
      changes.dsrFlags.add(withdrawal.dsrFlags);
    if (v2xAvps.has(name) && now[name] === undefined)
      for (const other of v2xAvps)
        if (now[other as keyof Avps] !== undefined) changes.changed.add('v2xSubscriptionData');
  }
  const lost = Number(old.subscriptionDataFlags ?? 0) & ~Number(now.subscriptionDataFlags ?? 0);
  if ((lost & USER_PLANE_INTEGRITY_PROTECTION) !== 0)
    changes.dsrFlags.add(DSR_FLAGS.userPlaneIntegrityProtectionWithdrawal);
}

/** Those of `old` that `now` has not, and those of `now` that are new or different. */
function difference<T>(
  old: readonly T[],
  now: readonly T[],
  keyOf: (entry: T) => string,
): { readonly gone: readonly T[]; readonly changed: readonly T[] } {
  const before = new Map(old.map((entry) => [keyOf(entry), entry]));
  const after = new Set(now.map(keyOf));
  return {
    gone: old.filter((entry) => !after.has(keyOf(entry))),
    changed: now.filter((entry) => !isDeepStrictEqual(before.get(keyOf(entry)), entry)),
  };
}

const byContext = ({ contextIdentifier }: { readonly contextIdentifier: number }): string =>
  String(contextIdentifier);

/**
 * "if the Context-Identifier associated with the default APN configuration is changed or at least one
 * APN-Configuration is added or modified" [29.272-5.2.2.1.3]
 */
function compareApns(
  changes: DataChanges,
  old: SubscriptionData['apnConfigurationProfile'],
  now: SubscriptionData['apnConfigurationProfile'],
): void {
  if (now === undefined) {
    // An MME does not get here: it must have a default APN [29.272-5.2.2.2.3].
    if (old !== undefined) changes.dsrFlags.add(DSR_FLAGS.completeApnConfigurationProfileWithdrawal);
    return;
  }
  const { gone, changed } = difference(old?.apnConfiguration ?? [], now.apnConfiguration, byContext);
  for (const { contextIdentifier } of changed) changes.changedContexts.add(contextIdentifier);
  const defaultsOf = (profile: typeof now): unknown => [
    profile.contextIdentifier,
    profile.additionalContextIdentifier,
    profile.thirdContextIdentifier,
  ];
  if (changed.length > 0 || old === undefined || !isDeepStrictEqual(defaultsOf(old), defaultsOf(now)))
    changes.changed.add('apnConfigurationProfile');
  for (const { contextIdentifier } of gone) {
    if (contextIdentifier === old?.contextIdentifier) changes.isDefaultGone = true;
    changes.goneContexts.add(contextIdentifier);
  }
}

/** An IDR has all PDP contexts, so what is gone needs a DSR only where nothing else has changed. */
function comparePdpContexts(
  changes: DataChanges,
  old: SubscriptionData['gprsSubscriptionData'],
  now: SubscriptionData['gprsSubscriptionData'],
): void {
  if (now === undefined) {
    if (old !== undefined) changes.dsrFlags.add(DSR_FLAGS.completePdpContextListWithdrawal);
    return;
  }
  const { gone, changed } = difference(old?.pdpContext ?? [], now.pdpContext, byContext);
  if (changed.length > 0) changes.changed.add('gprsSubscriptionData');
  for (const { contextIdentifier } of gone) changes.gonePdpContexts.add(contextIdentifier);
}

/** "the same value as used for the activation of the Trace Session" [29.272-5.2.2.2.1] */
function compareTrace(
  changes: DataChanges,
  old: SubscriptionData['traceData'],
  now: SubscriptionData['traceData'],
): void {
  if (isDeepStrictEqual(old, now)) return;
  if (now !== undefined) changes.changed.add('traceData');
  if (old === undefined || isDeepStrictEqual(old.traceReference, now?.traceReference)) return;
  changes.dsrFlags.add(DSR_FLAGS.traceDataWithdrawal);
  changes.traceReferences.add(old.traceReference.toString('hex'));
}

type Service = { readonly ssCode: Buffer };
const bySsCode = ({ ssCode }: Service): string => ssCode.toString('hex');

const servicesOf = (info: LcsInfo | undefined): readonly Service[] => [
  ...(info?.lcsPrivacyexception ?? []),
  ...(info?.moLr ?? []),
];

function compareLcs(changes: DataChanges, old: LcsInfo | undefined, now: LcsInfo | undefined): void {
  const services = difference(servicesOf(old), servicesOf(now), bySsCode);
  for (const entry of services.gone) changes.ssCodes.add(bySsCode(entry));
  if (services.gone.length > 0) changes.dsrFlags.add(DSR_FLAGS.lcsWithdrawal);
  const isGmlcChanged = !isDeepStrictEqual(old?.gmlcNumber, now?.gmlcNumber);
  if (isGmlcChanged && now?.gmlcNumber === undefined) changes.dsrFlags.add(DSR_FLAGS.gmlcListWithdrawal);
  if (services.changed.length > 0 || (isGmlcChanged && now?.gmlcNumber !== undefined))
    changes.changed.add('lcsInfo');
}

const hexOf = (octets: Buffer): string => octets.toString('hex');

function compareShortMessages(changes: DataChanges, old: SubscriptionData, now: SubscriptionData): void {
  const teleservices = difference(
    old.teleserviceList?.tsCode ?? [],
    now.teleserviceList?.tsCode ?? [],
    hexOf,
  );
  const barrings = difference(old.callBarringInfo ?? [], now.callBarringInfo ?? [], bySsCode);
  for (const code of teleservices.gone) changes.tsCodes.add(hexOf(code));
  for (const entry of barrings.gone) changes.ssCodes.add(bySsCode(entry));
  if (teleservices.gone.length + barrings.gone.length > 0) changes.dsrFlags.add(DSR_FLAGS.smsWithdrawal);
  if (teleservices.changed.length > 0) changes.changed.add('teleserviceList');
  if (barrings.changed.length > 0) changes.changed.add('callBarringInfo');
}

/** A node may add what an IDR has to what it has: where one RAT is gone, the others are sent after all were withdrawn. */
function compareEdrx(
  changes: DataChanges,
  old: SubscriptionData['edrxCycleLength'] = [],
  now: SubscriptionData['edrxCycleLength'] = [],
): void {
  const { gone } = difference(old, now, ({ ratType }) => String(ratType));
  if (gone.length > 0) changes.dsrFlags.add(DSR_FLAGS.eDrxCycleLengthWithdrawal);
}

/** They stand beside Subscription-Data [29.272-5.2.2.1.1]. */
function compareResetIds(changes: DataChanges, { resetIds: old = [] }: EpsData, after: EpsData): void {
  const { resetIds: now = [] } = after;
  if (isDeepStrictEqual(old, now)) return;
  if (now.length > 0) changes.changed.add('resetIds');
  else changes.dsrFlags.add(DSR_FLAGS.resetIds);
}
