/**
 * The peer state machine of RFC 6733 clause 5.6 as one total table: (state, event) -> (actions, next state).
 * [6733-5.6]
 *
 * The RFC's row stands in the comment above the entry that implements it. "I-" is the connection that we
 * initiated, "R-" the one that we respond on. What the RFC has no row for is one of two things: `unlisted`,
 * which clause 5.6 calls an error condition and for which the entry says what is done about it, or
 * IMPOSSIBLE, which the driver cannot bring about because there is no such connection or timer in that state.
 * Nothing in here knows sockets, timers or messages.
 *
 * Beyond the RFC: `Reject-Message` (an error answer to a request that cannot be served in this state; an
 * answer is dropped) and `Discard`. A CEA that refuses us or does not fit is the event I-Rcv-Non-CEA. A CER
 * on an open connection had a row in RFC 3588; RFC 6733 has none, so it is answered with an error and changes
 * nothing (RFC 6737 would be the way to change capabilities).
 */
import type { PeerStateName } from '../../events/names';

export type PeerEventName =
  | 'Start'
  | 'Stop'
  | 'Timeout'
  | 'Win-Election'
  | 'Send-Message'
  | 'R-Conn-CER'
  | 'I-Rcv-Conn-Ack'
  | 'I-Rcv-Conn-Nack'
  | 'I-Rcv-CEA'
  | 'I-Rcv-Non-CEA'
  | 'I-Peer-Disc'
  | 'I-Rcv-CER'
  | 'I-Rcv-DWR'
  | 'I-Rcv-DWA'
  | 'I-Rcv-DPR'
  | 'I-Rcv-DPA'
  | 'I-Rcv-Message'
  | 'R-Peer-Disc'
  | 'R-Rcv-CER'
  | 'R-Rcv-DWR'
  | 'R-Rcv-DWA'
  | 'R-Rcv-DPR'
  | 'R-Rcv-DPA'
  | 'R-Rcv-Message';

export type PeerAction =
  | 'I-Snd-Conn-Req'
  | 'I-Snd-CER'
  | 'I-Disc'
  | 'R-Accept'
  | 'R-Reject'
  | 'R-Disc'
  | 'R-Snd-CEA'
  | 'Process-CER'
  | 'Process-CEA'
  | 'Elect'
  | 'Cleanup'
  | 'Error'
  | 'Snd-Message'
  | 'Process'
  | 'Process-DWR'
  | 'Snd-DWA'
  | 'Process-DWA'
  | 'Snd-DPR'
  | 'Snd-DPA'
  | 'Reject-Message'
  | 'Discard';

export interface PeerTransition {
  readonly actions: readonly PeerAction[];
  readonly next: PeerStateName;
  /** `rfc`: a row of the table in clause 5.6; `unlisted` and `impossible`: see the head of this file. */
  readonly kind: 'rfc' | 'unlisted' | 'impossible';
}

const row = (next: PeerStateName, ...actions: PeerAction[]): PeerTransition => ({
  actions,
  next,
  kind: 'rfc',
});
const unlisted = (next: PeerStateName, ...actions: PeerAction[]): PeerTransition => ({
  actions,
  next,
  kind: 'unlisted',
});

type Row = Readonly<Record<PeerEventName, PeerTransition>>;

const impossibleIn = (state: PeerStateName): PeerTransition => ({
  actions: [],
  next: state,
  kind: 'impossible',
});

/** Everything that can only come over a connection that does not exist in the state, for both connections. */
function noInitiator(
  state: PeerStateName,
): Omit<Row, `R-${string}` | 'Start' | 'Stop' | 'Timeout' | 'Win-Election' | 'Send-Message'> {
  const x = impossibleIn(state);
  return {
    'I-Rcv-Conn-Ack': x,
    'I-Rcv-Conn-Nack': x,
    'I-Rcv-CEA': x,
    'I-Rcv-Non-CEA': x,
    'I-Peer-Disc': x,
    'I-Rcv-CER': x,
    'I-Rcv-DWR': x,
    'I-Rcv-DWA': x,
    'I-Rcv-DPR': x,
    'I-Rcv-DPA': x,
    'I-Rcv-Message': x,
  };
}

function noResponder(
  state: PeerStateName,
): Omit<Row, `I-${string}` | 'R-Conn-CER' | 'Start' | 'Stop' | 'Timeout' | 'Win-Election' | 'Send-Message'> {
  const x = impossibleIn(state);
  return {
    'R-Peer-Disc': x,
    'R-Rcv-CER': x,
    'R-Rcv-DWR': x,
    'R-Rcv-DWA': x,
    'R-Rcv-DPR': x,
    'R-Rcv-DPA': x,
    'R-Rcv-Message': x,
  };
}

