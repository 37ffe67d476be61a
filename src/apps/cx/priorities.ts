/** Which Cx requests are urgent that carry no DRMP [29.228-J.2.3] [29.228-J.2.4]. Pure. */
import type { CommandPriority } from '../../diameter/dispatch/contract';

/** What an operator chooses; levels from 0, first, to 15, last. */
export interface CxPriorities {
  /** Of a UAR for an emergency registration. */
  readonly emergencyPriority: number;
  /** Of each Session-Priority, PRIORITY-0 to PRIORITY-4 [29.229-6.3.56]. */
  readonly sessionPriorities: readonly number[];
}

/** UAR-Flags bit 0, IMS Emergency Registration [29.229-6.3.44]. */
const EMERGENCY_REGISTRATION = 1;

export const isEmergency = (uarFlags: number | undefined): boolean =>
  ((uarFlags ?? 0) & EMERGENCY_REGISTRATION) !== 0;

/** Of UAR. */
export const authorizationPriority = ({ emergencyPriority }: CxPriorities): CommandPriority => ({
  avps: [{ property: 'uarFlags', levelOf: (flags) => (isEmergency(flags) ? emergencyPriority : undefined) }],
});

/** Of SAR and LIR. */
export const sessionPriority = ({ sessionPriorities }: CxPriorities): CommandPriority => ({
  avps: [{ property: 'sessionPriority', levelOf: (value) => sessionPriorities[value] }],
});
