/**
 * Counts incoming connections so that half-open ones are bounded, for each address and in total. Pure
 * book-keeping.
 *
 * Where a bound on all is reached, a connection from a familiar address (that of a configured peer) takes the
 * place of a stranger's half-open connection, the oldest one. A stranger takes one from the address that
 * holds the most, so that a few addresses cannot lock out all others.
 */

export interface ConnectionBounds {
  readonly maxConnections: number;
  readonly maxHalfOpenConnections: number;
  readonly maxHalfOpenConnectionsPerAddress: number;
}

export interface Newcomer {
  readonly address: string;
  readonly familiar: boolean;
  /** Its place goes to another one. It is called while it is half-open, at most once. */
  readonly giveUp: () => void;
}

/** A place held by one connection. Each call works once; more do nothing. */
export interface Reservation {
  /** Its CER has come: no longer half-open. */
  established(): void;
  /** The connection is gone. */
  release(): void;
}

interface HalfOpen {
  readonly giveUp: () => void;
}

export class ConnectionLimits {
  private connections = 0;
  private halfOpen = 0;
  private readonly countByAddress = new Map<string, number>();
  /** Half-open connections of strangers, the oldest first. */
  private readonly strangers = new Set<HalfOpen>();
  private readonly strangersByAddress = new Map<string, Set<HalfOpen>>();

  constructor(private readonly bounds: ConnectionBounds) {}

  get openConnections(): number {
    return this.connections;
  }

  get halfOpenConnections(): number {
    return this.halfOpen;
  }

  /** Takes a place for a new connection, or says in words which bound is reached. */
  reserve(newcomer: Newcomer): Reservation | string {
    const { maxConnections, maxHalfOpenConnections, maxHalfOpenConnectionsPerAddress } = this.bounds;
    const { address, familiar } = newcomer;
    const fromAddress = this.countByAddress.get(address) ?? 0;
    if (fromAddress >= maxHalfOpenConnectionsPerAddress)
      return `${maxHalfOpenConnectionsPerAddress} connections from ${address} wait for their CER`;
    const reached =
      this.connections >= maxConnections
        ? `${maxConnections} connections are open`
        : this.halfOpen >= maxHalfOpenConnections
          ? `${maxHalfOpenConnections} connections wait for their CER`
          : null;
    if (reached !== null) {
      const [oldest] = (familiar ? this.strangers : this.greediest(fromAddress)) ?? [];
      if (oldest === undefined) return reached;
      oldest.giveUp();
    }
    return this.hold(newcomer);
  }

  private hold({ address, familiar, giveUp }: Newcomer): Reservation {
    let held: 'half-open' | 'open' | 'released' = 'half-open';
    const release = (): void => {
      if (held === 'released') return;
      if (held === 'half-open') this.leaveHalfOpen(address, place);
      held = 'released';
      this.connections -= 1;
    };
    const place: HalfOpen = {
      giveUp: () => {
        release();
        giveUp();
      },
    };
    this.connections += 1;
    this.halfOpen += 1;
    this.countByAddress.set(address, (this.countByAddress.get(address) ?? 0) + 1);
    if (!familiar) {
      this.strangers.add(place);
      const those = this.strangersByAddress.get(address) ?? new Set();
      this.strangersByAddress.set(address, those.add(place));
    }
    return {
      established: () => {
        if (held !== 'half-open') return;
        held = 'open';
        this.leaveHalfOpen(address, place);
      },
      release,
    };
  }

  /** The half-open connections of the address that has the most; they must be two more than `own`. */
  private greediest(own: number): Set<HalfOpen> | null {
    let most: Set<HalfOpen> | null = null;
    for (const those of this.strangersByAddress.values())
      if (those.size >= own + 2 && those.size > (most?.size ?? 0)) most = those;
    return most;
  }

  private leaveHalfOpen(address: string, place: HalfOpen): void {
    this.halfOpen -= 1;
    const left = (this.countByAddress.get(address) ?? 1) - 1;
    if (left === 0) this.countByAddress.delete(address);
    else this.countByAddress.set(address, left);
    this.strangers.delete(place);
    const those = this.strangersByAddress.get(address);
    if (those?.delete(place) === true && those.size === 0) this.strangersByAddress.delete(address);
  }
}
