/**
 * The priority of a request: DRMP where it has one [29.228-J.2.3], also where it has a Session-Priority as
 * well [29.228-J.2.4]; else that of an emergency registration; else its Session-Priority [29.229-6.3.56];
 * else PRIORITY_10, what RFC 7944 clause 8 takes for a message without.
 */
import { limits } from '../../shared/limits';
import type { PrioritySettings } from './contract';

/** UAR-Flags bit 0, IMS Emergency Registration [29.229-6.3.44]. */
const EMERGENCY_REGISTRATION = 1;

/** The AVPs of a request that say how urgent it is; none of them is in every command. */
interface Urgent {
  readonly drmp?: number;
  readonly sessionPriority?: number;
  readonly uarFlags?: number;
}

/** 0 (first) to 15 (last). `avps`: of a decoded request; the codec refuses values that no clause defines. */
export function priorityOf(avps: unknown, settings: PrioritySettings): number {
  const { drmp, sessionPriority, uarFlags } = avps as Urgent;
  if (drmp !== undefined) return drmp;
  if (uarFlags !== undefined && (uarFlags & EMERGENCY_REGISTRATION) !== 0) return settings.emergencyPriority;
  return (
    (sessionPriority === undefined ? undefined : settings.sessionPriorities[sessionPriority]) ??
    limits.drmpLevel.default
  );
}
