/**
 * Which of the transports that a setting names are taken on this machine: for its port of SCTP and for its
 * port of TCP the first one in order of preference that can be had, so that two stacks of SCTP never share an
 * address. Pure.
 */
import { portKind, type TransportName } from '../shared/transport-names';

/** Null where it can be had; else why not, and what mends it. */
export type Obstacle = { readonly reason: string; readonly mend: string } | null;

export interface PassedOver {
  readonly name: TransportName;
  readonly reason: string;
  readonly mend: string | null;
}

export interface Selection {
  /** In order of preference. */
  readonly taken: readonly TransportName[];
  readonly passedOver: readonly PassedOver[];
}

export function selectTransports(
  preference: readonly TransportName[],
  obstacle: (name: TransportName) => Obstacle,
): Selection {
  const taken: TransportName[] = [];
  const passedOver: PassedOver[] = [];
  for (const name of preference) {
    const better = taken.find((other) => portKind(other) === portKind(name));
    if (better !== undefined) {
      passedOver.push({ name, reason: `${better} has the port already`, mend: null });
      continue;
    }
    const found = obstacle(name);
    if (found === null) taken.push(name);
    else passedOver.push({ name, ...found });
  }
  return { taken, passedOver };
}

/** One line for the log. */
export function passedOverText({ name, reason, mend }: PassedOver): string {
  return `${name}: ${reason}${mend === null ? '' : ` (${mend})`}`;
}
