/**
 * Where requests come in and wait for their turn. While there is a place for each, nothing happens here.
 * Otherwise a message waits as its octets: decoding costs about as much as serving, and what is refused in
 * the end shall not have cost that. Only what says how urgent it is is read [29.228-J.2.3].
 *
 * Deviation: retransmissions, and what is not plainly well-formed, are decoded first and wait then.
 */
import type { DispatchEvents } from '../../events/hss-events';
import type { RefusalReason } from '../../events/names';
import type { Gate, GateOwner } from '../overload/gate';
import type { OverloadControl } from '../overload/overload-control';
import { scanRequest, type ScannedRequest } from '../overload/request-scan';
import type { Admission, ArrivedMessage } from '../peer/contract';
import type { Clock } from '../../shared/clock';
import type { Route, Routes } from './routes';

/** What an overloaded HSS says in Error-Message. */
export const refusalTexts: Readonly<Record<RefusalReason, string>> = {
  queueFull: 'more requests wait than can be served in time',
  queueTime: 'the request waited longer than is allowed for its turn',
  pushedOut: 'a request of higher priority, or of a peer that asks for less, takes its turn',
};

export interface EntrancePorts {
  readonly overload: OverloadControl;
  readonly routes: Routes;
  readonly events: Pick<DispatchEvents, 'requestAnswered'>;
  readonly clock: Clock;
}

/** A message that waits undecoded. */
class Held {
  constructor(
    readonly arrived: ArrivedMessage,
    readonly scanned: ScannedRequest,
    readonly route: Route,
  ) {}
}

/** `Decoded`: what its owner serves, and what waits decoded. */
export class Entrance<Decoded extends { readonly route: Route }> implements Admission {
  readonly #gate: Gate<Held | Decoded>;
  /** The message that is being delivered has its place already. */
  #placeGiven = false;

  constructor(
    private readonly ports: EntrancePorts,
    private readonly owner: GateOwner<Decoded>,
  ) {
    this.#gate = ports.overload.gateFor<Held | Decoded>({
      start: (waiting) => (waiting instanceof Held ? this.#deliver(waiting) : this.owner.start(waiting)),
      refuse: (waiting, reason) =>
        waiting instanceof Held ? this.#refuse(waiting, reason) : this.owner.refuse(waiting, reason),
    });
  }

  get isBusy(): boolean {
    return this.#gate.isBusy;
  }

  admit(arrived: ArrivedMessage): boolean {
    const scanned = scanRequest(arrived.bytes);
    const route = scanned === null ? undefined : this.ports.routes.find(scanned);
    if (scanned === null || route === undefined || !scanned.read(route.priority)) return false;
    const { originHost } = arrived.peer;
    const priority = this.ports.overload.believed(scanned.priority, originHost);
    const held = new Held(arrived, scanned, route);
    if (this.#gate.refuses(originHost, priority, arrived.bytes.length)) {
      this.#refuse(held, 'queueFull');
      return true;
    }
    arrived.hold();
    this.#gate.wait(held, originHost, priority, arrived.bytes.length);
    return true;
  }

  /** A decoded request: true where it is to be served now; else it waits, or has been refused. */
  enter(decoded: Decoded, peer: string, avps: unknown, octets: number): boolean {
    if (this.#placeGiven) {
      this.#placeGiven = false;
      return true;
    }
    if (this.#gate.enter(peer)) return true;
    const priority = this.ports.overload.believed(decoded.route.priority.of(avps), peer);
    this.#gate.wait(decoded, peer, priority, octets);
    return false;
  }

  /** What entered, or was started, is done. */
  leave(peer: string): void {
    this.#gate.leave(peer);
  }

  #deliver({ arrived }: Held): void {
    this.#placeGiven = true;
    try {
      arrived.deliver();
    } finally {
      // Nobody to serve it for, answered already, or not to be decoded.
      if (this.#placeGiven) {
        this.#placeGiven = false;
        this.#gate.leave(arrived.peer.originHost);
      }
    }
  }

  #refuse({ arrived, scanned, route }: Held, reason: RefusalReason): void {
    const { overload, events, clock } = this.ports;
    const { originHost } = arrived.peer;
    const command = route.handler.request;
    const answer = route.writer.tooBusy(
      arrived.bytes,
      scanned.sessionId,
      scanned.proxyInfo,
      refusalTexts[reason],
      overload.answerAvps(scanned, originHost),
    );
    arrived.refuse({ command, answer });
    events.requestAnswered(
      command,
      'DIAMETER_TOO_BUSY',
      originHost,
      0,
      0,
      clock.monotonicMs() - arrived.receivedAtMs,
    );
  }
}
