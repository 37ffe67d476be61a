/**
 * A request encoded once by the product's codec and patched in place for each use: hop-by-hop and end-to-end
 * identifiers, the number in Session-Id, the number in the identities. Where they stand is found by encoding
 * the request with other values and comparing.
 */
import { Dictionary } from '../../src/diameter/codec/dictionary';
import { encodeNamed } from '../../src/diameter/codec/encode';
import { baseTable } from '../../src/diameter/generated/base-tables';
import { cxTable } from '../../src/apps/cx/generated/cx-tables';
import { cxLimits } from '../../src/apps/cx/limits';
import { s6aTable } from '../../src/apps/s6a/generated/s6a-tables';
import { writeDigits, type IdentityPattern } from './identities';

export const dictionary = new Dictionary([baseTable, cxTable, s6aTable], cxLimits.receivedTextOctets);

const HOP_BY_HOP_AT = 12;
const END_TO_END_AT = 16;
const SESSION_DIGITS = 10;
const VENDOR_3GPP = 10_415;
const CX = 16_777_216;

export type CxCommand = 'UAR' | 'MAR' | 'SAR' | 'LIR';
export type S6aCommand = 'AIR' | 'ULR';
export type Command = CxCommand | S6aCommand;
export const commands: readonly Command[] = ['UAR', 'MAR', 'SAR', 'LIR', 'AIR', 'ULR'];
const isS6a = (command: Command): command is S6aCommand => command === 'AIR' || command === 'ULR';

/** MCC 001, MNC 01 [29.272-7.3.9]. */
const VISITED_PLMN_ID = Buffer.from('00f110', 'hex');
const EUTRAN = 1004;
/** S6a/S6d-Indicator [29.272-7.3.7]: a tracking area update from another MME. */
const S6A_INDICATOR = 2;

/** One request of a sequence. */
export interface Step {
  readonly command: Command;
  /** Server-Assignment-Type [29.229-6.3.15]. */
  readonly assignmentType?: number;
  /** User-Authorization-Type [29.229-6.3.24]; absent for a registration. */
  readonly authorizationType?: number;
  /** Further AVPs, by the codec's names: priority, overload. */
  readonly avps?: object;
}

/** Who asks whom about whom. */
export interface Parties {
  readonly originHost: string;
  readonly originRealm: string;
  readonly destinationRealm: string;
  readonly destinationHost?: string;
  readonly imsi: IdentityPattern;
  readonly privateIdentity: IdentityPattern;
  readonly publicIdentity: IdentityPattern;
  readonly serverName: string;
  readonly visitedNetwork: string;
  readonly scheme: string;
}

export interface Identifiers {
  readonly hopByHopId: number;
  readonly endToEndId: number;
  /** Number in Session-Id, below 10^10. */
  readonly session: number;
  readonly subscriber: number;
}

/** What makes Session-Ids of one process differ from another's [6733-8.8]. */
const sessionEpoch = String(Math.floor(Date.now() / 1_000) >>> 0).padStart(10, '0');

/** The request as the codec writes it, without a template. */
export function encodeRequest(
  step: Step,
  parties: Parties,
  { hopByHopId, endToEndId, session, subscriber }: Identifiers,
): Buffer {
  const userName = parties.privateIdentity.text(subscriber);
  const publicIdentity = parties.publicIdentity.text(subscriber);
  const common = {
    sessionId: `${parties.originHost};${sessionEpoch};${String(session).padStart(SESSION_DIGITS, '0')}`,
    // [29.272-7.2.2] S6a has none.
    ...(isS6a(step.command)
      ? {}
      : { vendorSpecificApplicationId: { vendorId: VENDOR_3GPP, authApplicationId: CX } }),
    authSessionState: 1,
    originHost: parties.originHost,
    originRealm: parties.originRealm,
    destinationRealm: parties.destinationRealm,
    ...(parties.destinationHost === undefined ? {} : { destinationHost: parties.destinationHost }),
  };
  return encodeNamed(
    step.command,
    { hopByHopId, endToEndId },
    {
      ...common,
      ...(isS6a(step.command)
        ? s6aParticulars(step.command, parties.imsi.text(subscriber))
        : cxParticulars({ ...step, command: step.command }, parties, userName, publicIdentity)),
      ...step.avps,
    },
    dictionary,
  );
}