const closed: Row = {
  ...noInitiator('Closed'),
  ...noResponder('Closed'),
  // Closed            Start            I-Snd-Conn-Req   Wait-Conn-Ack
  Start: row('Wait-Conn-Ack', 'I-Snd-Conn-Req'),
  //                   R-Conn-CER       R-Accept,        R-Open
  //                                    Process-CER,
  //                                    R-Snd-CEA
  'R-Conn-CER': row('R-Open', 'R-Accept', 'Process-CER', 'R-Snd-CEA'),
  Stop: unlisted('Closed', 'Discard'),
  'Send-Message': unlisted('Closed', 'Discard'),
  Timeout: impossibleIn('Closed'),
  'Win-Election': impossibleIn('Closed'),
};

const waitConnAck: Row = {
  ...noInitiator('Wait-Conn-Ack'),
  ...noResponder('Wait-Conn-Ack'),
  // Wait-Conn-Ack     I-Rcv-Conn-Ack   I-Snd-CER        Wait-I-CEA
  'I-Rcv-Conn-Ack': row('Wait-I-CEA', 'I-Snd-CER'),
  //                   I-Rcv-Conn-Nack  Cleanup          Closed
  'I-Rcv-Conn-Nack': row('Closed', 'Cleanup'),
  //                   R-Conn-CER       R-Accept,        Wait-Conn-Ack/
  //                                    Process-CER      Elect
  'R-Conn-CER': row('Wait-Conn-Ack/Elect', 'R-Accept', 'Process-CER'),
  //                   Timeout          Error            Closed
  Timeout: row('Closed', 'Error'),
  Start: unlisted('Wait-Conn-Ack', 'Discard'),
  Stop: unlisted('Closed', 'Cleanup'),
  'Send-Message': unlisted('Wait-Conn-Ack', 'Discard'),
  'Win-Election': impossibleIn('Wait-Conn-Ack'),
};

const waitICea: Row = {
  ...noInitiator('Wait-I-CEA'),
  ...noResponder('Wait-I-CEA'),
  // Wait-I-CEA        I-Rcv-CEA        Process-CEA      I-Open
  'I-Rcv-CEA': row('I-Open', 'Process-CEA'),
  //                   R-Conn-CER       R-Accept,        Wait-Returns
  //                                    Process-CER,
  //                                    Elect
  'R-Conn-CER': row('Wait-Returns', 'R-Accept', 'Process-CER', 'Elect'),
  //                   I-Peer-Disc      I-Disc           Closed
  'I-Peer-Disc': row('Closed', 'I-Disc'),
  //                   I-Rcv-Non-CEA    Error            Closed
  'I-Rcv-Non-CEA': row('Closed', 'Error'),
  // The same row for every message that has an event of its own:
  'I-Rcv-CER': row('Closed', 'Error'),
  'I-Rcv-DWR': row('Closed', 'Error'),
  'I-Rcv-DWA': row('Closed', 'Error'),
  'I-Rcv-DPR': row('Closed', 'Error'),
  'I-Rcv-DPA': row('Closed', 'Error'),
  'I-Rcv-Message': row('Closed', 'Error'),
  //                   Timeout          Error            Closed
  Timeout: row('Closed', 'Error'),
  Start: unlisted('Wait-I-CEA', 'Discard'),
  Stop: unlisted('Closed', 'Cleanup'),
  'Send-Message': unlisted('Wait-I-CEA', 'Discard'),
  'Win-Election': impossibleIn('Wait-I-CEA'),
};

/**
 * A peer that talks on a connection whose CER has not been answered breaks the protocol; that connection
 * ends.
 */
const early = (next: PeerStateName): PeerTransition => unlisted(next, 'R-Disc');

const waitConnAckElect: Row = {
  ...noInitiator('Wait-Conn-Ack/Elect'),
  // Wait-Conn-Ack/    I-Rcv-Conn-Ack   I-Snd-CER,Elect  Wait-Returns
  // Elect
  'I-Rcv-Conn-Ack': row('Wait-Returns', 'I-Snd-CER', 'Elect'),
  //                   I-Rcv-Conn-Nack  R-Snd-CEA        R-Open
  'I-Rcv-Conn-Nack': row('R-Open', 'R-Snd-CEA'),
  //                   R-Peer-Disc      R-Disc           Wait-Conn-Ack
  'R-Peer-Disc': row('Wait-Conn-Ack', 'R-Disc'),
  //                   R-Conn-CER       R-Reject         Wait-Conn-Ack/
  //                                                     Elect
  'R-Conn-CER': row('Wait-Conn-Ack/Elect', 'R-Reject'),
  //                   Timeout          Error            Closed
  Timeout: row('Closed', 'Error'),
  'R-Rcv-CER': early('Wait-Conn-Ack'),
  'R-Rcv-DWR': early('Wait-Conn-Ack'),
  'R-Rcv-DWA': early('Wait-Conn-Ack'),
  'R-Rcv-DPR': early('Wait-Conn-Ack'),
  'R-Rcv-DPA': early('Wait-Conn-Ack'),
  'R-Rcv-Message': early('Wait-Conn-Ack'),
  Start: unlisted('Wait-Conn-Ack/Elect', 'Discard'),
  Stop: unlisted('Closed', 'Cleanup'),
  'Send-Message': unlisted('Wait-Conn-Ack/Elect', 'Discard'),
  'Win-Election': impossibleIn('Wait-Conn-Ack/Elect'),
};

