/**
 * Counts incoming connections so that half-open ones are bounded, for each address and in total. Pure
 * book-keeping.
 */

export interface ConnectionBounds {
  readonly maxConnections: number;
  readonly maxHalfOpenConnections: number;
  readonly maxHalfOpenConnectionsPerAddress: number;
}

/** A place held by one connection. Each call works once; more do nothing. */
export interface Reservation {
  /** Its CER has come: no longer half-open. */
  established(): void;
  /** The connection is gone. */
  release(): void;
}

export class ConnectionLimits {
  private connections = 0;
  private halfOpen = 0;
  private readonly halfOpenByAddress = new Map<string, number>();

  constructor(private readonly bounds: ConnectionBounds) {}

  get openConnections(): number {
    return this.connections;
  }

  get halfOpenConnections(): number {
    return this.halfOpen;
  }

  /** Takes a place for a new connection from `address`, or says in words which bound is reached. */
  reserve(address: string): Reservation | string {
    const { maxConnections, maxHalfOpenConnections, maxHalfOpenConnectionsPerAddress } = this.bounds;
    const fromAddress = this.halfOpenByAddress.get(address) ?? 0;
    if (this.connections >= maxConnections) return `${maxConnections} connections are open`;
    if (this.halfOpen >= maxHalfOpenConnections)
      return `${maxHalfOpenConnections} connections wait for their CER`;
    if (fromAddress >= maxHalfOpenConnectionsPerAddress) {
      return `${maxHalfOpenConnectionsPerAddress} connections from ${address} wait for their CER`;
    }
    this.connections += 1;
    this.halfOpen += 1;
    this.halfOpenByAddress.set(address, fromAddress + 1);
    let held: 'half-open' | 'open' | 'released' = 'half-open';
    return {
      established: () => {
        if (held !== 'half-open') return;
        held = 'open';
        this.leaveHalfOpen(address);
      },
      release: () => {
        if (held === 'released') return;
        if (held === 'half-open') this.leaveHalfOpen(address);
        held = 'released';
        this.connections -= 1;
      },
    };
  }

  private leaveHalfOpen(address: string): void {
    this.halfOpen -= 1;
    const left = (this.halfOpenByAddress.get(address) ?? 1) - 1;
    if (left === 0) this.halfOpenByAddress.delete(address);
    else this.halfOpenByAddress.set(address, left);
  }
}