function s6aParticulars(command: S6aCommand, userName: string): object {
  const common = { userName, visitedPlmnId: VISITED_PLMN_ID };
  return command === 'AIR'
    ? {
        ...common,
        requestedEutranAuthenticationInfo: { numberOfRequestedVectors: 1, immediateResponsePreferred: 1 },
      }
    : { ...common, ratType: EUTRAN, ulrFlags: S6A_INDICATOR };
}

function cxParticulars(
  step: Step & { readonly command: CxCommand },
  parties: Parties,
  userName: string,
  publicIdentity: string,
): object {
  switch (step.command) {
    case 'UAR':
      return {
        userName,
        publicIdentity,
        visitedNetworkIdentifier: Buffer.from(parties.visitedNetwork),
        ...(step.authorizationType === undefined ? {} : { userAuthorizationType: step.authorizationType }),
      };
    case 'LIR':
      return { publicIdentity };
    case 'MAR':
      return {
        userName,
        publicIdentity,
        serverName: parties.serverName,
        sipNumberAuthItems: 1,
        sipAuthDataItem: { sipAuthenticationScheme: parties.scheme },
      };
    case 'SAR':
      return {
        userName,
        publicIdentity: [publicIdentity],
        serverName: parties.serverName,
        serverAssignmentType: step.assignmentType ?? 1,
        userDataAlreadyAvailable: 0,
      };
  }
}

export class Template {
  readonly octets: number;
  private readonly bytes: Buffer;
  private readonly sessionAt: number;
  private readonly numbersAt: readonly { readonly at: number; readonly digits: number }[];

  constructor(
    readonly step: Step,
    parties: Parties,
  ) {
    const zero = { hopByHopId: 0, endToEndId: 0, session: 0, subscriber: 0 };
    this.bytes = encodeRequest(step, parties, zero);
    this.octets = this.bytes.length;
    const [session] = differences(
      this.bytes,
      encodeRequest(step, parties, { ...zero, session: 10 ** SESSION_DIGITS - 1 }),
    );
    if (session === undefined) throw new Error('no number in Session-Id');
    this.sessionAt = session.at;
    // All nines against all zeros: every digit differs.
    const { imsi, privateIdentity, publicIdentity } = parties;
    const widths = new Set(
      [imsi.digits, privateIdentity.digits, publicIdentity.digits].filter((digits) => digits > 0),
    );
    if (widths.size > 1)
      throw new Error(
        `the numbers in identities must have the same width, not ${[...widths].join(' and ')} digits`,
      );
    const [width] = widths;
    this.numbersAt =
      width === undefined
        ? []
        : differences(this.bytes, encodeRequest(step, parties, { ...zero, subscriber: 10 ** width - 1 }));
  }

  /** Writes the message at `offset`; returns where it ends. */
  write(
    to: Buffer,
    offset: number,
    hopByHopId: number,
    endToEndId: number,
    session: number,
    subscriber: number,
  ): number {
    this.bytes.copy(to, offset);
    to.writeUInt32BE(hopByHopId, offset + HOP_BY_HOP_AT);
    to.writeUInt32BE(endToEndId, offset + END_TO_END_AT);
    writeDigits(to, offset + this.sessionAt, SESSION_DIGITS, session);
    for (const { at, digits } of this.numbersAt) writeDigits(to, offset + at, digits, subscriber);
    return offset + this.octets;
  }
}

/** Runs of octets in which two messages of the same length differ. */
function differences(a: Buffer, b: Buffer): { at: number; digits: number }[] {
  if (a.length !== b.length) throw new Error('a template must not change its length');
  const runs: { at: number; digits: number }[] = [];
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] === b[at]) continue;
    const last = runs[runs.length - 1];
    if (last !== undefined && last.at + last.digits === at) last.digits += 1;
    else runs.push({ at, digits: 1 });
  }
  return runs;
}