/** Our own connection failed before its CEA: as with I-Peer-Disc the peer's connection is what remains. */
const onlyResponderLeft = unlisted('R-Open', 'I-Disc', 'R-Snd-CEA');

const waitReturns: Row = {
  // Wait-Returns      Win-Election     I-Disc,R-Snd-CEA R-Open
  'Win-Election': row('R-Open', 'I-Disc', 'R-Snd-CEA'),
  //                   I-Peer-Disc      I-Disc,          R-Open
  //                                    R-Snd-CEA
  'I-Peer-Disc': row('R-Open', 'I-Disc', 'R-Snd-CEA'),
  //                   I-Rcv-CEA        R-Disc           I-Open
  // (the RFC leaves out Process-CEA, without which the capabilities of the peer would stay those of the lost
  // connection)
  'I-Rcv-CEA': row('I-Open', 'R-Disc', 'Process-CEA'),
  //                   R-Peer-Disc      R-Disc           Wait-I-CEA
  'R-Peer-Disc': row('Wait-I-CEA', 'R-Disc'),
  //                   R-Conn-CER       R-Reject         Wait-Returns
  'R-Conn-CER': row('Wait-Returns', 'R-Reject'),
  //                   Timeout          Error            Closed
  Timeout: row('Closed', 'Error'),
  'I-Rcv-Non-CEA': onlyResponderLeft,
  'I-Rcv-CER': onlyResponderLeft,
  'I-Rcv-DWR': onlyResponderLeft,
  'I-Rcv-DWA': onlyResponderLeft,
  'I-Rcv-DPR': onlyResponderLeft,
  'I-Rcv-DPA': onlyResponderLeft,
  'I-Rcv-Message': onlyResponderLeft,
  'R-Rcv-CER': early('Wait-I-CEA'),
  'R-Rcv-DWR': early('Wait-I-CEA'),
  'R-Rcv-DWA': early('Wait-I-CEA'),
  'R-Rcv-DPR': early('Wait-I-CEA'),
  'R-Rcv-DPA': early('Wait-I-CEA'),
  'R-Rcv-Message': early('Wait-I-CEA'),
  Start: unlisted('Wait-Returns', 'Discard'),
  Stop: unlisted('Closed', 'Cleanup'),
  'Send-Message': unlisted('Wait-Returns', 'Discard'),
  'I-Rcv-Conn-Ack': impossibleIn('Wait-Returns'),
  'I-Rcv-Conn-Nack': impossibleIn('Wait-Returns'),
};

const rOpen: Row = {
  ...noInitiator('R-Open'),
  // R-Open            Send-Message     R-Snd-Message    R-Open
  'Send-Message': row('R-Open', 'Snd-Message'),
  //                   R-Rcv-Message    Process          R-Open
  'R-Rcv-Message': row('R-Open', 'Process'),
  //                   R-Rcv-DWR        Process-DWR,     R-Open
  //                                    R-Snd-DWA
  'R-Rcv-DWR': row('R-Open', 'Process-DWR', 'Snd-DWA'),
  //                   R-Rcv-DWA        Process-DWA      R-Open
  'R-Rcv-DWA': row('R-Open', 'Process-DWA'),
  //                   R-Conn-CER       R-Reject         R-Open
  'R-Conn-CER': row('R-Open', 'R-Reject'),
  //                   Stop             R-Snd-DPR        Closing
  Stop: row('Closing', 'Snd-DPR'),
  //                   R-Rcv-DPR        R-Snd-DPA        Closing
  'R-Rcv-DPR': row('Closing', 'Snd-DPA'),
  //                   R-Peer-Disc      R-Disc           Closed
  'R-Peer-Disc': row('Closed', 'R-Disc'),
  'R-Rcv-CER': unlisted('R-Open', 'Reject-Message'),
  'R-Rcv-DPA': unlisted('R-Open', 'Discard'),
  Start: unlisted('R-Open', 'Discard'),
  Timeout: impossibleIn('R-Open'),
  'Win-Election': impossibleIn('R-Open'),
};

