/**
 * The watchdog state machine of RFC 3539 clause 3.4.1 as one total table. [3539-3.4.1]
 *
 * Each (state, event) has one or more rows told apart by the variables Pending and NumDWA; the first whose
 * guard holds applies, and the last one of a list always holds. The RFC's row stands in the comment above.
 * Entries marked `unlisted` have no row there; they say what happens anyway. Timers, jitter (clause 3.4.1
 * [2]) and messages are the driver's.
 */
import type { WatchdogStateName } from '../../events/names';

export type WatchdogEventName =
  'Receive DWA' | 'Receive non-DWA' | 'Timer expires' | 'Connection up' | 'Connection down';

export type WatchdogAction =
  'SetWatchdog' | 'SendWatchdog' | 'Failover' | 'Failback' | 'CloseConnection' | 'AttemptOpen' | 'Throwaway';

/** The machine's variables. `numDwa` counts the DWAs of a reopened connection; -1 after one was missed. */
export interface WatchdogVariables {
  readonly state: WatchdogStateName;
  readonly pending: boolean;
  readonly numDwa: number;
}

export interface WatchdogRow {
  readonly guard?: (variables: WatchdogVariables) => boolean;
  readonly actions: readonly WatchdogAction[];
  readonly next: WatchdogStateName;
  readonly pending?: boolean;
  readonly numDwa?: number | 'increment';
  readonly unlisted?: true;
}

type Rows = readonly [WatchdogRow, ...WatchdogRow[]];

export const initialWatchdog: WatchdogVariables = { state: 'INITIAL', pending: false, numDwa: 0 };

