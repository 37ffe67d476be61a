/**
 * What S-CSCFs support, so that a PPR is made with it [29.229-7.2] [29.229-7.2.1]: their requests for a
 * profile (SAR) say so, their answers to PPRs list everything. What an answer said about PPR goes before what
 * a SAR said; it is forgotten after a day, because an S-CSCF that refused a feature gets no more requests
 * that would show that it has learned it.
 *
 * Common to all instances and kept over restarts, because the instance that the SAR came to need not be the
 * one that sends. What is new is written with the next look at what others have learned; what is lost in
 * between is learned again. Without any of it a PPR is made without features, which every S-CSCF understands.
 */
import type { LearnedFeatures, OutboxStore } from '../../../outbox/ports';
import { ResultCode } from '../../../diameter/generated/base';
import {
  ExperimentalResultCode,
  ServerAssignmentType,
  type PushProfileAnswer,
  type ServerAssignmentRequest,
} from '../generated/cx';
import type { IncomingRequest } from '../../../diameter/peer/contract';
import type { Clock } from '../../../shared/clock';
import type { Logger } from '../../../shared/logger';
import { BoundedMemory, type Remembered } from '../../../outbox/bounded-memory';

/** S-CSCFs remembered for each command, in all and behind one relay; far more than there are. */
export const FEATURE_BOUNDS = { maxCount: 10_000, maxPerGroupCount: 2_000 };
/** The group of those that speak for themselves, and of what was read from the database. */
const NO_RELAY = '';
/** What nobody used for so long is forgotten; what is in use is renewed in the database. */
const MAX_AGE_MS = 30 * 86_400_000;
const RENEW_MS = 3_600_000;
const REFRESH_MS = 5_000;
const ANSWER_MAX_AGE_MS = 86_400_000;
const SERVER_ASSIGNMENT = 301;
/** The types that ask for the profile: a de-registration says nothing about how it may be made. */
const askingTypes: ReadonlySet<number> = new Set([
  ServerAssignmentType.NO_ASSIGNMENT,
  ServerAssignmentType.REGISTRATION,
  ServerAssignmentType.RE_REGISTRATION,
  ServerAssignmentType.UNREGISTERED_USER,
]);

/** The feature list of the application: the only one that is remembered. */
export interface FeatureListName {
  readonly vendorId: number;
  readonly featureListId: number;
}

type Lists = ServerAssignmentRequest['supportedFeatures'];
const commands = ['SAR', 'PPR'] as const;
type Command = (typeof commands)[number];
const isOurs = (command: string): command is Command => (commands as readonly string[]).includes(command);

interface Entry extends Remembered {
  featureList: number;
  learnedAtMs: number;
  /** Monotonic milliseconds; -Infinity where the database does not have it. */
  storedAtMs: number;
}