const iOpen: Row = {
  ...noInitiator('I-Open'),
  ...noResponder('I-Open'),
  // I-Open            Send-Message     I-Snd-Message    I-Open
  'Send-Message': row('I-Open', 'Snd-Message'),
  //                   I-Rcv-Message    Process          I-Open
  'I-Rcv-Message': row('I-Open', 'Process'),
  //                   I-Rcv-DWR        Process-DWR,     I-Open
  //                                    I-Snd-DWA
  'I-Rcv-DWR': row('I-Open', 'Process-DWR', 'Snd-DWA'),
  //                   I-Rcv-DWA        Process-DWA      I-Open
  'I-Rcv-DWA': row('I-Open', 'Process-DWA'),
  //                   R-Conn-CER       R-Reject         I-Open
  'R-Conn-CER': row('I-Open', 'R-Reject'),
  //                   Stop             I-Snd-DPR        Closing
  Stop: row('Closing', 'Snd-DPR'),
  //                   I-Rcv-DPR        I-Snd-DPA        Closing
  'I-Rcv-DPR': row('Closing', 'Snd-DPA'),
  //                   I-Peer-Disc      I-Disc           Closed
  'I-Peer-Disc': row('Closed', 'I-Disc'),
  'I-Rcv-CER': unlisted('I-Open', 'Reject-Message'),
  'I-Rcv-CEA': unlisted('I-Open', 'Discard'),
  'I-Rcv-Non-CEA': unlisted('I-Open', 'Discard'),
  'I-Rcv-DPA': unlisted('I-Open', 'Discard'),
  Start: unlisted('I-Open', 'Discard'),
  Timeout: impossibleIn('I-Open'),
  'Win-Election': impossibleIn('I-Open'),
};

/**
 * Answers to what we asked before still count; a request has to go to another node, which the error answer
 * says.
 */
const whileClosing: PeerTransition = unlisted('Closing', 'Reject-Message');
const crossingDpr: PeerTransition = unlisted('Closing', 'Snd-DPA');
const stillClosing: PeerTransition = unlisted('Closing', 'Discard');

const closing: Row = {
  // Closing           I-Rcv-DPA        I-Disc           Closed
  'I-Rcv-DPA': row('Closed', 'I-Disc'),
  //                   R-Rcv-DPA        R-Disc           Closed
  'R-Rcv-DPA': row('Closed', 'R-Disc'),
  //                   Timeout          Error            Closed
  Timeout: row('Closed', 'Error'),
  //                   I-Peer-Disc      I-Disc           Closed
  'I-Peer-Disc': row('Closed', 'I-Disc'),
  //                   R-Peer-Disc      R-Disc           Closed
  'R-Peer-Disc': row('Closed', 'R-Disc'),
  'R-Conn-CER': unlisted('Closing', 'R-Reject'),
  'I-Rcv-DPR': crossingDpr,
  'R-Rcv-DPR': crossingDpr,
  'I-Rcv-Message': whileClosing,
  'R-Rcv-Message': whileClosing,
  'I-Rcv-CER': whileClosing,
  'R-Rcv-CER': whileClosing,
  'I-Rcv-DWR': unlisted('Closing', 'Snd-DWA'),
  'R-Rcv-DWR': unlisted('Closing', 'Snd-DWA'),
  'I-Rcv-DWA': stillClosing,
  'R-Rcv-DWA': stillClosing,
  'I-Rcv-CEA': stillClosing,
  'I-Rcv-Non-CEA': stillClosing,
  Start: stillClosing,
  Stop: stillClosing,
  'Send-Message': stillClosing,
  'I-Rcv-Conn-Ack': impossibleIn('Closing'),
  'I-Rcv-Conn-Nack': impossibleIn('Closing'),
  'Win-Election': impossibleIn('Closing'),
};

/** [6733-5.6] The whole machine. */
export const PEER_STATE_TABLE: Readonly<Record<PeerStateName, Row>> = {
  Closed: closed,
  'Wait-Conn-Ack': waitConnAck,
  'Wait-I-CEA': waitICea,
  'Wait-Conn-Ack/Elect': waitConnAckElect,
  'Wait-Returns': waitReturns,
  'R-Open': rOpen,
  'I-Open': iOpen,
  Closing: closing,
};

/** R-Open or I-Open: the states in which application messages pass. */
export function isOpen(state: PeerStateName): boolean {
  return state === 'R-Open' || state === 'I-Open';
}

/**
 * [6733-5.6.4] The election, as the responder sees it: true when our Origin-Host succeeds the peer's, octet
 * by octet with lower-case letters compared as upper-case ones, the shorter one padded with zero octets. Then
 * our own connection ends.
 */
export function winsElection(localOriginHost: string, peerOriginHost: string): boolean {
  const local = Buffer.from(localOriginHost.toUpperCase(), 'utf8');
  const peer = Buffer.from(peerOriginHost.toUpperCase(), 'utf8');
  return Buffer.compare(local, peer) > 0;
}
