/**
 * [3539-3.4.1] Every cell of the watchdog machine, for every value of Pending and NumDWA that tells rows
 * apart.
 */
import type { WatchdogStateName } from '../../../src/events/names';
import {
  stepWatchdog,
  WATCHDOG_TABLE,
  type WatchdogEventName,
} from '../../../src/diameter/peer/watchdog-state';

/** state | event | guard | actions | pending | numDwa | next; `=` keeps a variable, `+` adds one. */
const ROWS = `
INITIAL | Receive DWA | | Throwaway | F | = | INITIAL
INITIAL | Receive non-DWA | | Throwaway | = | = | INITIAL
INITIAL | Timer expires | | AttemptOpen,SetWatchdog | = | = | INITIAL
INITIAL | Connection up | | SetWatchdog | F | = | OKAY
INITIAL | Connection down | | SetWatchdog | = | = | INITIAL
OKAY | Receive DWA | | SetWatchdog | F | = | OKAY
OKAY | Receive non-DWA | | SetWatchdog | = | = | OKAY
OKAY | Timer expires | !pending | SendWatchdog,SetWatchdog | T | = | OKAY
OKAY | Timer expires | pending | Failover,SetWatchdog | = | = | SUSPECT
OKAY | Connection up | | | = | = | OKAY
OKAY | Connection down | | CloseConnection,Failover,SetWatchdog | = | = | DOWN
SUSPECT | Receive DWA | | Failback,SetWatchdog | F | = | OKAY
SUSPECT | Receive non-DWA | | Failback,SetWatchdog | = | = | OKAY
SUSPECT | Timer expires | | CloseConnection,SetWatchdog | = | = | DOWN
SUSPECT | Connection up | | | = | = | SUSPECT
SUSPECT | Connection down | | CloseConnection,SetWatchdog | = | = | DOWN
DOWN | Receive DWA | | Throwaway | F | = | DOWN
DOWN | Receive non-DWA | | Throwaway | = | = | DOWN
DOWN | Timer expires | | AttemptOpen,SetWatchdog | = | = | DOWN
DOWN | Connection up | | SendWatchdog,SetWatchdog | T | 0 | REOPEN
DOWN | Connection down | | SetWatchdog | = | = | DOWN
REOPEN | Receive DWA | n==2 | Failback | F | + | OKAY
REOPEN | Receive DWA | n<2 | | F | + | REOPEN
REOPEN | Receive non-DWA | | Throwaway | = | = | REOPEN
REOPEN | Timer expires | !pending | SendWatchdog,SetWatchdog | T | = | REOPEN
REOPEN | Timer expires | pending,n>=0 | SetWatchdog | = | -1 | REOPEN
REOPEN | Timer expires | pending,n<0 | CloseConnection,SetWatchdog | = | = | DOWN
REOPEN | Connection up | | | = | = | REOPEN
REOPEN | Connection down | | CloseConnection,SetWatchdog | = | = | DOWN
`;

const STATES: readonly WatchdogStateName[] = ['INITIAL', 'OKAY', 'SUSPECT', 'DOWN', 'REOPEN'];
const EVENTS: readonly WatchdogEventName[] = [
  'Receive DWA',
  'Receive non-DWA',
  'Timer expires',
  'Connection up',
  'Connection down',
];

const rows = ROWS.trim()
  .split('\n')
  .map((line) => {
    const [state = '', event = '', guard = '', actions = '', pending = '', numDwa = '', next = ''] = line
      .split('|')
      .map((p) => p.trim());
    return { state, event, guard, actions: actions === '' ? [] : actions.split(','), pending, numDwa, next };
  });

function holds(guard: string, pending: boolean, numDwa: number): boolean {
  return guard.split(',').every((part) => {
    switch (part) {
      case '':
        return true;
      case 'pending':
        return pending;
      case '!pending':
        return !pending;
      case 'n==2':
        return numDwa === 2;
      case 'n<2':
        return numDwa < 2;
      case 'n>=0':
        return numDwa >= 0;
      case 'n<0':
        return numDwa < 0;
      default:
        throw new Error(`guard ${part}`);
    }
  });
}

describe('[3539-3.4.1] watchdog state machine', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      for (const pending of [false, true]) {
        for (const numDwa of [-1, 0, 1, 2]) {
          const row = rows.find(
            (r) => r.state === state && r.event === event && holds(r.guard, pending, numDwa),
          );
          test(`[3539-3.4.1] ${state} + ${event}, Pending ${pending}, NumDWA ${numDwa} -> ${row?.next}`, () => {
            expect(row).toBeDefined();
            if (row === undefined) return;
            const step = stepWatchdog({ state, pending, numDwa }, event);
            expect(step.actions).toEqual(row.actions);
            expect(step.variables).toEqual({
              state: row.next,
              pending: row.pending === '=' ? pending : row.pending === 'T',
              numDwa: row.numDwa === '=' ? numDwa : row.numDwa === '+' ? numDwa + 1 : Number(row.numDwa),
            });
          });
        }
      }
    }
  }

  test('[3539-3.4.1] the last row of every cell holds without a guard or is the only case left', () => {
    for (const state of STATES) {
      for (const event of EVENTS) expect(WATCHDOG_TABLE[state][event].at(-1)?.guard).toBeUndefined();
    }
  });

  test('[3539-3.4.1] a reopened connection is used again after three answered watchdogs', () => {
    let variables = stepWatchdog({ state: 'DOWN', pending: false, numDwa: 0 }, 'Connection up').variables;
    const states: string[] = [];
    for (const event of [
      'Receive DWA',
      'Timer expires',
      'Receive DWA',
      'Timer expires',
      'Receive DWA',
    ] as const) {
      variables = stepWatchdog(variables, event).variables;
      states.push(variables.state);
    }
    expect(states).toEqual(['REOPEN', 'REOPEN', 'REOPEN', 'REOPEN', 'OKAY']);
  });
});