/** [3539-3.4.1] The whole machine. */
export const WATCHDOG_TABLE: Readonly<Record<WatchdogStateName, Readonly<Record<WatchdogEventName, Rows>>>> =
  {
    INITIAL: {
      // INITIAL       Receive DWA          Pending = FALSE
      //                                    Throwaway()          INITIAL
      'Receive DWA': [{ actions: ['Throwaway'], next: 'INITIAL', pending: false }],
      // INITIAL       Receive non-DWA      Throwaway()          INITIAL
      'Receive non-DWA': [{ actions: ['Throwaway'], next: 'INITIAL' }],
      // INITIAL       Timer expires        AttemptOpen()
      //                                    SetWatchdog()        INITIAL
      'Timer expires': [{ actions: ['AttemptOpen', 'SetWatchdog'], next: 'INITIAL' }],
      // INITIAL       Connection up        SetWatchdog()        OKAY
      // (Pending is cleared: nothing is outstanding on a new connection)
      'Connection up': [{ actions: ['SetWatchdog'], next: 'OKAY', pending: false }],
      // The first attempt failed before it was up: try again later.
      'Connection down': [{ actions: ['SetWatchdog'], next: 'INITIAL', unlisted: true }],
    },
    OKAY: {
      // OKAY          Receive DWA          Pending = FALSE
      //                                    SetWatchdog()        OKAY
      'Receive DWA': [{ actions: ['SetWatchdog'], next: 'OKAY', pending: false }],
      // OKAY          Receive non-DWA      SetWatchdog()        OKAY
      'Receive non-DWA': [{ actions: ['SetWatchdog'], next: 'OKAY' }],
      'Timer expires': [
        // OKAY        Timer expires &      SendWatchdog()
        //             !Pending             SetWatchdog()
        //                                  Pending = TRUE       OKAY
        { guard: (v) => !v.pending, actions: ['SendWatchdog', 'SetWatchdog'], next: 'OKAY', pending: true },
        // OKAY        Timer expires &      Failover()
        //             Pending              SetWatchdog()        SUSPECT
        { actions: ['Failover', 'SetWatchdog'], next: 'SUSPECT' },
      ],
      'Connection up': [{ actions: [], next: 'OKAY', unlisted: true }],
      // OKAY          Connection down      CloseConnection()
      //                                    Failover()
      //                                    SetWatchdog()        DOWN
      'Connection down': [{ actions: ['CloseConnection', 'Failover', 'SetWatchdog'], next: 'DOWN' }],
    },
    SUSPECT: {
      // SUSPECT       Receive DWA          Pending = FALSE
      //                                    Failback()
      //                                    SetWatchdog()        OKAY
      'Receive DWA': [{ actions: ['Failback', 'SetWatchdog'], next: 'OKAY', pending: false }],
      // SUSPECT       Receive non-DWA      Failback()
      //                                    SetWatchdog()        OKAY
      'Receive non-DWA': [{ actions: ['Failback', 'SetWatchdog'], next: 'OKAY' }],
      // SUSPECT       Timer expires        CloseConnection()
      //                                    SetWatchdog()        DOWN
      'Timer expires': [{ actions: ['CloseConnection', 'SetWatchdog'], next: 'DOWN' }],
      'Connection up': [{ actions: [], next: 'SUSPECT', unlisted: true }],
      // SUSPECT       Connection down      CloseConnection()
      //                                    SetWatchdog()        DOWN
      'Connection down': [{ actions: ['CloseConnection', 'SetWatchdog'], next: 'DOWN' }],
    },
    DOWN: {
      // DOWN          Receive DWA          Pending = FALSE
      //                                    Throwaway()          DOWN
      'Receive DWA': [{ actions: ['Throwaway'], next: 'DOWN', pending: false }],
      // DOWN          Receive non-DWA      Throwaway()          DOWN
      'Receive non-DWA': [{ actions: ['Throwaway'], next: 'DOWN' }],
      // DOWN          Timer expires        AttemptOpen()
      //                                    SetWatchdog()        DOWN
      'Timer expires': [{ actions: ['AttemptOpen', 'SetWatchdog'], next: 'DOWN' }],
      // DOWN          Connection up        NumDWA = 0
      //                                    SendWatchdog()
      //                                    SetWatchdog()
      //                                    Pending = TRUE       REOPEN
      'Connection up': [
        { actions: ['SendWatchdog', 'SetWatchdog'], next: 'REOPEN', pending: true, numDwa: 0 },
      ],
      // An attempt to open failed, or the connection that the watchdog closed is gone: try again later.
      'Connection down': [{ actions: ['SetWatchdog'], next: 'DOWN', unlisted: true }],
    },
    REOPEN: {
      'Receive DWA': [
        // REOPEN      Receive DWA &        Pending = FALSE
        //             NumDWA == 2          NumDWA++
        //                                  Failback()           OKAY
        {
          guard: (v) => v.numDwa === 2,
          actions: ['Failback'],
          next: 'OKAY',
          pending: false,
          numDwa: 'increment',
        },
        // REOPEN      Receive DWA &        Pending = FALSE
        //             NumDWA < 2           NumDWA++             REOPEN
        { actions: [], next: 'REOPEN', pending: false, numDwa: 'increment' },
      ],
      // REOPEN        Receive non-DWA      Throwaway()          REOPEN
      'Receive non-DWA': [{ actions: ['Throwaway'], next: 'REOPEN' }],
      'Timer expires': [
        // REOPEN      Timer expires &      SendWatchdog()
        //             !Pending             SetWatchdog()
        //                                  Pending = TRUE       REOPEN
        { guard: (v) => !v.pending, actions: ['SendWatchdog', 'SetWatchdog'], next: 'REOPEN', pending: true },
        // REOPEN      Timer expires &      NumDWA = -1
        //             Pending &            SetWatchdog()
        //             NumDWA >= 0                               REOPEN
        { guard: (v) => v.numDwa >= 0, actions: ['SetWatchdog'], next: 'REOPEN', numDwa: -1 },
        // REOPEN      Timer expires &      CloseConnection()
        //             Pending &            SetWatchdog()
        //             NumDWA < 0                                DOWN
        { actions: ['CloseConnection', 'SetWatchdog'], next: 'DOWN' },
      ],
      'Connection up': [{ actions: [], next: 'REOPEN', unlisted: true }],
      // REOPEN        Connection down      CloseConnection()
      //                                    SetWatchdog()        DOWN
      'Connection down': [{ actions: ['CloseConnection', 'SetWatchdog'], next: 'DOWN' }],
    },
  };

export interface WatchdogStep {
  readonly variables: WatchdogVariables;
  readonly actions: readonly WatchdogAction[];
}

/** One step of the machine; pure. */
export function stepWatchdog(variables: WatchdogVariables, event: WatchdogEventName): WatchdogStep {
  const rows = WATCHDOG_TABLE[variables.state][event];
  const row =
    rows.find((candidate) => candidate.guard === undefined || candidate.guard(variables)) ?? rows[0];
  return {
    actions: row.actions,
    variables: {
      state: row.next,
      pending: row.pending ?? variables.pending,
      numDwa: row.numDwa === 'increment' ? variables.numDwa + 1 : (row.numDwa ?? variables.numDwa),
    },
  };
}
