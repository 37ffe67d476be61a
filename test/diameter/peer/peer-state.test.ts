/** [6733-5.6] Every cell of the peer machine, compared with the RFC's table written out once more as text. */
import type { PeerStateName } from '../../../src/events/names';
import {
  isOpen,
  PEER_STATE_TABLE,
  winsElection,
  type PeerEventName,
} from '../../../src/diameter/peer/peer-state';

/**
 * state | event | actions | next state; from RFC 6733 clause 5.6, I-Snd and R-Snd written as the driver has
 * them.
 */
const RFC_ROWS = `
Closed | Start | I-Snd-Conn-Req | Wait-Conn-Ack
Closed | R-Conn-CER | R-Accept,Process-CER,R-Snd-CEA | R-Open
Wait-Conn-Ack | I-Rcv-Conn-Ack | I-Snd-CER | Wait-I-CEA
Wait-Conn-Ack | I-Rcv-Conn-Nack | Cleanup | Closed
Wait-Conn-Ack | R-Conn-CER | R-Accept,Process-CER | Wait-Conn-Ack/Elect
Wait-Conn-Ack | Timeout | Error | Closed
Wait-I-CEA | I-Rcv-CEA | Process-CEA | I-Open
Wait-I-CEA | R-Conn-CER | R-Accept,Process-CER,Elect | Wait-Returns
Wait-I-CEA | I-Peer-Disc | I-Disc | Closed
Wait-I-CEA | I-Rcv-Non-CEA | Error | Closed
Wait-I-CEA | I-Rcv-CER | Error | Closed
Wait-I-CEA | I-Rcv-DWR | Error | Closed
Wait-I-CEA | I-Rcv-DWA | Error | Closed
Wait-I-CEA | I-Rcv-DPR | Error | Closed
Wait-I-CEA | I-Rcv-DPA | Error | Closed
Wait-I-CEA | I-Rcv-Message | Error | Closed
Wait-I-CEA | Timeout | Error | Closed
Wait-Conn-Ack/Elect | I-Rcv-Conn-Ack | I-Snd-CER,Elect | Wait-Returns
Wait-Conn-Ack/Elect | I-Rcv-Conn-Nack | R-Snd-CEA | R-Open
Wait-Conn-Ack/Elect | R-Peer-Disc | R-Disc | Wait-Conn-Ack
Wait-Conn-Ack/Elect | R-Conn-CER | R-Reject | Wait-Conn-Ack/Elect
Wait-Conn-Ack/Elect | Timeout | Error | Closed
Wait-Returns | Win-Election | I-Disc,R-Snd-CEA | R-Open
Wait-Returns | I-Peer-Disc | I-Disc,R-Snd-CEA | R-Open
Wait-Returns | I-Rcv-CEA | R-Disc,Process-CEA | I-Open
Wait-Returns | R-Peer-Disc | R-Disc | Wait-I-CEA
Wait-Returns | R-Conn-CER | R-Reject | Wait-Returns
Wait-Returns | Timeout | Error | Closed
R-Open | Send-Message | Snd-Message | R-Open
R-Open | R-Rcv-Message | Process | R-Open
R-Open | R-Rcv-DWR | Process-DWR,Snd-DWA | R-Open
R-Open | R-Rcv-DWA | Process-DWA | R-Open
R-Open | R-Conn-CER | R-Reject | R-Open
R-Open | Stop | Snd-DPR | Closing
R-Open | R-Rcv-DPR | Snd-DPA | Closing
R-Open | R-Peer-Disc | R-Disc | Closed
I-Open | Send-Message | Snd-Message | I-Open
I-Open | I-Rcv-Message | Process | I-Open
I-Open | I-Rcv-DWR | Process-DWR,Snd-DWA | I-Open
I-Open | I-Rcv-DWA | Process-DWA | I-Open
I-Open | R-Conn-CER | R-Reject | I-Open
I-Open | Stop | Snd-DPR | Closing
I-Open | I-Rcv-DPR | Snd-DPA | Closing
I-Open | I-Peer-Disc | I-Disc | Closed
Closing | I-Rcv-DPA | I-Disc | Closed
Closing | R-Rcv-DPA | R-Disc | Closed
Closing | Timeout | Error | Closed
Closing | I-Peer-Disc | I-Disc | Closed
Closing | R-Peer-Disc | R-Disc | Closed
`;

