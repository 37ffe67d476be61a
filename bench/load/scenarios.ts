/**
 * What is asked for: sequences of requests about one subscriber, with weights. Every sequence of Cx ends with
 * the subscriber registered, so that any of them can follow any other.
 */
import { commands, type Step } from './templates';

export interface Sequence {
  readonly weight: number;
  readonly steps: readonly Step[];
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly sequences: readonly Sequence[];
  /** Each connection is a node, and a subscriber is at another one each time. */
  readonly moves?: boolean;
}

/** Server-Assignment-Type [29.229-6.3.15]. */
const REGISTRATION = 1;
const RE_REGISTRATION = 2;
const USER_DEREGISTRATION = 5;
/** User-Authorization-Type [29.229-6.3.24]. */
const DE_REGISTRATION = 1;

const uar: Step = { command: 'UAR' };
const mar: Step = { command: 'MAR' };
const lir: Step = { command: 'LIR' };
const air: Step = { command: 'AIR' };
const ulr: Step = { command: 'ULR' };
const sar = (assignmentType: number): Step => ({ command: 'SAR', assignmentType });
const always = (...steps: Step[]): Sequence[] => [{ weight: 1, steps }];

export const scenarios: readonly Scenario[] = [
  { name: 'UAR', about: 'registration asked for, subscriber registered', sequences: always(uar) },
  { name: 'LIR', about: 'call to a registered subscriber', sequences: always(lir) },
  { name: 'MAR', about: 'one IMS-AKA vector: each moves the SQN, a durable commit', sequences: always(mar) },
  {
    name: 'SAR',
    about:
      'de-registration and registration in turn: each changes the state, a durable commit, every second one downloads the profile',
    sequences: always(sar(USER_DEREGISTRATION), sar(REGISTRATION)),
  },
  {
    name: 'mix',
    about: 'registration: UAR, MAR, UAR, SAR for one subscriber after the other',
    sequences: always(uar, mar, uar, sar(REGISTRATION)),
  },
  {
    name: 'busy',
    about:
      'busy hour: of 100 events 45 re-registrations, 10 of them with a new vector, 40 terminating calls, 5 leave and register anew',
    sequences: [
      { weight: 45, steps: [uar, sar(RE_REGISTRATION)] },
      { weight: 10, steps: [uar, mar, uar, sar(RE_REGISTRATION)] },
      { weight: 40, steps: [lir] },
      {
        weight: 5,
        steps: [
          { ...uar, authorizationType: DE_REGISTRATION },
          sar(USER_DEREGISTRATION),
          uar,
          mar,
          uar,
          sar(REGISTRATION),
        ],
      },
    ],
  },
  { name: 'AIR', about: 'one E-UTRAN vector: each moves the SQN, a durable commit', sequences: always(air) },
  {
    name: 'ULR',
    about: 'the subscriber comes from another MME: a durable commit, and a CLR to the one that is left',
    sequences: always(ulr),
    moves: true,
  },
  {
    name: 'attach',
    about: 'AIR and ULR at another MME each time',
    sequences: always(air, ulr),
    moves: true,
  },
  {
    name: 'register',
    about: 'SAR REGISTRATION, to prepare: registers who is not',
    sequences: always(sar(REGISTRATION)),
  },
  {
    name: 'SAR-RE',
    about: 'SAR RE_REGISTRATION of who is registered: the profile is downloaded, nothing changes',
    sequences: always(sar(RE_REGISTRATION)),
  },
];

/** A scenario by name, or commands in a row ("UAR,MAR,UAR,SAR"). @throws Error that lists the names */
export function scenario(name: string): Scenario {
  const known = scenarios.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return known;
  const steps = name.split(',').map((text): Step | undefined => {
    const command = commands.find((entry) => entry === text.trim().toUpperCase());
    return command === undefined ? undefined : { command };
  });
  if (steps.some((step) => step === undefined)) {
    throw new Error(
      `"${name}" is no scenario: ${scenarios.map((entry) => entry.name).join(', ')}, or commands in a row such as UAR,MAR,UAR,SAR`,
    );
  }
  return { name, about: 'as given', sequences: always(...(steps as Step[])) };
}

/** Transactions of an average sequence. */
export function stepsPerSequence({ sequences }: Scenario): number {
  const weights = sequences.reduce((sum, { weight }) => sum + weight, 0);
  return sequences.reduce((sum, { weight, steps }) => sum + weight * steps.length, 0) / weights;
}