export class ServerFeatures {
  readonly #entries: Readonly<Record<Command, BoundedMemory<Entry>>> = {
    SAR: new BoundedMemory<Entry>(FEATURE_BOUNDS),
    PPR: new BoundedMemory<Entry>(FEATURE_BOUNDS),
  };
  #refreshedAtMs = -Infinity;
  #trimmedAtMs = -Infinity;

  constructor(
    private readonly outbox: Pick<OutboxStore, 'serverFeatures' | 'learnServerFeatures'>,
    private readonly list: FeatureListName,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** What a SAR announces; of a peer that may send it. */
  readonly observe = ({ peer, message, receivedAtMs }: IncomingRequest): void => {
    if (message.header.commandCode !== SERVER_ASSIGNMENT) return;
    const { originHost, serverAssignmentType, supportedFeatures } =
      message.avps as Partial<ServerAssignmentRequest>;
    if (
      originHost === undefined ||
      serverAssignmentType === undefined ||
      !askingTypes.has(serverAssignmentType)
    )
      return;
    const relay = originHost === peer.originHost ? NO_RELAY : peer.originHost.toLowerCase();
    this.#learn('SAR', originHost, this.#mask(supportedFeatures) ?? 0, receivedAtMs, relay);
  };

  /** The bits that the S-CSCF is known to support, as a Feature-List; 0 where nothing is known. */
  of(originHost: string): number {
    const host = originHost.toLowerCase();
    const nowMs = this.clock.monotonicMs();
    const answered = this.#entries.PPR.get(host);
    const announced = this.#entries.SAR.get(host);
    if (announced !== undefined) announced.usedAtMs = nowMs;
    const isFresh = answered !== undefined && nowMs - answered.learnedAtMs < ANSWER_MAX_AGE_MS;
    return (isFresh ? answered : announced)?.featureList ?? 0;
  }

  /**
   * What a PPA says: all that its sender supports. Without a list it says so only where the features were the
   * error.
   */
  answered(
    originHost: string,
    { supportedFeatures, resultCode, experimentalResult }: Partial<PushProfileAnswer>,
  ): void {
    const isRefusal =
      resultCode === ResultCode.DIAMETER_AVP_UNSUPPORTED ||
      experimentalResult?.experimentalResultCode ===
        ExperimentalResultCode.DIAMETER_ERROR_FEATURE_UNSUPPORTED;
    const announced = this.#mask(supportedFeatures);
    if (announced !== null || isRefusal)
      this.#learn('PPR', originHost, announced ?? 0, this.clock.monotonicMs(), NO_RELAY);
  }

  /** Writes what is new and takes over what other instances have learned. @throws StoreUnavailableError */
  async refresh(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.#refreshedAtMs <= REFRESH_MS) return;
    this.#refreshedAtMs = nowMs;
    await this.#write(nowMs);
    const known = await this.outbox.serverFeatures(2 * FEATURE_BOUNDS.maxCount);
    const stored = new Set<string>();
    for (const { originHost, command, featureList, ageMs } of known) {
      if (!isOurs(command)) continue;
      stored.add(`${command} ${originHost}`);
      const own = this.#entries[command].get(originHost);
      const learnedAtMs = nowMs - ageMs;
      if (own === undefined)
        this.#entries[command].set(originHost, {
          group: NO_RELAY,
          featureList,
          learnedAtMs,
          usedAtMs: learnedAtMs,
          storedAtMs: nowMs,
        });
      else if (own.storedAtMs !== -Infinity) {
        own.featureList = featureList;
        own.learnedAtMs = Math.max(own.learnedAtMs, learnedAtMs);
      }
    }
    // What is in use and has been pushed out of the database by others is written again.
    for (const [originHost, entry] of this.#entries.SAR.entries())
      if (entry.usedAtMs > entry.storedAtMs && !stored.has(`SAR ${originHost}`)) entry.storedAtMs = -Infinity;
  }

  /** What is new, and of SARs what is in use: the age of what an answer said counts from the answer. */
  async #write(nowMs: number): Promise<void> {
    const learned: LearnedFeatures[] = [];
    const written: Entry[] = [];
    for (const command of commands) {
      const renewMs = command === 'SAR' ? RENEW_MS : Infinity;
      for (const [originHost, entry] of this.#entries[command].entries()) {
        const isNew = entry.storedAtMs === -Infinity;
        if (!isNew && !(entry.usedAtMs > entry.storedAtMs && nowMs - entry.storedAtMs > renewMs)) continue;
        learned.push({ originHost, command, featureList: entry.featureList });
        written.push(entry);
      }
    }
    if (learned.length === 0 && nowMs - this.#trimmedAtMs <= RENEW_MS) return;
    await this.outbox.learnServerFeatures(learned, {
      maxCount: FEATURE_BOUNDS.maxCount,
      maxAgeMs: MAX_AGE_MS,
    });
    this.#trimmedAtMs = nowMs;
    for (const entry of written) entry.storedAtMs = nowMs;
  }

  /** Null where the list is not there at all. */
  #mask(lists: Lists): number | null {
    if (lists === undefined) return null;
    let mask = 0;
    for (const { vendorId, featureListId, featureList } of lists)
      if (vendorId === this.list.vendorId && featureListId === this.list.featureListId) mask |= featureList;
    return mask >>> 0;
  }

  #learn(command: Command, originHost: string, featureList: number, nowMs: number, group: string): void {
    const host = originHost.toLowerCase();
    const entries = this.#entries[command];
    const known = entries.get(host);
    if (known !== undefined) known.usedAtMs = nowMs;
    const isOld =
      command === 'PPR' && known !== undefined && nowMs - known.learnedAtMs > ANSWER_MAX_AGE_MS / 2;
    // Of an S-CSCF that has never announced anything there is nothing to remember.
    if (
      known === undefined
        ? command === 'SAR' && featureList === 0
        : known.featureList === featureList && !isOld
    )
      return;
    entries.set(host, { group, featureList, learnedAtMs: nowMs, usedAtMs: nowMs, storedAtMs: -Infinity });
    this.logger.debug(
      { server: originHost, command, featureList },
      `${originHost} supports features ${featureList.toString(2)} (bits), as its ${command === 'SAR' ? 'SAR' : 'PPA'} says`,
    );
  }
}