/** What the RFC leaves open; `*` stands for CER, DWR, DWA, DPR, DPA and Message. */
const UNLISTED_ROWS = `
Closed | Stop | Discard | Closed
Closed | Send-Message | Discard | Closed
Wait-Conn-Ack | Start | Discard | Wait-Conn-Ack
Wait-Conn-Ack | Stop | Cleanup | Closed
Wait-Conn-Ack | Send-Message | Discard | Wait-Conn-Ack
Wait-I-CEA | Start | Discard | Wait-I-CEA
Wait-I-CEA | Stop | Cleanup | Closed
Wait-I-CEA | Send-Message | Discard | Wait-I-CEA
Wait-Conn-Ack/Elect | Start | Discard | Wait-Conn-Ack/Elect
Wait-Conn-Ack/Elect | Stop | Cleanup | Closed
Wait-Conn-Ack/Elect | Send-Message | Discard | Wait-Conn-Ack/Elect
Wait-Conn-Ack/Elect | R-Rcv-* | R-Disc | Wait-Conn-Ack
Wait-Returns | Start | Discard | Wait-Returns
Wait-Returns | Stop | Cleanup | Closed
Wait-Returns | Send-Message | Discard | Wait-Returns
Wait-Returns | R-Rcv-* | R-Disc | Wait-I-CEA
Wait-Returns | I-Rcv-* | I-Disc,R-Snd-CEA | R-Open
Wait-Returns | I-Rcv-Non-CEA | I-Disc,R-Snd-CEA | R-Open
R-Open | Start | Discard | R-Open
R-Open | R-Rcv-CER | Reject-Message | R-Open
R-Open | R-Rcv-DPA | Discard | R-Open
I-Open | Start | Discard | I-Open
I-Open | I-Rcv-CER | Reject-Message | I-Open
I-Open | I-Rcv-CEA | Discard | I-Open
I-Open | I-Rcv-Non-CEA | Discard | I-Open
I-Open | I-Rcv-DPA | Discard | I-Open
Closing | R-Conn-CER | R-Reject | Closing
Closing | I-Rcv-DPR | Snd-DPA | Closing
Closing | R-Rcv-DPR | Snd-DPA | Closing
Closing | I-Rcv-Message | Reject-Message | Closing
Closing | R-Rcv-Message | Reject-Message | Closing
Closing | I-Rcv-CER | Reject-Message | Closing
Closing | R-Rcv-CER | Reject-Message | Closing
Closing | I-Rcv-DWR | Snd-DWA | Closing
Closing | R-Rcv-DWR | Snd-DWA | Closing
Closing | I-Rcv-DWA | Discard | Closing
Closing | R-Rcv-DWA | Discard | Closing
Closing | I-Rcv-CEA | Discard | Closing
Closing | I-Rcv-Non-CEA | Discard | Closing
Closing | Start | Discard | Closing
Closing | Stop | Discard | Closing
Closing | Send-Message | Discard | Closing
`;

const STATES: readonly PeerStateName[] = [
  'Closed',
  'Wait-Conn-Ack',
  'Wait-I-CEA',
  'Wait-Conn-Ack/Elect',
  'Wait-Returns',
  'R-Open',
  'I-Open',
  'Closing',
];
const MESSAGES = ['CER', 'DWR', 'DWA', 'DPR', 'DPA', 'Message'];
const EVENTS = [
  'Start',
  'Stop',
  'Timeout',
  'Win-Election',
  'Send-Message',
  'R-Conn-CER',
  'I-Rcv-Conn-Ack',
  'I-Rcv-Conn-Nack',
  'I-Rcv-CEA',
  'I-Rcv-Non-CEA',
  'I-Peer-Disc',
  'R-Peer-Disc',
  ...MESSAGES.flatMap((m) => [`I-Rcv-${m}`, `R-Rcv-${m}`]),
] as PeerEventName[];

const expected = new Map<string, { kind: string; actions: string[]; next: string }>();
for (const [kind, text] of [
  ['rfc', RFC_ROWS],
  ['unlisted', UNLISTED_ROWS],
] as const) {
  for (const line of text.trim().split('\n')) {
    const [state = '', event = '', actions = '', next = ''] = line.split('|').map((part) => part.trim());
    const events = event.endsWith('*') ? MESSAGES.map((m) => event.replace('*', m)) : [event];
    for (const each of events)
      expected.set(`${state} + ${each}`, { kind, actions: actions.split(','), next });
  }
}

describe('[6733-5.6] peer state machine', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const key = `${state} + ${event}`;
      const want = expected.get(key) ?? { kind: 'impossible', actions: [], next: state };
      test(`[6733-5.6] ${key} (${want.kind}) -> ${want.next}`, () => {
        expect(PEER_STATE_TABLE[state][event]).toEqual(want);
      });
    }
  }

  test('[6733-5.6] the table has no other states or events than those tested', () => {
    expect(Object.keys(PEER_STATE_TABLE).sort()).toEqual([...STATES].sort());
    for (const state of STATES)
      expect(Object.keys(PEER_STATE_TABLE[state]).sort()).toEqual([...EVENTS].sort());
  });

  test('[6733-5.6] a connection that does not exist in a state delivers nothing there', () => {
    const without = (role: string, states: PeerStateName[]): void => {
      for (const state of states) {
        for (const event of EVENTS.filter(
          (e) => e.startsWith(`${role}-`) && e !== 'R-Conn-CER' && !e.includes('Conn-'),
        )) {
          expect(PEER_STATE_TABLE[state][event].kind).toBe('impossible');
        }
      }
    };
    without('I', ['Closed', 'Wait-Conn-Ack', 'Wait-Conn-Ack/Elect', 'R-Open']);
    without('R', ['Closed', 'Wait-Conn-Ack', 'Wait-I-CEA', 'I-Open']);
  });

  test('only R-Open and I-Open are open', () => {
    expect(STATES.filter(isOpen)).toEqual(['R-Open', 'I-Open']);
  });
});

describe('[6733-5.6.4] election', () => {
  test.each([
    ['hss.b.example', 'hss.a.example', true],
    ['hss.a.example', 'hss.b.example', false],
    ['HSS.b.example', 'hss.A.example', true],
    ['hss.a.example', 'HSS.A.EXAMPLE', false],
    ['hss.a.example.com', 'hss.a.example', true],
    ['hss.a.example', 'hss.a.example.com', false],
    ['a_', 'aZ', true],
  ])('[6733-5.6.4] %s against %s: wins %s', (local, peer, wins) => {
    expect(winsElection(local, peer)).toBe(wins);
  });
});
