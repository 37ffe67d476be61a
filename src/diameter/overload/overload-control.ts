/**
 * Priority, overload and load of one HSS, put together [29.228-H.2] [29.228-J.2.3] [29.228-K.2]: the gate
 * where requests wait, the signals, and what answers say. The dispatcher asks it before it serves a request
 * and before it encodes an answer.
 */
import type { Dictionary } from '../codec/dictionary';
import type { Clock } from '../../shared/clock';
import { limits } from '../../shared/limits';
import type { Logger } from '../../shared/logger';
import type { OverloadEvents } from '../../events/hss-events';
import type { OverloadSettings, OverloadSnapshot } from './contract';
import { Gate, type GateOwner } from './gate';
import { nextLevel, type Level } from './load-level';
import type { ProcessReading } from './process-signals';
import { nextReduction, noReduction, type Reduction } from './reduction';
import { Reports, type ReportedAvps } from './reports';
import { TrustedPeers, type PriorityTrust } from './trust';

export interface OverloadPorts {
  readonly originHost: string;
  readonly dictionary: Dictionary;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: OverloadEvents;
  /** Asked at each look. */
  readonly signals: { read(): ProcessReading };
}

/** How often the signals are looked at, and after how many looks the reduction is decided again. */
const LOOK_MS = 250;
const LOOKS_PER_REDUCTION = 4;
/** Refusals are told in the log as a number, no more often than this. */
const LOG_MS = 5_000;

export class OverloadControl {
  readonly #reports: Reports;
  readonly #trusted: TrustedPeers;
  #gate: Gate<unknown> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #level: Level | null = null;
  #reduction: Reduction = noReduction;
  #looks = 0;
  /** Mean over the looks since the reduction was decided. */
  #refusedShares = 0;
  #untoldRefusals = 0;
  #toldAtMs = -Infinity;

  constructor(
    private readonly settings: OverloadSettings,
    private readonly ports: OverloadPorts,
  ) {
    this.#trusted = new TrustedPeers(settings.trust);
    this.#reports = new Reports(settings.reports, ports.originHost, ports.dictionary, ports.clock);
  }

  /** The gate of the one dispatcher. */
  gateFor<Item>(owner: GateOwner<Item>): Gate<Item> {
    if (this.#gate !== null)
      throw new Error('there is a gate already: one dispatcher for each overload control');
    const { clock, events } = this.ports;
    const gate = new Gate<Item>(this.settings.queue, owner, events, () => clock.monotonicMs());
    this.#gate = gate;
    return gate;
  }

  /** The priority that a request of `peer` gets where it says this one, as far as the peer is believed. */
  believed(priority: number, peer: string): number {
    return priority >= limits.drmpLevel.default || this.#trusted.has(peer)
      ? priority
      : limits.drmpLevel.default;
  }

  /** Other peers, whose priorities are believed or not. */
  trust(trust: PriorityTrust): void {
    this.#trusted.set(trust);
  }

  /**
   * AVPs of the answer to a request of `peer` with these AVPs; the same object as long as nothing changes.
   */
  answerAvps(avps: unknown, peer: string): ReportedAvps {
    const { avps: reported, overload } = this.#reports.of(avps);
    if (overload) this.ports.events.overloadReported(peer);
    return reported;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  snapshot(): OverloadSnapshot {
    return {
      queuedByPriority: this.#gate?.queuedByPriority() ?? [],
      inFlightCount: this.#gate?.inFlightCount ?? 0,
      queuedOctets: this.#gate?.queuedOctets ?? 0,
      load: this.#level?.load ?? 0,
      reductionPercent: this.#reduction.percent,
    };
  }

  /** One look at the signals; the timer's, and for tests. */
  look(): void {
    const gate = this.#gate?.look() ?? { queueMs: 0, occupancy: 0, refusedShare: 0, refusedCount: 0 };
    this.#level = nextLevel(this.#level, { ...this.ports.signals.read(), ...gate }, this.settings.signals);
    this.#reports.setLoad(this.#level.load);
    this.#refusedShares += gate.refusedShare;
    this.#tell(gate.refusedCount);
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_REDUCTION !== 0) return;
    const before = this.#reduction.percent;
    const measured = {
      pressure: this.#level.pressure,
      refusedShare: this.#refusedShares / LOOKS_PER_REDUCTION,
    };
    this.#refusedShares = 0;
    if (this.settings.reports.overload !== 'none')
      this.#reduction = nextReduction(this.#reduction, measured, this.settings.reports.maxReductionPercent);
    const { percent } = this.#reduction;
    this.#reports.setReduction(percent);
    if (percent !== before)
      this.ports.logger.warn(
        { reductionPercent: percent, load: this.#level.load },
        percent === 0 ? 'overload is over' : `overload: peers that take part are asked for ${percent} % less`,
      );
  }

  #tell(refusedCount: number): void {
    this.#untoldRefusals += refusedCount;
    const now = this.ports.clock.monotonicMs();
    if (this.#untoldRefusals === 0 || now - this.#toldAtMs < LOG_MS) return;
    this.ports.logger.warn(
      { count: this.#untoldRefusals, queuedCount: this.#gate?.queuedCount },
      `${this.#untoldRefusals} requests were answered DIAMETER_TOO_BUSY: more come than can be served in time`,
    );
    this.#untoldRefusals = 0;
    this.#toldAtMs = now;
  }
}
