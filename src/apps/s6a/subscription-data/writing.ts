/** What the writers of Subscription-Data share. */
import type { EpsData } from '../../../subscriber/eps';
import type { SubscriptionData } from '../generated/s6a';
import type { Recipient } from './recipient';
import type { Numbers } from './subscription-data';

export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Source {
  readonly usim: Numbers;
  readonly eps: EpsData;
  readonly to: Recipient;
  /** For IDR: what is not there has not changed, so a restriction that is gone has to be sent as none. */
  readonly isPartial: boolean;
  /** Context-Identifiers of the APN configurations that are sent; all of them where undefined. */
  readonly contexts: ReadonlySet<number> | undefined;
}

export type Data = Writable<SubscriptionData>;

/** Adds AVPs of one kind. */
export type Writer = (data: Data, source: Source) => void;

/** The mask where it says something, or where it has to say that nothing is left. */
export const maskToSend = (mask: number, isPartial: boolean): number | undefined =>
  mask !== 0 || isPartial ? mask : undefined;

/** Octets of hexadecimal digits. */
export const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
export const optionalHex = (digits: string | undefined): Buffer | undefined =>
  digits === undefined ? undefined : hex(digits);
export const hexes = (list: readonly string[] | undefined): readonly Buffer[] | undefined => list?.map(hex);

/** For a list AVP: nothing where the list is empty. */
export const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined =>
  list.length === 0 ? undefined : list;
