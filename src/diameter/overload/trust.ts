/**
 * Whose priorities are believed. What any other peer says of urgency, by DRMP or by AVPs of an
 * application, raises nothing [29.228-J.2.3]; that a request is less urgent than others is believed of everybody.
 */

export interface PriorityTrust {
  /** By Origin-Host, of peers that are configured. */
  readonly peers: readonly { readonly identity: string; readonly trustPriority: boolean }[];
  /** Of all others. */
  readonly trustUnknownPeers: boolean;
}

/** Spellings of Origin-Host that are remembered. */
const MAX_SPELLINGS = 1_024;

export class TrustedPeers {
  #byIdentity = new Map<string, boolean>();
  #bySpelling = new Map<string, boolean>();
  #unknown = false;

  constructor(trust: PriorityTrust) {
    this.set(trust);
  }

  /** Also while requests come. */
  set({ peers, trustUnknownPeers }: PriorityTrust): void {
    this.#byIdentity = new Map(peers.map(({ identity, trustPriority }) => [keyOf(identity), trustPriority]));
    this.#bySpelling = new Map();
    this.#unknown = trustUnknownPeers;
  }

  has(originHost: string): boolean {
    const known = this.#bySpelling.get(originHost);
    if (known !== undefined) return known;
    const trusted = this.#byIdentity.get(keyOf(originHost)) ?? this.#unknown;
    if (this.#bySpelling.size >= MAX_SPELLINGS) this.#bySpelling.clear();
    this.#bySpelling.set(originHost, trusted);
    return trusted;
  }
}

const keyOf = (identity: string): string => identity.toLowerCase().replace(/\.$/, '');
